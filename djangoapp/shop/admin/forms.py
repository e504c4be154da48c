"""The forms in which staff says what is offered, when, and at what price."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from django import forms
from django.conf import settings
from django.contrib.admin.widgets import AutocompleteSelect
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from accounts import time_zones
from accounts.forms import ZoneField
from core.pictures import recoded
from core.wallclock import OnOneClock, WallClockField
from shop.enums import CouponKind
from shop.models import Coupon, Session
from shop.services import places
from shop.services.catalogue import COPIED, MOMENTS, latest_session, moved_along

PICTURE_PIXELS = (1200, 800)


class ProjectForm(forms.ModelForm):
    """A project; its picture is cut to the shape that the shop shows, and keeps nothing of the camera's notes."""

    def clean_picture(self):
        picture = self.cleaned_data["picture"]
        return recoded(picture, PICTURE_PIXELS)[0] if isinstance(picture, UploadedFile) else picture


def a_week_after(session: Session, *more: str) -> dict[str, datetime]:
    """Start and end, and ``more``, a week later at the same time of the session's clock, as forms begin with them."""
    moments = {name: getattr(session, name) for name in ("starts_at", "ends_at", *more)}
    return {
        name: moment.astimezone(session.tz).replace(tzinfo=None) + timedelta(days=7)
        for name, moment in moments.items()
        if moment is not None
    }


class SessionZoneField(ZoneField):
    """The zone on whose clock the session's times stand."""

    def has_changed(self, initial, data) -> bool:
        return (time_zones.find(data or "") or data) != initial


class OnTheSessionsClock(OnOneClock):
    """Times on the session's own clock, and a capacity that covers what is taken already.

    Whoever shows the bound form holds the session's lock: then ``seats_taken`` is what it says.
    """

    clock_fields = ("starts_at", "ends_at", *MOMENTS)

    def clock(self) -> ZoneInfo:
        # A zone that was refused is missing here; the form is not saved then, whatever clock reads its times.
        typed = getattr(self, "cleaned_data", {}).get("time_zone")
        return ZoneInfo(typed or self.instance.time_zone)

    def clean_capacity(self) -> int:
        capacity = self.cleaned_data["capacity"]
        taken = self.instance.seats_taken
        if capacity < taken:
            raise ValidationError(
                ngettext(
                    "%(taken)d place is booked or held at this moment; the capacity cannot be less.",
                    "%(taken)d places are booked or held at this moment; the capacity cannot be less.",
                    taken,
                ),
                params={"taken": taken},
                code="below_taken",
            )
        return capacity

    def warnings(self) -> list[str]:
        """What staff should know after a change that was allowed."""
        session, said = self.instance, []
        before = self.initial.get("capacity")
        if "capacity" in self.changed_data and before is not None and session.capacity < before:
            said.append(
                _("The capacity is now %(after)d instead of %(before)d; %(left)d places are left.")
                % {
                    "after": session.capacity,
                    "before": before,
                    "left": session.capacity - session.seats_taken,
                }
            )
        told_to_buyers = {"starts_at", "ends_at", "time_zone", "place_name", "place_address", "online_url"}
        if session.seats_taken and told_to_buyers & set(self.changed_data):
            words = ngettext(
                "%(taken)d place is booked or held. Nobody has been told of the change yet.",
                "%(taken)d places are booked or held. Nobody has been told of the change yet.",
                session.seats_taken,
            ) % {"taken": session.seats_taken}
            address = reverse("admin:shop_session_tell", args=[session.pk])
            said.append(format_html('{} <a href="{}">{}</a>', words, address, _("Tell them")))
        return said


class SessionForm(OnTheSessionsClock, forms.ModelForm):
    """A session on its own page."""

    starts_at = WallClockField(label=gettext_lazy("Starts"))
    ends_at = WallClockField(label=gettext_lazy("Ends"))
    time_zone = SessionZoneField(
        label=gettext_lazy("Time zone"),
        help_text=gettext_lazy("All times of the session are those of the clocks there."),
    )
    sales_start_at = WallClockField(label=gettext_lazy("Sales start"), required=False)
    sales_end_at = WallClockField(
        label=gettext_lazy("Sales end"),
        required=False,
        help_text=gettext_lazy("Empty: sales end when the session starts."),
    )
    early_until_at = WallClockField(label=gettext_lazy("Early bird until"), required=False)

    def clean(self) -> dict:
        cleaned = super().clean()
        size = cleaned.get("group_places")
        most = cleaned.get("most_per_buyer") or settings.SHOP_MAX_PLACES_PER_BUYER
        if cleaned.get("group_price") is not None and size and size > most:
            self.add_error(
                "group_places",
                ValidationError(
                    _("One buyer may have %(most)d places only: allow more places per buyer first."),
                    params={"most": most},
                ),
            )
        return cleaned


