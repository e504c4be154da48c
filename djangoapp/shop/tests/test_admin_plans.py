"""What staff asks for daily is found by indexes, however many rows there are."""

import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models import Profile, User
from core.models import Mail
from shop.models import Coupon, Order, OrderLine, Payment, Session
from shop.tests.factories import CouponFactory, SessionFactory, UserFactory, order_for
from shop.tests.many import analyze, multiply

pytestmark = [pytest.mark.postgres, pytest.mark.django_db]


@pytest.fixture
def many() -> Order:
    """A shop with so many sessions, orders, payments and mails that reading a whole table would be slow."""
    session = SessionFactory()
    order = order_for((session, 1))
    mail = Mail.objects.create(kind="order_paid", to="a@example.org", dedupe_key="0", status="sent")
    later = "+ (n - 18000) * interval '1 hour'"  # most of them are over
    multiply(
        session,
        slug="'s' || n",
        starts_at=f"s.starts_at {later}",
        ends_at=f"s.ends_at {later}",
        seats_taken="0",
    )
    multiply(
        order,
        code="substr(md5(n::text), 1, 14)",
        email="'buyer' || n || '@example.org'",
        status="(array['paid', 'paid', 'paid', 'cancelled'])[1 + mod(n, 4)]",
        cart_id="null",
        billing_name="'Ana Käller' || n",
        billing_company="'Buyer' || n || ' AG'",
    )
    order_pk = f"{order.pk} + n"
    multiply(order.lines.get(), order_id=order_pk, attendee_last_name="'Guest' || n")
    people(order)
    multiply(
        order.payments.get(),
        order_id=order_pk,
        status="'paid'",
        is_fulfilling="true",
        idempotency_key="'k' || n",
        reference="'cs_' || n",
        charge_reference="'pi_' || n",
    )
    multiply(mail, to="'buyer' || n || '@example.org'", dedupe_key="n::text")
    analyze((Session, Order, OrderLine, Payment, Mail))
    return Order.objects.get(email="buyer777@example.org")


def people(order: Order) -> None:
    """Very many accounts, and coupons."""
    user = UserFactory()
    multiply(user, email="'person' || n || '@mail.example'", last_name="'Müller' || n")
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO accounts_profile (user_id, created_at, updated_at, picture, time_zone, membership_type, "
            "membership_status) SELECT id, now(), now(), '', '', 'business', 'approved' FROM accounts_user "
            "WHERE id NOT IN (SELECT user_id FROM accounts_profile)"
        )
    multiply(CouponFactory(), code="'SPRING' || n")
    analyze((User, Profile, Coupon))


def plans_of(client, address: str, table: str) -> list[str]:
    """How PostgreSQL finds the rows that the page counts and shows."""
    with CaptureQueriesContext(connection) as queries:
        assert client.get(address).status_code == 200
    asked = [query["sql"] for query in queries if f'FROM "{table}"' in query["sql"]]
    plans = []
    for sql in asked:
        with connection.cursor() as cursor:
            cursor.execute("EXPLAIN " + sql)
            plans.append("\n".join(row[0] for row in cursor.fetchall()))
    return plans


FOUND_BY = [
    ("shop_order", "", "shop_order_pkey"),
    ("shop_order", "?p=20", "shop_order_pkey"),
    ("shop_order", "?q=buyer777@example.org", "shop_order_email"),
    ("shop_order", "?q=buyer77@", "shop_order_email"),
    ("shop_order", "?q=k7qf2mxr9twb", "shop_order_code"),
    ("shop_order", "?q=Buyer777", "shop_order_words"),
    ("shop_order", "?q=guest777", "shop_orderline_words"),
    ("shop_order", "?q=k%C3%A4ller777+ana", "shop_order_words"),
    ("shop_order", "?q=nobody+at+all", "shop_order_words"),
    ("accounts_user", "?q=M%C3%BCller777", "accounts_user_words"),
    ("accounts_user", "?q=person777", "accounts_user_email"),
    ("accounts_profile", "?q=muller777&applications=all", "accounts_profile_user_id"),
    ("shop_coupon", "?q=SPRING777", "shop_coupon_code"),
    ("shop_order", "?status__exact=unfulfillable", "shop_order_ended"),
    ("shop_order", "?hand=late", "shop_order_ended"),
    ("shop_order", "?hand=desk", "shop_order_pending"),
    ("shop_payment", "?look=mismatched", "shop_payment_ended"),
    ("shop_payment", "?look=stranded", "shop_payment_stranded"),
    ("shop_payment", "?q=pi_777", "shop_payment_charge_reference"),
    ("shop_session", "", "shop_session_by_date"),
    ("shop_session", "?when=all", "shop_session_by_date"),
    ("shop_session", "?when=past", "shop_session_by_date"),
    ("core_mail", "?q=buyer777@example.org", "core_mail_to"),
    ("core_mail", "?q=buyer77@", "core_mail_to"),
    ("core_mail", "?status__exact=failed", "core_mail_failed"),
]


def test_lists_and_searches_are_found_by_their_indexes(owner, many):
    Order.objects.filter(pk=many.pk).update(code="K7QF-2MXR-9TWB")
    wrong = []
    for table, query, index in FOUND_BY:
        plans = plans_of(owner, reverse(f"admin:{table}_changelist") + query, table)
        if index not in "\n".join(plans) or any(reads_all(plan, table) for plan in plans):
            wrong.append("\n".join([f"{table}{query} is not found by {index}:", *plans]))

    assert not wrong, "\n\n".join(wrong)


def test_the_first_page_reads_no_large_table(owner, many):
    tables = ("shop_order", "shop_payment", "shop_session", "core_mail")
    plans = {table: plans_of(owner, reverse("admin:index"), table) for table in tables}

    assert all(plans.values())
    assert not [plan for table, found in plans.items() for plan in found if reads_all(plan, table)]


def reads_all(plan: str, table: str) -> bool:
    """Whether the whole table is read: PostgreSQL expects what it asks for to cost as much as that."""
    scan = re.search(rf"Seq Scan on {table} .*cost=[\d.]+\.\.([\d.]+)", plan)
    asked = re.search(r"cost=[\d.]+\.\.([\d.]+)", plan)
    return scan is not None and float(asked[1]) >= float(scan[1])
