"""Every list of the admin costs the same at one row and at thirty, and the first page says what to do next."""

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.apps import apps
from django.contrib import admin
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse, reverse_lazy
from django.utils import timezone

from accounts.models import User
from accounts.services import apply_for_membership
from core.models import Mail, MailStatus
from shop.admin.next_things import next_things, waiting
from shop.enums import PaymentStatus, RefundStatus
from shop.models import (
    AccessCode,
    CancellationPolicy,
    Dispute,
    Order,
    Payment,
    Refund,
    RefundRequest,
    Transition,
)
from shop.services import invoices, orders, payments, refunds, requests
from shop.tests.factories import (
    CategoryFactory,
    CouponFactory,
    ProjectFactory,
    SessionFactory,
    TaxRuleFactory,
    UserFactory,
    cart_with,
    member,
    order_for,
    paid_order_for,
    purchase_for,
)
from shop.tests.queues import full_session, wait_for
from shop.tests.staff import page_of, staff_with

pytestmark = pytest.mark.django_db


def an_order(number: int) -> Order:
    """An order of somebody else for something else, with a coupon, cancelled and given back."""
    session = SessionFactory(host=UserFactory())
    cart = cart_with((session, 1), coupon=CouponFactory(project=session.project), user=UserFactory())
    order = orders.place_order(cart, purchase_for(cart, email=f"buyer{number}@example.org"), user=cart.user)
    order = payments.mark_paid_at_desk(order, actor=UserFactory())
    orders.cancel(order, actor=UserFactory())
    refunds.request(order.payments.get(), order.total, reason="Ill", by=UserFactory())
    return order


def an_invoiced_order(number: int) -> Order:
    order = paid_order_for((SessionFactory(), 1), email=f"buyer{number}@example.org")
    invoices.bring_up_to_date(order)
    return order


def a_disputed_order(number: int) -> Order:
    order = an_order(number)
    Dispute.objects.create(payment=order.payments.get(), reference=f"dp_{number}", amount=order.total)
    return order


def a_request(number: int) -> RefundRequest:
    session = SessionFactory(starts_at=timezone.now() + timedelta(hours=5))
    order = paid_order_for((session, 1), email=f"asks{number}@example.org")
    return requests.ask(order, order.lines.all(), reason="Ill")


# Two queries are the visitor's (session, account); the others count, list, and fill the filters.
LISTS: dict[str, tuple[Callable[[int], object], int]] = {
    "order": (an_order, 4),
    "payment": (an_order, 4),
    "refund": (an_order, 4),
    "dispute": (a_disputed_order, 4),
    "refundrequest": (a_request, 4),
    "transition": (an_order, 4),
    "ledgerentry": (an_order, 4),
    "invoice": (an_invoiced_order, 5),
    "couponredemption": (an_order, 4),
    "cart": (an_order, 4),
    "waitingentry": (lambda number: wait_for(full_session(1)), 4),
    "accesscode": (
        lambda number: AccessCode.objects.create(code=f"GATE{number:04}", session=SessionFactory()),
        4,
    ),
    "coupon": (lambda number: CouponFactory(session=SessionFactory()), 5),
    "session": (lambda number: SessionFactory(host=UserFactory()), 5),
    "project": (lambda number: SessionFactory().project, 5),
    "cancellationpolicy": (lambda number: CancellationPolicy.objects.create(name=f"Policy {number}"), 4),
    "category": (lambda number: CategoryFactory(), 4),
    "taxrule": (lambda number: TaxRuleFactory(name=f"Rule {number}"), 4),
}


def queries_of(client: Client, address: str) -> list[str]:
    with CaptureQueriesContext(connection) as queries:
        assert client.get(address).status_code == 200
    return [query["sql"] for query in queries]


@pytest.mark.once
@pytest.mark.parametrize("model", LISTS)
def test_a_list_asks_the_same_of_the_database_however_long_it_is(owner, model):
    make, expected = LISTS[model]
    address = reverse(f"admin:shop_{model}_changelist")
    make(0)
    owner.get(address)

    one = queries_of(owner, address)
    for number in range(1, 30):
        make(number)
    thirty = queries_of(owner, address)

    assert len(one) == len(thirty) == expected, "\n".join(thirty)
    assert all("LIMIT" in sql for sql in thirty if "COUNT(*)" in sql and "GROUP BY" not in sql)


def test_every_list_of_ours_is_measured_here_or_beside_its_app():
    ours = {page.opts.model_name for page in admin.site._registry.values() if page.opts.app_label == "shop"}

    assert ours == set(LISTS)


