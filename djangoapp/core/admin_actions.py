"""Actions of the admin: they call a service for each object, ask first where there is no way back, and report."""

from collections.abc import Callable

from django.contrib import admin, messages
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.db.models import Model, QuerySet
from django.forms import Form
from django.http import HttpRequest
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _

from core.exceptions import DomainError

MOST_AT_ONCE = 50  # objects that one action may be about


def for_each(
    page: admin.ModelAdmin, request: HttpRequest, chosen: QuerySet, deed: Callable[[Model], str]
) -> None:
    """Do something to each object and say of each how it went. A refusal of the business stops only its own object."""
    if (things := few(page, request, chosen)) is None:
        return
    for thing in things:
        try:
            page.message_user(request, f"{thing}: {deed(thing)}", messages.SUCCESS)
        except DomainError as refusal:
            page.message_user(request, f"{thing}: {refusal}", messages.ERROR)


def few(page: admin.ModelAdmin, request: HttpRequest, chosen: QuerySet) -> list[Model] | None:
    """Fetch the chosen objects; ``None``, and a message, if they are more than a person can answer for."""
    things = list(chosen[: MOST_AT_ONCE + 1])
    if len(things) <= MOST_AT_ONCE:
        return things
    message = _("Please choose at most %(most)d at a time.") % {"most": MOST_AT_ONCE}
    page.message_user(request, message, messages.ERROR)
    return None


def is_confirmed(request: HttpRequest) -> bool:
    """Whether the request comes from the page of ``ask_first``."""
    return request.POST.get("confirmed") == "yes"


def came_from(page: admin.ModelAdmin, request: HttpRequest) -> str:
    """The page of this table on which the action was asked for; empty for the list, and for any other place."""
    address = request.POST.get("came_from", "")
    opts = page.opts
    table = reverse(f"{page.admin_site.name}:{opts.app_label}_{opts.model_name}_changelist")
    is_ours = address.startswith(table) and url_has_allowed_host_and_scheme(address, allowed_hosts=None)
    return address if is_ours else ""


def ask_first(
    page: admin.ModelAdmin,
    request: HttpRequest,
    chosen: QuerySet,
    *,
    action: str,
    title: str,
    question: str,
    button: str,
    describe: Callable[[Model], str] = str,
    note_label: str = "",
    form: Form | None = None,
) -> TemplateResponse | None:
    """Show what is about to happen to which objects, before the action is called again, confirmed.

    With a ``note_label`` the page asks for a line of text, which comes back as ``note``; with a ``form`` it asks for
    all that is in the form.
    """
    if (things := few(page, request, chosen)) is None:
        return None
    context = {
        **page.admin_site.each_context(request),
        "title": title,
        "question": question,
        "button": button,
        "action": action,
        "rows": [(thing.pk, describe(thing)) for thing in things],
        "note_label": note_label,
        "form": form,
        "came_from": came_from(page, request),
        "checkbox_name": ACTION_CHECKBOX_NAME,
        "opts": page.opts,
        "media": page.media,
    }
    status = 422 if form is not None and form.errors else 200
    return TemplateResponse(request, "admin/ask_first.html", context, status=status)
