"""Access codes: what a visitor typed, and what it opens."""

from django.utils import timezone

from shop.models import AccessCode


def find(typed: str) -> AccessCode | None:
    """Return the valid code that a visitor typed, however they wrote it. One answer for all that are of no use."""
    codes = AccessCode.objects.valid(timezone.now()).select_related("session__project", "project")
    return codes.filter(code=typed.strip().upper()).first()
