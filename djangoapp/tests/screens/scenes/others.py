"""The blog, polls and lists of things to do."""

from django.urls import reverse

from blog.models import Post, Tag
from polls.models import Poll
from tests.screens.scenes.kinds import FILLED, Scene, plain
from tests.screens.states import Shop
from todos.models import TodoItem, TodoList


def of_post(view: str, picture: str, visitor: str = "guest") -> Scene:
    """A page about the latest post that everybody may read."""
    return Scene(picture, view, lambda shop: reverse(view, args=[latest_post().slug]), visitor, FILLED)


def latest_post() -> Post:
    return Post.objects.published().order_by("-publish_at").first()


def month_of_latest_post(shop: Shop) -> str:
    appeared_at = latest_post().publish_at
    return reverse("blog:month", args=[appeared_at.year, appeared_at.month])


def of_list(view: str, picture: str) -> Scene:
    """A page about one of the owner's own lists."""
    return Scene(picture, view, lambda shop: reverse(view, args=[own_list(shop).pk]), "owner", FILLED)


def own_list(shop: Shop) -> TodoList:
    return TodoList.objects.living().owned_by(shop.owner).order_by("pk").first()


SCENES = [
    plain("blog:post_list", "blog"),
    of_post("blog:post_detail", "post"),
    Scene(
        "posts-of-author",
        "blog:author",
        lambda shop: reverse("blog:author", args=[latest_post().author_id]),
        states=FILLED,
    ),
    Scene(
        "posts-with-tag",
        "blog:tag",
        lambda shop: reverse("blog:tag", args=[Tag.objects.in_use().first().slug]),
        states=FILLED,
    ),
    Scene("posts-of-month", "blog:month", month_of_latest_post, states=FILLED),
    plain("blog:my_posts", "my-posts", "owner"),
    plain("blog:post_new", "post-new", "owner"),
    of_post("blog:post_edit", "post-edit", "owner"),
    of_post("blog:post_delete", "post-delete", "owner"),
    plain("polls:poll_list", "polls"),
    Scene(
        "poll",
        "polls:poll_detail",
        lambda shop: reverse("polls:poll_detail", args=[Poll.objects.published().first().slug]),
        states=FILLED,
    ),
    plain("todos:list_index", "lists", "owner"),
    of_list("todos:list_detail", "list"),
    of_list("todos:list_rename", "list-rename"),
    of_list("todos:people", "list-people"),
    plain("todos:reminders", "reminders", "owner"),
    Scene(
        "list-item",
        "todos:item_edit",
        lambda shop: reverse(
            "todos:item_edit", args=[TodoItem.objects.living().filter(todo_list=own_list(shop)).first().pk]
        ),
        "owner",
        FILLED,
    ),
]
