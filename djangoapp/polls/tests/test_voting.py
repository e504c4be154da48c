"""What a vote does to ballots and counters, and when it is refused."""

from datetime import timedelta

import pytest
from django.core.management import CommandError, call_command
from django.db import IntegrityError, transaction
from django.db.models import RestrictedError
from django.utils import timezone

from accounts.services import delete_account
from accounts.tests.people import make_user
from polls.exceptions import AccountNeeded, NotAChoice, PollNotOpen, TooManyChoices, VotedSignedIn
from polls.models import Ballot, Choice, Poll, Vote
from polls.services import Voter, ballots_of, cast_ballot, recount
from polls.tests.factories import PollFactory, browser, closed, counts, pks, upcoming

pytestmark = pytest.mark.django_db


def test_a_vote_is_counted():
    poll = PollFactory()

    cast_ballot(poll, pks(poll, "Bowls"), browser())

    assert counts(poll) == {"people": 1, "Baskets": 0, "Bowls": 1, "Bread": 0}


def test_voting_again_changes_the_vote_and_counts_nobody_twice():
    poll = PollFactory()
    cast_ballot(poll, pks(poll, "Bowls"), browser())

    cast_ballot(poll, pks(poll, "Bread"), browser())
    cast_ballot(poll, pks(poll, "Bread"), browser())

    assert counts(poll) == {"people": 1, "Baskets": 0, "Bowls": 0, "Bread": 1}
    assert recount(poll) == []


def test_several_answers_are_moved_one_by_one():
    poll = PollFactory(is_multiple=True)
    cast_ballot(poll, pks(poll, "Baskets", "Bowls"), browser())

    cast_ballot(poll, pks(poll, "Bowls", "Bread"), browser())

    assert counts(poll) == {"people": 1, "Baskets": 0, "Bowls": 1, "Bread": 1}


def test_two_people_count_as_two():
    poll = PollFactory()

    for voter in (browser("a"), browser("b"), Voter(make_user())):
        cast_ballot(poll, pks(poll, "Bowls"), voter)

    assert counts(poll)["people"] == counts(poll)["Bowls"] == 3


@pytest.mark.parametrize("state", [upcoming, closed, lambda: {"is_published": False}])
def test_votes_count_only_while_the_poll_is_open(state):
    poll = PollFactory()
    Poll.objects.filter(pk=poll.pk).update(**state())  # after the page was shown

    with pytest.raises(PollNotOpen):
        cast_ballot(poll, pks(poll, "Bowls"), browser())

    assert counts(poll)["people"] == Ballot.objects.count() == 0


def test_a_poll_that_is_gone_takes_no_vote():
    poll = PollFactory()
    chosen = pks(poll, "Bowls")
    Poll.objects.all().delete()

    with pytest.raises(PollNotOpen):
        cast_ballot(poll, chosen, browser())


def test_the_closing_minute_is_exact():
    now = timezone.now()
    poll = PollFactory.build(opens_at=now, closes_at=now + timedelta(hours=1))

    assert poll.state(now - timedelta(microseconds=1)) == "upcoming"
    assert poll.state(now) == "open"
    assert poll.state(poll.closes_at - timedelta(microseconds=1)) == "open"
    assert poll.state(poll.closes_at) == "closed"


def test_a_poll_for_people_with_an_account_takes_no_other_vote():
    poll = PollFactory(audience="members")

    with pytest.raises(AccountNeeded):
        cast_ballot(poll, pks(poll, "Bowls"), browser())
    cast_ballot(poll, pks(poll, "Bowls"), Voter(make_user(), "browser-a"))

    assert counts(poll)["people"] == 1
    assert Ballot.objects.get().browser_key == ""


def test_only_answers_of_this_poll_may_be_chosen():
    poll, other = PollFactory(), PollFactory()

    for chosen in ([], pks(other, "Bowls"), [*pks(poll, "Bowls"), 999_999]):
        with pytest.raises(NotAChoice):
            cast_ballot(poll, chosen, browser())


@pytest.mark.parametrize(
    ("fields", "most"), [({}, 1), ({"is_multiple": True, "max_choices": 2}, 2), ({"is_multiple": True}, 3)]
)
def test_nobody_chooses_more_than_the_poll_allows(fields, most):
    poll = PollFactory(**fields)
    answers = pks(poll, "Baskets", "Bowls", "Bread")

    cast_ballot(poll, answers[:most], browser())
    if most < len(answers):
        with pytest.raises(TooManyChoices):
            cast_ballot(poll, answers[: most + 1], browser("b"))

    assert Vote.objects.count() == most


# Whose vote it is


def test_an_account_votes_once_wherever_it_signs_in():
    poll, ana = PollFactory(), make_user()

    cast_ballot(poll, pks(poll, "Bowls"), Voter(ana, "browser-a"))
    cast_ballot(poll, pks(poll, "Bread"), Voter(ana, "browser-b"))

    assert counts(poll) == {"people": 1, "Baskets": 0, "Bowls": 0, "Bread": 1}


def test_a_vote_cast_before_signing_in_becomes_the_account_s():
    poll, ana = PollFactory(), make_user()
    cast_ballot(poll, pks(poll, "Bowls"), browser("a"))

    cast_ballot(poll, pks(poll, "Bowls"), Voter(ana, "browser-a"))

    assert Ballot.objects.get().user == ana
    assert counts(poll)["people"] == 1


