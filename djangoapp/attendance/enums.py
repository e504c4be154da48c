"""What the door may answer."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Verdict(models.TextChoices):
    """One for each thing that may be said to somebody who shows a ticket."""

    WELCOME = "welcome", _("Welcome")
    ALREADY_IN = "already_in", _("Already in")
    UNPAID = "unpaid", _("Not paid")
    CANCELLED = "cancelled", _("Cancelled")
    WRONG_SESSION = "wrong_session", _("Another session")
    TOO_EARLY = "too_early", _("Too early")
    UNKNOWN = "unknown", _("Unknown")
