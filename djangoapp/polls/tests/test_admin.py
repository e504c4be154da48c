"""Staff asks, reads the results and takes them along; nobody loses a vote by it."""

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django.asserts import assertContains, assertNotContains

from accounts.tests.people import make_user
from polls.models import Choice, Poll
from polls.services import cast_ballot
from polls.tests.factories import PollFactory, browser, closed, counts, pks, upcoming

pytestmark = pytest.mark.django_db

LIST = reverse("admin:polls_poll_changelist")


@pytest.fixture
def owner() -> Client:
    client = Client()
    client.force_login(make_user("owner@example.org", is_staff=True, is_superuser=True))
    return client


def change_page(poll: Poll) -> str:
    return reverse("admin:polls_poll_change", args=[poll.pk])


def filled(poll: Poll | None = None, answers: tuple[str, ...] = (), **changes) -> dict:
    """The form of a poll as the admin's page sends it."""
    local = timezone.localtime
    opens_at = poll.opens_at if poll else timezone.now()
    closes_at = poll.closes_at if poll else timezone.now() + timedelta(days=3)
    data = {
        "question": poll.question if poll else "What next?",
        "slug": poll.slug if poll else "what-next",
        "description": "",
        "opens_at": f"{local(opens_at):%Y-%m-%dT%H:%M}",
        "closes_at": f"{local(closes_at):%Y-%m-%dT%H:%M}",
        "audience": "everyone",
        "results_visible": "after_vote",
        "is_published": "on",
    }
    rows = list(poll.choices.all()) if poll else []
    texts = [*(choice.text for choice in rows), *answers]
    data |= {"choices-TOTAL_FORMS": len(texts), "choices-INITIAL_FORMS": len(rows)}
    for number, text in enumerate(texts):
        data |= {f"choices-{number}-text": text, f"choices-{number}-position": number}
        if number < len(rows):
            data |= {f"choices-{number}-id": rows[number].pk, f"choices-{number}-poll": poll.pk}
    return data | changes


def problems(response) -> str:
    assert response.status_code == 200, "the form was accepted"
    formset = response.context["inline_admin_formsets"][0].formset
    return f"{response.context['adminform'].form.errors} {formset.non_form_errors()} {formset.errors}"


def test_staff_asks_on_the_studio_s_clock(owner):
    sent = filled(answers=("Bowls", "Bread"), opens_at="2026-12-01T09:00", closes_at="2026-12-08T18:30")

    response = owner.post(reverse("admin:polls_poll_add"), sent)

    assert response.status_code == 302
    poll = Poll.objects.get()
    assert poll.opens_at.isoformat() == "2026-12-01T08:00:00+00:00"
    assert poll.closes_at.isoformat() == "2026-12-08T17:30:00+00:00"
    assert [choice.text for choice in poll.choices.all()] == ["Bowls", "Bread"]


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"closes_at": "2020-01-01T00:00"}, "closes after it opens"),
        ({"max_choices": "2"}, "Only where several answers"),
        ({"is_multiple": "on", "max_choices": "1"}, "greater than or equal to 2"),
        ({"choices-TOTAL_FORMS": "1"}, "at least two answers"),
        ({"choices-1-text": " bowls "}, "say the same"),
    ],
)
def test_a_poll_that_makes_no_sense_is_refused(owner, changes, words):
    response = owner.post(reverse("admin:polls_poll_add"), filled(answers=("Bowls", "Bread"), **changes))

    assert words in problems(response)
    assert not Poll.objects.exists()


def test_answers_may_be_deleted_until_somebody_votes(owner):
    poll = PollFactory()
    sent = filled(poll, ("Buns",), **{"choices-2-DELETE": "on"})

    assert owner.post(change_page(poll), sent).status_code == 302
    assert list(poll.choices.values_list("text", flat=True)) == ["Baskets", "Bowls", "Buns"]
    cast_ballot(poll, pks(poll, "Bowls"), browser())
    assertNotContains(owner.get(change_page(poll)), "DELETE")
    owner.post(change_page(poll), filled(poll, ("Bread",), **{"choices-0-DELETE": "on"}))

    assert list(poll.choices.values_list("text", flat=True)) == ["Baskets", "Bowls", "Buns", "Bread"]


