"""Polls of the demo: open, to come and closed, with the votes of people and of browsers.

Natural keys are the polls' slugs and the voters, so loading again changes nothing.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from django.db import transaction
from django.utils import timezone

from accounts.models import User
from polls.models import Audience, Choice, Poll, ResultsVisible
from polls.services import Voter, cast_ballot

MEMBERS = ("reto@example.org", "yuki@example.org", "fatou@example.org", "seun@example.org")


@dataclass(frozen=True)
class DemoPoll:
    """``answers`` with the votes of so many browsers each. Days are counted from today."""

    slug: str
    question: str
    answers: dict[str, int]
    opens_day: int
    closes_day: int
    description: str = ""
    audience: str = Audience.EVERYONE
    results_visible: str = ResultsVisible.AFTER_VOTE
    is_multiple: bool = False
    max_choices: int | None = None
    # Which answer each of MEMBERS chose, by its number.
    members: tuple[int, ...] = ()


POLLS = (
    DemoPoll(
        "which-course-next",
        "Which course shall we add in spring?",
        {
            "Weaving willow baskets": 14,
            "Carving spoons": 9,
            "Building an insect hotel": 6,
            "Natural dyes from the garden": 11,
        },
        opens_day=-5,
        closes_day=16,
        description="We have **one free Saturday a month** from March on. You say what happens in it.",
        members=(0, 3),
    ),
    DemoPoll(
        "which-evenings",
        "On which evenings could you come?",
        {"Monday": 3, "Tuesday": 8, "Wednesday": 12, "Thursday": 9, "Friday": 4},
        opens_day=-2,
        closes_day=9,
        results_visible=ResultsVisible.ALWAYS,
        is_multiple=True,
        max_choices=3,
        members=(2,),
    ),
    DemoPoll(
        "members-tool",
        "Which tool should the open workshop buy?",
        {"A second shaving horse": 0, "A belt sander": 0, "A cider press": 0},
        opens_day=-3,
        closes_day=12,
        audience=Audience.MEMBERS,
        results_visible=ResultsVisible.AFTER_CLOSE,
        description="For people with an account, because they use it. The result is shown when the poll closes.",
        members=(2, 0, 2),
    ),
    DemoPoll(
        "summer-feast",
        "What shall we put on the fire at the summer feast?",
        {"Flatbread": 0, "Corn": 0, "Whatever you bring": 0},
        opens_day=21,
        closes_day=42,
    ),
    DemoPoll(
        "garden-name",
        "What shall we call the new garden house?",
        {"Apfelkern": 31, "Hüsli": 24, "The Nest": 12, "بيت الحديقة": 5},
        opens_day=-60,
        closes_day=-30,
        members=(0, 1, 0, 1),
    ),
)


@transaction.atomic
def load(say: Callable[[str], None]) -> None:
    """Load the polls that are missing, with their votes."""
    added = [_load(told) for told in POLLS if not Poll.objects.filter(slug=told.slug).exists()]
    say(f"{len(added)} new polls")


def _load(told: DemoPoll) -> Poll:
    now = timezone.now()
    day = now.replace(minute=0, second=0, microsecond=0)
    closes_at = day + timedelta(days=told.closes_day)
    poll = Poll.objects.create(
        slug=told.slug,
        question=told.question,
        description=told.description,
        opens_at=day + timedelta(days=told.opens_day),
        closes_at=max(closes_at, now + timedelta(days=1)),  # votes are taken while it is open
        audience=told.audience,
        results_visible=told.results_visible,
        is_multiple=told.is_multiple,
        max_choices=told.max_choices,
        is_published=True,
    )
    answers = [
        Choice.objects.create(poll=poll, position=number, text=text)
        for number, text in enumerate(told.answers)
    ]
    for number, votes in enumerate(told.answers.values()):
        for browser in range(votes):
            chosen = {answers[number].pk}
            if told.is_multiple and browser % 2:
                chosen.add(answers[(number + 1) % len(answers)].pk)
            cast_ballot(poll, chosen, Voter(token=f"demo {poll.slug} {number} {browser}"))
    for email, number in zip(MEMBERS, told.members, strict=False):
        if user := User.objects.filter(email=email).first():
            cast_ballot(poll, {answers[number].pk}, Voter(user))
    if poll.closes_at != closes_at:
        poll.closes_at = closes_at
        poll.save(update_fields=["closes_at", "updated_at"])
    return poll
