"""Staff books for somebody: who, what, for how much, and who is told; never a place that is not there."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from core.models import Mail
from shop import mails
from shop.enums import OrderStatus
from shop.forms.behalf import ROWS
from shop.models import Cart, Order, Session, Transition
from shop.services import behalf
from shop.services.orders import Attendee, BillingAddress, ByStaff, Purchase
from shop.tests.factories import SessionFactory, UserFactory, cart_with, member, order_for
from shop.tests.staff import page_of, staff_with
from shop.tests.visiting import link

pytestmark = pytest.mark.django_db
PAGE = "/admin/shop/order/book/"
NONCE = "a-number-of-this-form-1"


@pytest.fixture
def session() -> Session:
    return SessionFactory(project__title="Grafting", capacity=12)


def who(session: Session, places: int = 1, **changes) -> dict:
    """The first step, for somebody without an account."""
    data = {"customer": "", "email": "ana@example.org"}
    for number in range(ROWS):
        data |= {f"session_{number}": "", f"places_{number}": ""}
    return data | {"session_0": session.pk, "places_0": places} | changes


def details(session: Session, places: int = 1, **changes) -> dict:
    """Both steps, filled in: the letter with the link is sent."""
    data = who(session, places) | {
        "first_name": "Ana",
        "last_name": "Keller",
        "country": "CH",
        "how": "link",
        "reason": "",
        "expected_total": str(session.base_price * places),
        "nonce": NONCE,
        "book": "yes",
    }
    return data | changes


def book(browser: Client, session: Session, places: int = 1, **changes):
    return browser.post(PAGE, details(session, places, **changes), follow=True)


def history_of(order: Order) -> list[tuple]:
    rows = Transition.objects.filter(order=order, subject="order").order_by("pk")
    return [(row.to_status, str(row.actor or ""), row.note) for row in rows]


# The two steps


def test_the_way_leads_from_the_orders_and_from_a_session(owner, session):
    assert PAGE in owner.get(reverse("admin:shop_order_changelist")).text
    assert f"{PAGE}?session={session.pk}" in owner.get(page_of(session)).text

    first = owner.get(f"{PAGE}?session={session.pk}")

    assert first.context["who"]["session_0"].value() == str(session.pk)
    assert "Grafting" in first.text  # chosen already, also without a script


def test_the_second_step_shows_the_price_and_books_nothing(owner, session):
    Session.objects.update(group_price=70, group_places=2)

    page = owner.post(PAGE, who(session, 2) | {"next": "yes"})

    assert page.status_code == 200
    assert "2 × CHF\N{NO-BREAK SPACE}70" in page.text
    assert "Group price from 2 places" in page.text
    assert len(page.context["details"].places) == 2
    assert not Order.objects.exists()
    assert "who" in owner.post(PAGE, details(session) | {"again": "yes"}).context


def test_an_account_brings_its_price_its_name_and_its_last_address(owner, session):
    Session.objects.update(member_price=60)
    ana = member(email="ana@example.org", first_name="Ana", last_name="Keller")
    order_for((SessionFactory(), 1), user=ana)

    for chosen in ({"customer": ana.pk, "email": ""}, {"email": "ANA@example.org"}):
        page = owner.post(PAGE, who(session, **chosen) | {"next": "yes"})
        assert page.context["quote"].total == 60
        filled = page.context["details"].initial
        assert (filled["first_name"], filled["street"]) == ("Ana", "Baumweg 3")


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"email": ""}, "email"),
        ({"email": "nobody"}, "email"),
        ({"email": f"ana@{'garden.' * 40}org"}, "email"),
        ({"customer": "99999"}, "customer"),
        ({"session_0": ""}, "session_0"),
        ({"session_0": "99999"}, "session_0"),
        ({"session_0": "", "places_0": ""}, "session_0"),
        ({"places_0": "0"}, "places_0"),
        ({"places_0": "61"}, "places_0"),
        ({"places_0": "many"}, "places_0"),
    ],
)
def test_a_first_step_that_makes_no_sense_is_refused(owner, session, changes, field):
    page = owner.post(PAGE, who(session) | changes | {"next": "yes"})

    assert page.status_code == 422
    assert list(page.context["who"].errors) == [field]


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"first_name": ""}, "first_name"),
        ({"how": "credit"}, "how"),
        ({"how": "present"}, "reason"),
        ({"country": "XX"}, "country"),
        ({"nonce": ""}, "nonce"),
        ({"nonce": "x"}, "nonce"),
        ({"expected_total": "NaN"}, "expected_total"),
    ],
)
def test_a_second_step_that_makes_no_sense_books_nothing(owner, session, changes, field):
    page = owner.post(PAGE, details(session, **changes))

    assert page.status_code == 422
    assert list(page.context["details"].errors) == [field]
    assert not Order.objects.exists()


# What comes of it


def test_a_booking_by_telephone_waits_for_its_payment(owner, session):
    page = book(owner, session, 2)

    order = Order.objects.get()
    assert "the letter with the link to pay goes to ana@example.org" in page.text
    assert (order.status, order.total, order.customer) == (OrderStatus.PENDING, 170, None)
    assert order.terms_accepted_at is None
    assert [line.attendee_name for line in order.lines.all()] == ["Ana Keller", "Ana Keller"]
    session.refresh_from_db()
    assert session.seats_taken == 2
    assert history_of(order) == [("pending", "Olga", "Booked by the studio")]
    assert list(Mail.objects.values_list("kind", flat=True)) == ["order_reserved"]


@pytest.mark.parametrize("is_online", [True, False])
def test_the_letter_says_who_booked_how_to_pay_and_which_terms_count(owner, session, settings, is_online):
    if not is_online:
        settings.SHOP_PAYMENT_PROVIDERS = {"desk": "payments.providers.desk.PayAtDesk"}
    book(owner, session)
    order = Order.objects.get()

    letter = mails.order_reserved(order.pk)

    for text in (letter.text, letter.html):
        assert "e have booked this for you." in text
        assert ("online" in text.split("Look at your order")[0]) == is_online
        assert "/terms/" in text
        assert order.get_absolute_url() in text


def test_the_buyer_pays_online_from_the_letter(owner, session, client):
    book(owner, session)
    order = Order.objects.get()

    page = client.get(link(order))

    assert page.context["page"].can_pay
    assert [offer.name for offer in page.context["page"].offers] == ["stripe"]


def test_money_that_is_here_confirms_at_once(owner, session):
    page = book(owner, session, how="paid")

    order = Order.objects.get()
    assert order.is_paid
    assert "the confirmation goes to ana@example.org" in page.text
    assert history_of(order)[1][:2] == ("paid", "Olga")
    assert list(Mail.objects.values_list("kind", flat=True)) == ["order_paid"]
    assert order.payments.get().received_amount == 85


def test_a_present_costs_nothing_and_says_why(owner, session):
    Session.objects.update(early_price=70, early_places=5)

    book(owner, session, 2, how="present", reason="Won at the spring fair")

    order = Order.objects.get()
    assert (order.status, order.total, order.tax) == (OrderStatus.PAID, 0, 0)
    assert not order.payments.exists()
    for line in order.lines.all():
        assert (line.list_price, line.unit_price, line.price) == (85, 0, 0)
        assert line.price_reason == "Complimentary: Won at the spring fair"
    assert [row[1] for row in history_of(order)] == ["Olga", "Olga"]
    assert "Won at the spring fair" in mails.order_paid(order.pk).text


def test_names_of_those_who_come_may_be_told(owner, session):
    changes = {f"first_{session.pk}_1": "Jon", f"last_{session.pk}_1": "Bär"}

    book(owner, session, 2, **changes)

    assert [line.attendee_name for line in Order.objects.get().lines.all()] == ["Ana Keller", "Jon Bär"]


def test_two_sessions_fit_into_one_booking_and_the_same_twice_adds_up(owner, session):
    other = SessionFactory(base_price=15)
    rows = {"session_1": other.pk, "places_1": "", "session_2": session.pk, "places_2": 2}

    book(owner, session, 1, **rows, expected_total="270")

    order = Order.objects.get()
    assert order.total == 270
    assert sorted(order.lines.values_list("session", flat=True)) == sorted([session.pk] * 3 + [other.pk])


def test_the_account_behind_an_address_gets_the_booking(owner, session):
    ana = UserFactory(email="ana@example.org")

    book(owner, session)

    assert Order.objects.get().customer == ana


# What staff may do that buyers may not, and what nobody may


@pytest.mark.parametrize(
    "fields",
    [
        {"sales_end_at": timezone.now() - timedelta(days=1)},
        {"sales_start_at": timezone.now() + timedelta(days=1)},
        {"needs_code": True},
    ],
)
def test_staff_books_outside_the_sales_and_is_told_so(owner, fields):
    session = SessionFactory(**fields)

    asked = owner.post(PAGE, who(session) | {"next": "yes"})
    book(owner, session)

    assert len(asked.context["notes"]) == 1
    assert Order.objects.get().is_pending


def test_staff_books_more_places_than_one_buyer_may_have(owner):
    session = SessionFactory(capacity=40)

    book(owner, session, 25)

    assert Order.objects.get().lines.count() == 25


@pytest.mark.parametrize(
    "fields",
    [
        {"is_published": False},
        {"starts_at": timezone.now() - timedelta(minutes=1)},
        {"cancelled_at": timezone.now()},
    ],
)
def test_drafts_and_what_has_started_or_was_cancelled_are_not_to_choose(owner, fields):
    session = SessionFactory(**fields)

    assert "session_0" in owner.post(PAGE, details(session)).context["who"].errors
    assert not Order.objects.exists()


def test_never_more_places_than_are_free(owner):
    session = SessionFactory(capacity=3)
    order_for((session, 2))

    page = book(owner, session, 2)

    assert page.status_code == 422
    assert "Only 1 place is left" in page.text
    assert Order.objects.count() == 1
    assert not Cart.objects.filter(token=NONCE).exists()
    session.refresh_from_db()
    assert session.seats_taken == 2


def test_places_that_are_gone_are_told_before_anything_else_is_asked(owner, session):
    full = SessionFactory(capacity=3, project__title="Bread")
    order_for((full, 2))

    page = owner.post(PAGE, who(session) | {"session_1": full.pk, "places_1": "2", "next": "yes"})

    assert page.status_code == 422
    assert page.context["who"].errors == {"session_1": ["Only 1 place is left in “Bread”."]}


def test_a_price_that_has_changed_is_shown_again_first(owner, session):
    page = book(owner, session, expected_total="60")

    assert "The total has changed to CHF\N{NO-BREAK SPACE}85" in page.text
    assert page.context["details"]["expected_total"].value() == "85.00"
    assert not Order.objects.exists()


def test_a_form_that_is_sent_twice_books_once(owner, session):
    book(owner, session, 2, how="paid")
    book(owner, session, 2, how="paid")

    assert Order.objects.get().is_paid
    session.refresh_from_db()
    assert session.seats_taken == 2
    assert Mail.objects.count() == 1


def test_a_number_that_belongs_to_a_visitors_cart_books_nothing_of_theirs(owner, session):
    cart = cart_with((session, 2))
    Cart.objects.update(token=NONCE)

    page = book(owner, session)

    assert page.status_code == 422
    assert not Order.objects.exists()
    assert cart.lines.get().quantity == 2


@pytest.mark.parametrize("permissions", [["view_order"], ["change_order", "view_session", "change_session"]])
def test_booking_is_for_who_may_add_orders(session, permissions):
    browser = staff_with(*permissions)

    assert browser.get(PAGE).status_code == 403
    assert browser.post(PAGE, details(session)).status_code == 403
    assert not Order.objects.exists()


def test_only_what_is_not_over_is_offered_to_choose(owner, session):
    past = SessionFactory(project=session.project, starts_at=timezone.now() - timedelta(days=9))
    query = {"app_label": "shop", "model_name": "orderline", "field_name": "session", "term": "Grafting"}

    found = owner.get(reverse("admin:autocomplete"), query).json()["results"]

    assert [row["id"] for row in found] == [str(session.pk)]
    assert past.pk != session.pk


# The service by itself


def test_the_service_repeats_harmlessly_and_asks_for_payment_once(session):
    clerk = UserFactory(is_staff=True)
    purchase = Purchase(
        email="ana@example.org",
        billing=BillingAddress("Ana Keller", "", "", "", "CH"),
        attendees={session.pk: [Attendee("Ana", "Keller")]},
        provider=behalf.DESK,
        expected_total=Decimal(85),
    )

    orders = {
        behalf.book_for(NONCE, {session: 1}, purchase, customer=None, by=ByStaff(clerk)).pk for _try in "ab"
    }
    order = Order.objects.get()
    for _try in "ab":
        behalf.ask_for_payment(order)

    assert orders == {order.pk}
    assert Mail.objects.count() == 1
