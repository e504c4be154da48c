"""The rows that tests of polls begin with."""

from datetime import timedelta

import factory
from django.utils import timezone
from factory.django import DjangoModelFactory

from polls.models import Choice, Poll
from polls.services import Voter


class PollFactory(DjangoModelFactory):
    """An open, published poll with three answers."""

    class Meta:
        model = Poll
        skip_postgeneration_save = True

    question = factory.Sequence(lambda number: f"What shall we teach next, number {number}?")
    opens_at = factory.LazyFunction(lambda: timezone.now() - timedelta(days=1))
    closes_at = factory.LazyFunction(lambda: timezone.now() + timedelta(days=6))
    is_published = True

    @factory.post_generation
    def answers(self, create: bool, texts: tuple[str, ...] | None, **kwargs) -> None:
        if not create:
            return
        for position, text in enumerate(texts or ("Baskets", "Bowls", "Bread")):
            Choice.objects.create(poll=self, position=position, text=text)


def upcoming() -> dict:
    return {"opens_at": timezone.now() + timedelta(days=2)}


def closed() -> dict:
    return {"closes_at": timezone.now() - timedelta(hours=1)}


def pks(poll: Poll, *texts: str) -> list[int]:
    """The primary keys of these answers, in this order."""
    known = dict(poll.choices.values_list("text", "pk"))
    return [known[text] for text in texts]


def browser(name: str = "a") -> Voter:
    """Somebody without an account."""
    return Voter(token=f"browser-{name}")


def counts(poll: Poll) -> dict[str, int]:
    """What the counters say: people first, then the votes of each answer."""
    people = Poll.objects.values_list("ballots_count", flat=True).get(pk=poll.pk)
    return {"people": people, **dict(poll.choices.values_list("text", "votes_count"))}
