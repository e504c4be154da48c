"""Who waits for places in a session that is full."""

from datetime import datetime

from django.conf import settings
from django.core.signing import BadSignature, Signer
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from core.models import TimeStamped
from shop.enums import WaitingStatus
from shop.models.access import AccessCode
from shop.models.catalogue import Session
from shop.models.orders import Order
from shop.querysets import WaitingEntryQuerySet


class WaitingEntry(TimeStamped):
    """One person's wish for places in one session, and the offer that comes of it.

    While it is ``offered``, the places of the offer are held for it and counted in the session's ``seats_taken``;
    while it is ``waiting``, its ``quantity`` is counted in ``seats_wanted``. Only ``services.places`` moves it.
    """

    session = models.ForeignKey(Session, on_delete=models.CASCADE, related_name="waiting")
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="waiting",
        verbose_name=_("account"),
    )
    email = models.EmailField(_("e-mail address"))
    first_name = models.CharField(_("first name"), max_length=80)
    last_name = models.CharField(_("last name"), max_length=80)
    access_code = models.ForeignKey(
        AccessCode,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        editable=False,
        related_name="+",
        verbose_name=_("access code"),
    )
    quantity = models.PositiveSmallIntegerField(_("places wanted"))
    takes_fewer = models.BooleanField(_("would also take fewer"), default=False)
    is_preferred = models.BooleanField(_("put first by staff"), default=False, editable=False)
    status = models.CharField(
        _("state"),
        max_length=10,
        choices=WaitingStatus.choices,
        default=WaitingStatus.WAITING,
        editable=False,
    )
    offers = models.PositiveSmallIntegerField(_("offers so far"), default=0, editable=False)
    offered = models.PositiveSmallIntegerField(_("places offered"), default=0, editable=False)
    offered_at = models.DateTimeField(_("offered"), null=True, blank=True, editable=False)
    offer_until = models.DateTimeField(_("offer ends"), null=True, blank=True, editable=False)
    order = models.ForeignKey(
        Order, on_delete=models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("order")
    )

    objects = WaitingEntryQuerySet.as_manager()

    class Meta:
        verbose_name = _("waiting list entry")
        verbose_name_plural = _("waiting list")
        ordering = ["-is_preferred", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["session", "email"],
                name="shop_waiting_once_per_person",
                condition=Q(status__in=["waiting", "offered"]),
            ),
            models.CheckConstraint(condition=Q(quantity__gte=1), name="shop_waiting_at_least_one"),
            models.CheckConstraint(
                condition=~Q(status="offered") | Q(offered__gte=1, offer_until__isnull=False),
                name="shop_waiting_offer_is_whole",
            ),
        ]
        indexes = [
            models.Index(
                "session",
                F("is_preferred").desc(),
                "id",
                name="shop_waiting_queue",
                condition=Q(status="waiting"),
            ),
            models.Index(fields=["session", "id"], name="shop_waiting_of_session"),
            models.Index(fields=["offer_until"], name="shop_waiting_offers", condition=Q(status="offered")),
            models.Index(fields=["email"], name="shop_waiting_email", opclasses=["varchar_pattern_ops"]),
        ]

    def __str__(self) -> str:
        return f"{self.quantity} × {self.name}"

    @property
    def name(self) -> str:
        return f"{self.first_name} {self.last_name}".strip()

    @property
    def is_waiting(self) -> bool:
        return self.status == WaitingStatus.WAITING

    @property
    def is_offered(self) -> bool:
        """Whether places are held for it: also, until somebody has swept them up, those of a lapsed offer."""
        return self.status == WaitingStatus.OFFERED

    def is_running(self, at: datetime | None = None) -> bool:
        """Whether its offer can be taken at this instant."""
        return self.is_offered and self.offer_until > (at or timezone.now())

    def is_opened(self, at: datetime) -> bool:
        """Whether a code that the person had when they joined opens the session at this instant."""
        return self.access_code is not None and self.access_code.is_valid(at)

    @property
    def token(self) -> str:
        """The secret part of the entry's link: derived from the secret key, so that no table holds it."""
        return _link_signer().signature(str(self.pk))

    def is_token(self, token: str) -> bool:
        """Whether this is the entry's secret, under the present key or one that it replaced."""
        try:
            _link_signer().unsign(f"{self.pk}:{token}")
        except BadSignature:
            return False
        return True

    def get_absolute_url(self) -> str:
        return reverse("shop:waiting_entry", args=[self.pk, self.token])

    def get_offer_url(self) -> str:
        """The link that leads to the checkout with the offered places."""
        return reverse("shop:waiting_take", args=[self.pk, self.token])


def _link_signer() -> Signer:
    return Signer(salt="shop.waiting-link")
