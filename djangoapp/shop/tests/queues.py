"""What the tests of waiting lists begin with."""

from shop.enums import OrderStatus
from shop.models import NOTHING, Opened, Order, Session, WaitingEntry
from shop.services import orders, waiting
from shop.services.waiting import Wish
from shop.tests.factories import SessionFactory, paid_order_for


def full_session(places: int = 2, **fields) -> Session:
    """A session whose places one buyer has taken, and paid."""
    session = SessionFactory(capacity=places, **fields)
    paid_order_for((session, places))
    return session


def wait_for(
    session: Session, quantity: int = 1, *, user=None, opened: Opened = NOTHING, **told
) -> WaitingEntry:
    number = WaitingEntry.objects.count()
    wish = Wish(
        **{"email": f"w{number}@example.org", "first_name": "Wanda", "last_name": "Frei"} | told,
        quantity=quantity,
    )
    return waiting.join(session, wish, user=user, opened=opened)


def give_back(session: Session) -> None:
    """The buyer of the session's places cancels."""
    orders.cancel(Order.objects.get(lines__session=session, lines__position=1, status=OrderStatus.PAID))


def now(entry: WaitingEntry) -> WaitingEntry:
    """What has become of it."""
    entry.refresh_from_db()
    return entry
