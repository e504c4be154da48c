"""The page on which staff answers somebody who asks what we know of them, or to be forgotten."""

import io
import zipfile

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.core.files.temp import NamedTemporaryFile
from django.http import FileResponse, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache

from accounts import personal_data, services
from accounts.exceptions import CannotErase
from accounts.models import DataRequest, DataRequestKind
from accounts.personal_data import Person
from core.admin import ReadOnlyAdmin, badge, studio_time
from core.mail import key_of_address


class AddressForm(forms.Form):
    """Whom it is about. It is sent and never stands in an address, which would be logged."""

    email = forms.EmailField(label=gettext_lazy("E-mail address"))


class ErasureForm(AddressForm):
    is_sure = forms.BooleanField(
        label=gettext_lazy(
            "They asked for it, and I have made sure that it is really them. There is no way back."
        ),
        error_messages={"required": gettext_lazy("Please tick this box first.")},
    )


@admin.register(DataRequest)
class DataRequestAdmin(ReadOnlyAdmin):
    """What was done, and the way to do it. No row tells who it was about."""

    list_display = ["when", "what", "address_key", "had_account", "by", "how_much"]
    list_display_links = ["when"]
    list_filter = ["kind"]
    list_select_related = ["by"]
    search_fields = ["address_key"]
    search_help_text = gettext_lazy("The key of an address. “Find a person” shows it.")
    fields = ["when", "what", "address_key", "had_account", "by", "how_much"]

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(self.person_view)
        return [path("person/", view, name="accounts_person"), *super().get_urls()]

    def changelist_view(self, request: HttpRequest, extra_context: dict | None = None) -> HttpResponse:
        context = {"may_act": may_act(request.user), **(extra_context or {})}
        return super().changelist_view(request, context)

    @method_decorator(never_cache)
    def person_view(self, request: HttpRequest) -> HttpResponse:
        """Find a person by an address, show how much we know, take it out, or erase it."""
        if not may_act(request.user):
            raise PermissionDenied
        if request.method != "POST":
            return self._page(request, AddressForm())
        form = AddressForm(request.POST)
        if not form.is_valid():
            return self._page(request, form, status=422)
        person = personal_data.find(form.cleaned_data["email"])
        if "export" in request.POST:
            services.note_export(person, by=request.user)
            return export(person)
        if "erase" in request.POST:
            return self._erase(request, form, person)
        return self._page(request, form, person)

    def _erase(self, request: HttpRequest, form: AddressForm, person: Person) -> HttpResponse:
        erasure = ErasureForm(request.POST)
        if not erasure.is_valid():
            return self._page(request, form, person, erasure=erasure, status=422)
        try:
            done = services.erase_person(person, by=request.user)
        except CannotErase as refusal:
            messages.error(request, str(refusal))
            return self._page(request, form, person, status=409)
        messages.success(request, _("Erased. What was changed, and when, stands below."))
        return HttpResponseRedirect(reverse("admin:accounts_datarequest_change", args=[done.pk]))

    def _page(
        self,
        request: HttpRequest,
        form: AddressForm,
        person: Person | None = None,
        *,
        erasure: ErasureForm | None = None,
        status: int = 200,
    ) -> HttpResponse:
        context = {
            **self.admin_site.each_context(request),
            "title": _("What we know of a person"),
            "opts": self.opts,
            "form": form,
            "person": person,
            "erasure": erasure or ErasureForm(),
        }
        if person is not None:
            key = key_of_address(person.email)
            context |= {
                "key": key,
                "outline": personal_data.outline(person),
                "reasons": personal_data.reasons_to_keep(person),
                "earlier": DataRequest.objects.filter(address_key=key).select_related("by")[:10],
            }
        return TemplateResponse(request, "admin/accounts/person.html", context, status=status)

    @admin.display(description=gettext_lazy("when"), ordering="pk")
    def when(self, done: DataRequest) -> SafeString | str:
        return studio_time(done.at)

    @admin.display(description=gettext_lazy("what"))
    def what(self, done: DataRequest) -> SafeString:
        return badge(done.get_kind_display(), "bad" if done.kind == DataRequestKind.ERASURE else "info")

    @admin.display(description=gettext_lazy("how much"))
    def how_much(self, done: DataRequest) -> str:
        return ", ".join(f"{name}: {many}" for name, many in done.changed.items()) or "–"


def may_act(user) -> bool:
    return user.has_perm("accounts.add_datarequest")


def export(person: Person) -> FileResponse:
    """Everything that we know about somebody, as an archive: the data, and the files they gave us."""
    file = NamedTemporaryFile(suffix=".zip")
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        with archive.open("data.json", "w") as entry, io.TextIOWrapper(entry, encoding="utf-8") as text:
            text.writelines(personal_data.as_json(person))
        picture = person.user and person.user.profile.picture
        if picture:
            with picture.open("rb") as content:
                archive.writestr(f"picture.{picture.name.rpartition('.')[2]}", content.read())
    file.seek(0)
    return FileResponse(file, as_attachment=True, filename=f"data-{timezone.localdate():%Y-%m-%d}.zip")
