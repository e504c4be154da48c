"""Pages about one session, beside the form that edits it: what staff does with all its people at once."""

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
from shop.models import Session, SessionCancellation
from shop.services import cancelling

POLL_SECONDS = 2


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


class SessionPages:
    """Mixed into the admin of sessions: more addresses below each session, and the buttons that lead there."""

    def get_urls(self) -> list[URLPattern]:
        def wrap(view):
            return self.admin_site.admin_view(view)

        return [
            path("<int:pk>/cancel/", wrap(self.cancel_view), name="shop_session_cancel"),
            path("<int:pk>/cancel/progress/", wrap(self.progress_view), name="shop_session_progress"),
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
        if may_cancel(request.user):
            label = _("See the cancellation") if session.is_cancelled else _("Cancel this session")
            ways.append({"url": _address("cancel", session), "label": label, "is_grave": True})
        return ways

    def cancel_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Show the owner what cancelling a session means, do it, and then how far it has come."""
        session = self._session(request, pk, may_cancel(request.user))
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
        session = self._session(request, pk, may_cancel(request.user))
        cancellation = get_object_or_404(SessionCancellation, session=session)
        return TemplateResponse(
            request,
            "admin/shop/session/_progress.html",
            {"session": session, **progress_context(cancellation)},
        )

    def _session(self, request: HttpRequest, pk: int, is_allowed: bool) -> Session:
        if not is_allowed:
            raise PermissionDenied
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


def may_cancel(user) -> bool:
    """Cancelling touches sessions, orders and money at once."""
    return user.has_perms(["shop.change_session", "shop.change_order", "shop.change_refund"])


def progress_context(cancellation: SessionCancellation) -> dict:
    letters = delivery_of(f"session-cancelled:{cancellation.pk}:")
    return {
        "cancellation": cancellation,
        "progress": cancelling.progress_of(cancellation),
        "letters": letters,
        "is_working": cancellation.finished_at is None or letters.waiting > 0,
        "poll_seconds": POLL_SECONDS,
    }


def _address(page: str, session: Session) -> str:
    return reverse(f"admin:shop_session_{page}", args=[session.pk])
