"""Pages about one session, beside the form that edits it: what staff does with all its people at once."""

import uuid

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core.exceptions import DomainError
from core.mail import delivery_of
from core.text import one_line
from shop.models import Session, SessionCancellation, SessionLetter
from shop.services import cancelling, letters
from shop.session_mails import changes_of

POLL_SECONDS = 2
LETTERS_SHOWN = 20


class CancelForm(forms.Form):
    """What people are told, and the box without which nothing happens."""

    words = forms.CharField(
        label=gettext_lazy("What everybody is told"),
        help_text=gettext_lazy("Why, and what you suggest instead. May be empty. Markdown."),
        required=False,
        max_length=4000,
        widget=forms.Textarea(attrs={"rows": 5}),
    )
    is_sure = forms.BooleanField(
        label=gettext_lazy("I have read who is concerned. There is no way back."),
        error_messages={"required": gettext_lazy("Please tick this box first.")},
    )


class WordsForm(forms.Form):
    """Words that go with news that the shop tells by itself."""

    words = forms.CharField(
        label=gettext_lazy("Some words of yours"),
        help_text=gettext_lazy("May be empty. Markdown."),
        required=False,
        max_length=4000,
        widget=forms.Textarea(attrs={"rows": 4}),
    )


class LetterForm(forms.Form):
    """A letter. Its ``nonce`` makes one of a form that is sent twice."""

    subject = forms.CharField(label=gettext_lazy("Subject"), max_length=150)
    text = forms.CharField(
        label=gettext_lazy("Text"),
        help_text=gettext_lazy("Markdown. When and where the session is stands below it by itself."),
        max_length=20_000,
        widget=forms.Textarea(attrs={"rows": 12}),
    )
    nonce = forms.UUIDField(widget=forms.HiddenInput)

    def clean_subject(self) -> str:
        return one_line(self.cleaned_data["subject"])

    def clean_nonce(self) -> str:
        return str(self.cleaned_data["nonce"])


