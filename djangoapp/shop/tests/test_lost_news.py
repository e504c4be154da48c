"""Money that was taken back, and no notification told of it: looked for bit by bit, and all of it in the end."""

import pytest

from shop.models import Payment
from shop.services import lost_news, refunds
from shop.tests.factories import SessionFactory, order_for
from shop.tests.test_payments import start

pytestmark = pytest.mark.django_db


def test_where_the_time_is_too_short_the_next_run_goes_on(provider, monkeypatch):
    session = SessionFactory()
    for number in range(3):
        start(order_for((session, 1), provider="scripted", email=f"b{number}@example.org"))
    for payment in Payment.objects.all():
        provider.taken_back.append(f"ch_{payment.pk}")
        Payment.objects.filter(pk=payment.pk).update(charge_reference=f"ch_{payment.pk}")
    looked_at = []
    monkeypatch.setattr(refunds, "look_at_payment", looked_at.append)
    monkeypatch.setattr(lost_news, "in_time", lambda items, *, seconds: items[:1])

    for _run in range(3):
        lost_news.look_back()

    assert sorted(looked_at) == sorted(Payment.objects.values_list("pk", flat=True))
