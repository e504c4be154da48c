"""The demo's polls: all states, true counters, and nothing new when loaded again."""

import pytest

from accounts.tests.people import make_user
from polls import demo
from polls.models import Ballot, Poll
from polls.services import recount

pytestmark = pytest.mark.django_db


def test_the_demo_shows_every_state_and_counts_right():
    for email in demo.MEMBERS:
        make_user(email)

    demo.load(lambda line: None)

    assert {poll.state() for poll in Poll.objects.all()} == {"upcoming", "open", "closed"}
    assert [wrong for poll in Poll.objects.all() for wrong in recount(poll)] == []
    assert Ballot.objects.filter(user__email="reto@example.org").count() == 4


def test_loading_it_again_changes_nothing():
    said = []
    demo.load(said.append)
    before = list(Poll.objects.values()), Ballot.objects.count()

    demo.load(said.append)

    assert (list(Poll.objects.values()), Ballot.objects.count()) == before
    assert said == ["5 new polls", "0 new polls"]
