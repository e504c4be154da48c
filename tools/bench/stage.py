"""Runs within the shop: makes the sessions that are booked, rushed and opened at the door, and counts afterwards.

``stage.py QUESTION ARGUMENTS`` writes one line of JSON.
"""

import json
import sys
from datetime import timedelta
from decimal import Decimal

import django

django.setup()

from django.db.models import Count  # noqa: E402
from django.utils import timezone  # noqa: E402

from accounts.models import TokenScope, User  # noqa: E402
from accounts.tokens import make_token  # noqa: E402
from attendance.models import Entry, Ticket  # noqa: E402
from payments.endpoint import EVENTS  # noqa: E402
from shop import demo_story as story  # noqa: E402
from shop.demo import OWNER  # noqa: E402
from shop.enums import OrderStatus  # noqa: E402
from shop.models import Order, Project, Session  # noqa: E402
from shop.services import integrity, invoices  # noqa: E402

SLUG = "for-the-benchmark"


def pages() -> dict:
    """The addresses of a usual page of each kind: of the project with most dates to come, and its next session."""
    upcoming = Session.objects.upcoming().exclude(project__slug__startswith="large-set")
    busiest = upcoming.order_by().values("project").annotate(many=Count("pk")).order_by("-many", "project")[0]
    project = Project.objects.get(pk=busiest["project"])
    session = upcoming.filter(project=project).first()
    return {
        "catalogue": "/sessions/",
        "session": session.get_absolute_url(),
        "project": project.get_absolute_url(),
    }


def sessions(name: str, many: int, capacity: int) -> dict:
    """Sessions far ahead, where no list shows them first."""
    like = Project.objects.filter(is_published=True, tax_rule__isnull=False).order_by("pk").first()
    project, _is_new = Project.objects.get_or_create(
        slug=SLUG,
        defaults={
            "title": "For the benchmark",
            "category": like.category,
            "tax_rule": like.tax_rule,
            "is_published": True,
        },
    )
    starts_at = timezone.now().replace(minute=0, second=0, microsecond=0) + timedelta(days=300)
    made = [
        Session.objects.create(
            project=project,
            slug=f"{name}-{number}",
            starts_at=starts_at + timedelta(days=number),
            ends_at=starts_at + timedelta(days=number, hours=3),
            place_name=story.PLACES[0].name,
            place_address=story.PLACES[0].address,
            capacity=capacity,
            is_published=True,
            base_price=Decimal("85.00"),
        )
        for number in range(many)
    ]
    return {"slugs": [session.slug for session in made]}


def sold(slugs: list[str]) -> dict:
    """What became of these sessions: places that are taken, orders that are paid, and what does not add up."""
    taken = sum(Session.objects.filter(slug__in=slugs).values_list("seats_taken", flat=True))
    paid = Order.objects.filter(lines__session__slug__in=slugs, status=OrderStatus.PAID).distinct().count()
    return {"places": taken, "orders": paid}


def check() -> dict:
    """Whether everything in the database agrees, once invoices are written as the worker would have done meanwhile."""
    while invoices.issue_due():
        pass
    return {"problems": [str(problem) for problem in integrity.problems()]}


def door(slugs: list[str]) -> dict:
    """Let sessions begin in half an hour; give the tickets of each, and a token for the door."""
    starts_at = timezone.now() + timedelta(minutes=30)
    Session.objects.filter(slug__in=slugs).update(starts_at=starts_at, ends_at=starts_at + timedelta(hours=3))
    _token, secret = make_token(User.objects.get(email=OWNER), name="Benchmark", scope=TokenScope.DOOR)
    tickets = Ticket.objects.filter(line__session__slug__in=slugs, voided_at__isnull=True)
    return {"secret": secret, "tickets": list(tickets.values_list("line__session__slug", "code"))}


def entries(slugs: list[str]) -> dict:
    return {"entries": Entry.objects.filter(session__slug__in=slugs, undone_at__isnull=True).count()}


def events() -> dict:
    """Of what Stripe tells the shop, as its endpoint asks."""
    return {"events": EVENTS}


QUESTIONS = {ask.__name__: ask for ask in (pages, sessions, sold, check, door, entries, events)}

if __name__ == "__main__":
    sys.stdout.write(json.dumps(QUESTIONS[sys.argv[1]](**json.loads(sys.argv[2]))) + "\n")
