"""Posts in the admin: finding, publishing, taking back, deleting. They are written on the site, with its preview."""

from django.contrib import admin
from django.db.models import Model, QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from blog import services
from blog.models import Post, PostState, Tag
from core.admin import ChoiceFilter, ReadOnlyAdmin, StudioAdmin, badge, studio_time
from core.admin_actions import for_each

TONES = {PostState.DRAFT: "plain", PostState.SCHEDULED: "info"}


class StateFilter(ChoiceFilter):
    title = gettext_lazy("state")
    parameter_name = "state"
    answers = {
        "draft": (PostState.DRAFT.label, lambda posts: posts.drafts()),
        "scheduled": (PostState.SCHEDULED.label, lambda posts: posts.scheduled()),
        "published": (PostState.PUBLISHED.label, lambda posts: posts.filter(pk__in=posts.published())),
    }


@admin.register(Post)
class PostAdmin(ReadOnlyAdmin):
    list_display = ["title", "state", "by", "published", "changed"]
    list_filter = [StateFilter]
    list_select_related = ["author"]
    search_fields = ["title", "author__email"]
    fields = [
        "title",
        "state",
        "by",
        "summary",
        "cover_alt",
        "tags",
        "project",
        "published",
        "changed",
        "text",
    ]
    actions = ["publish", "unpublish"]

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return request.user.has_perm("blog.delete_post")

    def delete_model(self, request: HttpRequest, obj: Post) -> None:
        services.delete_post(obj)

    def view_on_site(self, post: Post) -> str:
        return post.get_absolute_url()

    @admin.display(description=gettext_lazy("state"))
    def state(self, post: Post) -> SafeString:
        state = post.state()
        return badge(state.label, TONES.get(state, ""))

    @admin.display(description=gettext_lazy("author"))
    def by(self, post: Post) -> str:
        return str(post.author) if post.author else post.byline

    @admin.display(description=gettext_lazy("published"), ordering="publish_at")
    def published(self, post: Post) -> SafeString | str:
        return studio_time(post.publish_at)

    @admin.display(description=gettext_lazy("changed"), ordering="updated_at")
    def changed(self, post: Post) -> SafeString | str:
        return studio_time(post.updated_at)

    @admin.display(description=gettext_lazy("text"))
    def text(self, post: Post) -> SafeString:
        return format_html(
            '<a href="{}">{}</a>', reverse("blog:post_edit", args=[post.slug]), _("Edit it on the site")
        )

    @admin.action(description=gettext_lazy("Publish now"), permissions=["act"])
    def publish(self, request: HttpRequest, queryset: QuerySet) -> None:
        def deed(post: Post) -> str:
            services.publish(post)
            self.log_change(request, post, "Published")
            return _("published.")

        for_each(self, request, queryset, deed)

    @admin.action(description=gettext_lazy("Make drafts again"), permissions=["act"])
    def unpublish(self, request: HttpRequest, queryset: QuerySet) -> None:
        def deed(post: Post) -> str:
            services.unpublish(post)
            self.log_change(request, post, "Unpublished")
            return _("a draft again.")

        for_each(self, request, queryset, deed)


@admin.register(Tag)
class TagAdmin(StudioAdmin):
    list_display = ["name", "slug"]
    search_fields = ["name"]
    prepopulated_fields = {"slug": ["name"]}

    def view_on_site(self, tag: Tag) -> str:
        return tag.get_absolute_url()
