"""What visitors see of polls, who may vote, and what the pages cost."""

import json
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.core import signing
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from pytest_django.asserts import assertContains, assertNotContains, assertRedirects

from accounts.tests.people import make_user
from polls import views
from polls.forms import FORM_SALT
from polls.models import Ballot, Choice, Poll
from polls.services import Voter, cast_ballot
from polls.shown import in_words, rows_of
from polls.tests.factories import PollFactory, browser, closed, counts, pks, upcoming

pytestmark = pytest.mark.django_db

HTMX = {"HX-Request": "true"}
LIST = "/polls/"


def send(client: Client, poll: Poll, *texts: str, **more):
    headers = more.pop("headers", None)
    address = reverse("polls:vote", args=[poll.slug])
    return client.post(address, {"choice": pks(poll, *texts), **more}, headers=headers)


def signed_in(user=None) -> Client:
    client = Client()
    client.force_login(user or make_user())
    return client


def page(client: Client, poll: Poll) -> str:
    return client.get(poll.get_absolute_url()).content.decode()


# The list


def test_the_list_says_of_each_poll_how_it_stands(client):
    PollFactory(question="Open one?")
    PollFactory(question="Coming one?", **upcoming())
    PollFactory(question="Past one?", **closed())
    PollFactory(question="Hidden one?", is_published=False)

    response = client.get(LIST)
    text = response.content.decode()

    assert text.index("Open until") > text.index("Open one?")
    assert text.index("Opens in 1\xa0day, 23\xa0hours") > text.index("Coming one?")
    assert text.index("Closed on") > text.index("Past one?")
    assertNotContains(response, "Hidden one?")


def test_what_closes_at_midnight_is_open_until_the_end_of_the_day_before(client):
    midnight = datetime(2098, 12, 10, tzinfo=ZoneInfo(settings.TIME_ZONE))
    poll = PollFactory(closes_at=midnight)

    assert "Open until the end of" in page(client, poll)
    assert "Tuesday 9 December 2098</time>" in page(client, poll)
    assert "00:00</time>" not in page(client, poll)


def test_the_list_leads_with_what_closes_soonest(client):
    PollFactory(question="Later?", closes_at=timezone.now() + timedelta(days=9))
    PollFactory(question="Sooner?", closes_at=timezone.now() + timedelta(hours=9))

    text = client.get(LIST).content.decode()

    assert text.index("Sooner?") < text.index("Later?")


def test_polls_for_people_with_an_account_are_listed_for_them_alone(client):
    PollFactory(question="Ours?", audience="members")

    assertNotContains(client.get(LIST), "Ours?")
    assertContains(signed_in().get(LIST), "Ours?")


def test_an_empty_list_says_so_and_leads_on(client):
    assertContains(client.get(LIST), "No poll is open at the moment")
    assertContains(client.get(LIST, {"page": 7}), "There is nothing on this page")


def test_closed_polls_come_page_by_page(client):
    for number in range(views.CLOSED_PER_PAGE + 1):
        PollFactory(question=f"Old question {number}?", **closed())

    assertContains(client.get(LIST), "?page=2")
    second = client.get(LIST, {"page": 2})
    assertContains(second, "Old question 0?")
    assertContains(second, "noindex")


def test_the_list_costs_the_same_for_one_poll_and_for_many():
    ana = make_user()
    PollFactory()
    PollFactory(**closed())
    client = signed_in(ana)
    client.get(LIST)
    with CaptureQueriesContext(connection) as few:
        client.get(LIST)
    for _poll in range(5):
        poll = PollFactory()
        cast_ballot(poll, pks(poll, "Bowls"), Voter(ana))
        PollFactory(**upcoming())
        PollFactory(**closed())
    with CaptureQueriesContext(connection) as many:
        client.get(LIST)

    # The second count has votes to fetch, which the first had not: one query for all of them.
    assert len(many) <= len(few) + 1
    assert len(many) <= 9


# One poll


def test_a_poll_that_is_not_published_is_not_there(client):
    poll = PollFactory(is_published=False)

    assert client.get(poll.get_absolute_url()).status_code == 404
    assert send(client, poll, "Bowls").status_code == 404


