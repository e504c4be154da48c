"""How full the shop can be: before the first sale, on an ordinary day, and beyond all measure."""

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from decimal import Decimal
from io import StringIO

from django.contrib.auth.models import AnonymousUser
from django.core.management import call_command
from django.db.models import CharField, F, Model
from django.utils import timezone

from accounts.models import User
from accounts.services import vouch_for_address
from attendance.models import Entry
from blog.models import Post, Tag
from core.models import Mail
from polls.models import Choice, Poll
from shop.enums import OrderStatus
from shop.models import Cart, Category, Order, OrderLine, Project, Session, WaitingEntry
from shop.services import cart as carts
from shop.services.cancelling import begin as cancel_session
from shop.services.policy import terms_of
from shop.services.waiting import sweep
from shop.tests.factories import SessionFactory, UserFactory, order_for, paid_order_for
from todos.models import TodoItem, TodoList

OWNER, BUYER = "annelies@example.org", "yuki@example.org"
SESSIONS_ON_ONE_DAY = 9


@dataclass
class Shop:
    """What the scenes of one state point at.

    ``orders`` has one order of each status, ``changes`` one that its buyer may still change, and one for which it is
    too late to do so without asking.
    """

    owner: User
    buyer: User
    guest_cart: Cart | None = None
    project: Project | None = None
    sessions: dict[str, Session] = field(default_factory=dict)
    orders: dict[str, Order] = field(default_factory=dict)
    waiting: dict[str, WaitingEntry] = field(default_factory=dict)
    changes: dict[str, Order] = field(default_factory=dict)


def empty() -> Shop:
    """The first day: somebody to run the shop, one curious person, and nothing else."""
    owner = UserFactory(email="owner@example.org", is_staff=True, is_superuser=True)
    buyer = UserFactory(email=BUYER)
    for user in (owner, buyer):
        vouch_for_address(user)
    return Shop(owner, buyer)


def usual() -> Shop:
    """The demo, with a cart of a guest and one of the buyer."""
    call_command("load_demo", stdout=StringIO())
    buyer = User.objects.get(email=BUYER)
    upcoming = Session.objects.upcoming().with_seats_left()
    booked = OrderLine.objects.filter(order__email=BUYER).values("session")
    roomy = list(Session.objects.bookable().filter(seats_left__gte=4).exclude(pk__in=booked)[:2])
    for_guest = carts.open_cart(AnonymousUser())
    for cart in (for_guest, carts.open_cart(buyer)):
        for session in roomy:
            carts.add_places(cart, session, 2)
        carts.redeem(cart, "FRESHSTART")
    # The one sad ending that the demo spares its visitors.
    too_late = order_for((roomy[0], 1), email="late@example.org")
    Order.objects.filter(pk=too_late.pk).update(status=OrderStatus.UNFULFILLABLE, closed_at=timezone.now())
    # Somebody has an offer: the studio found one more chair.
    sold_out = upcoming.filter(seats_left=0, seats_wanted__gt=0).first()
    Session.objects.filter(pk=sold_out.pk).update(capacity=F("capacity") + 1)
    sweep()
    moved = upcoming.filter(seats_taken__gte=2).exclude(pk=roomy[0].pk).last()
    moved.place_name = "Garden house"
    moved.save()
    early = changeable(roomy[0], until=roomy[0].starts_at)
    late = changeable(roomy[1], until=timezone.now())
    kept = [moved.pk] + [one.pk for one in (*roomy, sold_out)]
    cancelled = upcoming.filter(seats_taken__gte=4).exclude(pk__in=kept).last()
    cancel_session(cancelled, words="The kiln is *broken*, and nobody can mend it in time.")
    return Shop(
        owner=User.objects.get(email=OWNER),
        buyer=buyer,
        guest_cart=for_guest,
        project=roomy[0].project,
        sessions={
            "roomy": roomy[0],
            "few-left": upcoming.filter(seats_left__in=(1, 2, 3)).first(),
            "sold-out": upcoming.filter(seats_left=0).first(),
            "moved": moved,
            "cancelled": cancelled,
            "past": Session.objects.filter(ends_at__lt=timezone.now(), is_published=True).first(),
        },
        waiting={entry.status: entry for entry in WaitingEntry.objects.select_related("session__project")},
        changes={"early": early, "late": late},
        orders={order.status: order for order in Order.objects.order_by("pk")},
    )


def changeable(session: Session, *, until: datetime) -> Order:
    """An order of which the buyer may give up or move places until then."""
    order = paid_order_for((session, 2), email=f"{session.slug}@example.org")
    terms = replace(terms_of(session), free_until=until, cancel_until=until, move_until=until)
    order.lines.update(policy=terms.frozen() | {"words": []})
    return order


def overfull() -> Shop:
    """The usual shop with the longest texts that fit, prices in the thousands and a crowded calendar."""
    shop = usual()
    session = shop.sessions["roomy"]
    more = SessionFactory.create_batch(
        SESSIONS_ON_ONE_DAY, project=shop.project, starts_at=session.starts_at, capacity=3
    )
    SessionFactory.create_batch(SESSIONS_ON_ONE_DAY, starts_at=session.starts_at + timedelta(days=1))
    for one in more[:5]:
        carts.add_places(shop.guest_cart, one, 3)
    Session.objects.update(base_price=Decimal("12345.50"), member_price=Decimal("11999.95"))
    for model, names in (
        (Category, ["name"]),
        (Project, ["title", "summary"]),
        (Session, ["place_name", "place_address"]),
        (Order, ["billing_name", "billing_company", "billing_street", "billing_city"]),
        (OrderLine, ["attendee_first_name", "attendee_last_name", "description"]),
        (User, ["first_name", "last_name"]),
        (Entry, ["first_name", "last_name", "gate"]),
        (Mail, ["subject"]),
        (Tag, ["name"]),
        (Post, ["title", "summary"]),
        (Poll, ["question"]),
        (Choice, ["text"]),
        (TodoList, ["title"]),
        (TodoItem, ["title"]),
    ):
        fill_to_the_brim(model, names)
    for user in (shop.owner, shop.buyer):
        user.refresh_from_db()
    return shop


def fill_to_the_brim(model: type[Model], names: list[str]) -> None:
    """Give these columns of every row a text as long as the column takes, up to three lines' worth."""
    lengthy = "Donaudampfschifffahrtsgesellschaft, Ångström & <b>daughters</b> of Chönz’ "
    for row in model.objects.all():
        for name in names:
            column: CharField = model._meta.get_field(name)
            length = min(column.max_length or 200, 200)
            ending = f" {row.pk}"  # some must differ
            text = (lengthy * 5)[: length - len(ending)] + ending
            model.objects.filter(pk=row.pk).update(**{name: text})


STATES = {"empty": empty, "usual": usual, "overfull": overfull}
