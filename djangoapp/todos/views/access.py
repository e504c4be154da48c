"""What somebody may see and change."""

from collections.abc import Callable

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.views.decorators.cache import cache_control

from todos.models import TodoItem, TodoList

own_page = cache_control(private=True, no_cache=True)


def own(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """A view for people who are signed in, whose answer is theirs alone."""
    return own_page(login_required(view))


def seen_list(request: HttpRequest, pk: int) -> TodoList:
    """A list of this person's, or one that they share."""
    return get_object_or_404(TodoList.objects.seen_by(request.user).select_related("owner"), pk=pk)


def owned_list(request: HttpRequest, pk: int) -> TodoList:
    return get_object_or_404(TodoList.objects.living().owned_by(request.user), pk=pk)


def seen_item(request: HttpRequest, pk: int, *, is_deleted: bool = False) -> TodoItem:
    """An item of a list that this person sees."""
    items = TodoItem.objects.seen_by(request.user).filter(deleted_at__isnull=not is_deleted)
    return get_object_or_404(items.select_related("todo_list__owner"), pk=pk)