def test_a_visitor_is_told_that_the_vote_rests_on_a_cookie(client):
    poll = PollFactory()

    assert "rests on a cookie" in page(client, poll)
    assert "rests on a cookie" not in page(signed_in(), poll)


def test_looking_leaves_no_cookie_and_voting_leaves_a_quiet_one(client):
    poll = PollFactory()
    client.get(poll.get_absolute_url())
    assert "voter" not in client.cookies

    response = send(client, poll, "Bowls")

    cookie = response.cookies["voter"]
    assert cookie["httponly"]
    assert cookie["samesite"] == "Lax"
    assert cookie["max-age"] == 365 * 24 * 3600


def test_a_poll_for_people_with_an_account_needs_no_cookie():
    client, poll = signed_in(), PollFactory(audience="members")

    send(client, poll, "Bowls")

    assert counts(poll)["people"] == 1
    assert "voter" not in client.cookies


@pytest.mark.parametrize("visitor", [Client, signed_in], ids=["visitor", "account"])
def test_voting_and_changing_one_s_mind(visitor):
    client, poll = visitor(), PollFactory()

    response = send(client, poll, "Bowls")
    assertRedirects(response, f"{poll.get_absolute_url()}#poll-{poll.slug}", fetch_redirect_response=False)
    assert "You chose “Bowls”." in page(client, poll)
    send(client, poll, "Bread")

    assert "You chose “Bread”." in page(client, poll)
    assert counts(poll) == {"people": 1, "Baskets": 0, "Bowls": 0, "Bread": 1}


def test_htmx_gets_the_poll_alone_in_its_new_state(client):
    poll = PollFactory()

    response = send(client, poll, "Bowls", headers=HTMX)

    assertContains(response, "You chose “Bowls”.")
    assertContains(response, "1 person voted.")
    assertContains(response, f'id="poll-news-{poll.slug}" hx-swap-oob')
    assertNotContains(response, "<html")


def test_choosing_nothing_is_answered_beside_the_answers(client):
    poll = PollFactory()

    for headers, whole in ((None, True), (HTMX, False)):
        response = client.post(reverse("polls:vote", args=[poll.slug]), headers=headers)
        assert response.status_code == 422
        assertContains(response, "Please choose an answer.", status_code=422)
        assert (b"<html" in response.content) == whole


def test_too_many_answers_are_refused_and_stay_ticked(client):
    poll = PollFactory(is_multiple=True, max_choices=2)

    response = send(client, poll, "Baskets", "Bowls", "Bread")

    assertContains(response, "Please choose at most 2.", status_code=422)
    assert response.content.decode().count(" checked") == 3
    assert not Ballot.objects.exists()


def test_a_vote_that_comes_too_late_is_told_so(client):
    poll = PollFactory()
    Poll.objects.update(closes_at=timezone.now())

    response = client.post(
        reverse("polls:vote", args=[poll.slug]), {"choice": pks(poll, "Bowls")}, follow=True
    )

    assertContains(response, "does not take votes at the moment")
    assert counts(poll)["people"] == 0
    assert "voter" not in client.cookies


def test_a_form_sent_twice_before_the_cookie_came_counts_once():
    """As when somebody clicks twice: both requests leave without a cookie, with the same form."""
    poll = PollFactory()
    form = {"token": signing.dumps("the same page", salt=FORM_SALT)}

    for _click in range(2):
        assert send(Client(), poll, "Bowls", **form).status_code == 302

    assert counts(poll)["people"] == 1


def test_a_forged_or_stale_form_token_is_a_new_browser_and_no_error(client):
    poll = PollFactory()

    assert send(client, poll, "Bowls", token="nonsense").status_code == 302

    assert counts(poll)["people"] == 1


def test_a_forged_cookie_is_no_browser_we_know():
    poll = PollFactory()
    first = Client()
    send(first, poll, "Bowls")
    forger = Client()
    forger.cookies["voter"] = first.cookies["voter"].value.partition(":")[0] + ":forged:signature"

    send(forger, poll, "Bread")

    assert counts(poll) == {"people": 2, "Baskets": 0, "Bowls": 1, "Bread": 1}


