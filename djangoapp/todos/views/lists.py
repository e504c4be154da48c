"""The overview of lists, and one list with its filters."""

from dataclasses import dataclass

from django.contrib import messages
from django.db.models import Count, Exists, OuterRef, Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from core.addresses import with_query
from core.exceptions import DomainError
from core.limits import Limit, limited
from core.pages import Page, page_number, page_of
from todos.forms import LineForm, ListForm
from todos.models import Share, TodoItem, TodoList
from todos.querysets import Clock
from todos.services import lists as services
from todos.services.items import MOST_OPEN_ITEMS
from todos.services.sharing import invitations_for
from todos.shown import rows_of
from todos.views.access import own, owned_list, seen_list

CHANGES = Limit("todos", times=300, minutes=5)
AGENDA_AT_MOST = 30
LISTS_PER_PAGE = 60
ROWS_PER_PAGE = 100
SHOWS = ("open", "today", "overdue", "done", "deleted")


@dataclass(frozen=True)
class Look:
    """How a list is looked at: through which filter, whether to put it in order, which page."""

    show: str = "open"
    is_ordering: bool = False
    page: int = 1

    @classmethod
    def of(cls, data) -> "Look":
        show = data.get("show", "")
        show = show if show in SHOWS else "open"
        return cls(show, show == "open" and data.get("order") == "1", page_number(data.get("page")))

    def address(self, todo_list: TodoList, *, undo: int | None = None) -> str:
        asked = {
            "show": None if self.show == "open" else self.show,
            "order": "1" if self.is_ordering else None,
            "page": self.page if self.page > 1 else None,
            "undo": undo,
        }
        return with_query(todo_list.get_absolute_url(), asked)


@own
@require_safe
def list_index(request: HttpRequest) -> HttpResponse:
    """All lists, and above them what is due by today."""
    return render(request, "todos/list_index.html", index_context(request, form=ListForm()))


@own
@require_POST
@limited(CHANGES)
def list_add(request: HttpRequest) -> HttpResponse:
    form = ListForm(request.POST)
    if form.is_valid():
        try:
            return redirect(services.make_list(request.user, form.cleaned_data["title"]))
        except DomainError as refusal:
            form.add_error("title", str(refusal))
    return render(request, "todos/list_index.html", index_context(request, form=form), status=422)


@own
@require_safe
def list_detail(request: HttpRequest, pk: int) -> HttpResponse:
    """One list through one filter."""
    todo_list = seen_list(request, pk)
    look = Look.of(request.GET)
    context = list_context(request, todo_list, look, undo=undo_number(request.GET.get("undo")))
    return render(request, "todos/list_detail.html", context)


@own
@require_http_methods(["GET", "HEAD", "POST"])
@limited(CHANGES)
def list_rename(request: HttpRequest, pk: int) -> HttpResponse:
    todo_list = owned_list(request, pk)
    form = ListForm(request.POST or None, initial={"title": todo_list.title})
    if form.is_valid():
        services.rename_list(todo_list, form.cleaned_data["title"])
        return redirect(todo_list)
    status = 422 if request.method == "POST" else 200
    return render(request, "todos/list_rename.html", {"form": form, "todo_list": todo_list}, status=status)


@own
@require_POST
@limited(CHANGES)
def list_delete(request: HttpRequest, pk: int) -> HttpResponse:
    todo_list = owned_list(request, pk)
    services.delete_list(todo_list)
    return redirect(with_query(reverse("todos:list_index"), {"undo": todo_list.pk}))


@own
@require_POST
@limited(CHANGES)
def list_restore(request: HttpRequest, pk: int) -> HttpResponse:
    """Bring back a list that its owner deleted."""
    todo_list = get_object_or_404(TodoList.objects.owned_by(request.user).exclude(deleted_at=None), pk=pk)
    services.restore_list(todo_list)
    messages.success(request, _("“%(title)s” is back.") % {"title": todo_list.title})
    return redirect(todo_list)


