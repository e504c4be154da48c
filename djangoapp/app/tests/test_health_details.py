"""The page that tells staff which part of the installation needs a look."""

from datetime import timedelta

import pytest
from django.core.cache import cache
from django.urls import reverse
from django.utils import timezone
from django_q.models import Schedule

from app import health
from core.models import Mail, MailStatus
from shop.models import Session
from shop.tests.factories import SessionFactory, UserFactory, paid_order_for
from tests.support.servers import free_port

pytestmark = pytest.mark.django_db


@pytest.fixture
def staff(client):
    client.force_login(UserFactory(is_staff=True))
    return client


@pytest.fixture(autouse=True)
def a_worker_on_time(settings):
    settings.Q_CLUSTER = settings.Q_CLUSTER | {"sync": False}
    cache.clear()
    soon = timezone.now() + timedelta(minutes=1)
    return Schedule.objects.create(func="a", schedule_type=Schedule.MINUTES, minutes=1, next_run=soon)


def parts(client) -> dict[str, dict]:
    answer = client.get(reverse("health_details"), headers={"Accept": "application/json"})
    return {part["name"]: part for part in answer.json()["parts"]}


def test_when_all_is_well_the_page_says_so(staff):
    page = staff.get(reverse("health_details")).content.decode()

    assert "All parts are well." in page
    assert "Needs a look" not in page


def test_programs_get_the_same(staff, settings):
    settings.VERSION, settings.COMMIT, settings.CHART_VERSION = "1.2.3", "0123456789abcdef", "1.2.0"

    told = staff.get(reverse("health_details"), headers={"Accept": "application/json"}).json()

    assert told["is_well"] is True
    assert told["parts"][0]["text"] == "1.2.3, 0123456789ab, installed by chart 1.2.0"


def test_what_needs_a_look_is_told(staff, a_worker_on_time):
    Schedule.objects.update(next_run=timezone.now() - timedelta(hours=2, minutes=5))
    Mail.objects.create(kind="x", to="a@example.org", dedupe_key="x", status=MailStatus.FAILED)
    session = SessionFactory(capacity=2)
    paid_order_for((session, 2))
    Session.objects.filter(pk=session.pk).update(capacity=1, seats_taken=1)

    page = staff.get(reverse("health_details")).content.decode()
    told = parts(staff)

    assert "Needs a look: Background work, Mails, Places." in page
    assert told["Background work"] == {
        "name": "Background work",
        "is_well": False,
        "text": "no worker for 2 hours; nothing waits",
    }
    assert not told["Mails"]["is_well"]
    assert told["Places"]["text"] == "1 session is oversold"


def test_on_a_laptop_no_worker_is_needed(staff, settings):
    settings.Q_CLUSTER = settings.Q_CLUSTER | {"sync": True}

    assert parts(staff)["Background work"]["is_well"] is None


def test_where_no_worker_ever_ran_that_is_told(staff):
    Schedule.objects.all().delete()

    assert parts(staff)["Background work"]["text"] == "no worker has ever run"


def test_without_stripe_there_is_nothing_to_judge(staff, settings):
    settings.SHOP_PAYMENT_PROVIDERS = {"desk": "payments.providers.desk.PayAtDesk"}

    assert parts(staff)["Stripe"]["is_well"] is None


def test_a_cache_that_is_away_is_told_and_the_page_opens_all_the_same(staff, settings):
    settings.CACHES = settings.CACHES | {
        "default": {
            "BACKEND": "core.caches.SharedRedisCache",
            "LOCATION": f"redis://127.0.0.1:{free_port()}/0",
        }
    }

    told = parts(staff)["Cache"]

    assert not told["is_well"]
    assert told["text"] == "Redis does not answer; each process remembers for itself"


def test_of_what_breaks_only_the_kind_is_told(staff, monkeypatch):
    def break_down():
        raise ConnectionError("redis://:password@cache.example.org")

    monkeypatch.setattr(health, "shared_cache", break_down)

    assert parts(staff)["Cache"]["text"] == "does not answer (ConnectionError)"