def test_a_vote_needs_the_page_s_own_form():
    poll = PollFactory()
    client = Client(enforce_csrf_checks=True)

    assert send(client, poll, "Bowls").status_code == 403
    assert client.get(reverse("polls:vote", args=[poll.slug])).status_code == 405


def test_signed_out_again_nobody_sees_or_changes_what_the_account_chose():
    poll, client = PollFactory(), signed_in()
    send(client, poll, "Bowls")

    client.post(reverse("account_logout"))

    text = page(client, poll)
    assert "Somebody has voted in this browser while signed in." in text
    assert "You chose" not in text
    assert 'name="choice"' not in text
    send(client, poll, "Bread")
    assert counts(poll)["Bread"] == 0


def test_a_poll_for_people_with_an_account_tells_others_only_that(client):
    poll = PollFactory(question="A secret matter?", audience="members", answers=("Aye", "Nay"))

    text = page(client, poll)

    assert "This poll is for people with an account." in text
    assert f"?next={poll.get_absolute_url()}" in text.replace("%2F", "/")
    assert not any(word in text for word in ("A secret matter?", "Aye", "Nay"))
    assert "A secret matter?" in page(signed_in(), poll)
    assertContains(
        client.post(reverse("polls:vote", args=[poll.slug]), {"choice": pks(poll, "Aye")}, follow=True),
        "Please sign in to take part",
    )


# Results


@pytest.mark.parametrize(
    ("visible", "before", "after", "closing"),
    [
        ("always", True, True, True),
        ("after_vote", False, True, True),
        ("after_close", False, False, True),
    ],
)
def test_results_are_hidden_until_they_may_be_seen(client, visible, before, after, closing):
    poll = PollFactory(results_visible=visible)
    cast_ballot(poll, pks(poll, "Bread"), browser("other"))

    seen = ["1 person voted" in page(client, poll)]
    send(client, poll, "Bowls")
    seen.append("2 people voted" in page(client, poll))
    in_list = "2 people voted" in client.get(LIST).content.decode()
    Poll.objects.update(closes_at=timezone.now())
    seen.append("2 people voted" in page(Client(), poll))

    assert seen == [before, after, closing]
    assert in_list == after


def votes(poll: Poll, people: int, **votes_count: int) -> Poll:
    """Set the counters, as many votes would."""
    for text, number in votes_count.items():
        poll.choices.filter(text=text).update(votes_count=number)
    Poll.objects.filter(pk=poll.pk).update(ballots_count=people)
    return Poll.objects.get(pk=poll.pk)


@pytest.mark.parametrize(
    ("people", "numbers", "words"),
    [
        (0, {}, "Nobody has voted yet."),
        (1, {"Bread": 1}, "1 person voted. “Bread” has most: 1 vote (100\xa0%)."),
        (
            4,
            {"Bread": 2, "Bowls": 2},
            "4 people voted. “Bowls” and “Bread” have most: 2 votes each (50\xa0%).",
        ),
        (
            1_000_000,
            {"Bread": 420_000, "Bowls": 3},
            "1,000,000 people voted. “Bread” has most: 420,000 votes (42\xa0%).",
        ),
    ],
)
def test_the_result_is_told_in_words(people, numbers, words):
    poll = votes(PollFactory(), people, **numbers)

    assert in_words(poll, poll.choices.all()) == words


def test_no_answer_leads_where_all_are_level():
    poll = votes(PollFactory(answers=("A", "B", "C", "D")), 4, A=1, B=1, C=1, D=1)

    assert in_words(poll, poll.choices.all()).endswith("No answer is ahead of the others.")


@pytest.mark.parametrize(
    ("number", "percent", "width"),
    [
        (0, "0\xa0%", "0.0%"),
        (1, "under 1\xa0%", "0.1%"),
        (5, "under 1\xa0%", "0.5%"),
        (335, "34\xa0%", "33.5%"),
        (999, "over 99\xa0%", "99.9%"),
        (1000, "100\xa0%", "100.0%"),
    ],
)
def test_shares_are_rounded_for_people_and_never_to_nothing(number, percent, width):
    poll = votes(PollFactory(), 1000, Bowls=number)

    row = rows_of(poll, poll.choices.filter(text="Bowls"))[0]

    assert (row.percent, row.width) == (percent, width)


