"""Pages that people open all day read no large table from end to end, however many rows there are.

Reports sum up months and may read what they sum up; their figures are remembered for some minutes.
``shop/tests/test_admin_plans.py`` says by which index staff's searches find their rows.
"""

import json
from collections.abc import Iterator

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from attendance.models import Entry, Ticket
from attendance.services import walk_in
from core.models import Mail
from shop.models import Invoice, LedgerEntry, Order, OrderLine, Payment, Session, Transition
from shop.services import invoices
from shop.tests.factories import SessionFactory, UserFactory, member, paid_order_for
from shop.tests.many import analyze, multiply
from shop.tests.visiting import holding

pytestmark = [pytest.mark.postgres, pytest.mark.django_db]

PROJECTS, SESSIONS, BOOKINGS = 40, 3_000, 15_000
LARGE = 2_000  # rows from which on a table is one that grows with the shop


@pytest.fixture
def buyer():
    """A member who booked two hundred times."""
    return member()


@pytest.fixture
def session(buyer) -> Session:
    """A session of a shop of some years, most of whose sessions are over; everybody came who had booked one."""
    session = SessionFactory(capacity=10)
    multiply(session.project, PROJECTS, slug="'p' || n")
    later = "+ (n - 2900) * interval '1 day'"
    multiply(
        session,
        SESSIONS,
        slug="'s' || n",
        starts_at=f"s.starts_at {later}",
        ends_at=f"s.ends_at {later}",
        seats_taken="5",
        project_id=f"{session.project_id} + mod(n, {PROJECTS})",
    )
    order = paid_order_for((session, 1), user=buyer)
    pk = f"{order.pk} + n"
    of_session = f"{session.pk} + 1 + mod(n, {SESSIONS})"
    [line], [payment] = order.lines.all(), order.payments.all()
    [invoice] = invoices.bring_up_to_date(order)
    ticket = Ticket.objects.get()
    entry = walk_in(session, "Ana", "Keller").entry
    multiply(
        order,
        BOOKINGS,
        code="substr(md5(n::text), 1, 14)",
        email="'buyer' || n || '@example.org'",
        cart_id="null",
        customer_id=f"case when mod(n, 150) = 0 then {buyer.pk} end",
    )
    multiply(line, BOOKINGS, order_id=pk, session_id=of_session)
    multiply(
        payment,
        BOOKINGS,
        order_id=pk,
        idempotency_key="'k' || n",
        reference="'cs_' || n",
        charge_reference="'pi_' || n",
    )
    multiply(ticket, BOOKINGS, code="upper(substr(md5(n::text), 1, 26))", line_id=f"{line.pk} + n")
    multiply(invoice, BOOKINGS, order_id=pk, sequence="s.sequence + n", number="'N' || n")
    multiply(
        entry,
        BOOKINGS,
        ticket_id=f"{ticket.pk} + n",
        session_id=of_session,
        arrived_at="s.arrived_at - n * interval '1 hour'",
        changed_at="s.arrived_at - n * interval '1 hour'",
    )
    multiply(Transition.objects.filter(order=order).last(), BOOKINGS, order_id=pk)
    multiply(
        LedgerEntry.objects.filter(order=order).last(),
        BOOKINGS,
        order_id=pk,
        key="'k' || n",
        booked_at="s.booked_at - n * interval '3 hours'",
    )
    multiply(Mail.objects.last(), BOOKINGS, to="'buyer' || n || '@example.org'", dedupe_key="n::text")
    analyze((Session, Order, OrderLine, Payment, Ticket, Invoice, Entry, Transition, LedgerEntry, Mail))
    return session


@pytest.fixture
def quick_seeks():
    """Plans as on a disk without heads. Where seeking is dear, some thousand rows leave the choice to chance."""
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL random_page_cost = 1.1")


def large_tables() -> set[str]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT relname FROM pg_class WHERE relkind = 'r' AND reltuples >= %s", [LARGE])
        return {name for (name,) in cursor.fetchall()}


