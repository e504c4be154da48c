"""The only code that takes or frees places.

``Session.seats_taken`` counts what carts hold and what orders keep. Whoever changes it locks the sessions first, all at
once and sorted by primary key, so that two buyers with the same two sessions never wait for each other. The CHECK
constraint on the counter is the belt: without the lock the database itself would still refuse to oversell.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.db.models import Count, F
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from shop.exceptions import NotBookable, SessionFull, TooManyPlaces
from shop.models import Cart, CartLine, Order, OrderLine, Session


@dataclass(frozen=True)
class Wanted:
    """So many places in one session."""

    session: Session
    quantity: int


def lock(session_ids: Iterable[int], *, at: datetime, cart: Cart | None = None) -> dict[int, Session]:
    """Lock the sessions until the transaction ends, free what lapsed in them, and return them as they are now.

    Call it once in a transaction, late, before looking. ``at`` (aware) decides which holds have run out. The sessions
    of a (locked) cart are locked together with the others.
    """
    wanted = set(session_ids)
    if cart is not None:
        in_cart = cart.lines.order_by().values_list("session", flat=True)
        # Either list alone finds its rows by the index; both joined by OR would read the whole table.
        wanted = wanted.union(in_cart) if wanted else in_cart
    locked = Session.objects.select_for_update(of=("self",)).select_related("project__tax_rule")
    sessions = {session.pk: session for session in locked.filter(pk__in=wanted).order_by("pk")}
    lapsed = list(
        CartLine.objects.lapsed(at)
        .filter(session__in=sessions)
        .order_by()
        .values_list("pk", "session", "quantity")
    )
    if lapsed:
        CartLine.objects.filter(pk__in=[pk for pk, _session, _quantity in lapsed]).update(is_held=False)
        for _pk, session_id, quantity in lapsed:
            free(sessions[session_id], quantity)
    return sessions


def take(session: Session, quantity: int) -> None:
    """Take places in a locked session. Raises ``SessionFull``, which tells how many are left."""
    left = session.capacity - session.seats_taken
    if quantity > left:
        raise SessionFull(session.title, left)
    _change(session, quantity)


def free(session: Session, quantity: int) -> None:
    """Give places of a locked session back."""
    _change(session, -quantity)


def _change(session: Session, by: int) -> None:
    Session.objects.filter(pk=session.pk).update(seats_taken=F("seats_taken") + by)
    session.seats_taken += by


def validate_lines(wanted: Iterable[Wanted], *, at: datetime, booked: dict[int, int]) -> None:
    """Refuse what nobody may book, or this buyer may not. Every step from cart to order asks here.

    ``booked`` has the places that the buyer already has in each session, by primary key. Free places are not looked
    at: ``take`` decides that. Raises ``NotBookable`` or ``TooManyPlaces``.
    """
    for line in wanted:
        limit = line.session.most_places
        reason = line.session.why_not_bookable(at)
        if reason:
            raise NotBookable(f"{line.session.title}: {reason}")
        has = booked.get(line.session.pk, 0)
        if has + line.quantity > limit:
            raise TooManyPlaces(_too_many(line.session.title, limit, has))


def validate_total(wanted: Iterable[Wanted]) -> None:
    """Refuse more places than fit into one order, lest one visitor hold them all. Raises ``TooManyPlaces``."""
    limit = settings.SHOP_MAX_PLACES_PER_CART
    if sum(line.quantity for line in wanted) > limit:
        raise TooManyPlaces(
            _("At most %(limit)d places fit into one order. Please write to us for a larger group.")
            % {"limit": limit}
        )


def booked_places(session_ids: Iterable[int], *, user, email: str) -> dict[int, int]:
    """Count the places that this person already has, by session. Nobody known by neither has any."""
    if user is None and not email:
        return {}
    orders = Order.objects.holding().of_buyer(user, email)
    rows = (
        OrderLine.objects.kept()
        .filter(session__in=list(session_ids), order__in=orders)
        .order_by()
        .values_list("session")
        .annotate(places=Count("pk"))
    )
    return dict(rows)


def _too_many(title: str, limit: int, has: int) -> str:
    message = ngettext(
        "At most %(limit)d place per person in “%(title)s”.",
        "At most %(limit)d places per person in “%(title)s”.",
        limit,
    ) % {"limit": limit, "title": title}
    if has:
        message += " " + _("You already have %(has)d.") % {"has": has}
    return message