def test_each_bar_has_its_label_count_and_share(client):
    poll = votes(PollFactory(results_visible="always"), 10, Bowls=4, Bread=6)

    text = page(client, poll)

    for words in ("<b>40\xa0%</b>", "4 votes", "<b>60\xa0%</b>", "6 votes", 'width="60.0%"'):
        assert words in text


def test_the_results_cost_the_same_with_many_votes_as_with_few(client):
    """The page reads the counters: no query counts or walks through ballots."""
    poll = PollFactory(results_visible="always")
    send(client, poll, "Bowls")
    address = poll.get_absolute_url()
    client.get(address)

    with CaptureQueriesContext(connection) as few:
        client.get(address)
    Ballot.objects.bulk_create(Ballot(poll=poll, browser_key=f"key {number}") for number in range(500))
    with CaptureQueriesContext(connection) as many:
        client.get(address)

    assert len(many) == len(few) <= 4
    for query in many:
        assert "COUNT(" not in query["sql"]
        if '"polls_ballot"' in query["sql"]:
            assert '"browser_key" IN' in query["sql"]


# Limits


@pytest.mark.usefixtures("standing_clock")
def test_throwing_the_cookie_away_helps_only_so_often(monkeypatch):
    monkeypatch.setattr(views, "NEW_VISITORS", views.Limit("poll-visitors-test", times=3, minutes=60))
    poll, other = PollFactory(), PollFactory()

    answers = [send(Client(), poll, "Bowls").status_code for _browser in range(5)]

    assert answers == [302, 302, 302, 429, 429]
    assert counts(poll)["people"] == 3
    assert send(Client(), other, "Bowls").status_code == 302
    assert send(signed_in(), poll, "Bowls").status_code == 302


@pytest.mark.usefixtures("standing_clock")
def test_changing_one_s_vote_does_not_use_up_the_network_s_share(monkeypatch, client):
    monkeypatch.setattr(views, "NEW_VISITORS", views.Limit("poll-visitors-test", times=1, minutes=60))
    poll = PollFactory()

    answers = [send(client, poll, text).status_code for text in ("Bowls", "Bread", "Bowls")]

    assert answers == [302, 302, 302]


# Whatever is sent


@hypothesis_settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    choice=st.lists(st.text(max_size=60) | st.integers(-(10**30), 10**30).map(str), max_size=5),
    token=st.text(max_size=300),
    back=st.text(max_size=100)
    | st.sampled_from(["//evil.example", "https://evil.example/", "/\\evil", "x", "/a\nb"]),
    part=st.sampled_from(["", "on", "\x00"]),
    is_htmx=st.booleans(),
)
def test_no_input_is_an_error_of_ours(choice, token, back, part, is_htmx):
    poll = Poll.objects.first() or PollFactory()
    sent = {"choice": choice, "token": token, "back": back, "part": part}
    valid = sent | {"choice": pks(poll, "Bowls")}

    for data in (sent, valid):
        response = Client().post(
            reverse("polls:vote", args=[poll.slug]), data, headers=HTMX if is_htmx else None
        )
        assert response.status_code in {200, 302, 422, 429}
        if response.status_code == 302:
            assert response.url.startswith("/")
            assert not response.url.startswith(("//", "/\\"))


# Personal data


def test_votes_are_part_of_what_we_tell_a_person():
    client, poll = signed_in(), PollFactory(question="Baskets or bowls?")
    send(client, poll, "Bowls")

    told = json.loads(client.get(reverse("accounts:data")).getvalue())["polls"]

    assert told["votes"][0]["question"] == "Baskets or bowls?"
    assert told["votes"][0]["chosen"] == ["Bowls"]


def test_polls_are_listed_without_a_database_round_for_nobody():
    assert not Poll.objects.listed_for(AnonymousUser()).filter(audience="members").exists()
    assert Choice.objects.count() == 0
