"""What people who booked a session were told of it, and what of that has changed since."""

from datetime import UTC, datetime

from django.db import models
from django.db.models.expressions import Combinable
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext_lazy as _

# What stands in people's calendars. Texts, prices and capacity do not.
IN_CALENDARS = ("starts_at", "ends_at", "time_zone", "place_name", "place_address", "online_url")


class ToldToBuyers(models.Model):
    """A session's memory of what its people know. ``save`` notices when time or place change."""

    sequence = models.PositiveIntegerField(
        default=0,
        db_default=0,
        editable=False,
        help_text=_("How often what calendars show has changed: they believe the highest number."),
    )
    told_as = models.JSONField(
        null=True,
        editable=False,
        help_text=_("Time and place as people were told last; empty while that is what they are."),
    )
    moved_at = models.DateTimeField(
        null=True, editable=False, help_text=_("When time or place changed last.")
    )
    reminded_for = models.DateTimeField(
        null=True, editable=False, help_text=_("The start for which people have been reminded.")
    )
    thanked_at = models.DateTimeField(null=True, editable=False)

    class Meta:
        abstract = True

    def save(self, *args, update_fields=None, **kwargs) -> None:
        if self.pk and (update_fields is None or set(update_fields) & set(IN_CALENDARS)):
            noted = self._note_move()
            update_fields = update_fields if update_fields is None else {*update_fields, *noted}
        super().save(*args, update_fields=update_fields, **kwargs)

    @property
    def is_move_untold(self) -> bool:
        """Whether time or place are others than people were told last."""
        return self.told_as is not None

    def in_calendars(self) -> dict[str, str]:
        """Time and place, as ``told_as`` keeps them."""
        return {name: _plain(getattr(self, name)) for name in IN_CALENDARS}

    def _note_move(self) -> tuple[str, ...]:
        """Count a change of time or place. Moved back to where people were told it is, there is nothing to tell."""
        before = type(self)._base_manager.filter(pk=self.pk).values(*IN_CALENDARS).first()
        is_computed = any(isinstance(getattr(self, name), Combinable) for name in IN_CALENDARS)
        if before is None or is_computed:
            return ()
        known, now = {name: _plain(value) for name, value in before.items()}, self.in_calendars()
        if known == now:
            return ()
        told = self.told_as or known
        self.told_as = None if told == now else told
        self.sequence += 1
        self.moved_at = timezone.now()
        return ("told_as", "sequence", "moved_at")


def read_told(told: dict[str, str]) -> dict:
    """What ``told_as`` keeps, with instants again."""
    return {name: parse_datetime(value) if name.endswith("_at") else value for name, value in told.items()}


def _plain(value: datetime | str) -> str:
    return value.astimezone(UTC).isoformat() if isinstance(value, datetime) else value
