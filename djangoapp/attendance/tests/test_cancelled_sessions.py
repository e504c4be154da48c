"""A session that does not take place lets nobody in."""

import pytest

from attendance.models import Ticket
from shop.services import cancelling
from shop.tests.factories import SessionFactory, paid_order_for

pytestmark = pytest.mark.django_db


def test_tickets_of_a_cancelled_session_are_worthless_and_others_stay():
    session, other = SessionFactory(), SessionFactory()
    paid_order_for((session, 2), (other, 1))

    cancelling.work(cancelling.begin(session).pk)

    assert [ticket.line.session for ticket in Ticket.objects.valid()] == [other]