def pages_of_visitors(session: Session, order: Order) -> list[str]:
    page, link = session.get_absolute_url(), order.get_absolute_url()
    return [
        "/",
        "/sessions/",
        "/sessions/?page=20",
        "/sessions/?view=month",
        f"/sessions/?q=apple&price=100&from={timezone.localdate()}",
        f"/sessions/?category={session.project.category.slug}",
        "/sessions.ics",
        page,
        f"{page.rstrip('/')}.ics",
        "/projects/",
        session.project.get_absolute_url(),
        "/search/?q=apple",
        "/cart/",
        "/checkout/",
        link,
        *(
            f"{link}{rest}"
            for rest in ("return/", "invoices/", "give-up/", "move/", "names/", "calendar.ics")
        ),
        f"/tickets/{Ticket.objects.get(line__order=order).code}/",
        "/api/v1/sessions/",
        f"/api/v1/sessions/{session.slug}/",
        "/api/v1/projects/",
        "/sitemap.xml",
    ]


def pages_of_staff(session: Session, order: Order) -> list[str]:
    day = timezone.localdate()
    orders = reverse("admin:shop_order_changelist")
    return [
        "/door/",
        f"/door/{session.pk}/",
        f"/door/{session.pk}/list.json",
        f"/door/{session.pk}/news.json",
        f"/door/sheets/?date={day}",
        f"/door/sheets/?session={session.slug}",
        f"/door/sheets/attendance.csv?date={day}",
        f"/door/sheets/{session.pk}/sign-in/",
        reverse("admin:index"),
        orders,
        *(f"{orders}?q={words}" for words in (order.code, "buyer777@example.org", "keller")),
        reverse("admin:shop_order_change", args=[order.pk]),
        *(
            reverse(f"admin:{table}_changelist")
            for table in ("shop_session", "attendance_ticket", "attendance_entry", "core_mail")
        ),
    ]


def read_whole(sql: str) -> Iterator[str]:
    """The tables that PostgreSQL would read from end to end for a statement; up to a limit is not to the end."""
    with connection.cursor() as cursor:
        cursor.execute("EXPLAIN (FORMAT JSON) " + sql)
        [(plan,)] = cursor.fetchall()
    nodes = [({}, (plan if isinstance(plan, list) else json.loads(plan))[0]["Plan"])]
    while nodes:
        above, node = nodes.pop()
        nodes += [(node, below) for below in node.get("Plans", [])]
        if node["Node Type"] == "Seq Scan" and above.get("Node Type") != "Limit":
            yield node["Relation Name"]


def whole_reads(client: Client, paths: list[str]) -> list[str]:
    """Each statement of these pages that reads a large table from end to end."""
    large, found = large_tables(), []
    assert {"shop_session", "shop_order", "shop_orderline", "attendance_ticket", "attendance_entry"} <= large
    for path in paths:
        with CaptureQueriesContext(connection) as asked:
            response = client.get(path)
            b"".join(response) if response.streaming else None
        assert response.status_code in (200, 302), (path, response.status_code)
        for sql in dict.fromkeys(query["sql"] for query in asked):
            if sql.startswith("SELECT") and (whole := large & set(read_whole(sql))):
                found.append(f"{path} reads all of {', '.join(sorted(whole))}: {sql}")
    return found


def test_no_page_reads_a_large_table_from_end_to_end(session, buyer, quick_seeks):
    order = Order.objects.order_by("pk").first()
    guest, customer, owner = Client(), Client(), Client()
    holding(guest, (Session.objects.upcoming().last(), 1))
    customer.force_login(buyer)
    owner.force_login(UserFactory(is_staff=True, is_superuser=True))
    bookings = reverse("shop:bookings")

    found = whole_reads(guest, pages_of_visitors(session, order))
    found += whole_reads(customer, ["/", bookings, f"{bookings}?page=2", reverse("accounts:data")])
    found += whole_reads(owner, pages_of_staff(session, order))

    assert not found, "\n\n".join(found)
    # A statement that cannot be answered otherwise would have been found.
    assert list(read_whole("SELECT * FROM shop_order WHERE billing_city = 'Bern'")) == ["shop_order"]
