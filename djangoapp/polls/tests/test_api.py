"""Polls through the API: who sees what, and whose vote counts."""

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.tests.people import make_user
from accounts.tokens import make_token
from polls.models import Poll
from polls.services import Voter, cast_ballot, recount
from polls.tests.factories import PollFactory, browser, closed, counts, pks, upcoming

pytestmark = pytest.mark.django_db
POLLS = "/api/v1/polls/"


def with_token(user, scope: str = "write") -> Client:
    _token, secret = make_token(user, name="A program", scope=scope)
    return Client(headers={"Authorization": f"Bearer {secret}"})


def vote(program: Client, poll: Poll, *texts: str):
    told = {"choices": pks(poll, *texts)}
    return program.put(f"{POLLS}{poll.slug}/vote/", told, content_type="application/json")


def slugs(answer) -> list[str]:
    return [row["slug"] for row in answer.json()["results"]]


def test_a_vote_counts_once_however_often_it_is_sent():
    poll = PollFactory()
    program = with_token(make_user())

    first = vote(program, poll, "Bowls").json()
    again = vote(program, poll, "Bread").json()

    assert [choice["text"] for choice in first["choices"] if choice["is_chosen"]] == ["Bowls"]
    assert [choice["votes"] for choice in again["choices"]] == [0, 0, 1]
    assert (again["people"], again["has_voted"]) == (1, True)
    assert counts(poll) == {"people": 1, "Baskets": 0, "Bowls": 0, "Bread": 1}
    assert recount(poll) == []


@pytest.mark.parametrize(("scope", "status"), [("read", 403), ("door", 403), ("", 401)])
def test_whose_token_may_not_vote_does_not(scope, status):
    poll = PollFactory()
    program = with_token(make_user(), scope) if scope else Client()

    assert vote(program, poll, "Bowls").status_code == status
    assert counts(poll)["people"] == 0


@pytest.mark.parametrize("state", [upcoming, closed])
def test_a_poll_that_is_not_open_takes_no_vote(state):
    poll = PollFactory(**state())

    answer = vote(with_token(make_user()), poll, "Bowls")

    assert (answer.status_code, answer["Content-Type"]) == (409, "application/problem+json")
    assert counts(poll)["people"] == 0


def test_no_more_answers_than_the_poll_allows():
    poll = PollFactory()
    other = PollFactory()
    program = with_token(make_user())

    assert vote(program, poll, "Bowls", "Bread").status_code == 409
    foreign = {"choices": pks(other, "Bowls")}
    assert (
        program.put(f"{POLLS}{poll.slug}/vote/", foreign, content_type="application/json").status_code == 409
    )
    for nothing in ([], ["Bowls"], None):
        told = {"choices": nothing}
        answer = program.put(f"{POLLS}{poll.slug}/vote/", told, content_type="application/json")
        assert answer.status_code == 400
    assert counts(poll)["people"] == 0


def test_results_are_told_to_those_who_may_see_them(client):
    poll = PollFactory()
    user = make_user()
    cast_ballot(poll, pks(poll, "Bowls"), Voter(user))

    [seen] = client.get(POLLS).json()["results"]
    assert (seen["people"], {choice["votes"] for choice in seen["choices"]}) == (None, {None})
    own = with_token(user, "read").get(f"{POLLS}{poll.slug}/").json()
    assert (own["people"], [choice["votes"] for choice in own["choices"]]) == (1, [0, 1, 0])


def test_a_poll_for_people_with_an_account_is_shown_to_those(client):
    poll = PollFactory(audience="members")
    PollFactory(is_published=False)

    assert slugs(client.get(POLLS)) == []
    assert client.get(f"{POLLS}{poll.slug}/").status_code == 404
    assert slugs(with_token(make_user(), "read").get(POLLS)) == [poll.slug]


def test_polls_are_found_by_their_state(client):
    polls = {"open": PollFactory(), "upcoming": PollFactory(**upcoming()), "closed": PollFactory(**closed())}
    for state, poll in polls.items():
        answer = client.get(f"{POLLS}?state={state}")
        assert slugs(answer) == [poll.slug]
        assert answer.json()["results"][0]["state"] == state

    assert len(slugs(client.get(POLLS))) == 3
    assert client.get(f"{POLLS}?state=lost").status_code == 400


def test_a_long_list_costs_no_more_than_a_short_one():
    program = with_token(make_user(), "read")
    program.get(POLLS)  # notes the day of use
    statements = {}
    for rows in (1, 30):
        while Poll.objects.count() < rows:
            poll = PollFactory()
            cast_ballot(poll, pks(poll, "Bowls"), browser())
        with CaptureQueriesContext(connection) as captured:
            assert len(program.get(POLLS).json()["results"]) == rows
        statements[rows] = len(captured)

    assert statements[1] == statements[30] <= 6, statements
