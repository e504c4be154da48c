"""Places that move to another date of their project, with their money; and names that change."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.utils import timezone

from core.mail import send_due_mails
from core.models import Mail
from shop.enums import LedgerKind, OrderStatus, Subject
from shop.exceptions import (
    AmountChanged,
    DearerDate,
    NotBookable,
    NotChangeable,
    NotMovable,
    SessionFull,
    TooLateToMove,
    TooManyPlaces,
)
from shop.models import Order, OrderLine, Refund, Session
from shop.services import changes, moving, orders, own_orders, payments, refunds
from shop.services.balance import balance_of
from shop.services.integrity import problems
from shop.services.orders import Attendee
from shop.services.policy import terms_for
from shop.signals import order_changed
from shop.tests.factories import (
    CouponFactory,
    SessionFactory,
    UserFactory,
    cart_with,
    order_for,
    paid_order_for,
    purchase_for,
)
from shop.tests.test_cart import taken
from shop.tests.visiting import link, words_of

pytestmark = pytest.mark.django_db

PRICE = Decimal("85.00")
ZURICH = ZoneInfo("Europe/Zurich")
CHF = "CHF\N{NO-BREAK SPACE}"


@pytest.fixture
def session() -> Session:
    return SessionFactory(base_price=PRICE, starts_at=timezone.now() + timedelta(days=10))


@pytest.fixture
def other(session) -> Session:
    """Another date of the same project, at the same price."""
    return date_of(session, days=20)


def date_of(session: Session, *, days: float, **fields) -> Session:
    fields = {"base_price": PRICE, **fields}
    return SessionFactory(project=session.project, starts_at=timezone.now() + timedelta(days=days), **fields)


@pytest.fixture
def order(session) -> Order:
    return paid_order_for((session, 2))


def lines_of(order: Order) -> list[OrderLine]:
    return list(OrderLine.objects.filter(order=order).order_by("position"))


def test_a_place_moves_with_its_person_and_its_money(order, session, other):
    heard = []

    def listener(sender, order, added, cancelled, **kwargs):
        heard.append((added, cancelled))

    order_changed.connect(listener)
    first, second = lines_of(order)

    [moved] = moving.move_lines(order, [first], other)

    order_changed.disconnect(listener)
    first.refresh_from_db()
    assert (moved.moved_from, moved.position, moved.session) == (first, 3, other)
    assert (moved.attendee_name, moved.price, moved.tax) == (first.attendee_name, PRICE, first.tax)
    assert (first.cancelled_at is not None, first.fee) == (True, 0)
    assert (taken(session), taken(other), list(order.lines.kept())) == (1, 1, [second, moved])
    assert heard == [([moved], [first])]
    assert balance_of(order).owed == 0
    assert list(order.history.filter(subject=Subject.LINE).values_list("subject_id", "to_status")) == [
        (first.pk, "moved"),
        (moved.pk, "booked"),
    ]
    assert problems() == []


def test_moving_twice_moves_once(order, other):
    first, _second = lines_of(order)

    moving.move_lines(order, [first], other)

    assert moving.move_lines(order, [first], other) == []
    assert taken(other) == 1


def test_a_place_may_move_on_and_come_back(order, session, other):
    first, _second = lines_of(order)

    [there] = moving.move_lines(order, [first], other)
    [back] = moving.move_lines(order, [there], session)

    assert (taken(session), taken(other), back.moved_from) == (2, 0, there)
    assert [money.worth for money in balance_of(order).lines] == [PRICE, PRICE]
    assert problems() == []


def test_what_is_cheaper_there_is_owed(order, session):
    cheaper = date_of(session, days=20, base_price=Decimal(60))
    first, _second = lines_of(order)

    [moved] = moving.move_lines(order, [first], cheaper)
    refund = refunds.refund_owed(order, reason="Cheaper there", lines=[moved])

    assert refund.amount == Decimal(25)
    assert order.ledger.filter(kind=LedgerKind.CHANGE).count() == 2
    assert problems() == []
    changes.cancel_lines(order, [moved], fees={moved.pk: Decimal(10)})
    assert balance_of(order).owed == Decimal(50)
    assert problems() == []


def test_what_is_dearer_there_is_refused(order, session):
    dearer = date_of(session, days=20, base_price=Decimal(90))

    with pytest.raises(DearerDate, match=f"{CHF}5 more"):
        moving.move_lines(order, lines_of(order), dearer)

    assert (taken(dearer), order.lines.kept().count()) == (0, 2)


def test_staff_may_keep_the_price(order, session):
    dearer = date_of(session, days=20, base_price=Decimal(90), is_published=False)

    moved = moving.move_lines(order, lines_of(order), dearer, keeps_price=True, is_staff=True)

    assert [(line.price, line.list_price, line.price_reason) for line in moved] == [
        (PRICE, Decimal(90), "As it was paid for")
    ] * 2
    assert problems() == []


def test_a_coupon_goes_along_in_proportion(session):
    cheaper = date_of(session, days=20, base_price=Decimal(60))
    cart = cart_with((session, 1), coupon=CouponFactory(value=Decimal(10)))
    order = paid_order_for_cart(cart)

    [moved] = moving.move_lines(order, lines_of(order), cheaper)

    assert (moved.unit_price, moved.discount, moved.price) == (Decimal(60), Decimal(6), Decimal(54))
    assert balance_of(order).owed == Decimal("22.50")


def paid_order_for_cart(cart) -> Order:
    return payments.mark_paid_at_desk(orders.place_order(cart, purchase_for(cart)), actor=None)


def test_what_was_taken_off_stays_off(order, other):
    first, _second = lines_of(order)
    payment = order.payments.get()
    refunds.request(payment, Decimal(20), reason="Cold", lines={first.pk: Decimal(20)})

    [moved] = moving.move_lines(order, [first], other)

    assert (moved.allowance, balance_of(order).owed) == (Decimal(20), 0)
    assert problems() == []


@pytest.mark.parametrize(
    ("fields", "refusal"),
    [
        ({"capacity": 1}, SessionFull),
        ({"is_published": False}, NotBookable),
        ({"days": -1}, NotBookable),
        ({"most_per_buyer": 1}, TooManyPlaces),
    ],
)
def test_the_other_date_must_be_one_that_could_be_booked(fields, refusal, order, session):
    to = date_of(session, **{"days": 20, **fields})

    with pytest.raises(refusal):
        moving.move_lines(order, lines_of(order), to)

    assert (taken(session), taken(to)) == (2, 0)


def test_other_projects_and_the_same_date_are_refused(order, session):
    with pytest.raises(NotMovable, match="same workshop"):
        moving.move_lines(order, lines_of(order), SessionFactory())
    with pytest.raises(NotMovable, match="already"):
        moving.move_lines(order, lines_of(order), session)


def test_an_order_that_is_not_paid_does_not_move(session, other):
    order = order_for((session, 1))

    with pytest.raises(NotMovable, match="confirmed"):
        moving.move_lines(order, lines_of(order), other)


def test_staff_does_not_move_into_the_past(order, session):
    with pytest.raises(NotMovable, match="over"):
        moving.move_lines(order, lines_of(order), date_of(session, days=-1), is_staff=True)


# By the buyer


def test_the_buyer_moves_in_time_and_gets_the_difference(order, session, mailoutbox):
    cheaper = date_of(session, days=20, base_price=Decimal(60))
    first, _second = lines_of(order)

    done = own_orders.move(order, [first], cheaper, expected=Decimal(25))
    again = own_orders.move(order, [first], cheaper, expected=Decimal(25))
    send_due_mails()

    assert (done.refund.amount, again.lines) == (Decimal(25), [])
    assert Mail.objects.filter(kind="places_moved").count() == 1
    letter = next(mail for mail in mailoutbox if mail.subject.startswith("Moved to"))
    for version in (letter.body, letter.alternatives[0][0]):
        assert f"{CHF}25" in version
        assert "Ana Keller 0" in version
        assert "Ana Keller 1" not in version
    assert [name for name, _content, _type in letter.attachments] == [
        f"tickets-{order.code}.pdf",
        f"{order.code}.ics",
    ]


def test_another_difference_than_was_shown_changes_nothing(order, other):
    with pytest.raises(AmountChanged):
        own_orders.move(order, lines_of(order), other, expected=Decimal(25))

    assert (taken(other), Refund.objects.count(), Mail.objects.filter(kind="places_moved").count()) == (
        0,
        0,
        0,
    )


def test_it_can_be_too_late(order, session, other):
    with time_machine.travel(session.starts_at - timedelta(days=1)), pytest.raises(TooLateToMove):
        own_orders.move(order, lines_of(order), other, expected=Decimal(0))


@pytest.mark.parametrize(
    ("night", "last_moment"),
    [
        # Two days before 18:00 is 18:00, whether the days between have 47 hours or 49.
        (datetime(2027, 3, 28, 2, tzinfo=ZURICH), datetime(2027, 3, 27, 17, tzinfo=UTC)),
        (datetime(2027, 10, 31, 2, tzinfo=ZURICH), datetime(2027, 10, 30, 16, tzinfo=UTC)),
    ],
)
def test_the_last_moment_to_move_is_told_by_the_clock_across_a_change_night(night, last_moment):
    begins = (night + timedelta(days=1)).replace(hour=18)
    with time_machine.travel(night - timedelta(days=20)):
        session = SessionFactory(base_price=PRICE, starts_at=begins.astimezone(UTC))
        other = date_of(session, days=60)
        order = paid_order_for((session, 2))
    first, second = lines_of(order)

    with time_machine.travel(last_moment, tick=False):
        [moved] = own_orders.move(order, [first], other, expected=Decimal(0)).lines
    just_after = time_machine.travel(last_moment + timedelta(seconds=1), tick=False)
    with just_after, pytest.raises(TooLateToMove):
        own_orders.move(order, [second], other, expected=Decimal(0))

    assert (moved.session, taken(session), taken(other)) == (other, 1, 1)
    assert problems() == []


def test_who_moves_while_cancelling_costs_a_fee_does_not_get_out_of_it(order, session, other):
    with time_machine.travel(session.starts_at - timedelta(days=5)):
        [moved] = own_orders.move(order, lines_of(order)[:1], other, expected=Decimal(0)).lines
        choices = own_orders.choices_of(order, at=timezone.now())

    fee = next(choice.fee for choice in choices if choice.line == moved)
    assert fee == Decimal("42.50")
    assert moved.promise[0].startswith("Until ")
    assert "42.50" in moved.promise[0]


def test_who_moves_early_has_the_terms_of_the_new_date(order, session, other):
    [moved] = own_orders.move(order, lines_of(order)[:1], other, expected=Decimal(0)).lines

    moved = OrderLine.objects.get(pk=moved.pk)
    assert terms_for(moved).free_until == other.starts_at - timedelta(days=7)


# The pages


def test_dates_are_shown_with_what_they_mean(client, order, session):
    same, cheaper, dearer, full = (
        date_of(session, days=days, **fields)
        for days, fields in [
            (20, {}),
            (30, {"base_price": Decimal(60)}),
            (40, {"base_price": Decimal(90)}),
            (50, {"capacity": 1}),
        ]
    )

    page = client.get(link(order, "move/")).text

    assert f'value="{same.slug}"' in page
    assert f'value="{cheaper.slug}"' in page
    assert f'value="{dearer.slug}"' not in page
    assert f'value="{full.slug}"' not in page
    assert f"{CHF}50 goes back to you" in page
    assert f"Costs {CHF}5 more for each place" in page
    assert "Not enough places left" in page


def test_moving_is_shown_and_confirmed(client, order, session):
    cheaper = date_of(session, days=20, base_price=Decimal(60))
    wanted = {"session": session.slug, "place": "2", "to": cheaper.slug}

    confirming = client.get(link(order, "move/"), wanted)
    assert "Move to this date?" in confirming.text
    assert f"{CHF}25" in confirming.text
    assert taken(cheaper) == 0
    wrong = client.post(link(order, "move/"), wanted | {"expected": "0"})
    assert (wrong.status_code, taken(cheaper)) == (409, 0)

    answer = client.post(link(order, "move/"), wanted | {"expected": "25.00"}, follow=True)

    assert words_of(answer) == ["Done: see you on the new date. A letter confirms it."]
    assert (taken(session), taken(cheaper)) == (1, 1)
    assert "Moved" in answer.text


def test_which_session_is_asked_first_where_there_are_several(client, session, other):
    order = paid_order_for((session, 1), (SessionFactory(base_price=PRICE), 1))

    page = client.get(link(order, "move/"))

    assert "What do you want to move?" in page.text
    assert f"?session={session.slug}" in page.text
    assert "To which date?" in client.get(link(order, "move/"), {"session": session.slug}).text


def test_nonsense_chooses_nothing(client, order, other):
    page = client.get(link(order, "move/"), {"session": "x", "place": ["9", "x"], "to": "nowhere"})

    assert page.status_code == 200
    assert "Choose who moves" in page.text


def test_going_on_without_a_place_asks_for_one(client, order, other):
    wanted = {"session": order.lines.first().session.slug, "to": other.slug, "choose": "1"}

    page = client.get(link(order, "move/"), wanted)

    assert "Please choose at least one place." in page.text
    assert "Who moves?" in page.text


def test_without_another_date_the_page_says_so(client, order):
    assert "There is no other date" in client.get(link(order, "move/")).text


# Names


def test_names_change_until_the_session_begins(order, session):
    first, second = lines_of(order)
    names = {line.pk: Attendee("Jon", f"Bär {line.position}") for line in (first, second)}

    changed = own_orders.rename(order, names)
    again = own_orders.rename(order, names)
    with time_machine.travel(session.starts_at):
        late = own_orders.rename(order, {first.pk: Attendee("Too", "Late")})

    assert ([line.attendee_name for line in changed], again, late) == (["Jon Bär 1", "Jon Bär 2"], [], [])
    assert [line.attendee_name for line in lines_of(order)] == ["Jon Bär 1", "Jon Bär 2"]
    assert order.history.filter(subject=Subject.LINE, note="Another name").count() == 2


def test_names_of_an_order_that_is_over_stay(order):
    orders.cancel(order)

    with pytest.raises(NotChangeable):
        own_orders.rename(order, {lines_of(order)[0].pk: Attendee("Jon", "Bär")})


def test_names_are_written_on_their_page(client, order):
    page = client.get(link(order, "names/"))
    assert 'value="Keller 0"' in page.text
    data = {"first_1": "Zoë", "last_1": "Ångström", "first_2": "Ana", "last_2": "Keller 1"}

    empty = client.post(link(order, "names/"), data | {"last_1": " "})
    answer = client.post(link(order, "names/"), data, follow=True)

    assert empty.status_code == 422
    assert words_of(answer) == ["The names are changed."]
    assert "Zoë Ångström" in answer.text
    assert order.lines.get(position=1).attendee_name == "Zoë Ångström"


def test_staff_may_be_named_in_the_history(order):
    staff = UserFactory()

    own_orders.rename(order, {lines_of(order)[0].pk: Attendee("Jon", "Bär")}, actor=staff)

    assert order.history.get(note="Another name").actor == staff
    assert order.status == OrderStatus.PAID