def test_rewording_an_answer_that_was_chosen_is_told(owner):
    poll = PollFactory()
    cast_ballot(poll, pks(poll, "Bowls"), browser())

    response = owner.post(change_page(poll), filled(poll, **{"choices-1-text": "Cups"}), follow=True)

    assertContains(response, "1 person chose “Cups” when it was worded otherwise.")
    assert counts(poll)["Cups"] == 1


def test_the_rules_people_have_voted_by_stay(owner):
    poll = PollFactory()
    cast_ballot(poll, pks(poll, "Bowls"), browser())

    response = owner.post(change_page(poll), filled(poll, is_multiple="on"))

    assert response.status_code == 302
    assert not Poll.objects.get().is_multiple


def test_saving_while_people_vote_loses_no_vote(owner, monkeypatch):
    poll = PollFactory()
    save = Poll.save

    def save_late(self, *args, **kwargs):
        cast_ballot(poll, pks(poll, "Bowls"), browser())  # after the page was read
        save(self, *args, **kwargs)

    monkeypatch.setattr(Poll, "save", save_late)
    response = owner.post(change_page(poll), filled(poll, question="Which course?"))

    assert response.status_code == 302
    assert counts(poll) == {"people": 1, "Baskets": 0, "Bowls": 1, "Bread": 0}


def test_a_poll_with_votes_is_not_deleted_but_unpublished(owner):
    empty, voted = PollFactory(), PollFactory()
    cast_ballot(voted, pks(voted, "Bowls"), browser())

    for poll, status in ((empty, 302), (voted, 403)):
        response = owner.post(reverse("admin:polls_poll_delete", args=[poll.pk]), {"post": "yes"})
        assert response.status_code == status
    assertNotContains(owner.get(LIST), "delete_selected")
    owner.post(LIST, {"action": "unpublish", "_selected_action": [voted.pk]})

    assert not Poll.objects.get().is_published


def test_the_results_stand_on_the_poll_s_page(owner):
    poll = PollFactory(results_visible="after_close")
    cast_ballot(poll, pks(poll, "Bowls"), browser())

    response = owner.get(change_page(poll))

    assertContains(response, "1 person voted. “Bowls” has most: 1 vote")
    assertContains(response, '<td class="number">100\xa0%</td>')


def test_the_results_can_be_taken_along(owner):
    poll = PollFactory(question='=HYPERLINK("x")', answers=("Bowls, large", "Bread"))
    for name in "abc":
        cast_ballot(poll, pks(poll, "Bowls, large"), browser(name))

    response = owner.post(LIST, {"action": "export_csv", "_selected_action": [poll.pk]})

    lines = response.getvalue().decode("utf-8-sig").splitlines()
    assert lines[0] == "poll,answer,votes,share in percent,people who voted,state"
    assert lines[1] == '"\'=HYPERLINK(""x"")","Bowls, large",3,100.0,3,open'
    assert lines[2].endswith(",Bread,0,0.0,3,open")
    assert "attachment" in response["Content-Disposition"]


@pytest.mark.parametrize("state", ["upcoming", "open", "closed"])
def test_the_list_finds_polls_by_their_state(owner, state):
    PollFactory(question="Is it open?")
    PollFactory(question="Is it upcoming?", **upcoming())
    PollFactory(question="Is it closed?", **closed())

    found = owner.get(LIST, {"state": state}).context["cl"].result_list

    assert [poll.question for poll in found] == [f"Is it {state}?"]


@pytest.mark.parametrize("rights", [{}, {"is_staff": True}])
def test_nobody_else_comes_near(rights):
    poll = PollFactory()
    client = Client()
    client.force_login(make_user("reto@example.org", **rights))

    for address in (LIST, change_page(poll), reverse("admin:polls_poll_add")):
        assert client.get(address).status_code in {302, 403}
    client.post(LIST, {"action": "unpublish", "_selected_action": [poll.pk]})

    assert Poll.objects.get().is_published
    assert Choice.objects.count() == 3
