"""What one asks about polls."""

from django.db import models
from django.utils import timezone


class PollQuerySet(models.QuerySet):
    def published(self):
        return self.filter(is_published=True)

    def listed_for(self, user):
        """The polls that this visitor finds by looking around."""
        polls = self.published()
        return polls if user.is_authenticated else polls.filter(audience="everyone")

    def open(self):
        """Polls that take votes now, those that close soonest first."""
        now = timezone.now()
        return self.filter(opens_at__lte=now, closes_at__gt=now).order_by("closes_at", "pk")

    def upcoming(self):
        return self.filter(opens_at__gt=timezone.now()).order_by("opens_at", "pk")

    def closed(self):
        """Polls that are over, the latest first."""
        return self.filter(closes_at__lte=timezone.now()).order_by("-closes_at", "-pk")


class BallotQuerySet(models.QuerySet):
    def of_voter(self, voter, polls):
        """The ballots in these polls that this voter cast, or that were cast in this browser.

        Of two in one poll, an account's own comes first.
        """
        in_browser = models.Q(
            browser_key__in=[voter.browser_key(poll.pk) for poll in polls] if voter.token else []
        )
        if voter.user is None:
            return self.filter(in_browser)
        found = models.Q(user=voter.user, poll__in=polls) | in_browser & models.Q(user=None)
        return self.filter(found).order_by(models.F("user").asc(nulls_last=True))
