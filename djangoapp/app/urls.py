"""All addresses. Pages that show several apps at once are views of ``app.pages``."""

from collections.abc import Callable
from types import ModuleType

from django.conf import settings
from django.contrib import admin
from django.http import HttpResponse
from django.urls import URLPattern, include, path
from django.views.generic import TemplateView

from app import health, pages, views
from blog import urls as blog_urls
from core.styleguide import styleguide
from shop import urls as shop_urls


def completed(urls: ModuleType, **ours: Callable[..., HttpResponse]) -> tuple[list[URLPattern], str]:
    """The addresses of an app, the named ones answered by views of ours: those that show several apps at once."""
    patterns = [
        URLPattern(known.pattern, ours.get(known.name, known.callback), known.default_args, known.name)
        for known in urls.urlpatterns
    ]
    return patterns, urls.app_name


urlpatterns = [
    path("", views.home, name="home"),
    path("robots.txt", views.robots, name="robots"),
    path("version", views.version, name="version"),
    path("healthz/details", health.details, name="health_details"),
    path("sitemap.xml", views.sitemap_index, name="sitemap"),
    path("sitemap-<slug:section>.xml", views.sitemap_part, name="sitemap_part"),
    # The admin's shortcut to an object's page asks for no permission, and the page of an order is its buyer's secret.
    path(f"{settings.ADMIN_URL}r/<path:thing>", views.nowhere),
    path(settings.ADMIN_URL, admin.site.urls),
    path("api/", include("app.api")),
    path("account/", include("accounts.urls")),
    path("account/", include("allauth.urls")),
    path("stripe/", include("payments.urls")),
    path(
        "blog/",
        include(completed(blog_urls, post_detail=pages.post_detail, post_draft=pages.post_draft)),
    ),
    path("", include("attendance.api.table_urls")),
    path("tickets/", include("attendance.ticket_urls")),
    path("polls/", include("polls.urls")),
    path("todos/", include("todos.urls")),
    path("door/", include("attendance.door_urls")),
    path("studio/", include("app.studio.urls")),
    path("search/", pages.search, name="search"),
    path("terms/", TemplateView.as_view(template_name="pages/terms.html"), name="terms"),
    path("privacy/", TemplateView.as_view(template_name="pages/privacy.html"), name="privacy"),
    path(
        "site.webmanifest",
        TemplateView.as_view(template_name="site.webmanifest", content_type="application/manifest+json"),
        name="manifest",
    ),
    path("media/<path:path>", views.media, name="media"),
    path("favicon.ico", views.favicon, name="favicon"),
    path("styleguide/", styleguide, name="styleguide"),
    path(
        "",
        include(
            completed(
                shop_urls,
                project_detail=pages.project_detail,
                order_detail=pages.order_detail,
                order_status=pages.order_status,
            )
        ),
    ),
]