class SessionPages:
    """Mixed into the admin of sessions: more addresses below each session, and the buttons that lead there."""

    def get_urls(self) -> list[URLPattern]:
        def wrap(view):
            return self.admin_site.admin_view(view)

        return [
            path("<int:pk>/cancel/", wrap(self.cancel_view), name="shop_session_cancel"),
            path("<int:pk>/cancel/progress/", wrap(self.progress_view), name="shop_session_progress"),
            path("<int:pk>/tell/", wrap(self.tell_view), name="shop_session_tell"),
            path("<int:pk>/write/", wrap(self.write_view), name="shop_session_write"),
            *super().get_urls(),
        ]

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict | None = None
    ) -> HttpResponse:
        context = {"ways": self._ways(request, object_id), **(extra_context or {})}
        return super().change_view(request, object_id, form_url, context)

    def _ways(self, request: HttpRequest, object_id: str) -> list[dict[str, str]]:
        """The pages of this session that this member of staff may open, as buttons."""
        if not (object_id.isascii() and object_id.isdecimal()):
            return []
        session = self.get_queryset(request).filter(pk=object_id).first()
        if session is None:
            return []
        ways = []
        if session.is_move_untold and may_tell(request.user) and not session.is_cancelled:
            ways.append({"url": _address("tell", session), "label": _("Tell everybody of the change")})
        if may_write(request.user, session):
            ways.append({"url": _address("write", session), "label": _("Write to everybody")})
        if may_cancel(request.user):
            label = _("See the cancellation") if session.is_cancelled else _("Cancel this session")
            ways.append({"url": _address("cancel", session), "label": label, "is_grave": True})
        return ways

    def cancel_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Show the owner what cancelling a session means, do it, and then how far it has come."""
        session = self._session(request, pk)
        _demand(may_cancel(request.user))
        cancellation = SessionCancellation.objects.filter(session=session).first()
        if cancellation is not None:
            context = {"title": _("The session is cancelled"), **progress_context(cancellation)}
            return self._page(request, session, "progress", context)
        form = CancelForm(request.POST if request.method == "POST" else None)
        if request.method == "POST" and form.is_valid():
            try:
                cancelling.begin(session, words=form.cleaned_data["words"], actor=request.user)
            except DomainError as refusal:
                messages.error(request, str(refusal))
            else:
                self.log_change(request, session, "Cancelled")
            return HttpResponseRedirect(_address("cancel", session))
        context = {
            "title": _("Cancel this session?"),
            "form": form,
            "affected": cancelling.affected_by(session),
        }
        return self._page(request, session, "cancel", context, status=422 if form.is_bound else 200)

    def progress_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Redraw how far a cancellation has come, for the page that asks every other second."""
        if request.method not in ("GET", "HEAD"):
            return HttpResponseNotAllowed(["GET", "HEAD"])
        session = self._session(request, pk)
        _demand(may_cancel(request.user))
        cancellation = get_object_or_404(SessionCancellation, session=session)
        return TemplateResponse(
            request,
            "admin/shop/session/_progress.html",
            {"session": session, **progress_context(cancellation)},
        )

    def tell_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Show staff what has changed since people were told, and write it to them once they say so."""
        session = self._session(request, pk)
        _demand(may_tell(request.user))
        form = WordsForm(request.POST if request.method == "POST" else None)
        if request.method == "POST" and form.is_valid():
            try:
                letter = letters.announce_change(session, text=form.cleaned_data["words"], by=request.user)
            except DomainError as refusal:
                messages.warning(request, str(refusal))
                return HttpResponseRedirect(_page_of(session))
            self.log_change(request, session, "Told everybody of another time or place")
            return self._written(request, letter)
        context = {
            "title": _("Tell everybody of the change?"),
            "form": form,
            "changes": changes_of(session, session.told_as),
            "people": letters.untold_people_of(session).count(),
        }
        return self._page(request, session, "tell", context, status=422 if form.is_bound else 200)

    def write_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Let staff, or the session's host, write to everybody who has places: first a look, then the sending."""
        session = self._session(request, pk)
        _demand(may_write(request.user, session))
        form = LetterForm(request.POST if request.method == "POST" else None, initial={"nonce": uuid.uuid4()})
        is_ready = form.is_bound and form.is_valid()
        if is_ready and "send" in request.POST:
            try:
                letter = letters.write_to_all(session, by=request.user, **form.cleaned_data)
            except DomainError as refusal:
                messages.warning(request, str(refusal))
                return HttpResponseRedirect(_page_of(session))
            self.log_change(request, session, "Wrote to everybody")
            return self._written(request, letter)
        context = {
            "title": _("Write to everybody of this session"),
            "form": form,
            "people": letters.people_of(session).count(),
            "is_ready": is_ready,
            "written": [
                (letter, delivery_of(letter.occasion))
                for letter in session.letters.select_related("by")[:LETTERS_SHOWN]
            ],
        }
        is_refused = form.is_bound and not is_ready
        return self._page(request, session, "write", context, status=422 if is_refused else 200)

    def _written(self, request: HttpRequest, letter: SessionLetter) -> HttpResponse:
        messages.success(request, _("The letters are on their way."))
        return HttpResponseRedirect(_page_of(letter.session))

    def _session(self, request: HttpRequest, pk: int) -> Session:
        """A session that this member of staff may see at all."""
        return get_object_or_404(self.get_queryset(request).select_related("project"), pk=pk)

    def _page(
        self, request: HttpRequest, session: Session, template: str, context: dict, status: int = 200
    ) -> HttpResponse:
        frame = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "session": session,
            "media": self.media,
        }
        return TemplateResponse(
            request, f"admin/shop/session/{template}.html", frame | context, status=status
        )


def may_tell(user) -> bool:
    """Whoever changes sessions says so to their people."""
    return user.has_perms(["shop.change_session", "shop.add_sessionletter"])


def may_write(user, session: Session) -> bool:
    """Whoever writes letters to sessions, and hosts to those that they lead."""
    if user.has_perm("shop.add_sessionletter"):
        return True
    return session.host_id == user.pk and user.has_perm("shop.lead_session")


def may_cancel(user) -> bool:
    """Cancelling touches sessions, orders and money at once."""
    return user.has_perms(["shop.change_session", "shop.change_order", "shop.change_refund"])


def progress_context(cancellation: SessionCancellation) -> dict:
    sent = delivery_of(f"session-cancelled:{cancellation.pk}:")
    return {
        "cancellation": cancellation,
        "progress": cancelling.progress_of(cancellation),
        "letters": sent,
        "is_working": cancellation.finished_at is None or sent.waiting > 0,
        "poll_seconds": POLL_SECONDS,
    }


def _demand(is_allowed: bool) -> None:
    if not is_allowed:
        raise PermissionDenied


def _page_of(session: Session) -> str:
    return reverse("admin:shop_session_change", args=[session.pk])


def _address(page: str, session: Session) -> str:
    return reverse(f"admin:shop_session_{page}", args=[session.pk])