def test_an_orders_page_asks_the_same_however_much_happened(owner):
    session = SessionFactory()
    order = paid_order_for((session, 1))
    refunds.request(order.payments.get(), 1, reason="Bit by bit", by=UserFactory())
    owner.get(page_of(order))
    little = queries_of(owner, page_of(order))
    busy = paid_order_for((SessionFactory(), 3), (SessionFactory(), 3), email="busy@example.org")
    payment = busy.payments.get()
    for amount in range(1, 20):
        refunds.request(payment, amount, reason="Bit by bit", by=UserFactory())

    assert len(queries_of(owner, page_of(busy))) == len(little)


def test_a_projects_page_shows_no_more_than_the_next_thirty_sessions(owner):
    project = ProjectFactory()
    soon = timezone.now() + timedelta(days=1)
    for number in range(33):
        SessionFactory(project=project, starts_at=soon + timedelta(days=number))
    SessionFactory(project=project, starts_at=soon - timedelta(days=9))

    formset = owner.get(page_of(project)).context["inline_admin_formsets"][0].formset

    shown = [form.instance.starts_at for form in formset.initial_forms]
    assert shown == [soon + timedelta(days=number) for number in range(30)]


@pytest.mark.parametrize("model", LISTS)
def test_every_page_opens_for_the_owner_and_for_nobody_without_permission(owner, model):
    thing = a_disputed_order(1)
    stranger, nobody = Client(), staff_with()
    stranger.force_login(UserFactory())
    table = apps.get_model("shop", model)
    if not table.objects.exists():
        LISTS[model][0](1)
    pages = [
        reverse(f"admin:shop_{model}_changelist"),
        reverse(f"admin:shop_{model}_changelist") + "?q=nothing+like+that",
        page_of(table.objects.first()),
    ]

    for address in pages:
        assert owner.get(address).status_code == 200
        assert nobody.get(address).status_code == 403
        assert stranger.get(address).status_code in {302, 403}
        assert Client().get(address).status_code == 302
    assert thing.token not in owner.get(pages[0]).text


def test_secrets_of_carts_and_payments_are_nowhere(owner):
    order = order_for((SessionFactory(), 1))
    Payment.objects.update(redirect_url="https://pay.example.org/secret-page")
    cart = order.cart

    pages = [page_of(order), page_of(cart), page_of(order.payments.get())]
    pages += [reverse(f"admin:shop_{model}_changelist") for model in ("order", "cart", "payment")]

    for address in pages:
        text = owner.get(address).text
        assert cart.token not in text
        assert "secret-page" not in text


@pytest.mark.parametrize(
    ("query", "found"),
    [("?look=mismatched", 1), ("?look=stranded", 1), ("?look=refund", 1), ("?provider=desk", 4), ("", 4)],
)
def test_payments_that_need_a_look_are_a_click_away(owner, query, found):
    session = SessionFactory()
    payments_ = [
        paid_order_for((session, 1), email=f"{number}@example.org").payments.get() for number in range(4)
    ]
    Payment.objects.filter(pk=payments_[0].pk).update(status=PaymentStatus.MISMATCHED)
    Payment.objects.filter(pk=payments_[1].pk).update(is_fulfilling=False)
    failed = refunds.request(payments_[2], 1, reason="Ill")
    Refund.objects.filter(pk=failed.pk).update(status=RefundStatus.FAILED)

    page = owner.get(reverse("admin:shop_payment_changelist") + query)

    assert page.context["cl"].result_count == found


def test_history_is_found_by_an_orders_code(owner):
    order = an_order(1)
    an_order(2)
    history = reverse("admin:shop_transition_changelist")

    found = owner.get(history, {"q": order.code.lower()}).context["cl"].result_list

    assert {row.order_id for row in found} == {order.pk}
    assert owner.get(history, {"q": "nobody"}).context["cl"].result_count == 0
    assert Transition.objects.exclude(order=order).exists()


# What to do next


def texts(user: User) -> list[str]:
    return [thing.text for thing in next_things(user)]


@pytest.fixture
def boss() -> User:
    return UserFactory(is_staff=True, is_superuser=True)


def test_an_empty_shop_says_how_to_begin(boss):
    assert texts(boss) == ["Create your first project", "Add a session: none is to come", "Make a coupon"]


def test_a_shop_without_worries_has_ideas(boss):
    SessionFactory()

    assert texts(boss) == ["Add another session", "Create another project", "Make a coupon"]


