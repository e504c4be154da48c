"""Refund requests: staff reads why somebody asks, and accepts all, a part, or declines, with an answer."""

from decimal import Decimal

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.html import format_html, format_html_join, linebreaks
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core.admin import studio_time
from core.exceptions import DomainError
from shop.admin.of_orders import OfOrderAdmin
from shop.admin.words import money, request_state
from shop.models import RefundRequest
from shop.services import requests


class AnswerForm(forms.Form):
    """How much goes back, and what the buyer is told."""

    amount = forms.DecimalField(
        label=gettext_lazy("Goes back"), max_digits=10, decimal_places=2, min_value=Decimal("0.01")
    )
    answer = forms.CharField(
        label=gettext_lazy("What the buyer is told"),
        help_text=gettext_lazy("Goes by mail, and stands on the page of the order."),
        required=False,
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 5}),
    )

    def __init__(self, *args, most: Decimal, is_refusal: bool = False, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.fields["amount"].max_value = most
        self.fields["amount"].widget.attrs["max"] = most
        if is_refusal:
            self.fields["amount"].required = False
            self.fields["answer"].required = True
            self.fields["answer"].error_messages["required"] = _("Say why not, in a sentence.")


@admin.register(RefundRequest)
class RefundRequestAdmin(OfOrderAdmin):
    list_display = [
        "order_link",
        "state",
        "wanted_shown",
        "granted_shown",
        "reason_begins",
        "asked",
        "decided",
    ]
    list_display_links = ["wanted_shown"]
    list_filter = ["status"]
    sortable_by = ["asked"]
    list_select_related = ["order"]
    fields = [
        "order_link",
        "state",
        "places",
        "reason_shown",
        "gives_up",
        "wanted_shown",
        "granted_shown",
        "answer",
        "asked",
        "decided",
        "decided_by",
    ]

    def get_urls(self) -> list[URLPattern]:
        answer = self.admin_site.admin_view(self.answer_view)
        return [path("<int:pk>/answer/", answer, name="shop_refundrequest_answer"), *super().get_urls()]

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict | None = None
    ) -> HttpResponse:
        ways = []
        is_open = object_id.isdecimal() and RefundRequest.objects.open().filter(pk=object_id).exists()
        if is_open and self.has_act_permission(request):
            ways = [{"url": _address("answer", object_id), "label": _("Answer"), "is_grave": False}]
        return super().change_view(request, object_id, form_url, {"ways": ways, **(extra_context or {})})

    def answer_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Let whoever may refund decide on a request."""
        if not self.has_act_permission(request):
            raise PermissionDenied
        asked = get_object_or_404(RefundRequest.objects.select_related("order"), pk=pk)
        if not asked.is_open:
            messages.info(request, _("This request has been answered already."))
            return HttpResponseRedirect(_address("change", pk))
        most = requests.most(asked)
        is_refusal = "decline" in request.POST
        form = AnswerForm(
            request.POST if request.method == "POST" else None,
            most=most,
            is_refusal=is_refusal,
            initial={"amount": min(asked.wanted, most)},
        )
        is_answered = request.method == "POST" and form.is_valid()
        if is_answered and self._decide(request, asked, form.cleaned_data, is_refusal=is_refusal):
            return HttpResponseRedirect(_address("change", pk))
        lines = asked.lines.select_related("session__project").order_by("position")
        now = timezone.now()
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "media": self.media,
            "title": _("Answer a refund request"),
            "asked": asked,
            "order": asked.order,
            "rows": [(line, line.session, line.session.starts_at > now) for line in lines],
            "most": most,
            "form": form,
        }
        return TemplateResponse(
            request,
            "admin/shop/refundrequest/answer.html",
            context,
            status=422 if form.is_bound and form.errors else 200,
        )

    def _decide(self, request: HttpRequest, asked: RefundRequest, decided: dict, *, is_refusal: bool) -> bool:
        try:
            if is_refusal:
                requests.decline(asked, answer=decided["answer"], actor=request.user)
                messages.success(request, _("Declined; the buyer is told."))
            else:
                requests.accept(asked, decided["amount"], answer=decided["answer"], actor=request.user)
                words = {"amount": money(decided["amount"], asked.order.currency)}
                messages.success(request, _("%(amount)s goes back; the buyer is told.") % words)
        except DomainError as refusal:
            messages.error(request, str(refusal))
            return False
        return True

    @admin.display(description=gettext_lazy("state"))
    def state(self, asked: RefundRequest) -> SafeString:
        return request_state(asked.status)

    @admin.display(description=gettext_lazy("asked for"))
    def wanted_shown(self, asked: RefundRequest) -> str:
        return money(asked.wanted, asked.order.currency)

    @admin.display(description=gettext_lazy("granted"))
    def granted_shown(self, asked: RefundRequest) -> str:
        return money(asked.granted, asked.order.currency) if asked.granted else "–"

    @admin.display(description=gettext_lazy("why"))
    def reason_begins(self, asked: RefundRequest) -> str:
        return asked.reason if len(asked.reason) <= 80 else f"{asked.reason[:79]}…"

    @admin.display(description=gettext_lazy("why"))
    def reason_shown(self, asked: RefundRequest) -> SafeString:
        return mark_safe(linebreaks(asked.reason, autoescape=True))  # noqa: S308 - escaped

    @admin.display(description=gettext_lazy("places"))
    def places(self, asked: RefundRequest) -> SafeString:
        rows = ((line,) for line in asked.lines.order_by("position"))
        return format_html("<ul>{}</ul>", format_html_join("", "<li>{}</li>", rows))

    @admin.display(description=gettext_lazy("asked"), ordering="pk")
    def asked(self, asked: RefundRequest) -> SafeString | str:
        return studio_time(asked.created_at)

    @admin.display(description=gettext_lazy("decided"))
    def decided(self, asked: RefundRequest) -> SafeString | str:
        return studio_time(asked.decided_at)


def _address(page: str, pk: int | str) -> str:
    return reverse(f"admin:shop_refundrequest_{page}", args=[pk])
