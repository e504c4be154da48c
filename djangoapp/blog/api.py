"""The blog in the API: read by everybody, written by those who may write, changed by a post's author and by editors."""

from datetime import UTC, datetime

from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import (
    OpenApiParameter,
    extend_schema,
    extend_schema_field,
    extend_schema_serializer,
    extend_schema_view,
)
from rest_framework import serializers, status
from rest_framework.exceptions import NotAuthenticated, PermissionDenied, ValidationError
from rest_framework.generics import GenericAPIView, ListAPIView, RetrieveAPIView
from rest_framework.permissions import IsAuthenticatedOrReadOnly
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api.access import ScopeAllows
from blog import services
from blog.models import LONGEST_BODY, Post, PostState, validate_slug_is_free_to_use
from blog.rights import may_write
from blog.services import MOST_TAGS, Text
from blog.views.writing import SAVES
from core.addresses import absolute
from core.api import Endpoint
from core.limits import enforce, network_of

Project = Post._meta.get_field("project").related_model  # the one thing of the shop that posts know
FIRST, LAST = datetime(2000, 1, 1, tzinfo=UTC), datetime(2099, 12, 31, tzinfo=UTC)


def validate_one_tag(name: str) -> None:
    if "," in name:
        raise serializers.ValidationError(_("Commas stand between tags: one tag has none."))


class CoverSerializer(serializers.Serializer):
    url = serializers.URLField()
    alt = serializers.CharField(help_text="What it shows, for people who cannot see it.")


class PostSerializer(serializers.ModelSerializer):
    """A post, as a list tells it."""

    url = serializers.SerializerMethodField(help_text="Its page, for people.")
    author = serializers.CharField(source="byline", help_text="The author's public name.")
    state = serializers.SerializerMethodField()
    cover = serializers.SerializerMethodField()
    tags = serializers.SlugRelatedField(slug_field="name", many=True, read_only=True)
    project = serializers.SerializerMethodField(help_text="Its slug, while it is published.")

    class Meta:
        model = Post
        fields = [
            "slug",
            "url",
            "title",
            "summary",
            "author",
            "state",
            "publish_at",
            "updated_at",
            "reading_minutes",
            "tags",
            "project",
            "cover",
        ]

    def get_url(self, post: Post) -> str:
        return absolute(post.get_absolute_url())

    @extend_schema_field(serializers.ChoiceField(choices=PostState.choices))
    def get_state(self, post: Post) -> str:
        return post.state().value

    def get_project(self, post: Post) -> str | None:
        return post.project.slug if post.project and post.project.is_published else None

    @extend_schema_field(CoverSerializer(allow_null=True))
    def get_cover(self, post: Post) -> dict | None:
        return {"url": absolute(post.cover.url), "alt": post.cover_alt} if post.cover else None


@extend_schema_serializer(component_name="PostDetail")
class PostDetailSerializer(PostSerializer):
    """A post with its text."""

    class Meta(PostSerializer.Meta):
        fields = [*PostSerializer.Meta.fields, "body"]
        extra_kwargs = {"body": {"help_text": "Markdown."}}


@extend_schema_serializer(component_name="PostText")
class TextSerializer(serializers.Serializer):
    """What an author says. Pictures are added on the website."""

    title = serializers.CharField(max_length=120)
    summary = serializers.CharField(max_length=240)
    body = serializers.CharField(max_length=LONGEST_BODY, help_text="Markdown.")
    slug = serializers.SlugField(
        max_length=120,
        required=False,
        validators=[validate_slug_is_free_to_use],
        help_text="Its address; left out, it follows the title.",
    )
    tags = serializers.ListField(
        child=serializers.CharField(max_length=40, validators=[validate_one_tag]),
        max_length=MOST_TAGS,
        required=False,
    )
    project = serializers.SlugRelatedField(
        slug_field="slug", queryset=Project.objects.published(), required=False, allow_null=True
    )
    publish_at = serializers.DateTimeField(
        required=False,
        allow_null=True,
        help_text="Past or present publishes, future schedules; null or left out makes a draft.",
    )

    def validate_tags(self, names: list[str]) -> tuple[str, ...]:
        return tuple(names)

    def validate_publish_at(self, instant: datetime | None) -> datetime | None:
        if instant is not None and not FIRST <= instant <= LAST:
            raise serializers.ValidationError(_("Choose a day of this century."))
        return instant

    def create(self, told: dict) -> Post:
        return services.create_post(self.context["request"].user, Text(**told))

    def update(self, post: Post, told: dict) -> Post:
        return services.change_post(post, told)