def test_signing_out_gives_no_second_vote_and_shows_nobody_the_first():
    poll, ana = PollFactory(), make_user()
    cast_ballot(poll, pks(poll, "Bowls"), Voter(ana, "browser-a"))

    with pytest.raises(VotedSignedIn):
        cast_ballot(poll, pks(poll, "Bread"), browser("a"))

    assert counts(poll) == {"people": 1, "Baskets": 0, "Bowls": 1, "Bread": 0}


def test_two_accounts_in_one_browser_have_a_vote_each():
    poll, ana, eva = PollFactory(), make_user(), make_user("eva@example.org")

    cast_ballot(poll, pks(poll, "Bowls"), Voter(ana, "browser-a"))
    cast_ballot(poll, pks(poll, "Bread"), Voter(eva, "browser-a"))
    cast_ballot(poll, pks(poll, "Baskets"), Voter(ana, "browser-a"))

    assert counts(poll) == {"people": 2, "Baskets": 1, "Bowls": 0, "Bread": 1}


def test_an_account_s_own_ballot_comes_before_that_of_the_browser():
    poll, ana = PollFactory(), make_user()
    cast_ballot(poll, pks(poll, "Bowls"), Voter(ana, "browser-a"))
    cast_ballot(poll, pks(poll, "Bread"), browser("b"))

    ballot = ballots_of(Voter(ana, "browser-b"), [poll])[poll.pk]

    assert ballot.user == ana


def test_a_browser_is_another_one_in_every_poll():
    first, second = PollFactory(), PollFactory()

    for poll in (first, second):
        cast_ballot(poll, pks(poll, "Bowls"), browser())

    keys = set(Ballot.objects.values_list("browser_key", flat=True))
    assert len(keys) == 2
    assert not any("browser" in key for key in keys)


def test_the_database_itself_refuses_a_second_ballot():
    poll, ana = PollFactory(), make_user()
    Ballot.objects.create(poll=poll, user=ana, browser_key="k")

    for fields in ({"user": ana}, {"browser_key": "k"}):
        with pytest.raises(IntegrityError), transaction.atomic():
            Ballot.objects.create(poll=poll, **fields)


def test_what_an_account_voted_stays_counted_without_a_name_when_it_goes():
    poll, ana = PollFactory(), make_user()
    cast_ballot(poll, pks(poll, "Bowls"), Voter(ana))

    delete_account(ana)

    assert Ballot.objects.get().user is None
    assert counts(poll)["Bowls"] == 1
    assert recount(poll) == []


# Counters


def test_an_old_copy_that_is_saved_loses_no_vote():
    """As when staff has the poll's page open while people vote."""
    poll = PollFactory()
    stale, stale_choice = Poll.objects.get(), Choice.objects.get(text="Bowls")
    cast_ballot(poll, pks(poll, "Bowls"), browser())

    stale.question = "Which course next?"
    stale.save()
    stale_choice.text = "Bowls and cups"
    stale_choice.save()

    assert counts(poll)["people"] == counts(poll)["Bowls and cups"] == 1
    assert Poll.objects.get().question == "Which course next?"


def test_an_answer_that_somebody_chose_cannot_be_deleted_but_the_whole_poll_can():
    poll = PollFactory()
    cast_ballot(poll, pks(poll, "Bowls"), browser())

    with pytest.raises(RestrictedError):
        Choice.objects.get(text="Bowls").delete()
    Choice.objects.get(text="Bread").delete()
    poll.delete()

    assert not Vote.objects.exists()


def miscounted() -> Poll:
    poll = PollFactory(slug="next-course")
    cast_ballot(poll, pks(poll, "Bowls"), browser())
    Poll.objects.update(ballots_count=7)
    Choice.objects.filter(text="Bread").update(votes_count=3)
    return poll


def test_the_recount_puts_counters_right(capsys):
    poll = miscounted()

    call_command("recount_polls")

    assert counts(poll) == {"people": 1, "Baskets": 0, "Bowls": 1, "Bread": 0}
    out = capsys.readouterr().out
    assert "next-course, people: said 7, are 1" in out
    assert "next-course, Bread: said 3, are 0" in out
    call_command("recount_polls", "next-course")
    assert "All counters are right." in capsys.readouterr().out


def test_the_check_changes_nothing_and_fails(capsys):
    poll = miscounted()

    with pytest.raises(CommandError, match="2 counters are wrong"):
        call_command("recount_polls", "--check")

    assert counts(poll)["people"] == 7


def test_the_recount_says_that_it_does_not_know_a_poll():
    with pytest.raises(CommandError, match="no poll nonsense"):
        call_command("recount_polls", "nonsense")


def test_the_same_question_twice_gets_two_addresses():
    polls = [PollFactory(question="Was nun?") for _poll in range(3)]
    nameless = PollFactory(question="何")

    assert [poll.slug for poll in polls] == ["was-nun", "was-nun-2", "was-nun-3"]
    assert nameless.slug == "poll"


def test_a_poll_closes_after_it_opens_and_limits_only_several_answers():
    now = timezone.now()
    for fields in ({"opens_at": now, "closes_at": now}, {"is_multiple": False, "max_choices": 2}):
        with pytest.raises(IntegrityError), transaction.atomic():
            PollFactory(**fields)
