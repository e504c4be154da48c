"""What can happen to orders that were paid: places given up and moved, money that goes back, or does not."""

from datetime import timedelta
from decimal import Decimal

from django.db.models import F
from django.utils import timezone

from shop.enums import OrderStatus, PaymentStatus, RefundStatus, RequestStatus
from shop.models import Order, OrderLine, Refund, RefundRequest, Session, SessionCancellation
from shop.services import cancelling, changes, invoices, lost_news, moving, own_orders, refunds, requests

from .drawn import often

# Buyers


@often(4, dies_in=40)
def give_up_places(world) -> None:
    if order := world.an_order(status=OrderStatus.PAID):
        lines = some_of(world, order)
        at = timezone.now()
        back = [choice.back for choice in own_orders.choices_of(order, at=at) if choice.line in lines]
        own_orders.give_up(order, lines, expected=sum(back, Decimal(0)))


@often(3, dies_in=40)
def move_to_another_date(world) -> None:
    """Dates of chaos cost the same: nothing goes back, unless something had been taken off the price before."""
    if order := world.an_order(status=OrderStatus.PAID):
        own_orders.move(order, some_of(world, order), world.a_session(), expected=Decimal(0))


@often(2, dies_in=40)
def ask_for_money(world) -> None:
    """Too late for the policy: the session begins soon. Places may be given up with it, for others."""
    if order := world.an_order(status=OrderStatus.PAID):
        lines = some_of(world, order)
        requests.ask(order, lines, reason="Ill", gives_up=world.random.random() < 0.5)


# Staff


@often(4, dies_in=40)
def answer_a_request(world) -> None:
    if request := world.any_of(RefundRequest.objects.filter(status=RequestStatus.OPEN)):
        if world.random.random() < 0.3:
            requests.decline(request, answer="Sorry", actor=None)
        else:
            requests.accept(request, requests.most(request), actor=None)


@often(3, dies_in=30)
def refund_some(world) -> None:
    """A click, or two in a row, on a part of the money or all of it; handed over at the desk perhaps."""
    payment = world.a_payment(status=PaymentStatus.PAID, provider="stripe", is_fulfilling=True)
    if payment:
        part = world.random.choice([Decimal("5.00"), Decimal("85.00"), payment.amount])
        way = world.random.choice(["", "", "", "desk"])
        for _click in range(world.random.choice([1, 2])):
            refunds.request(
                payment, part, reason="Chaos", provider=way, nonce=f"form-{world.happened.total()}"
            )


@often(2, dies_in=40)
def cancel_places_and_refund_them(world) -> None:
    if order := world.an_order(status=OrderStatus.PAID):
        gone = changes.cancel_lines(order, some_of(world, order), note="Chaos")
        refunds.refund_owed(order, reason="Chaos", lines=gone)


@often(2, dies_in=40)
def cancel_a_paid_order(world) -> None:
    if order := world.an_order(status=OrderStatus.PAID):
        changes.cancel_and_refund(order, note="Chaos")


@often(2, dies_in=40)
def staff_moves_places(world) -> None:
    if order := world.an_order(status=OrderStatus.PAID):
        lines = some_of(world, order)
        moving.move_lines(order, lines, world.a_session(), keeps_price=True, is_staff=True)


@often(2, dies_in=20)
def refund_what_is_owed(world) -> None:
    """What failed before, or was left behind by whoever died in between."""
    if order := world.an_order():
        refunds.refund_owed(order, reason="Owed")


@often(3, dies_in=20)
def pay_out_at_the_desk(world) -> None:
    if refund := world.any_of(Refund.objects.at_desk()):
        refunds.pay_out(refund, actor=None)


@often(1, dies_in=20)
def cancel_a_session(world) -> None:
    """Order by order, by whoever takes the task; killed in the middle, too, and resumed."""
    coming = Session.objects.filter(order_lines__isnull=False, cancelled_at=None).distinct()
    if world.random.random() < 0.3 and (session := world.any_of(coming)):
        cancelling.begin(session)


@often(3, dies_in=120)
def go_on_with_cancelling(world) -> None:
    SessionCancellation.objects.update(worked_at=F("worked_at") - timedelta(minutes=3))
    cancelling.resume()


@often(3, dies_in=60)
def issue_invoices(world) -> None:
    invoices.issue_due()


@often(1, dies_in=60)
def look_for_lost_news(world) -> None:
    """The job that runs every half an hour: notifications that never came tell nothing."""
    lost_news.look_back()


# Stripe


@often(2)
def refund_in_the_dashboard(world) -> None:
    """Of what is still there: what the desk has handed out nobody could take back, and the integrity list says so."""
    payment = world.a_payment(status=PaymentStatus.PAID, provider="stripe")
    if payment and not payment.refunds.filter(provider="desk", status=RefundStatus.DONE).exists():
        world.standin.refund(payment.reference, amount=world.random.choice([100, 2000]), wait=False)


@often(2)
def refunds_take_days_from_now_on(world) -> None:
    world.standin.hold_refunds(world.random.random() < 0.6)


@often(6)
def a_refund_arrives(world) -> None:
    settle(world, RefundStatus.PENDING, is_good=world.random.random() < 0.8)


@often(1)
def a_refund_fails_although_it_was_done(world) -> None:
    settle(world, RefundStatus.DONE, is_good=False)


@often(2)
def a_bank_takes_money_back(world) -> None:
    payment = world.a_payment(status=PaymentStatus.PAID, provider="stripe")
    if payment:
        dispute = world.standin.dispute(payment.reference, wait=False)
        world.disputes.append(dispute["id"])


@often(2)
def a_bank_decides(world) -> None:
    if world.disputes:
        dispute = world.disputes.pop(world.random.randrange(len(world.disputes)))
        world.standin.close_dispute(dispute, won=world.random.random() < 0.5, wait=False)


def settle(world, status: RefundStatus, *, is_good: bool) -> None:
    known = Refund.objects.filter(status=status, provider="stripe").exclude(reference=None)
    if refund := world.any_of(known):
        world.standin.settle_refund(refund.reference, succeed=is_good, wait=False)


def some_of(world, order: Order) -> list[OrderLine]:
    """One of the places that the order keeps, or all of them."""
    lines = list(order.lines.kept())
    return lines if world.random.random() < 0.5 else lines[:1]
