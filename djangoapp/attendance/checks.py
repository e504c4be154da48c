"""Settings of the door that are not for everywhere."""

from django.conf import settings
from django.core.checks import Warning as CheckWarning
from django.core.checks import register


@register("attendance")
def attendance_is_open(app_configs, **kwargs):
    """Without tokens whoever reaches the shop reads and writes the sheets."""
    if settings.ATTENDANCE_OPEN and not settings.DEBUG:
        return [
            CheckWarning(
                "DJANGOAPP_ATTENDANCE_OPEN is on: the attendance API at /table asks nobody for a token.",
                hint="Leave it off unless only the doors can reach this installation.",
                id="attendance.W001",
            )
        ]
    return []
