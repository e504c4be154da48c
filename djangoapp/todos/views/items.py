"""Changing what is on a list. htmx gets the changed part of the page; everybody else is led back to where they were."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST
from django_htmx.http import reswap, retarget, trigger_client_event

from core.addresses import with_query
from core.exceptions import DomainError
from core.limits import limited
from todos.forms import ItemForm, LineForm
from todos.models import TodoItem
from todos.querysets import Clock
from todos.services import items as services
from todos.views.access import own, seen_item, seen_list
from todos.views.lists import (
    AGENDA_AT_MOST,
    CHANGES,
    Look,
    agenda_context,
    agenda_items,
    items_shown,
    list_context,
    rows_page,
    undo_number,
)


@own
@require_POST
@limited(CHANGES)
def item_add(request: HttpRequest, pk: int) -> HttpResponse:
    """Add one line to a list."""
    todo_list = seen_list(request, pk)
    form = LineForm(request.POST)
    if form.is_valid():
        try:
            item = services.add_item(todo_list, **form.cleaned_data)
        except DomainError as refusal:
            form.add_error("title", str(refusal))
        else:
            news = _("“%(title)s” is on the list.") % {"title": item.title}
            return _answer(request, item, news=news)
    context = list_context(request, todo_list, Look.of(request.POST), form=form)
    if not request.htmx:
        return render(request, "todos/list_detail.html", context, status=422)
    response = render(request, "todos/_new_line.html", context, status=422)
    return reswap(retarget(response, "#new-line"), "outerHTML")


@own
@require_http_methods(["GET", "HEAD", "POST"])
@limited(CHANGES)
def item_edit(request: HttpRequest, pk: int) -> HttpResponse:
    """Everything about one item: within its row for htmx, else on a page of its own."""
    item = seen_item(request, pk)
    if request.method == "POST":
        form = ItemForm(item, request.POST, is_in_place=bool(request.htmx))
        if form.is_valid():
            try:
                item = services.edit_item(item, **form.changes())
            except DomainError as refusal:
                form.add_error("assignee", str(refusal))
            else:
                news = _("“%(title)s” is saved.") % {"title": item.title}
                return _answer(request, item, news=news, focus=item.pk)
        return _edit_page(request, item, form, Look.of(request.POST), status=422)
    form = ItemForm(item, is_in_place=bool(request.htmx))
    return _edit_page(request, item, form, Look.of(request.GET))


@own
@require_POST
@limited(CHANGES)
def item_done(request: HttpRequest, pk: int) -> HttpResponse:
    """Note that something is done; ``done=0`` takes it back."""
    item = seen_item(request, pk)
    is_done = request.POST.get("done") != "0"
    following = _following(request, item)
    try:
        item = services.set_done(item, is_done, by=request.user)
    except DomainError as refusal:
        messages.error(request, str(refusal))
        return _answer(request, item)
    words = _("“%(title)s” is done.") if is_done else _("“%(title)s” is to be done again.")
    undo = item if is_done else None
    return _answer(request, item, news=words % {"title": item.title}, undo=undo, focus=following)


@own
@require_POST
@limited(CHANGES)
def item_move(request: HttpRequest, pk: int) -> HttpResponse:
    """Move an item up or down by one place, or before another (``before``; empty means to the end)."""
    item = seen_item(request, pk)
    if "before" in request.POST:
        target = request.POST["before"]
        following = undo_number(target)
        has_moved = (following is not None or not target) and services.move_item_before(item, following)
    else:
        has_moved = services.move_item(item, up=request.POST.get("direction") == "up")
    place, count = services.place_of(item)
    news = _("“%(title)s” is number %(place)d of %(count)d.")
    words = {"title": item.title, "place": place, "count": count}
    return _answer(request, item, news=news % words if has_moved else "")


@own
@require_POST
@limited(CHANGES)
def item_delete(request: HttpRequest, pk: int) -> HttpResponse:
    item = seen_item(request, pk)
    following = _following(request, item)
    services.delete_item(item)
    news = _("“%(title)s” is deleted.") % {"title": item.title}
    return _answer(request, item, news=news, undo=item, focus=following)


@own
@require_POST
@limited(CHANGES)
def item_restore(request: HttpRequest, pk: int) -> HttpResponse:
    item = seen_item(request, pk, is_deleted=True)
    try:
        services.restore_item(item)
    except DomainError as refusal:
        messages.error(request, str(refusal))
        return _answer(request, item)
    news = _("“%(title)s” is back on the list.") % {"title": item.title}
    return _answer(request, item, news=news, focus=item.pk)


def _answer(
    request: HttpRequest,
    item: TodoItem,
    *,
    news: str = "",
    undo: TodoItem | None = None,
    focus: int | None = None,
) -> HttpResponse:
    """Show what the visitor was looking at in its new state. What can be undone says so there."""
    if request.htmx:
        return _swap(request, item, news=news, undo=undo, focus=focus)
    if news and undo is None:
        messages.success(request, news)
    if request.POST.get("back") == "index":
        return redirect(with_query(reverse("todos:list_index"), {"undo_item": undo.pk if undo else None}))
    return redirect(Look.of(request.POST).address(item.todo_list, undo=undo.pk if undo else None))


def _swap(
    request: HttpRequest, item: TodoItem, *, news: str, undo: TodoItem | None, focus: int | None
) -> HttpResponse:
    """Put one row in its new state, or nothing where it was, and tell which item to go on with.

    The other rows stay as they are: somebody may be ticking or writing there.
    """
    look = Look.of(request.POST)
    if request.POST.get("back") == "index":
        template = "todos/_agenda_swap.html"
        context = agenda_context(request, undo=undo)
        rows = context["agenda"]
    else:
        template = "todos/_list_swap.html" if look.is_ordering else "todos/_row_swap.html"
        context = list_context(request, item.todo_list, look, undo=undo.pk if undo else None)
        rows = context["rows"]
    place = next((number for number, row in enumerate(rows) if row.item.pk == item.pk), len(rows))
    context |= {"row": rows[place] if place < len(rows) else None, "news": news}
    response = render(request, template, context)
    if focus is not None:
        trigger_client_event(response, "todo-focus", {"id": f"tick-{focus}"}, after="swap")
    following = rows[place + 1 :]
    if request.htmx.target == "todo-rows" and following:  # it comes back to where it was
        return reswap(retarget(response, f"#item-{following[0].item.pk}"), "beforebegin")
    return response


def _following(request: HttpRequest, item: TodoItem) -> int | None:
    """The item to go on with when this one leaves the page: whoever works with the keyboard stays in place."""
    if not request.htmx:
        return None
    clock = Clock.of(request.user)
    if request.POST.get("back") == "index":
        order = list(agenda_items(request.user, clock).values_list("pk", flat=True)[:AGENDA_AT_MOST])
    else:
        look = Look.of(request.POST)
        pks = items_shown(item.todo_list, look, clock).values_list("pk", flat=True)
        order = rows_page(pks, look).rows
    if item.pk not in order:
        return None
    place = order.index(item.pk)
    rest = order[place + 1 :] or order[:place][-1:]
    return rest[0] if rest else None


def _edit_page(
    request: HttpRequest, item: TodoItem, form: ItemForm, look: Look, *, status: int = 200
) -> HttpResponse:
    context = {"item": item, "todo_list": item.todo_list, "form": form, "look": look}
    context["here"] = look.address(item.todo_list)
    if not request.htmx:
        return render(request, "todos/item_edit.html", context, status=status)
    # Into the row, also when the list was to be replaced.
    response = render(request, "todos/_item_form.html", context, status=status)
    return reswap(retarget(response, f"#item-{item.pk}"), "innerHTML")
