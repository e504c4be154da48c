"""Questions to people, the answers they may choose, and what they chose.

Results are kept as counters, so that showing them costs the same however many people voted. Only ``polls.services``
moves the counters, in the transaction of the vote.
"""

from datetime import datetime

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils import timezone
from django.utils.text import slugify
from django.utils.translation import gettext_lazy as _

from core.models import TimeStamped
from polls.querysets import BallotQuerySet, PollQuerySet


class Audience(models.TextChoices):
    EVERYONE = "everyone", _("Everybody")
    MEMBERS = "members", _("People with an account")


class ResultsVisible(models.TextChoices):
    ALWAYS = "always", _("At once")
    AFTER_VOTE = "after_vote", _("To those who voted; to everybody once it is closed")
    AFTER_CLOSE = "after_close", _("Once it is closed")


class PollState(models.TextChoices):
    UPCOMING = "upcoming", _("Not open yet")
    OPEN = "open", _("Open")
    CLOSED = "closed", _("Closed")


class Counted(models.Model):
    """A row with ``COUNTERS``: saving an old copy of it never writes them, so no vote is lost by editing."""

    COUNTERS: frozenset[str] = frozenset()

    class Meta:
        abstract = True

    def save(self, *args, update_fields=None, **kwargs) -> None:
        if update_fields is None and not self._state.adding:
            update_fields = {
                field.name for field in self._meta.concrete_fields if not field.primary_key
            } - self.COUNTERS
        super().save(*args, update_fields=update_fields, **kwargs)


class Poll(Counted, TimeStamped):
    """One question, open from one instant to another. ``ballots_count`` is the number of people who voted."""

    COUNTERS = frozenset({"ballots_count"})

    question = models.CharField(_("question"), max_length=200)
    slug = models.SlugField(_("slug"), max_length=80, unique=True, blank=True)
    description = models.TextField(_("description"), blank=True, help_text=_("Markdown."))
    opens_at = models.DateTimeField(_("opens"), default=timezone.now)
    closes_at = models.DateTimeField(_("closes"))
    is_multiple = models.BooleanField(_("several answers"), default=False)
    max_choices = models.PositiveSmallIntegerField(
        _("at most"),
        null=True,
        blank=True,
        validators=[MinValueValidator(2)],
        help_text=_("How many answers one person may choose. Empty: all of them."),
    )
    audience = models.CharField(
        _("who votes"), max_length=10, choices=Audience.choices, default=Audience.EVERYONE
    )
    results_visible = models.CharField(
        _("results are shown"),
        max_length=12,
        choices=ResultsVisible.choices,
        default=ResultsVisible.AFTER_VOTE,
    )
    is_published = models.BooleanField(_("published"), default=False)
    ballots_count = models.PositiveIntegerField(_("people who voted"), default=0, editable=False)

    objects = PollQuerySet.as_manager()

    class Meta:
        verbose_name = _("poll")
        verbose_name_plural = _("polls")
        ordering = ["-opens_at", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(closes_at__gt=F("opens_at")),
                name="polls_poll_closes_after_opening",
                violation_error_message=_("A poll closes after it opens."),
            ),
            models.CheckConstraint(
                condition=Q(max_choices__isnull=True) | Q(is_multiple=True, max_choices__gte=2),
                name="polls_poll_limit_is_for_several",
                violation_error_message=_("Only where several answers may be chosen can they be limited."),
            ),
        ]
        indexes = [
            models.Index(fields=["closes_at"], name="polls_poll_shown", condition=Q(is_published=True))
        ]

    def __str__(self) -> str:
        return self.question

    def save(self, *args, **kwargs) -> None:
        if not self.slug:
            self.slug = free_slug(self.question)
        super().save(*args, **kwargs)

    def get_absolute_url(self) -> str:
        return reverse("polls:poll_detail", args=[self.slug])

    def state(self, at: datetime | None = None) -> PollState:
        at = at or timezone.now()
        if at < self.opens_at:
            return PollState.UPCOMING
        return PollState.OPEN if at < self.closes_at else PollState.CLOSED

    @property
    def is_for_members(self) -> bool:
        return self.audience == Audience.MEMBERS


def free_slug(question: str) -> str:
    """Make a short address of a question that no poll has yet."""
    slug = slugify(question)[:70].strip("-") or "poll"
    taken = set(Poll.objects.filter(slug__startswith=slug).values_list("slug", flat=True))
    candidates = (slug, *(f"{slug}-{number}" for number in range(2, len(taken) + 3)))
    return next(candidate for candidate in candidates if candidate not in taken)


class Choice(Counted):
    """An answer that one may choose. ``votes_count`` is the number of people who did."""

    COUNTERS = frozenset({"votes_count"})

    poll = models.ForeignKey(Poll, on_delete=models.CASCADE, related_name="choices")
    position = models.PositiveSmallIntegerField(_("position"), default=0)
    text = models.CharField(_("answer"), max_length=200)
    votes_count = models.PositiveIntegerField(_("votes"), default=0, editable=False)

    class Meta:
        verbose_name = _("answer")
        verbose_name_plural = _("answers")
        ordering = ["position", "pk"]

    def __str__(self) -> str:
        return self.text

    def clean(self) -> None:
        if not self.text.strip():
            raise ValidationError({"text": _("Write an answer.")})


class Ballot(TimeStamped):
    """What one person chose in one poll.

    It belongs to an account, or to a browser that ``browser_key`` recognises without telling it from one poll to the
    next. Of an account that was deleted it stays counted, without a name.
    """

    poll = models.ForeignKey(Poll, on_delete=models.CASCADE, related_name="ballots")
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="ballots"
    )
    browser_key = models.CharField(max_length=64, blank=True, default="", editable=False)

    objects = BallotQuerySet.as_manager()

    class Meta:
        verbose_name = _("ballot")
        verbose_name_plural = _("ballots")
        constraints = [
            models.UniqueConstraint(
                fields=["poll", "user"], condition=Q(user__isnull=False), name="polls_ballot_one_per_account"
            ),
            models.UniqueConstraint(
                fields=["browser_key"], condition=~Q(browser_key=""), name="polls_ballot_one_per_browser"
            ),
        ]

    def __str__(self) -> str:
        return f"Ballot {self.pk}"


class Vote(models.Model):
    """One answer on one ballot. An answer that somebody chose cannot be deleted by itself."""

    ballot = models.ForeignKey(Ballot, on_delete=models.CASCADE, related_name="votes")
    choice = models.ForeignKey(Choice, on_delete=models.RESTRICT, related_name="votes")

    class Meta:
        verbose_name = _("vote")
        verbose_name_plural = _("votes")
        constraints = [
            models.UniqueConstraint(fields=["ballot", "choice"], name="polls_vote_once_per_answer"),
        ]

    def __str__(self) -> str:
        return f"Vote {self.pk}"
