"""The sales window of many sessions at once: at one moment for all, or as long before each session's start."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from django.utils.translation import gettext as _

from core.exceptions import DomainError
from shop.models import Session


class WindowUpsideDown(DomainError):
    """Sales would end before they start."""

    def __init__(self) -> None:
        super().__init__(_("sales would end before they start; nothing was changed."))


@dataclass(frozen=True)
class SalesWindow:
    """When sales start and end. Of each pair at most one is given; without either that end is open.

    Moments (naive) stand on the clock of each session. Days before are counted to the midnight that begins them.
    """

    starts: datetime | None = None
    starts_days_before: int | None = None
    ends: datetime | None = None
    ends_hours_before: int | None = None

    def start_of(self, session: Session) -> datetime | None:
        if self.starts_days_before is not None:
            day = session.local_start.date() - timedelta(days=self.starts_days_before)
            return _first_instant(datetime.combine(day, datetime.min.time()), session)
        return _first_instant(self.starts, session) if self.starts else None

    def end_of(self, session: Session) -> datetime | None:
        if self.ends_hours_before is not None:
            return session.starts_at - timedelta(hours=self.ends_hours_before)
        return _first_instant(self.ends, session) if self.ends else None


def set_window(session: Session, window: SalesWindow) -> None:
    """Give a session this sales window in place of its own. Safe to repeat. Raises ``WindowUpsideDown``."""
    starts_at, ends_at = window.start_of(session), window.end_of(session)
    if starts_at and (ends_at or session.starts_at) <= starts_at:
        raise WindowUpsideDown
    session.sales_start_at, session.sales_end_at = starts_at, ends_at
    session.save(update_fields=["sales_start_at", "sales_end_at", "updated_at"])


def _first_instant(local: datetime, session: Session) -> datetime:
    """The instant at which the session's clock shows this; where it does so twice or never, the first that fits."""
    return local.replace(tzinfo=session.tz).astimezone(UTC)