def test_hidden_sessions_want_to_be_published(boss):
    SessionFactory(is_published=False)

    assert texts(boss)[0] == "1 session to come is hidden: publish it when it is ready"


def test_what_somebody_waits_for_comes_first(boss, owner):
    order = order_for((SessionFactory(), 1))
    payments.start(order.payments.get())
    apply_for_membership(UserFactory().profile, "member")
    member()
    Mail.objects.create(kind="order_paid", to="a@example.org", dedupe_key="1", status=MailStatus.FAILED)
    Mail.objects.create(kind="order_paid", to="a@example.org", dedupe_key="2", status=MailStatus.FAILED)

    assert texts(boss) == [
        "2 mails could not be sent",
        "1 membership waits for your answer",
        "1 order is to be paid at the desk",
    ]
    page = owner.get(reverse("admin:index"))
    assert "2 mails could not be sent" in page.text
    for thing in next_things(boss):
        listed = owner.get(thing.address)
        assert listed.context["cl"].result_count == int(thing.text.split()[0])


def test_all_that_waits_is_named_as_in_the_studio(boss):
    order = order_for((SessionFactory(), 1))
    payments.start(order.payments.get())
    apply_for_membership(UserFactory().profile, "member")
    Mail.objects.create(kind="order_paid", to="a@example.org", dedupe_key="1", status=MailStatus.FAILED)
    paid_order_for((SessionFactory(), 1))
    Payment.objects.filter(order__paid_at__isnull=False).update(status=PaymentStatus.MISMATCHED)

    assert texts(boss) == [thing.text for thing in waiting(boss)]
    assert len(texts(boss)) == 4


@pytest.mark.parametrize(
    ("permissions", "ways"),
    [
        ([], ["/studio/"]),
        (["work_at_door"], ["/studio/", "/door/"]),
        (
            ["add_order", "view_ledgerentry"],
            ["/studio/", reverse_lazy("admin:shop_order_book"), "/studio/reports/"],
        ),
    ],
)
def test_the_first_page_leads_to_the_pages_for_every_day_that_are_open_to_this_person(permissions, ways):
    page = staff_with(*permissions).get(reverse("admin:index")).text

    nav = page[page.index('<nav class="ways"') :].partition("</nav>")[0]
    assert re.findall('href="([^"]+)"', nav) == ways


def test_money_that_is_wrong_comes_before_everything(boss):
    Mail.objects.create(kind="order_paid", to="a@example.org", dedupe_key="1", status=MailStatus.FAILED)
    paid_order_for((SessionFactory(), 1))
    Payment.objects.update(status=PaymentStatus.MISMATCHED)

    assert texts(boss)[0] == "1 payment is not what was asked for"


def test_many_are_not_counted_to_the_last(boss):
    Mail.objects.bulk_create(
        Mail(kind="order_paid", to="a@example.org", dedupe_key=f"{number}", status=MailStatus.FAILED)
        for number in range(120)
    )

    assert texts(boss)[0] == "100+ mails could not be sent"


@pytest.mark.parametrize(
    ("permissions", "expected"),
    [
        (["view_mail"], ["1 mail could not be sent"]),
        (["view_profile"], ["1 membership waits for your answer"]),
        (["view_session"], ["See who comes this week"]),
        ([], []),
    ],
)
def test_nobody_is_sent_to_a_page_that_is_closed_to_them(permissions, expected):
    Mail.objects.create(kind="order_paid", to="a@example.org", dedupe_key="1", status=MailStatus.FAILED)
    apply_for_membership(UserFactory().profile, "member")
    client = staff_with(*permissions)

    page = client.get(reverse("admin:index"))

    assert [thing.text for thing in page.context["things"]] == expected
    for thing in page.context["things"]:
        assert client.get(thing.address).status_code == 200


def test_the_first_page_asks_the_same_however_busy_the_shop_is(owner):
    owner.get(reverse("admin:index"))
    quiet = len(queries_of(owner, reverse("admin:index")))
    for number in range(10):
        an_order(number)

    assert len(queries_of(owner, reverse("admin:index"))) <= quiet <= 18


def test_the_tables_of_the_shop_come_first_and_those_of_libraries_last(owner):
    page = owner.get(reverse("admin:index")).text

    assert page.index("Orders</a>") < page.index("Sessions</a>") < page.index("Tax rules</a>")
    assert page.index("Users</a>") < page.index("Behind the scenes") < page.index("Webhook endpoints</a>")
