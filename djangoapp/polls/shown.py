"""A poll as one visitor sees it: whether to vote, what was chosen, and the results as far as they may be seen."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from datetime import datetime

from django.conf import settings
from django.db.models import prefetch_related_objects
from django.utils import timezone
from django.utils.formats import number_format
from django.utils.text import get_text_list
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from polls.forms import BallotForm
from polls.models import Ballot, Choice, Poll, PollState, ResultsVisible
from polls.services import Voter, ballots_of


@dataclass(frozen=True)
class Row:
    """One answer in the results. ``share`` is its part of the people who voted, 0 to 1."""

    choice: Choice
    share: float
    is_chosen: bool
    is_leading: bool

    @property
    def percent(self) -> str:
        """The share for people, without pretending that one vote of a thousand is none."""
        if 0 < self.share < 0.01:
            return _("under 1\N{NO-BREAK SPACE}%")
        if 0.99 < self.share < 1:
            return _("over 99\N{NO-BREAK SPACE}%")
        return f"{int(self.share * 100 + 0.5)}\N{NO-BREAK SPACE}%"

    @property
    def votes(self) -> str:
        number = self.choice.votes_count
        return ngettext("%(votes)s vote", "%(votes)s votes", number) % {"votes": figure(number)}

    @property
    def width(self) -> str:
        """The bar's width, as an attribute of an SVG: the content policy forbids styles."""
        return f"{self.share * 100:.1f}%"


@dataclass(frozen=True)
class ShownPoll:
    """What the templates show of a poll."""

    poll: Poll
    choices: list[Choice]
    voter: Voter
    ballot: Ballot | None
    at: datetime
    form: BallotForm = field(repr=False)
    is_part: bool = False  # within another page
    back: str = ""

    @property
    def state(self) -> PollState:
        return self.poll.state(self.at)

    @property
    def is_open(self) -> bool:
        return self.state == PollState.OPEN

    @property
    def has_voted(self) -> bool:
        return self.ballot is not None

    @property
    def chosen(self) -> set[int]:
        """Primary keys of the answers this voter has chosen; none that somebody signed in chose in this browser."""
        if self.ballot is None or self.is_of_somebody_else:
            return set()
        return {vote.choice_id for vote in self.ballot.votes.all()}

    @property
    def chosen_texts(self) -> str:
        chosen = self.chosen
        texts = [f"“{choice.text}”" for choice in self.choices if choice.pk in chosen]
        return get_text_list(texts, _("and"))

    @property
    def marked(self) -> set[int]:
        """The answers that the form shows as chosen: those just sent, or else those of the ballot."""
        if not self.form.is_bound:
            return self.chosen
        sent = self.form.data.getlist("choice")
        return {choice.pk for choice in self.choices if str(choice.pk) in sent}

    @property
    def is_of_somebody_else(self) -> bool:
        """Whether somebody voted in this browser with an account, and nobody is signed in now."""
        return self.ballot is not None and self.voter.user is None and self.ballot.user_id is not None

    @property
    def needs_account(self) -> bool:
        return self.poll.is_for_members and self.voter.user is None

    @property
    def can_vote(self) -> bool:
        return self.is_open and not self.needs_account and not self.is_of_somebody_else

    @property
    def rests_on_cookie(self) -> bool:
        return self.voter.user is None

    @property
    def shows_results(self) -> bool:
        if self.needs_account or self.state == PollState.UPCOMING:
            return False
        if self.state == PollState.CLOSED or self.poll.results_visible == ResultsVisible.ALWAYS:
            return True
        return self.poll.results_visible == ResultsVisible.AFTER_VOTE and self.has_voted

    @property
    def rows(self) -> list[Row]:
        return rows_of(self.poll, self.choices, self.chosen)

    @property
    def in_words(self) -> str:
        return in_words(self.poll, self.choices)

    @property
    def limit_words(self) -> str:
        """How many one may choose."""
        most = self.form.most
        if most <= 1:
            return _("Choose one answer.")
        if most == len(self.choices):
            return _("Choose as many as you like.")
        return ngettext("Choose up to %(most)d.", "Choose up to %(most)d.", most) % {"most": most}


def show(
    polls: Collection[Poll],
    voter: Voter,
    *,
    form: BallotForm | None = None,
    is_part: bool = False,
    back: str = "",
) -> list[ShownPoll]:
    """Prepare polls for the templates: three queries, however many polls there are."""
    prefetch_related_objects(polls, "choices")
    ballots = ballots_of(voter, polls)
    now = timezone.now()
    shown = []
    for poll in polls:
        choices = list(poll.choices.all())
        shown.append(
            ShownPoll(
                poll=poll,
                choices=choices,
                voter=voter,
                ballot=ballots.get(poll.pk),
                at=now,
                form=form or BallotForm(poll, choices),
                is_part=is_part,
                back=back,
            )
        )
    return shown


def rows_of(poll: Poll, choices: Iterable[Choice], chosen: Collection[int] = ()) -> list[Row]:
    """The results, in the order of the answers. Reads the counters and nothing else."""
    choices = list(choices)
    most = max((choice.votes_count for choice in choices), default=0)
    return [
        Row(
            choice=choice,
            share=min(1.0, choice.votes_count / poll.ballots_count) if poll.ballots_count else 0.0,
            is_chosen=choice.pk in chosen,
            is_leading=choice.votes_count == most > 0,
        )
        for choice in choices
    ]


def in_words(poll: Poll, choices: Iterable[Choice]) -> str:
    """The result as one would tell it."""
    people = poll.ballots_count
    if not people:
        return _("Nobody has voted yet.")
    rows = rows_of(poll, choices)
    leading = [row for row in rows if row.is_leading]
    voted = ngettext("%(people)s person voted.", "%(people)s people voted.", people)
    voted %= {"people": figure(people)}
    if not leading:
        return voted
    words = {
        "answers": get_text_list([f"“{row.choice.text}”" for row in leading], _("and")),
        "votes": leading[0].votes,
        "percent": leading[0].percent,
    }
    if len(leading) == 1:
        return f"{voted} " + _("%(answers)s has most: %(votes)s (%(percent)s).") % words
    if len(leading) > 3:
        return f"{voted} " + _("No answer is ahead of the others.")
    return f"{voted} " + _("%(answers)s have most: %(votes)s each (%(percent)s).") % words


def figure(number: int) -> str:
    """A number as people read it: 1,000,000."""
    return number_format(number, force_grouping=True)


def studio_zone() -> str:
    """The zone on whose clock polls open and close."""
    return settings.TIME_ZONE
