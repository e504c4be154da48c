"""A cancelled session as everybody sees it, and the page on which the owner cancels one."""

import pytest
from django.urls import reverse

from core.mail import send_due_mails
from shop.models import Refund, Session, SessionCancellation
from shop.services import cancelling, refunds
from shop.tests.factories import SessionFactory, paid_order_for
from shop.tests.queues import full_session, wait_for
from shop.tests.staff import page_of, staff_with
from shop.tests.visiting import HTMX

pytestmark = pytest.mark.django_db


def page(session: Session) -> str:
    return reverse("admin:shop_session_cancel", args=[session.pk])


@pytest.fixture
def cancelled() -> Session:
    session = SessionFactory()
    cancelling.begin(session)
    session.refresh_from_db()
    return session


def test_its_page_says_so_and_sells_nothing(client, cancelled):
    response = client.get(cancelled.get_absolute_url())
    text = response.content.decode()

    assert response.status_code == 410
    assert "This session does not take place." in text
    assert "Reserve" not in text
    assert "EventCancelled" in text
    assert "noindex" in text


def test_lists_show_it_as_cancelled(client, cancelled):
    for query in ("", f"?view=month&month={cancelled.local_start:%Y-%m}"):
        text = client.get(f"{reverse('shop:session_list')}{query}").content.decode().lower()
        assert cancelled.get_absolute_url() in text
        assert "cancelled" in text


def test_it_is_nobodys_next_date(client, cancelled):
    project = cancelled.project
    assert cancelled.get_absolute_url() not in client.get(project.get_absolute_url()).content.decode()
    assert cancelled.get_absolute_url() not in client.get("/").content.decode()
    other = SessionFactory(project=project)
    assert cancelled.get_absolute_url() not in client.get(other.get_absolute_url()).content.decode()


def test_programs_are_told(client, cancelled):
    told = client.get(reverse("api:session_detail", args=[cancelled.slug])).json()

    assert told["availability"] == "cancelled"


def test_nobody_puts_it_into_a_cart(client, cancelled):
    client.post("/cart/add/", {"session": cancelled.slug, "quantity": 1})

    assert client.get("/cart/").context["rows"] == []


def test_the_owner_reads_what_it_means_and_confirms(owner, django_assert_max_num_queries):
    session = full_session(3)
    wait_for(session)
    assert page(session) in owner.get(page_of(session)).content.decode()

    with django_assert_max_num_queries(12):
        text = owner.get(page(session)).content.decode()
    assert "refund CHF\xa0255" in text
    assert "CHF\xa0255 of it was paid at the desk" in text
    assert "One person on the waiting list is told" in text

    refused = owner.post(page(session), {"words": "No kiln."})
    assert refused.status_code == 422
    assert not SessionCancellation.objects.exists()

    owner.post(page(session), {"words": "No kiln.", "is_sure": "on"})
    cancellation = SessionCancellation.objects.get()
    cancelling.work(cancellation.pk)
    text = owner.get(page(session)).content.decode()
    assert "3 of 3" in text
    assert "No kiln." in text
    assert cancellation.by.email == "owner@example.org"


def test_the_page_asks_for_news_while_work_is_left(owner):
    session = full_session(2)
    cancellation = cancelling.begin(session)
    progress = reverse("admin:shop_session_progress", args=[session.pk])

    before = owner.get(progress, headers=HTMX).content.decode()
    cancelling.work(cancellation.pk)
    send_due_mails()
    after = owner.get(progress, headers=HTMX).content.decode()

    assert ("hx-trigger" in before, "hx-trigger" in after) == (True, False)
    assert "0 of 2" in before


def test_all_is_done_once_the_money_is_handed_out(owner):
    session = full_session(2)
    cancellation = cancelling.begin(session)
    cancelling.work(cancellation.pk)
    send_due_mails()

    before = owner.get(page(session)).content.decode()
    for refund in Refund.objects.all():
        refunds.pay_out(refund, actor=None)
    after = owner.get(page(session)).content.decode()

    assert "CHF\xa0170 to be paid out at the desk (one order)" in before
    assert "CHF\xa00 refunded, CHF\xa00 on the way" in before
    assert "?hand=desk" in before
    assert "All is done" not in before
    assert "All is done" in after
    assert "to be paid out" not in after


def test_a_session_without_bookings_is_cancelled_as_well(owner):
    session = SessionFactory()

    assert "Nobody has booked" in owner.get(page(session)).content.decode()
    owner.post(page(session), {"is_sure": "on"})

    session.refresh_from_db()
    assert session.is_cancelled
    assert "Cancelled" in owner.get(reverse("admin:shop_session_changelist")).content.decode()


def test_what_has_taken_place_is_refused_with_a_word(owner):
    session = SessionFactory()
    Session.objects.filter(pk=session.pk).update(starts_at="2026-01-05T10:00Z", ends_at="2026-01-05T12:00Z")

    response = owner.post(page(session), {"is_sure": "on"}, follow=True)

    assert "has taken place already" in response.content.decode()
    assert not SessionCancellation.objects.exists()


@pytest.mark.parametrize("missing", ["change_session", "change_order", "change_refund"])
def test_it_takes_the_right_to_change_sessions_orders_and_refunds(missing):
    session = SessionFactory()
    paid_order_for((session, 1))
    rights = {"view_session", "change_session", "change_order", "change_refund"} - {missing}
    client = staff_with(*rights)

    assert client.get(page(session)).status_code == 403
    assert client.post(page(session), {"is_sure": "on"}).status_code == 403
    assert page(session) not in client.get(page_of(session)).content.decode()
    assert not SessionCancellation.objects.exists()


def test_a_cancelling_that_hangs_is_staffs_next_thing(owner):
    session = full_session(2)
    cancelling.begin(session)
    assert "not given up yet" not in owner.get("/admin/").content.decode()

    SessionCancellation.objects.update(created_at="2026-01-01T10:00Z")

    text = owner.get("/admin/").content.decode()
    assert "1 cancelled session has orders that are not given up yet" in text
    assert page(session) in text
