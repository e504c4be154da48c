"""Codes that open sessions to those who have them: hidden ones, and those whose sales have not begun."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from core.models import TimeStamped
from shop.models.catalogue import Project, Session, validate_code


class AccessCodeQuerySet(models.QuerySet):
    def valid(self, at: datetime | None = None):
        """Codes that open something at this instant."""
        at = at or timezone.now()
        return self.filter(
            Q(valid_from__isnull=True) | Q(valid_from__lte=at),
            Q(valid_until__isnull=True) | Q(valid_until__gt=at),
            is_active=True,
        )


class AccessCode(TimeStamped):
    """A code that opens one session, or all sessions of a project, to whoever types it.

    They see and book it although it is hidden, and before its sales begin.
    """

    code = models.CharField(_("code"), max_length=32, unique=True, validators=[validate_code])
    note = models.CharField(
        _("for whom"), max_length=120, blank=True, help_text=_("Only staff reads this, such as: newsletter.")
    )
    project = models.ForeignKey(
        Project,
        on_delete=models.CASCADE,
        null=True,
        blank=True,
        related_name="access_codes",
        verbose_name=_("opens all sessions of"),
    )
    session = models.ForeignKey(
        Session,
        on_delete=models.CASCADE,
        null=True,
        blank=True,
        related_name="access_codes",
        verbose_name=_("opens the session"),
    )
    valid_from = models.DateTimeField(_("valid from"), null=True, blank=True)
    valid_until = models.DateTimeField(_("valid until"), null=True, blank=True)
    is_active = models.BooleanField(_("active"), default=True)

    objects = AccessCodeQuerySet.as_manager()

    class Meta:
        verbose_name = _("access code")
        verbose_name_plural = _("access codes")
        ordering = ["-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(project__isnull=False, session__isnull=True)
                | Q(project__isnull=True, session__isnull=False),
                name="shop_accesscode_opens_one_thing",
                violation_error_message=_("Choose what the code opens: a project or a session."),
            ),
        ]

    def __str__(self) -> str:
        return self.code

    def clean(self) -> None:
        if self.valid_from and self.valid_until and self.valid_until <= self.valid_from:
            raise ValidationError({"valid_until": _("A code ends after it begins.")})

    def is_valid(self, at: datetime) -> bool:
        return (
            self.is_active
            and (self.valid_from is None or self.valid_from <= at)
            and (self.valid_until is None or at < self.valid_until)
        )

    def opens(self, session: Session) -> bool:
        """Whether the code is for this session, valid or not."""
        return session.pk == self.session_id or (
            self.project_id is not None and session.project_id == self.project_id
        )


@dataclass(frozen=True)
class Opened:
    """What somebody's valid codes open to them."""

    codes: tuple[AccessCode, ...] = ()

    @classmethod
    def by(cls, codes: Iterable[AccessCode]) -> "Opened":
        return cls(tuple(codes))

    def __bool__(self) -> bool:
        return bool(self.codes)

    def code_for(self, session: Session) -> AccessCode | None:
        """The code that opens a session; ``None`` if none does."""
        return next((code for code in self.codes if code.opens(session)), None)

    def condition(self) -> Q:
        """Which sessions it is about."""
        sessions = [code.session_id for code in self.codes if code.session_id]
        projects = [code.project_id for code in self.codes if code.project_id]
        return Q(pk__in=sessions) | Q(project__in=projects)


NOTHING = Opened()
