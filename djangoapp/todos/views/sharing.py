"""Sharing a list with chosen people."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from core.exceptions import DomainError
from core.limits import Limit, enforce, limited
from todos.forms import InviteForm
from todos.models import Share, TodoList
from todos.services import sharing as services
from todos.views.access import own, owned_list, seen_list
from todos.views.lists import CHANGES

# An invitation is a mail to somebody who did not ask for it.
INVITATIONS = Limit("todo-invitations", times=20, minutes=24 * 60)


@own
@require_http_methods(["GET", "HEAD", "POST"])
@limited(CHANGES)
def people(request: HttpRequest, pk: int) -> HttpResponse:
    """Who shares the list. Its owner invites; the answer is the same whether there is such an account or not."""
    todo_list = seen_list(request, pk)
    is_own = todo_list.owner_id == request.user.pk
    form = InviteForm(request.POST or None)
    if request.method == "POST":
        todo_list = owned_list(request, pk)
        if form.is_valid() and _invite(request, todo_list, form):
            return redirect("todos:people", todo_list.pk)
    shares = list(todo_list.shares.select_related("user"))
    context = {
        "todo_list": todo_list,
        "is_own": is_own,
        "form": form,
        "sharing": [share for share in shares if share.user_id is not None],
        "invited": [share for share in shares if share.user_id is None] if is_own else [],
    }
    status = 422 if request.method == "POST" else 200
    return render(request, "todos/people.html", context, status=status)


@own
@require_POST
@limited(CHANGES)
def share_remove(request: HttpRequest, pk: int, share_pk: int) -> HttpResponse:
    """The owner stops sharing with somebody, or takes an invitation back."""
    todo_list = owned_list(request, pk)
    share = get_object_or_404(todo_list.shares.select_related("user"), pk=share_pk)
    services.end_share(share)
    words = {"who": share.user or share.email}
    messages.success(request, _("%(who)s no longer sees this list.") % words)
    return redirect("todos:people", todo_list.pk)


@own
@require_POST
@limited(CHANGES)
def leave(request: HttpRequest, pk: int) -> HttpResponse:
    """Somebody with whom a list is shared does not want to see it any more."""
    shares = Share.objects.filter(user=request.user, todo_list__in=TodoList.objects.living())
    share = get_object_or_404(shares.select_related("todo_list"), todo_list__pk=pk)
    services.end_share(share)
    messages.success(request, _("You have left “%(title)s”.") % {"title": share.todo_list.title})
    return redirect("todos:list_index")


@own
@require_POST
@limited(CHANGES)
def invitation_answer(request: HttpRequest, pk: int) -> HttpResponse:
    """Agree to share a list, or decline, which tells its owner no more than that the invitation is gone."""
    agreed = Share.objects.filter(pk=pk, user=request.user, todo_list__in=TodoList.objects.living())
    if (known := agreed.select_related("todo_list").first()) is not None:
        return redirect(known.todo_list)
    invitations = services.invitations_for(request.user).select_related("todo_list")
    share = get_object_or_404(invitations, pk=pk)
    if request.POST.get("answer") == "accept":
        try:
            return redirect(services.accept(share, request.user))
        except DomainError as refusal:
            messages.error(request, str(refusal))
            return redirect("todos:list_index")
    services.decline(share)
    messages.success(request, _("The invitation is declined."))
    return redirect("todos:list_index")


def _invite(request: HttpRequest, todo_list: TodoList, form: InviteForm) -> bool:
    email = form.cleaned_data["email"]
    enforce(INVITATIONS, f"user {request.user.pk}")
    try:
        services.invite(todo_list, email)
    except DomainError as refusal:
        form.add_error("email", str(refusal))
        return False
    news = _("%(email)s is invited. With an account, or as soon as there is one, the list can be opened.")
    messages.success(request, news % {"email": email})
    return True
