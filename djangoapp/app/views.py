"""Pages above all apps: the home page, and what robots read first."""

from django.conf import settings
from django.contrib.sitemaps.views import index as sitemap_index_view
from django.contrib.sitemaps.views import sitemap as sitemap_view
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.templatetags.static import static
from django.urls import reverse
from django.views.decorators.cache import cache_control, never_cache
from django.views.decorators.http import require_safe
from django.views.static import serve

from app.sitemaps import SITEMAPS
from core.addresses import absolute
from shop import structured_data
from shop.models import Category, Session
from shop.views.cards import cards_of

NEXT_SESSIONS = 6
# Nothing to find there: each belongs to one visitor. The admin's path is not told.
PRIVATE_PATHS = tuple(
    f"/{name}/" for name in "cart checkout orders tickets account stripe studio door todos".split()
)


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """What this place is, and what one can come to next."""
    sessions = Session.objects.bookable().for_cards()[:NEXT_SESSIONS]
    context = {
        "cards": cards_of(sessions, request),
        "categories": Category.objects.offered(),
        "structured_data": structured_data.studio(),
    }
    return render(request, "app/home.html", context)


@require_safe
@cache_control(public=True, max_age=86400)
def favicon(request: HttpRequest) -> HttpResponse:
    """Lead programs that ask at the old place for the shop's sign to where it is."""
    return redirect(static("img/favicon.ico"))


@require_safe
@cache_control(public=True, max_age=31536000, immutable=True)
def media(request: HttpRequest, path: str) -> HttpResponse:
    """Serve pictures that are kept on disk. Their names are random and never used again; S3 serves its own."""
    if settings.MEDIA_BUCKET:
        raise Http404
    return serve(request, path, document_root=settings.MEDIA_ROOT)


def nowhere(request: HttpRequest, **kwargs) -> HttpResponse:
    """Stand before an address of a library that nobody may open."""
    raise Http404


@require_safe
@never_cache
def version(request: HttpRequest) -> HttpResponse:
    """What is running: whoever rolls a version out asks whether it has arrived."""
    known = {"version": settings.VERSION, "commit": settings.COMMIT, "chart": settings.CHART_VERSION}
    return JsonResponse(known)


@require_safe
@cache_control(public=True, max_age=3600)
def robots(request: HttpRequest) -> HttpResponse:
    """Tell well-behaved robots where there is nothing for them, and where the map is."""
    lines = [
        "User-agent: *",
        *(f"Disallow: {path}" for path in PRIVATE_PATHS),
        "",
        f"Sitemap: {absolute(reverse('sitemap'))}",
        "",
    ]
    return HttpResponse("\n".join(lines), content_type="text/plain; charset=utf-8")


@require_safe
@cache_control(public=True, max_age=3600)
def sitemap_index(request: HttpRequest) -> HttpResponse:
    return sitemap_index_view(request, sitemaps=SITEMAPS, sitemap_url_name="sitemap_part")


@require_safe
@cache_control(public=True, max_age=3600)
def sitemap_part(request: HttpRequest, section: str) -> HttpResponse:
    return sitemap_view(request, sitemaps=SITEMAPS, section=section)
