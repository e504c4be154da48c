"""Tickets, and who came."""

import secrets

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from attendance.querysets import COUNTS, EntryQuerySet, TicketQuerySet
from shop.models import OrderLine, Session
from shop.models.orders import CODE_ALPHABET

CODE_LENGTH = 26  # of 32 letters each: 130 random bits
SHORT_CODE_LENGTH = 8  # printed beside the QR code, to be typed
LONGEST_NAME, LONGEST_GATE, LONGEST_NONCE = 80, 40, 64


def new_ticket_code() -> str:
    """Make a code that nobody guesses. Its letters are read from paper without mistakes and fit a small QR code."""
    return "".join(secrets.choice(CODE_ALPHABET) for _place in range(CODE_LENGTH))


class Ticket(models.Model):
    """The right of one person to one place. It has no name of its own: the order line knows who comes.

    The code is kept as it is and not as a hash, because the ticket's page and its PDF are drawn again whenever
    somebody asks; whoever reads this table can therefore enter, as can whoever reads the buyers' mail.
    """

    code = models.CharField(
        _("code"), max_length=CODE_LENGTH, unique=True, default=new_ticket_code, editable=False
    )
    line = models.OneToOneField(
        OrderLine, on_delete=models.PROTECT, related_name="ticket", verbose_name=_("place")
    )
    issued_at = models.DateTimeField(_("issued"), default=timezone.now, editable=False)
    voided_at = models.DateTimeField(_("voided"), null=True, blank=True, editable=False)

    objects = TicketQuerySet.as_manager()

    class Meta:
        verbose_name = _("ticket")
        verbose_name_plural = _("tickets")
        ordering = ["-pk"]

    def __str__(self) -> str:
        return f"{self.short_code}…"

    @property
    def short_code(self) -> str:
        """The code's beginning, printed on the ticket: door staff may type it; to everybody else it opens nothing."""
        return f"{self.code[:4]}-{self.code[4:SHORT_CODE_LENGTH]}"

    @property
    def is_valid(self) -> bool:
        return self.voided_at is None


class Entry(models.Model):
    """One person who came: with a ticket, or without one. Entries are undone, never deleted.

    ``arrived_at`` is the time of the scan itself, which a telephone without network tells later; ``recorded_at`` is
    when we heard of it. A second entry for one ticket can only come from such a telephone: it had let somebody in
    already, so the fact is kept, as a conflict for people to look at.
    """

    ticket = models.ForeignKey(
        Ticket,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="entries",
        verbose_name=_("ticket"),
    )
    session = models.ForeignKey(
        Session,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="entries",
        verbose_name=_("session"),
    )
    first_name = models.CharField(_("first name"), max_length=LONGEST_NAME)
    last_name = models.CharField(_("last name"), max_length=LONGEST_NAME)
    gate = models.CharField(_("gate"), max_length=LONGEST_GATE, blank=True)
    arrived_at = models.DateTimeField(_("came"))
    recorded_at = models.DateTimeField(_("recorded"), default=timezone.now, editable=False)
    recorded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("recorded by"),
    )
    nonce = models.CharField(max_length=LONGEST_NONCE, unique=True, null=True, editable=False)  # noqa: DJ001 - many have none
    undone_at = models.DateTimeField(_("undone"), null=True, blank=True, editable=False)
    undone_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("undone by"),
    )
    undo_nonce = models.CharField(max_length=LONGEST_NONCE, blank=True, editable=False)
    is_conflict = models.BooleanField(_("conflict"), default=False, editable=False)
    changed_at = models.DateTimeField(_("changed"), default=timezone.now, editable=False)

    objects = EntryQuerySet.as_manager()

    class Meta:
        verbose_name = _("entry")
        verbose_name_plural = _("entries")
        ordering = ["-pk"]
        permissions = [("work_at_door", _("Can check people in at the door"))]
        constraints = [
            # Two doors that scan one ticket at the same moment: the database says who was first.
            models.UniqueConstraint(
                fields=["ticket"], condition=COUNTS, name="attendance_entry_once_per_ticket"
            ),
            models.CheckConstraint(
                condition=Q(is_conflict=False) | Q(ticket__isnull=False),
                name="attendance_entry_conflict_has_ticket",
            ),
        ]
        indexes = [
            models.Index(fields=["arrived_at", "id"], name="attendance_entry_by_day"),
            models.Index(fields=["session", "arrived_at", "id"], name="attendance_entry_by_session"),
            models.Index(fields=["gate", "arrived_at", "id"], name="attendance_entry_by_gate"),
            # Serves how a name begins, for staff and for whoever asks to be forgotten.
            models.Index(
                fields=["last_name"], name="attendance_entry_by_name", opclasses=["varchar_pattern_ops"]
            ),
            # Few, and somebody should look.
            models.Index(
                fields=["id"],
                name="attendance_entry_conflicts",
                condition=Q(undone_at__isnull=True, is_conflict=True),
            ),
            # What the other doors did since a moment ago.
            models.Index(fields=["changed_at", "id"], name="attendance_entry_changed"),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def name(self) -> str:
        return f"{self.first_name} {self.last_name}".strip() or _now("(name deleted)")

    @property
    def counts(self) -> bool:
        return self.undone_at is None and not self.is_conflict
