"""Votes at the same moment, on a real PostgreSQL. Taking the lock out shows what it is there for."""

import threading
import time
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from itertools import cycle

import pytest

from accounts.tests.people import make_user
from polls import services
from polls.models import Ballot, Choice, Poll
from polls.querysets import PollQuerySet
from polls.services import Voter, cast_ballot, recount
from polls.tests.factories import PollFactory, browser, counts, pks
from tests.support.races import at_once

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def slow_vote(monkeypatch):
    """Widen the gap between reading a ballot and moving its votes, where a race would hide."""
    move = services._move_votes

    def slowly(*arguments, **named):
        time.sleep(0.005)
        move(*arguments, **named)

    monkeypatch.setattr(services, "_move_votes", slowly)


def after_all_came(step: Callable) -> Callable:
    """Let ten threads reach a step before the first of them takes it: a race as it is at its worst."""
    barrier = threading.Barrier(10)

    def together(*arguments, **named):
        with suppress(threading.BrokenBarrierError):
            barrier.wait(timeout=5)
        return step(*arguments, **named)

    return together


@pytest.fixture
def without_lock(monkeypatch):
    """Polls are read without locking them."""
    monkeypatch.setattr(PollQuerySet, "select_for_update", lambda self, **options: self.all())


@pytest.fixture
def careless_counting(monkeypatch):
    """Counters are written from what was read a moment ago."""

    def count_votes(choices: set[int], by: int) -> None:
        for choice in Choice.objects.filter(pk__in=choices):
            time.sleep(0.01)
            Choice.objects.filter(pk=choice.pk).update(votes_count=choice.votes_count + by)

    def count_ballot(poll: Poll) -> None:
        people = Poll.objects.get(pk=poll.pk).ballots_count
        time.sleep(0.01)
        Poll.objects.filter(pk=poll.pk).update(ballots_count=people + 1)

    monkeypatch.setattr(services, "_count_votes", count_votes)
    monkeypatch.setattr(services, "_count_ballot", count_ballot)


def votes_of_many(poll: Poll, number: int) -> list[Callable]:
    """So many people who each choose one answer, in turn."""
    answers = cycle(poll.choices.values_list("pk", flat=True))
    return [partial(cast_ballot, poll, [next(answers)], browser(str(one))) for one in range(number)]


def two_minds(poll: Poll, voter: Voter) -> list[Callable]:
    """One person changes one vote in many tabs at the same moment."""
    answers = pks(poll, "Bowls", "Bread") * 5
    return [partial(cast_ballot, poll, [answer], voter) for answer in answers]


def test_no_vote_of_ninety_at_once_is_lost(slow_vote):
    poll = PollFactory()

    ended = at_once(votes_of_many(poll, 90))

    assert ended == {"ok": 90}
    assert counts(poll) == {"people": 90, "Baskets": 30, "Bowls": 30, "Bread": 30}
    assert recount(poll) == []


def test_without_the_lock_counters_written_from_what_was_read_lose_votes(without_lock, careless_counting):
    poll = PollFactory()

    at_once(votes_of_many(poll, 40))

    assert Ballot.objects.count() == 40
    assert counts(poll)["people"] < 40


def test_with_the_lock_even_such_counters_lose_none(careless_counting):
    poll = PollFactory()

    at_once(votes_of_many(poll, 40))

    assert recount(poll) == []


def test_several_answers_in_any_order_do_not_block_one_another(slow_vote):
    poll = PollFactory(is_multiple=True)
    there = pks(poll, "Baskets", "Bowls", "Bread")
    jobs = [
        partial(cast_ballot, poll, there if one % 2 else there[::-1], browser(str(one))) for one in range(40)
    ]

    ended = at_once(jobs)

    assert ended == {"ok": 40}
    assert counts(poll) == {"people": 40, "Baskets": 40, "Bowls": 40, "Bread": 40}


def test_a_double_click_counts_once(slow_vote):
    poll = PollFactory()
    answer = pks(poll, "Bowls")

    for voter in (browser("one"), Voter(make_user())):
        assert at_once([lambda voter=voter: cast_ballot(poll, answer, voter)] * 10) == {"ok": 10}

    assert Ballot.objects.count() == counts(poll)["people"] == counts(poll)["Bowls"] == 2


def test_without_the_lock_the_constraint_refuses_the_second_click(without_lock, monkeypatch):
    monkeypatch.setattr(services, "_new_ballot", after_all_came(services._new_ballot))
    poll = PollFactory()
    answer = pks(poll, "Bowls")

    ended = at_once([lambda: cast_ballot(poll, answer, browser("one"))] * 10)

    assert ended["IntegrityError"] > 0
    assert Ballot.objects.count() == 1


def test_changing_one_vote_in_many_tabs_keeps_the_count(slow_vote):
    poll, voter = PollFactory(), browser("one")
    cast_ballot(poll, pks(poll, "Baskets"), voter)

    ended = at_once(two_minds(poll, voter))

    assert ended == {"ok": 10}
    assert counts(poll)["people"] == 1
    assert counts(poll)["Bowls"] + counts(poll)["Bread"] == 1
    assert recount(poll) == []


def test_without_the_lock_changing_one_vote_in_many_tabs_spoils_the_count(without_lock, monkeypatch):
    poll, voter = PollFactory(), browser("one")
    for other in range(30):  # so that the counters do not fall below zero, which the table would refuse
        cast_ballot(poll, pks(poll, "Baskets"), browser(f"other {other}"))
    cast_ballot(poll, pks(poll, "Baskets"), voter)
    monkeypatch.setattr(
        Ballot, "save", after_all_came(Ballot.save)
    )  # when all have read what was chosen before

    at_once(two_minds(poll, voter))

    assert recount(poll, is_mending=False)


def test_a_recount_in_the_middle_of_voting_counts_no_vote_twice(slow_vote):
    poll = PollFactory()
    jobs = votes_of_many(poll, 40)
    jobs[20:20] = [lambda: recount(poll)] * 5

    ended = at_once(jobs)

    assert ended == {"ok": 45}
    assert counts(poll)["people"] == 40
    assert recount(poll) == []
