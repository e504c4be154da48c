"""What the door tells the shop of who came."""

import pytest
from django.utils import timezone

from attendance.models import Entry
from attendance.tests.factories import session_today, tickets_for
from shop.presence import who_came

pytestmark = pytest.mark.django_db


def test_nobody_knows_where_nobody_kept_a_list():
    session = session_today()
    tickets_for(session, 2)

    assert who_came(session) is None


def test_who_was_let_in_came():
    session = session_today()
    came, _stayed_away = tickets_for(session, 2)
    Entry.objects.create(ticket=came, session=session, arrived_at=timezone.now())

    assert who_came(session) == {came.line_id}