class PostFilter(forms.Form):
    """What a list of posts may be narrowed by."""

    q = forms.CharField(max_length=100, required=False)
    tag = forms.SlugField(max_length=50, required=False)
    project = forms.SlugField(max_length=120, required=False)
    mine = forms.BooleanField(required=False)


class Posts(Endpoint, GenericAPIView):
    """What both addresses of posts have in common."""

    permission_classes = [IsAuthenticatedOrReadOnly, ScopeAllows]
    more_problems = (409,)

    def save(self, request: Request, post: Post | None = None) -> Post:
        """Check what was sent and keep it. Returns the post as it is now."""
        enforce(SAVES, network_of(request))
        text = TextSerializer(
            post, data=request.data, partial=post is not None, context=self.get_serializer_context()
        )
        text.is_valid(raise_exception=True)
        return Post.objects.for_page().get(pk=text.save().pk)


@extend_schema_view(
    get=extend_schema(
        summary="What is written",
        description="Posts that are out, the latest first.",
        operation_id="list_posts",
        tags=["posts"],
        parameters=[
            OpenApiParameter("q", str, description="Words that the text, a tag or the author speaks of."),
            OpenApiParameter("tag", str, description="The slug of a tag."),
            OpenApiParameter("project", str, description="The slug of a project."),
            OpenApiParameter(
                "mine", bool, description="Only one's own, and drafts as well. Asks for a token."
            ),
        ],
    ),
    post=extend_schema(
        summary="Write a post",
        description="For members and staff, with a token of the scope write.",
        operation_id="create_post",
        tags=["posts"],
        request=TextSerializer,
        responses={201: PostDetailSerializer},
    ),
)
class PostList(Posts, ListAPIView):
    serializer_class = PostSerializer

    def get_queryset(self) -> QuerySet:
        form = PostFilter(self.request.query_params)
        if not form.is_valid():
            raise ValidationError({name: list(errors) for name, errors in form.errors.items()})
        asked = form.cleaned_data
        posts = self._own() if asked["mine"] else Post.objects.published()
        if asked["q"]:
            posts = posts.matching(asked["q"])
        if asked["tag"]:
            posts = posts.filter(tags__slug=asked["tag"])
        if asked["project"]:
            posts = posts.filter(project__in=Project.objects.published().filter(slug=asked["project"]))
        return posts.select_related("project").for_cards()

    def _own(self) -> QuerySet:
        if not self.request.user.is_authenticated:
            raise NotAuthenticated
        return Post.objects.filter(author=self.request.user).order_by("-pk")

    def post(self, request: Request) -> Response:
        if not may_write(request.user):
            raise PermissionDenied(_("Members and staff write here; you are neither."))
        post = self.save(request)
        return Response(PostDetailSerializer(post).data, status=status.HTTP_201_CREATED)


@extend_schema_view(
    get=extend_schema(
        summary="One post",
        description="Drafts are shown to their author alone, and to editors.",
        operation_id="get_post",
        tags=["posts"],
    ),
    patch=extend_schema(
        summary="Change a post",
        description="For its author and editors, with a token of the scope write. What is left out stays.",
        operation_id="change_post",
        tags=["posts"],
        request=TextSerializer,
        responses=PostDetailSerializer,
    ),
    delete=extend_schema(
        summary="Delete a post",
        description="For its author and editors, with a token of the scope write.",
        operation_id="delete_post",
        tags=["posts"],
        responses={204: None},
    ),
)
class PostDetail(Posts, RetrieveAPIView):
    serializer_class = PostDetailSerializer
    lookup_field = "slug"

    def get_queryset(self) -> QuerySet:
        return Post.objects.visible_to(self.request.user).for_page()

    def patch(self, request: Request, slug: str) -> Response:
        post = self.save(request, self._changeable())
        return Response(PostDetailSerializer(post).data)

    def delete(self, request: Request, slug: str) -> Response:
        services.delete_post(self._changeable())
        return Response(status=status.HTTP_204_NO_CONTENT)

    def _changeable(self) -> Post:
        post = self.get_object()
        if not Post.objects.changeable_by(self.request.user).filter(pk=post.pk).exists():
            raise PermissionDenied(_("This post is somebody else’s."))
        return post
