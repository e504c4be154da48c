"""Writing: one's own posts, the form with its preview, publishing and deleting."""

from collections.abc import Callable
from functools import wraps
from zoneinfo import ZoneInfo

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from blog import services
from blog.exceptions import SlugTaken
from blog.forms import PostForm
from blog.models import LONGEST_BODY, Post, PostState
from blog.rights import is_editor, may_write
from core.exceptions import DomainError
from core.limits import Limit, limited
from core.markdown import render as render_markdown
from core.pages import page_number, page_of

POSTS_PER_PAGE = 30
SAVES = Limit("blog-saves", times=120, minutes=10)
PREVIEWS = Limit("blog-previews", times=600, minutes=10)


def for_writers(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Send strangers to sign in, and refuse whoever may not write."""

    @wraps(view)
    def guarded(request: HttpRequest, *args, **kwargs) -> HttpResponse:
        if not may_write(request.user):
            raise PermissionDenied
        return view(request, *args, **kwargs)

    return login_required(guarded)


@never_cache
@login_required
@require_safe
def my_posts(request: HttpRequest) -> HttpResponse:
    """What the visitor wrote, drafts first; for editors ``?of=all`` shows what everybody wrote."""
    is_of_all = is_editor(request.user) and request.GET.get("of") == "all"
    posts = Post.objects.changeable_by(request.user)
    if not is_of_all:
        posts = posts.filter(author=request.user)
    page = page_of(posts.in_the_works(), page_number(request.GET.get("page")), size=POSTS_PER_PAGE)
    context = {
        "page": page,
        "zone": ZoneInfo(settings.TIME_ZONE),
        "may_write": may_write(request.user),
        "is_editor": is_editor(request.user),
        "is_of_all": is_of_all,
    }
    return render(request, "blog/my_posts.html", context)


@for_writers
@require_http_methods(["GET", "HEAD", "POST"])
@limited(SAVES)
def post_new(request: HttpRequest) -> HttpResponse:
    form = PostForm(*_sent(request))
    if form.is_valid():
        try:
            post = services.create_post(request.user, form.text())
        except DomainError as refusal:
            form.add_error("slug", str(refusal))
        else:
            return _saved(request, post)
    return _form_page(request, form)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
@limited(SAVES)
def post_edit(request: HttpRequest, slug: str) -> HttpResponse:
    post = _changeable(request, slug)
    kept = Post.objects.get(pk=post.pk)  # the form writes into the one that it is given
    form = PostForm(*_sent(request), instance=post)
    if form.is_valid():
        try:
            post = services.update_post(kept, form.text(), version=form.cleaned_data["version"])
        except DomainError as refusal:
            form.add_error("slug" if isinstance(refusal, SlugTaken) else None, str(refusal))
        else:
            return _saved(request, post)
    return _form_page(request, form, post=kept)


@require_POST
@for_writers
@limited(PREVIEWS)
def preview(request: HttpRequest) -> HttpResponse:
    """Show what was written so far and keep nothing: as a part for htmx, as a page for everybody else."""
    text = request.POST.get("body", "")[:LONGEST_BODY]
    context = {"title": request.POST.get("title", "")[:120], "body": render_markdown(text)}
    template = "_preview" if request.htmx else "preview"
    return render(request, f"blog/{template}.html", context)


@login_required
@require_POST
def post_publish(request: HttpRequest, slug: str) -> HttpResponse:
    """Let a draft appear at once, or one whose time is still to come."""
    post = services.publish(_changeable(request, slug))
    messages.success(request, _("“%(title)s” is out.") % {"title": post.title})
    return redirect(post)


@login_required
@require_POST
def post_unpublish(request: HttpRequest, slug: str) -> HttpResponse:
    post = services.unpublish(_changeable(request, slug))
    messages.success(request, _("“%(title)s” is a draft again.") % {"title": post.title})
    return redirect(post)


@never_cache
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def post_delete(request: HttpRequest, slug: str) -> HttpResponse:
    """Ask once more, then delete."""
    post = _changeable(request, slug)
    if request.method == "POST":
        services.delete_post(post)
        messages.success(request, _("“%(title)s” is deleted.") % {"title": post.title})
        return redirect("blog:my_posts")
    return render(request, "blog/post_delete.html", {"post": post, "crumbs": _crumbs(post)})


def _changeable(request: HttpRequest, slug: str) -> Post:
    """The post, if the visitor may change it; for everybody else there is no such thing."""
    return get_object_or_404(Post.objects.changeable_by(request.user), slug=slug)


def _sent(request: HttpRequest) -> tuple:
    """What the form gets: what was sent, be it empty, or nothing where it is only shown."""
    return (request.POST, request.FILES) if request.method == "POST" else ()


def _saved(request: HttpRequest, post: Post) -> HttpResponse:
    words = {
        PostState.DRAFT: _("Saved as a draft."),
        PostState.SCHEDULED: _("Saved. It appears by itself at the time that you chose."),
        PostState.PUBLISHED: _("Saved. The post is out."),
    }
    messages.success(request, words[post.state()])
    return redirect(post)


def _form_page(request: HttpRequest, form: PostForm, post: Post | None = None) -> HttpResponse:
    body = form["body"].value() or ""
    context = {
        "form": form,
        "post": post,
        "title": form["title"].value() or "",
        "body": render_markdown(body[:LONGEST_BODY]),
        "crumbs": _crumbs(post),
    }
    return render(request, "blog/post_form.html", context, status=422 if form.errors else 200)


def _crumbs(post: Post | None) -> list[tuple[str, str]]:
    crumbs = [(_("Blog"), reverse("blog:post_list")), (_("My posts"), reverse("blog:my_posts"))]
    return [*crumbs, (post.title, post.get_absolute_url())] if post else crumbs
