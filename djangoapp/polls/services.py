"""The only code that takes votes and moves the counters.

A vote locks its poll first. Whoever votes in the same poll waits for that moment, so no counter is read while another
vote changes it, and nobody votes twice by clicking twice; the constraints on ballots would refuse it as well.
"""

import hashlib
import secrets
from collections.abc import Collection, Iterable
from dataclasses import dataclass

from django.db import transaction
from django.db.models import Count, F

from accounts.models import User
from polls.exceptions import AccountNeeded, NotAChoice, PollNotOpen, TooManyChoices, VotedSignedIn
from polls.models import Ballot, Choice, Poll, PollState, Vote


@dataclass(frozen=True)
class Voter:
    """Whose vote it is: an account's, or else that of a browser, known by a random ``token``."""

    user: User | None = None
    token: str = ""

    def browser_key(self, poll_pk: int) -> str:
        """What the poll keeps of the browser: it tells nothing, and is another in every poll."""
        return hashlib.sha256(f"{poll_pk}:{self.token}".encode()).hexdigest() if self.token else ""


def new_token() -> str:
    """Make a token that nobody guesses."""
    return secrets.token_urlsafe(24)


def ballots_of(voter: Voter, polls: Collection[Poll]) -> dict[int, Ballot]:
    """The voter's ballots in these polls, by the poll's primary key, with their votes. Two queries at most."""
    if not polls or (voter.user is None and not voter.token):
        return {}
    found: dict[int, Ballot] = {}
    for ballot in Ballot.objects.of_voter(voter, polls).prefetch_related("votes"):
        found.setdefault(ballot.poll_id, ballot)
    return found


@transaction.atomic
def cast_ballot(poll: Poll, choices: Iterable[int], voter: Voter) -> Ballot:
    """Take a vote, or change the one that this voter has cast. ``choices`` are primary keys.

    Repeating the call changes nothing. Raises ``PollNotOpen``, ``AccountNeeded``, ``VotedSignedIn``, ``NotAChoice``
    or ``TooManyChoices``.
    """
    # Lock, then look: it may be closing at this moment, and our own other tab may be voting.
    poll = Poll.objects.published().select_for_update(no_key=True).filter(pk=poll.pk).first()
    if poll is None or poll.state() != PollState.OPEN:
        raise PollNotOpen
    if poll.is_for_members and voter.user is None:
        raise AccountNeeded
    wanted = _chosen(poll, set(choices))
    ballot = ballots_of(voter, [poll]).get(poll.pk)
    if ballot is None:
        ballot = _new_ballot(poll, voter)
    elif voter.user is None and ballot.user_id is not None:
        raise VotedSignedIn
    before = set(ballot.votes.values_list("choice_id", flat=True))
    user_id = voter.user.pk if voter.user else None
    if wanted != before or ballot.user_id != user_id:
        ballot.user_id = user_id  # what was cast in this browser before signing in is now the account's
        ballot.save(update_fields=["user", "updated_at"])
    _move_votes(ballot, removed=before - wanted, added=wanted - before)
    return ballot


@dataclass(frozen=True)
class Miscount:
    """A counter that did not say what the ballots say."""

    poll: Poll
    what: str
    said: int
    counted: int


@transaction.atomic
def recount(poll: Poll, *, is_mending: bool = True) -> list[Miscount]:
    """Compare the poll's counters with its ballots and put right what differs. Returns what did.

    Votes wait meanwhile. With ``is_mending=False`` nothing is changed.
    """
    poll = Poll.objects.select_for_update(no_key=True).get(pk=poll.pk)
    found = []
    people = poll.ballots.count()
    if poll.ballots_count != people:
        found.append(Miscount(poll, "people", poll.ballots_count, people))
        if is_mending:
            Poll.objects.filter(pk=poll.pk).update(ballots_count=people)
    for choice in poll.choices.annotate(counted=Count("votes")):
        if choice.votes_count != choice.counted:
            found.append(Miscount(poll, choice.text, choice.votes_count, choice.counted))
            if is_mending:
                Choice.objects.filter(pk=choice.pk).update(votes_count=choice.counted)
    return found


def _chosen(poll: Poll, wanted: set[int]) -> set[int]:
    of_poll = set(poll.choices.values_list("pk", flat=True))
    if not wanted or not wanted <= of_poll:
        raise NotAChoice
    most = most_choices(poll, len(of_poll))
    if len(wanted) > most:
        raise TooManyChoices(most)
    return wanted


def most_choices(poll: Poll, choices_count: int) -> int:
    """How many answers one person may choose, of so many that there are."""
    if not poll.is_multiple:
        return 1
    return min(poll.max_choices or choices_count, choices_count)


def _new_ballot(poll: Poll, voter: Voter) -> Ballot:
    # An account's ballot remembers the browser as well, so that signing out does not give a second vote.
    key = "" if poll.is_for_members else voter.browser_key(poll.pk)
    if key and voter.user is not None and Ballot.objects.filter(browser_key=key).exists():
        key = ""  # two accounts may share a browser; without an account a second ballot of one is refused
    ballot = Ballot.objects.create(poll=poll, user=voter.user, browser_key=key)
    _count_ballot(poll)
    return ballot


def _move_votes(ballot: Ballot, *, removed: set[int], added: set[int]) -> None:
    if removed:
        ballot.votes.filter(choice__in=removed).delete()
        _count_votes(removed, -1)
    if added:
        Vote.objects.bulk_create([Vote(ballot=ballot, choice_id=pk) for pk in sorted(added)])
        _count_votes(added, +1)


def _count_ballot(poll: Poll) -> None:
    Poll.objects.filter(pk=poll.pk).update(ballots_count=F("ballots_count") + 1)


def _count_votes(choices: set[int], by: int) -> None:
    Choice.objects.filter(pk__in=choices).update(votes_count=F("votes_count") + by)
