"""Loading a large set, batch by batch."""

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Count, OuterRef, Subquery
from django.db.models.functions import Coalesce
from django.utils import timezone

from app.large_set.copies import Booked, Copy, write
from app.large_set.patterns import PatternBook
from app.large_set.plan import LENGTH, SLUG, Plan
from attendance.models import Ticket
from core import bulk
from core.exceptions import DomainError
from core.models import Mail
from shop import demo_story as story
from shop.models import (
    Cart,
    CartLine,
    Category,
    Invoice,
    LedgerEntry,
    Order,
    OrderLine,
    Payment,
    Project,
    Refund,
    RefundShare,
    Session,
    TaxRule,
    Transition,
)
from shop.services.policy import promise

BATCH = 10_000  # bookings, or sessions that have fewer
TABLES = (
    *(Project, Session, Cart, CartLine, Order, OrderLine, Payment, Refund, RefundShare),
    *(Transition, LedgerEntry, Invoice, Ticket, Mail),
)


class OtherSet(DomainError):
    """A large set of other numbers is there already."""


def load(plan: Plan, say: Callable[[str], None]) -> None:
    """Bring the set of this plan to its end, from where it is. Safe to repeat.

    The story of the demo must be there: its studio, people and shelves serve here as well. Raises ``OtherSet``.
    """
    projects = _load_projects(plan)
    done = Session.objects.filter(project__in=projects).count()
    if done == plan.sessions:
        say("The large set is there already.")
        return
    patterns = PatternBook()
    began, began_with = timezone.now(), done
    for batch in _batches(plan, done):
        _load_batch(plan, projects, batch, patterns)
        to_go = (timezone.now() - began) * (plan.sessions - batch.stop) / (batch.stop - began_with)
        say(
            f"{batch.stop} sessions with {plan.bookings_of(batch.stop - 1).stop} bookings, {_minutes(to_go)} to go"
        )
    say("Now the database looks at what it has …")
    bulk.settle(TABLES)


def _load_projects(plan: Plan) -> list[Project]:
    there = list(Project.objects.filter(slug__startswith=f"{SLUG}-").order_by("slug"))
    if there and there[0].summary != plan.words:
        raise OtherSet(f"There is a large set of other numbers: “{there[0].summary}”")
    if there:
        return there
    categories = list(Category.objects.all())
    rules = {rule.name: rule for rule in TaxRule.objects.all()}
    return Project.objects.bulk_create(
        [
            Project(
                title=f"{told.title} {number + 1}",
                slug=plan.project_slug(number),
                summary=plan.words,
                description=told.description,
                category=categories[number % len(categories)],
                tax_rule=rules[plan.kind_of(number).tax_rule],
                is_published=True,
            )
            for number in range(plan.projects)
            for told in [story.PROJECTS[number % len(story.PROJECTS)]]
        ]
    )


def _batches(plan: Plan, done: int) -> Iterator[range]:
    """The numbers of sessions that are loaded together."""
    size = max(1, BATCH * plan.sessions // max(plan.bookings, plan.sessions))
    for first in range(done, plan.sessions, size):
        yield range(first, min(first + size, plan.sessions))


@transaction.atomic
def _load_batch(plan: Plan, projects: list[Project], batch: range, patterns: PatternBook) -> None:
    sessions = [_session(plan, projects, number) for number in batch]
    for session, pk in zip(sessions, bulk.reserve(Session, len(sessions)), strict=True):
        session.pk = pk
    bulk.write(Session, map(bulk.values_of, sessions))
    copies = []
    for number, session in zip(batch, sessions, strict=True):
        booked = None
        for booking in plan.bookings_of(number):
            booked_at = plan.booked_at(booking)
            booked = booked or _booked(session, booked_at)
            pattern = patterns.pattern_of(plan.sale(number, booking))
            copies.append(Copy(pattern, booking, booked_at, booked))
    if copies:
        write(copies)
        places = OrderLine.objects.places().filter(session=OuterRef("pk")).order_by().values("session")
        taken = Coalesce(Subquery(places.annotate(many=Count("pk")).values("many")), 0)
        Session.objects.filter(pk__range=(sessions[0].pk, sessions[-1].pk)).update(seats_taken=taken)


def _session(plan: Plan, projects: list[Project], number: int) -> Session:
    project_number = plan.project_of(number)
    project, place = projects[project_number], story.PLACES[number % len(story.PLACES)]
    starts_at = plan.starts_at(number)
    return Session(
        project=project,
        slug=f"{project.slug}-{number:07}",
        starts_at=starts_at,
        ends_at=starts_at + LENGTH,
        time_zone=place.time_zone,
        place_name=place.name,
        place_address=place.address,
        capacity=plan.capacity(number),
        is_published=True,
        base_price=plan.kind_of(project_number).price,
        # Nobody gets letters of a large set.
        reminded_for=starts_at,
        thanked_at=starts_at + timedelta(days=1),
        updated_at=plan.now,
    )


def _booked(session: Session, at: datetime) -> Booked:
    return Booked(
        session.pk,
        session.as_sold,
        promise(session, session.base_price, at=at),
    )


def _minutes(duration: timedelta) -> str:
    return f"{duration.seconds // 60}:{duration.seconds % 60:02}"