class SessionRowForm(OnTheSessionsClock, forms.ModelForm):
    """A session as a row on its project's page. What the row lacks, a new one takes from ``like``, the latest one."""

    starts_at = WallClockField(label=gettext_lazy("Starts"))
    ends_at = WallClockField(label=gettext_lazy("Ends"))

    class Meta:
        model = Session
        fields = (
            "starts_at",
            "ends_at",
            "place_name",
            "place_address",
            "capacity",
            "base_price",
            "is_published",
        )
        widgets = {
            "capacity": forms.NumberInput(attrs={"class": "short"}),
            "base_price": forms.NumberInput(attrs={"class": "short"}),
        }

    def __init__(self, *args, like: Session | None = None, host=None, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.like = None
        if self.instance.pk is not None:
            return
        if like is None:
            self.instance.time_zone = settings.TIME_ZONE
            self.instance.host = host
            return
        for name in COPIED:
            setattr(self.instance, name, getattr(like, name))
            if name in self.fields:
                self.initial[name] = getattr(like, name)
        self.initial |= a_week_after(like)
        self.like = like

    def _post_clean(self) -> None:
        if self.instance.pk is None and self.like is not None and "starts_at" in self.cleaned_data:
            self.instance.early_until_at = moved_along(
                self.like, self.like.early_until_at, to=self.cleaned_data["starts_at"]
            )
        super()._post_clean()

    def has_changed(self) -> bool:
        # A row appears because somebody asked for one; what it was given to begin with may all be right.
        return self.instance.pk is None or super().has_changed()


class SessionRows(forms.BaseInlineFormSet):
    """The project's sessions that are not over, the next ones first; older and later ones are on their own pages."""

    MOST = 30
    host = None  # of a project's first session

    def __init__(self, *args, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.like = latest_session(self.instance) if self.instance.pk else None

    def get_queryset(self):
        if not hasattr(self, "_queryset"):
            rows = self.queryset.with_seats_left().select_related("project").order_by("starts_at", "pk")
            if self.is_bound:
                posted = self._posted_pks()
                places.lock(posted, at=timezone.now())
                self._queryset = rows.filter(pk__in=posted)
            else:
                self._queryset = rows.filter(ends_at__gt=timezone.now())[: self.MOST]
        return self._queryset

    def get_form_kwargs(self, index: int | None) -> dict:
        return {**super().get_form_kwargs(index), "like": self.like, "host": self.host}

    def _posted_pks(self) -> list[int]:
        """The rows that the page showed, which are not always those that it would show now."""
        rows = range(min(self.initial_form_count(), self.absolute_max))
        names = (f"{self.prefix}-{number}-id" for number in rows)
        given = (self.data.get(name, "") for name in names)
        return [int(pk) for pk in given if pk.isascii() and pk.isdecimal() and len(pk) < 19]


class CouponForm(OnOneClock, forms.ModelForm):
    """A coupon; its code is written in capitals, and its days are those of the studio's clock."""

    valid_from = WallClockField(label=gettext_lazy("Valid from"), required=False)
    valid_until = WallClockField(label=gettext_lazy("Valid until"), required=False)
    clock_fields = ("valid_from", "valid_until")

    def clock(self) -> ZoneInfo:
        return ZoneInfo(settings.TIME_ZONE)

    def clean_code(self) -> str:
        return self.cleaned_data["code"].strip().upper()

    def clean_max_uses(self) -> int | None:
        most = self.cleaned_data["max_uses"]
        if most is not None and most < self.instance.uses:
            raise ValidationError(
                _("The coupon has been used %(uses)d times already."),
                params={"uses": self.instance.uses},
                code="below_uses",
            )
        return most


class ManyCouponsForm(CouponForm):
    """Many coupons that differ in their codes alone."""

    MOST = 5_000

    batch_name = forms.CharField(
        label=gettext_lazy("Name"),
        max_length=60,
        help_text=gettext_lazy("By it you find them again. Only staff reads it."),
    )
    how_many = forms.IntegerField(label=gettext_lazy("How many"), min_value=1, max_value=MOST, initial=50)
    prefix = forms.RegexField(
        r"^[A-Za-z0-9-]{0,20}$",
        label=gettext_lazy("The codes begin with"),
        required=False,
        help_text=gettext_lazy("May be empty. Ten letters and digits follow that nobody guesses."),
    )
    field_order = ("batch_name", "how_many", "prefix", "kind", "value")

    class Meta:
        model = Coupon
        fields = (
            "kind",
            "value",
            "valid_from",
            "valid_until",
            "max_uses",
            "max_uses_per_buyer",
            "min_total",
            "project",
            "session",
        )

    def __init__(self, *args, admin_site, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.initial = {"kind": CouponKind.PERCENT, "max_uses": 1, **self.initial}
        for name in ("project", "session"):
            choice = self.fields[name]
            choice.widget = AutocompleteSelect(
                Coupon._meta.get_field(name), admin_site, choices=choice.choices
            )

    def clean_prefix(self) -> str:
        return self.cleaned_data["prefix"].upper().strip("-")


class AccessCodeForm(OnOneClock, forms.ModelForm):
    """An access code; it is written in capitals, and its days are those of the studio's clock."""

    valid_from = WallClockField(label=gettext_lazy("Valid from"), required=False)
    valid_until = WallClockField(label=gettext_lazy("Valid until"), required=False)
    clock_fields = ("valid_from", "valid_until")

    def clock(self) -> ZoneInfo:
        return ZoneInfo(settings.TIME_ZONE)

    def clean_code(self) -> str:
        return self.cleaned_data["code"].strip().upper()
