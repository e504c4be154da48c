"""Reading: lists of posts, and one post. Pages that show sessions as well are completed by ``app``."""

from datetime import date
from zoneinfo import ZoneInfo

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.cache import patch_cache_control
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe

from accounts.models import User
from blog import structured_data
from blog.models import Post, SlugRedirect, Tag, byline_of
from blog.querysets import PostQuerySet
from blog.rights import is_editor, may_write
from core.addresses import absolute, with_query
from core.markdown import render as render_markdown
from core.pages import page_number, page_of

POSTS_PER_PAGE = 12
TAGS_SHOWN = 10
MONTHS_SHOWN = 24
LONGEST_QUESTION = 100
YEARS = range(1970, 3000)
NOTHING: dict[str, str | None] = {}
REDIRECT_SECONDS = 3600  # a post may move back: browsers must not remember for good


@require_safe
def post_list(request: HttpRequest) -> HttpResponse:
    """The latest posts, or those that speak of ``?q=``."""
    words = " ".join(request.GET.get("q", "").split())[:LONGEST_QUESTION]
    posts = Post.objects.published()
    context = {"words": words, "may_write": may_write(request.user)}
    if words:
        posts = posts.matching(words)
    else:
        context["tags"] = Tag.objects.in_use()[:TAGS_SHOWN]
        context["months"] = Post.objects.published().months()[:MONTHS_SHOWN]
    return _list(request, posts, reverse("blog:post_list"), asked={"q": words or None}, **context)


@require_safe
def tag(request: HttpRequest, slug: str) -> HttpResponse:
    """All posts under a tag."""
    tag = get_object_or_404(Tag, slug=slug)
    posts = Post.objects.published().filter(tags=tag)
    return _gathered(request, posts, tag.get_absolute_url(), title=tag.name)


@require_safe
def author(request: HttpRequest, pk: int) -> HttpResponse:
    """All posts of an author."""
    author = get_object_or_404(User.objects.select_related("profile"), pk=pk)
    posts = Post.objects.published().filter(author=author)
    address = reverse("blog:author", args=[author.pk])
    return _gathered(request, posts, address, title=byline_of(author), author=author)


@require_safe
def month(request: HttpRequest, year: int, month: int) -> HttpResponse:
    """All posts of a month."""
    if year not in YEARS or not 1 <= month <= 12:
        raise Http404
    posts = Post.objects.published().in_month(year, month)
    address = reverse("blog:month", args=[year, month])
    return _gathered(request, posts, address, title=date_format(date(year, month, 1), "F Y"))


@require_safe
def post_detail(request: HttpRequest, slug: str) -> HttpResponse:
    """One post. Its author and editors see it before it is out; a former address leads to the present one."""
    visible = Post.objects.visible_to(request.user)
    post = visible.for_page().filter(slug=slug).first()
    if post is None:
        former = get_object_or_404(SlugRedirect.objects.select_related("post"), slug=slug, post__in=visible)
        response = redirect(former.post, permanent=True)
        patch_cache_control(response, max_age=REDIRECT_SECONDS)
        return response
    return _page(request, post, can_change=post.author == request.user or is_editor(request.user))


@require_safe
@cache_control(private=True, no_store=True)
def post_draft(request: HttpRequest, pk: int, token: str) -> HttpResponse:
    """A post before it is out, for whoever has its link. Once it is out the link leads to its page."""
    post = get_object_or_404(Post.objects.for_page(), pk=pk)
    if not post.is_token(token):
        raise Http404
    return redirect(post) if post.is_published else _page(request, post, can_change=False)


def _page(request: HttpRequest, post: Post, *, can_change: bool) -> TemplateResponse:
    is_out = post.is_published
    neighbours = Post.objects.published().only("title", "slug", "publish_at")
    context = {
        "post": post,
        "body": render_markdown(post.body),
        "zone": ZoneInfo(settings.TIME_ZONE),
        "is_out": is_out,
        "can_change": can_change,
        "newer": neighbours.next_after(post) if is_out else None,
        "older": neighbours.last_before(post) if is_out else None,
        "crumbs": [(_("Blog"), reverse("blog:post_list"))],
        "canonical_url": absolute(post.get_absolute_url()),
        "og_image": absolute(post.cover.url) if post.cover else "",
        "structured_data": structured_data.posting_of(post) if is_out else None,
    }
    return TemplateResponse(request, "blog/post_detail.html", context)


def _gathered(request: HttpRequest, posts: PostQuerySet, address: str, **context) -> HttpResponse:
    """A list with a title of its own. Without a single post there is no such page."""
    return _list(
        request, posts, address, crumbs=[(_("Blog"), reverse("blog:post_list"))], must_exist=True, **context
    )


def _list(
    request: HttpRequest,
    posts: PostQuerySet,
    address: str,
    *,
    asked: dict[str, str | None] = NOTHING,
    must_exist: bool = False,
    **context,
) -> HttpResponse:
    page = page_of(posts.for_cards(), page_number(request.GET.get("page")), size=POSTS_PER_PAGE)
    if must_exist and page.number == 1 and not page.rows:
        raise Http404
    context |= {
        "page": page,
        "canonical_url": absolute(with_query(address, {**asked, "page": page.parameter})),
        "is_indexable": not any(asked.values()) and not page.is_beyond_the_end,
        "zone": ZoneInfo(settings.TIME_ZONE),
    }
    return render(request, "blog/post_list.html", context)
