"""What the door tells the shop of who came."""

import pytest
from django.utils import timezone

from attendance.models import Entry
from attendance.services import redeem, undo
from attendance.tests.factories import changeable_until_it_begins, session_today, tickets_for
from shop.exceptions import HasCome
from shop.models import Order, Refund
from shop.presence import which_came, who_came
from shop.services import own_orders, requests
from shop.tests.factories import SessionFactory, paid_order_for
from shop.tests.visiting import link, words_of

pytestmark = pytest.mark.django_db


def test_nobody_knows_where_nobody_kept_a_list():
    session = session_today()
    tickets_for(session, 2)

    assert who_came(session) is None


def test_who_was_let_in_came():
    session = session_today()
    came, stayed_away = tickets_for(session, 2)
    Entry.objects.create(ticket=came, session=session, arrived_at=timezone.now())

    assert who_came(session) == {came.line_id}
    assert which_came([came.line, stayed_away.line]) == {came.line_id}


# Who is inside gives nothing up


@pytest.fixture
def order() -> Order:
    """Two places that may be given up and moved until the session begins; the first is inside."""
    order = paid_order_for((changeable_until_it_begins(), 2))
    let_in(order)
    return order


def let_in(order: Order) -> Entry:
    line = order.lines.first()
    return redeem(line.ticket.code, session=line.session, by=None, nonce="one").entry


def test_who_came_in_can_neither_give_the_place_up_nor_move_it(order):
    inside, to_come = own_orders.choices_of(order, at=timezone.now())
    other_date = SessionFactory(project=inside.line.session.project)

    with pytest.raises(HasCome):
        own_orders.give_up(order, [inside.line], expected=inside.line.price)
    with pytest.raises(HasCome):
        own_orders.move(order, [inside.line], other_date, expected=0)

    assert (inside.can_give_up, inside.can_move, inside.can_ask) == (False, False, True)
    assert (to_come.can_give_up, to_come.can_move, to_come.can_ask) == (True, True, False)
    assert not Refund.objects.exists()
    assert order.lines.kept().count() == 2


def test_the_place_of_somebody_who_did_not_come_is_given_up_as_ever(order):
    _inside, to_come = order.lines.all()

    own_orders.give_up(order, [to_come], expected=to_come.price)

    assert order.lines.kept().count() == 1


def test_an_entry_that_was_undone_holds_nothing_up():
    order = paid_order_for((changeable_until_it_begins(), 1))
    undo(let_in(order), by=None)

    [choice] = own_orders.choices_of(order, at=timezone.now())

    assert (choice.can_give_up, choice.can_move) == (True, True)


def test_asking_for_money_does_not_give_up_a_place_whose_owner_is_inside(order):
    inside = order.lines.first()

    requests.ask(order, [inside], reason="Too loud", gives_up=True)

    assert inside in order.lines.kept()
    assert inside.ticket.is_valid


def test_the_pages_say_why(client):
    order = paid_order_for((changeable_until_it_begins(), 3))
    let_in(order)
    _inside, *others = order.lines.all()

    choosing = client.get(link(order, "give-up/"))
    own_orders.give_up(order, others, expected=sum(line.price for line in others))

    assert "Has come in already" in choosing.text
    for page in ("give-up/", "move/"):
        answer = client.get(link(order, page), follow=True)
        assert "Somebody has come in with that ticket" in words_of(answer)[0]
