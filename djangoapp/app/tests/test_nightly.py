"""What is done each night, and what becomes of it when something does not add up."""

from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from shop.models import Session
from shop.tests.factories import SessionFactory

pytestmark = pytest.mark.django_db


def test_a_quiet_night():
    SessionFactory()
    out = StringIO()

    call_command("nightly", stdout=out)

    assert "Places, orders, coupons and money agree" in out.getvalue()


def test_what_does_not_add_up_is_named_and_the_rest_runs_all_the_same(settings):
    Session.objects.filter(pk=SessionFactory(capacity=5).pk).update(seats_taken=2)
    settings.NIGHTLY_COMMANDS = [["check_integrity"], ["no_such_command"], ["recount_polls", "--check"]]
    out, err = StringIO(), StringIO()

    with pytest.raises(CommandError, match="check_integrity, no_such_command"):
        call_command("nightly", stdout=out, stderr=err)

    assert "2 places taken, but 0 held" in err.getvalue()
    assert "All counters are right." in out.getvalue()
