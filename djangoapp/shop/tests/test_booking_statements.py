"""A whole booking, counted: what one sale costs the database."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django_q.conf import Conf

from shop.enums import PaymentStatus
from shop.models import Order
from shop.tests.factories import SessionFactory
from shop.tests.visiting import filled_in

MOST_STATEMENTS = 60


@pytest.mark.django_db(transaction=True)
def test_a_booking_costs_the_database_at_most_sixty_statements(client, provider, monkeypatch):
    """From the session's page to the confirmed order, with every BEGIN, COMMIT and count of a limit."""
    # Mails are handed to the queue, as in an installation with a worker, and not sent within the page.
    monkeypatch.setattr(Conf, "SYNC", False)
    session = SessionFactory()
    SessionFactory(project=session.project)
    costs = {}

    def step(name: str, ask):
        with CaptureQueriesContext(connection) as captured:
            response = ask()
        costs[name] = len(captured)
        return response

    step("session", lambda: client.get(session.get_absolute_url()))
    step("add", lambda: client.post("/cart/add/", {"session": session.slug, "quantity": 2}))
    step("cart", lambda: client.get("/cart/"))
    step("checkout", lambda: client.get("/checkout/"))
    filled = filled_in(client, provider="scripted")
    step("order", lambda: client.post("/checkout/", filled))
    order = Order.objects.get()
    provider.say(order.payments.get(), PaymentStatus.PAID)
    returned = step("return", lambda: client.get(f"{order.get_absolute_url()}return/"))
    confirmed = step("confirmed", lambda: client.get(returned.url))

    assert "Your booking is confirmed" in confirmed.content.decode()
    assert sum(costs.values()) <= MOST_STATEMENTS, costs
