"""Where demo data may be loaded, and what the command says of it."""

import io

import pytest
from django.core.management import CommandError, call_command

from accounts.models import User
from shop.models import Project

pytestmark = pytest.mark.django_db


def load(out: io.StringIO | None = None) -> None:
    call_command("load_demo", stdout=out or io.StringIO())


def test_demo_data_is_refused_where_it_does_not_belong(settings):
    settings.ALLOW_DEMO_DATA = False

    with pytest.raises(CommandError, match="do not allow demo data"):
        load()

    assert not User.objects.exists()


def test_a_load_that_fails_leaves_nothing_behind(monkeypatch):
    monkeypatch.setattr("shop.demo_sales.payments.mark_paid_at_desk", lambda *_args, **_more: 1 / 0)

    with pytest.raises(ZeroDivisionError):
        load()

    assert not User.objects.exists()
    assert not Project.objects.exists()


def test_a_load_that_is_watched_tells_how_far_it_is(monkeypatch):
    monkeypatch.setattr("shop.demo.Till.make_sales", lambda till: [])
    out = io.StringIO()
    out.isatty = lambda: True

    load(out)

    assert "14 projects" in out.getvalue()
