"""The demo's doors: people came to what is over, and a session runs now with some of them in."""

from datetime import timedelta

import pytest
from django.utils import timezone

from attendance import demo
from attendance.models import Entry, Ticket
from attendance.services import count
from shop import demo_story as story
from shop.models import Order, Project, Session
from shop.tests.factories import ProjectFactory, SessionFactory, UserFactory, paid_order_for

pytestmark = pytest.mark.django_db


def session_begun(slug: str, *, ago: timedelta, parties: int) -> Session:
    """A session that began so long ago and lasts an hour, with so many parties of three."""
    told = story.PROJECTS[0].slug
    project = Project.objects.filter(slug=told).first() or ProjectFactory(slug=told)
    session = SessionFactory(project=project, slug=slug, capacity=100)
    for number in range(parties):
        order = paid_order_for((session, 3), email=f"guest{number}@example.org")
        Order.objects.filter(pk=order.pk).update(paid_at=timezone.now() - ago - timedelta(days=3))
    starts_at = timezone.now() - ago
    Session.objects.filter(pk=session.pk).update(starts_at=starts_at, ends_at=starts_at + timedelta(hours=1))
    session.refresh_from_db()
    return session


@pytest.fixture
def running() -> Session:
    return session_begun("running", ago=timedelta(minutes=20), parties=2)


@pytest.fixture
def over() -> Session:
    return session_begun("over", ago=timedelta(days=20), parties=7)


@pytest.fixture(autouse=True)
def loaded(running, over) -> None:
    UserFactory(email=demo.DOOR)
    demo.load(lambda said: None)


def test_a_session_runs_now_with_some_people_in_and_some_on_their_way(running):
    counts = count(running)

    assert 0 < counts.arrived < counts.expected
    assert counts.walk_ins == 1
    assert counts.conflicts == 1
    assert Entry.objects.filter(session=running, undone_at__isnull=False).count() == 1


def test_most_people_came_to_what_is_over_and_not_everybody(over):
    came = Entry.objects.counted().filter(session=over, ticket__isnull=False)

    assert 14 < came.count() < count(over).expected == 21
    for entry in came:
        assert abs(entry.arrived_at - over.starts_at) < timedelta(hours=1)


def test_tickets_are_as_old_as_their_sales():
    assert all(ticket.issued_at == ticket.line.order.paid_at for ticket in Ticket.objects.for_door())


def test_loading_again_changes_nothing():
    before = list(Entry.objects.order_by("pk").values())

    demo.load(lambda said: None)

    assert list(Entry.objects.order_by("pk").values()) == before
