"""The pages on which buyers cancel places and ask for money, and the one on which staff answers."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.test import Client
from django.utils import timezone

from core.mail import send_due_mails
from shop.enums import OrderStatus, RequestStatus
from shop.models import Dispute, Order, Refund, RefundRequest, Session
from shop.services import requests
from shop.tests.factories import SessionFactory, order_for, paid_order_for
from shop.tests.staff import page_of, staff_with
from shop.tests.visiting import link, words_of

pytestmark = pytest.mark.django_db

PRICE = Decimal("85.00")
CHF = "CHF\N{NO-BREAK SPACE}"


def session_in(days: float, **fields) -> Session:
    return SessionFactory(starts_at=timezone.now() + timedelta(days=days), base_price=PRICE, **fields)


@pytest.fixture
def order() -> Order:
    """Two places in five days: half of the price goes back."""
    return paid_order_for((session_in(5), 2))


@pytest.fixture
def late() -> Order:
    """One place tomorrow: nothing goes back by itself."""
    return paid_order_for((session_in(1), 1))


def buttons(client: Client, order: Order) -> set[str]:
    """Which ways to change the order its page offers."""
    page = client.get(link(order)).text
    return {name for name in ("give-up/", "refund-request/") if f'href="{link(order, name)}"' in page}


def test_the_page_of_the_order_offers_what_is_possible(client, order, late):
    pending = order_for((session_in(5), 1), email="b@example.org")

    assert buttons(client, order) == {"give-up/"}
    assert buttons(client, late) == {"refund-request/"}
    assert buttons(client, pending) == set()


def test_while_a_bank_claims_the_money_nothing_is_offered(client, order):
    Dispute.objects.create(payment=order.payments.get(), reference="dp_1", amount=PRICE)

    assert buttons(client, order) == set()
    answer = client.get(link(order, "give-up/"), follow=True)
    assert "nothing that you can cancel" in words_of(answer)[0]


def test_places_are_chosen_and_shown_with_what_goes_back_before_anything_happens(client, order):
    choosing = client.get(link(order, "give-up/"))
    confirming = client.get(link(order, "give-up/"), {"place": ["2", "77", "x"]})

    assert f"{CHF}42.50 back; {CHF}42.50 is kept" in choosing.text
    assert "Ana Keller 1" in confirming.text
    assert "Ana Keller 0" not in confirming.text
    assert "The ticket of Ana Keller 1 stops working at once." in confirming.text
    assert f"Yes, cancel and get {CHF}42.50 back" in confirming.text
    assert (order.lines.kept().count(), Refund.objects.count()) == (2, 0)


def test_going_on_without_a_place_asks_for_one(client, order):
    first = client.get(link(order, "give-up/"))
    sent = client.get(link(order, "give-up/"), {"choose": "1"})

    assert "Please choose at least one place." not in first.text
    assert "Please choose at least one place." in sent.text


def test_a_single_place_needs_no_choosing(client):
    order = paid_order_for((session_in(10), 1))

    page = client.get(link(order, "give-up/"))

    assert f"Yes, cancel and get {CHF}85 back" in page.text
    assert "These are all places of your order" in page.text


def test_confirming_cancels_refunds_and_tells(client, order, mailoutbox):
    answer = client.post(link(order, "give-up/"), {"place": "2", "expected": "42.50"}, follow=True)
    again = client.post(link(order, "give-up/"), {"place": "2", "expected": "42.50"}, follow=True)
    send_due_mails()

    assert words_of(answer) == [f"1 place is cancelled. {CHF}42.50 goes back to you."]
    assert words_of(again) != words_of(answer)
    assert [line.attendee_name for line in order.lines.kept()] == ["Ana Keller 0"]
    assert Refund.objects.get().amount == Decimal("42.50")
    letter = next(mail for mail in mailoutbox if "cancelled" in mail.subject)
    assert letter.subject == f"Part of your booking is cancelled ({order.code})"
    for version in (letter.body, letter.alternatives[0][0]):
        assert "Ana Keller 1" in version
        assert f"{CHF}42.50" in version
        assert "Ana Keller 0" not in version
    assert letter.attachments[0][0] == f"{order.code}.ics"
    receipt = client.get(link(order)).text
    assert "Fee kept for cancelled places" in receipt


@pytest.mark.parametrize("expected", ["85", "", "x", "-1"])
def test_another_amount_than_was_shown_is_shown_first(expected, client, order):
    answer = client.post(link(order, "give-up/"), {"place": "1", "expected": expected})

    assert answer.status_code == 409
    assert f"Yes, cancel and get {CHF}42.50 back" in answer.text
    assert order.lines.kept().count() == 2


def test_without_the_secret_nobody_gets_anywhere(client, order):
    for name in ("give-up/", "refund-request/", "refund-request/withdraw/"):
        address = link(order, name).replace(order.token, "x" * len(order.token))
        assert client.post(address, {"place": "1", "expected": "42.50"}).status_code == 404
    assert order.lines.kept().count() == 2


def test_the_pages_cost_the_same_however_many_places_there_are(client, django_assert_num_queries):
    few = paid_order_for((session_in(5), 1), email="few@example.org")
    many = paid_order_for(*[(session_in(5), 3) for _number in range(4)], email="many@example.org")
    counts = []
    for order in (few, many):
        for name in ("", "give-up/"):
            with django_assert_num_queries(12, exact=False) as queries:
                assert client.get(link(order, name)).status_code == 200
            counts.append(len(queries))
    assert counts[:2] == counts[2:]


# Asking


def test_asking_takes_a_reason_and_shows_how_it_stands(client, late):
    page = client.get(link(late, "refund-request/"))
    assert "Ask for a refund" in page.text

    silent = client.post(link(late, "refund-request/"), {"place": "1", "reason": " "})
    assert silent.status_code == 422
    answer = client.post(link(late, "refund-request/"), {"place": "1", "reason": "Broke a leg"}, follow=True)

    asked = RefundRequest.objects.get()
    assert (asked.reason, asked.gives_up, asked.wanted) == ("Broke a leg", False, PRICE)
    assert f"You have asked for {CHF}85 back." in answer.text
    assert buttons(client, late) == set()


def test_places_must_be_chosen(client):
    order = paid_order_for((session_in(1), 2))

    answer = client.post(link(order, "refund-request/"), {"reason": "Broke a leg"})

    assert answer.status_code == 422
    assert "Choose at least one place." in answer.text
    assert not RefundRequest.objects.exists()


def test_places_may_be_given_up_while_asking(client, late):
    data = {"place": "1", "reason": "Broke a leg", "gives_up": "on"}

    answer = client.post(link(late, "refund-request/"), data, follow=True)

    late.refresh_from_db()
    assert late.status == OrderStatus.CANCELLED
    assert "Your places are with others meanwhile." in answer.text


def test_a_request_is_taken_back_from_the_page(client, late):
    requests.ask(late, late.lines.all(), reason="Ill")

    answer = client.post(link(late, "refund-request/withdraw/"), follow=True)

    assert words_of(answer) == ["Your request is taken back."]
    assert buttons(client, late) == {"refund-request/"}


# Answering


@pytest.fixture
def asked(late) -> RefundRequest:
    return requests.ask(late, late.lines.all(), reason="Broke a leg\n<b>badly</b>")


def answer_page(asked: RefundRequest) -> str:
    return page_of(asked).replace("change/", "answer/")


def test_staff_reads_why_and_accepts_a_part(owner, client, asked, late, mailoutbox):
    page = owner.get(answer_page(asked))
    assert "Broke a leg<br>&lt;b&gt;badly&lt;/b&gt;" in page.text
    assert "At most CHF\N{NO-BREAK SPACE}85 can go back" in page.text

    owner.post(answer_page(asked), {"accept": "1", "amount": "40", "answer": "Get well soon"})
    send_due_mails()

    asked.refresh_from_db()
    assert (asked.status, asked.granted, Refund.objects.get().amount) == (
        RequestStatus.ACCEPTED,
        Decimal(40),
        Decimal(40),
    )
    letter = next(mail for mail in mailoutbox if "You get back" in mail.subject)
    assert "Get well soon" in letter.body
    seen = client.get(link(late)).text
    assert f"You get back {CHF}40." in seen
    assert "Get well soon" in seen


def test_whoever_declines_says_why(owner, asked, late):
    silent = owner.post(answer_page(asked), {"decline": "1", "amount": "", "answer": ""})
    assert silent.status_code == 422
    assert "Say why not" in silent.text

    owner.post(answer_page(asked), {"decline": "1", "answer": "The material is cut"})

    asked.refresh_from_db()
    assert asked.status == RequestStatus.DECLINED
    assert "The material is cut" in Client().get(link(late)).text


@pytest.mark.parametrize("amount", ["0", "85.01", "x", ""])
def test_an_amount_that_cannot_be_is_refused(amount, owner, asked):
    answer = owner.post(answer_page(asked), {"accept": "1", "amount": amount, "answer": ""})

    asked.refresh_from_db()
    assert answer.status_code in {200, 422}
    assert asked.is_open


def test_whoever_only_looks_answers_nothing(asked):
    accountant = staff_with("view_refundrequest")

    assert accountant.get(page_of(asked)).context["ways"] == []
    assert accountant.post(answer_page(asked), {"accept": "1", "amount": "85"}).status_code == 403

    asked.refresh_from_db()
    assert asked.is_open


def test_an_answered_request_leads_back(owner, asked):
    requests.decline(asked, answer="No", actor=None)

    answer = owner.get(answer_page(asked), follow=True)

    assert "answered already" in answer.text


def test_the_studio_is_told_of_a_request(asked, mailoutbox):
    send_due_mails()

    letter = next(mail for mail in mailoutbox if mail.subject.startswith("Refund asked for"))
    assert "Broke a leg" in letter.body
    assert answer_page(asked).replace("answer/", "change/") in letter.body
    assert "&lt;b&gt;badly" in letter.alternatives[0][0]