def index_context(request: HttpRequest, *, form: ListForm) -> dict:
    """What the overview shows. The same number of queries for one list and for many."""
    user = request.user
    clock = Clock.of(user)
    page = page_of(_ordered_lists(user, clock), page_number(request.GET.get("page")), size=LISTS_PER_PAGE)
    deleted = list(_deleted_lists(user))
    undo = undo_number(request.GET.get("undo"))
    return {
        "form": form,
        "page": page,
        "invitations": list(invitations_for(user).select_related("todo_list__owner")[:LISTS_PER_PAGE]),
        "deleted": deleted,
        "undo_list": next((one for one in deleted if one.pk == undo), None),
        **agenda_context(request, undo=_undone(request)),
    }


def agenda_items(user, clock: Clock) -> QuerySet:
    return TodoItem.objects.for_person(user).due_by_today(clock)


def agenda_context(request: HttpRequest, *, undo: TodoItem | None = None) -> dict:
    """What is due by today in all lists together."""
    clock = Clock.of(request.user)
    due = agenda_items(request.user, clock)
    found = list(due.select_related("todo_list", "assignee")[: AGENDA_AT_MOST + 1])
    return {
        "agenda": rows_of(found[:AGENDA_AT_MOST], clock),
        "has_more_due": len(found) > AGENDA_AT_MOST,
        "back": "index",
        "undo": undo,
    }


def list_context(
    request: HttpRequest,
    todo_list: TodoList,
    look: Look,
    *,
    undo: int | None = None,
    form: LineForm | None = None,
) -> dict:
    """What a list's page shows. ``undo`` is an item that was just done or deleted."""
    clock = Clock.of(request.user)
    counted = TodoList.objects.with_counts(clock).annotate(
        deleted_count=Count("items", filter=Q(items__deleted_at__isnull=False))
    )
    counts = counted.get(pk=todo_list.pk)
    items = items_shown(todo_list, look, clock).select_related("assignee", "done_by")
    page = rows_page(items, look)
    shared = list(todo_list.shares.filter(user__isnull=False).select_related("user"))
    return {
        "todo_list": todo_list,
        "is_own": todo_list.owner_id == request.user.pk,
        "people": [todo_list.owner, *(share.user for share in shared)] if shared else [],
        "counts": counts,
        "look": look,
        "here": look.address(todo_list),
        "page": page,
        "rows": rows_of(page.rows, clock),
        "form": form or LineForm(),
        "undo": _undo_item(todo_list, undo),
        "back": "list",
    }


def undo_number(text: str | None) -> int | None:
    """The primary key in an address, or nothing."""
    return int(text) if text and len(text) < 19 and text.isascii() and text.isdecimal() else None


def _undone(request: HttpRequest) -> TodoItem | None:
    """The item that was just done or deleted on the overview, if it still is."""
    pk = undo_number(request.GET.get("undo_item"))
    item = TodoItem.objects.seen_by(request.user).filter(pk=pk).first() if pk is not None else None
    return item if item is not None and (item.is_done or item.deleted_at) else None


def rows_page(items: QuerySet, look: Look) -> Page:
    """One page of them; the open ones are all on one, so that they can be put in order."""
    return page_of(items, look.page, size=MOST_OPEN_ITEMS if look.show == "open" else ROWS_PER_PAGE)


def items_shown(todo_list: TodoList, look: Look, clock: Clock) -> QuerySet:
    """What the filter lets through, in the order of the page."""
    items = todo_list.items.all()
    match look.show:
        case "today":
            return items.due_today(clock)
        case "overdue":
            return items.overdue(clock)
        case "done":
            return items.done()
        case "deleted":
            return items.deleted()
    return items.open()


def _undo_item(todo_list: TodoList, pk: int | None) -> TodoItem | None:
    """The item that was just done or deleted, if it still is."""
    item = todo_list.items.filter(pk=pk).first() if pk is not None else None
    return item if item is not None and (item.is_done or item.deleted_at) else None


def _ordered_lists(user, clock: Clock) -> QuerySet:
    lists = TodoList.objects.seen_by(user).with_counts(clock).select_related("owner")
    shares = Share.objects.filter(todo_list=OuterRef("pk"), user__isnull=False)
    return lists.annotate(is_shared=Exists(shares)).order_by("title", "pk")


def _deleted_lists(user) -> QuerySet:
    since = timezone.now() - services.KEPT_AFTER_DELETION
    return TodoList.objects.owned_by(user).filter(deleted_at__gt=since).order_by("-deleted_at")[:20]
