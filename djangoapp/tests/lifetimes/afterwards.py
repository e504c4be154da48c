"""Rules of a life: what becomes of orders after the sale, at the door, at the bank, and with time."""

from datetime import timedelta
from decimal import Decimal

from django.utils import timezone
from hypothesis import strategies as st
from hypothesis.stateful import precondition

from attendance.models import Entry, Ticket
from attendance.services import checkins
from shop.enums import DisputeStatus, OrderStatus, RefundStatus
from shop.models import Order, Payment, Refund, RefundRequest, Session
from shop.services import (
    cancelling,
    changes,
    disputes,
    invoices,
    moving,
    orders,
    own_orders,
    refunds,
    requests,
)
from shop.services.balance import balance_of
from shop.services.orders import BillingAddress

from .buying import Buying, there_are
from .studio import SOME, WHICH, action

AMOUNTS = st.sampled_from(["0.01", "5.00", "66.65", "85.00", "1000.00"]).map(Decimal)


class Lives(Buying):
    # The buyer

    @there_are(Order, status="paid")
    @action(order=WHICH, some=SOME, is_old_page=st.booleans())
    def give_up_places(self, order, some, is_old_page):
        order = self.one(Order.objects, order)
        lines = self.some_places(order, some)
        chosen = [
            choice for choice in own_orders.choices_of(order, at=timezone.now()) if choice.line in lines
        ]
        back = sum((choice.back for choice in chosen), Decimal(0))
        own_orders.give_up(order, lines, expected=back + is_old_page)

    @there_are(Order, status="paid")
    @action(order=WHICH, some=SOME, to=WHICH)
    def move_places(self, order, some, to):
        order, to = self.one(Order.objects, order), self.one(Session.objects, to)
        lines = self.some_places(order, some)
        chosen = [
            choice for choice in own_orders.choices_of(order, at=timezone.now()) if choice.line in lines
        ]
        if chosen:
            dates = {date.session: date for date in own_orders.dates_for(order, chosen, at=timezone.now())}
            back = dates[to].back if to in dates else Decimal(0)
            own_orders.move(order, lines, to, expected=back)

    @there_are(Order, status="paid")
    @action(order=WHICH, some=SOME, gives_up=st.booleans())
    def ask_for_money(self, order, some, gives_up):
        order = self.one(Order.objects, order)
        requests.ask(order, self.some_places(order, some), reason="Ill", gives_up=gives_up)

    @there_are(RefundRequest)
    @action(request=WHICH, answer=st.sampled_from(["all", "part", "no", "withdrawn"]))
    def answer_a_request(self, request, answer):
        request = self.one(RefundRequest.objects, request)
        if answer == "withdrawn":
            requests.withdraw(request)
        elif answer == "no":
            requests.decline(request, answer="Sorry", actor=None)
        else:
            amount = requests.most(request) if answer == "all" else Decimal("7.35")
            requests.accept(request, amount, actor=None)

    @there_are(Order, status="paid")
    @action(order=WHICH, town=st.sampled_from(["Zürich", "Basel"]))
    def correct_the_address(self, order, town):
        billing = BillingAddress("Ana Keller", "Baumweg 3", "8004", town, "CH")
        invoices.correct_address(self.one(Order.objects, order), billing)

    # Staff

    @there_are(Order)
    @action(order=WHICH, some=SOME, fee=AMOUNTS, is_refunded=st.booleans())
    def staff_cancels_places(self, order, some, fee, is_refunded):
        order = self.one(Order.objects, order)
        lines = self.some_places(order, some)
        gone = changes.cancel_lines(order, lines, fees={lines[0].pk: fee} if lines else {})
        if is_refunded:
            refunds.refund_owed(order, reason="Given up", lines=gone)

    @there_are(Order)
    @action(order=WHICH, is_refunded=st.booleans())
    def staff_cancels_an_order(self, order, is_refunded):
        order = self.one(Order.objects, order)
        if is_refunded:
            changes.cancel_and_refund(order)
        else:
            orders.cancel(order)

    @there_are(Order, status="paid")
    @action(order=WHICH, some=SOME, to=WHICH, keeps_price=st.booleans())
    def staff_moves_places(self, order, some, to, keeps_price):
        order, to = self.one(Order.objects, order), self.one(Session.objects, to)
        lines = self.some_places(order, some)
        moved = moving.move_lines(order, lines, to, keeps_price=keeps_price, is_staff=True)
        refunds.refund_owed(order, reason="Cheaper there", lines=moved)

    @there_are(Payment, status="paid")
    @action(payment=WHICH, amount=AMOUNTS, at_desk=st.booleans(), clicks=st.integers(1, 2))
    def staff_refunds(self, payment, amount, at_desk, clicks):
        payment = self.one(Payment.objects.filter(status="paid"), payment)
        self.nonces += 1
        for _click in range(clicks):
            refunds.request(
                payment, amount, reason="x", provider="desk" if at_desk else "", nonce=f"form-{self.nonces}"
            )

    @there_are(Order)
    @action(order=WHICH, place=WHICH, amount=AMOUNTS)
    def staff_refunds_a_place(self, order, place, amount):
        balance = balance_of(self.one(Order.objects, order))
        if balance.payment and balance.lines:
            money = balance.lines[place % len(balance.lines)]
            amount = min(amount, money.refundable or amount)
            refunds.request(balance.payment, amount, reason="Place", lines={money.line.pk: amount})

    @there_are(Order)
    @action(order=WHICH)
    def staff_refunds_what_is_owed(self, order):
        refunds.refund_owed(self.one(Order.objects, order), reason="Owed")

    @there_are(Refund)
    @action(refund=WHICH)
    def pay_out(self, refund):
        refunds.pay_out(self.one(Refund.objects, refund), actor=None)

    @action(session=WHICH, luck=st.integers(0, 2))
    def cancel_a_session(self, session, luck):
        if not luck:  # seldom: a life without dates is short
            cancelling.begin(self.one(Session.objects, session))

    # The door

    @there_are(Ticket)
    @action(ticket=WHICH, session=WHICH, nonce=WHICH, is_told_later=st.booleans())
    def come_in(self, ticket, session, nonce, is_told_later):
        ticket, session = self.one(Ticket.objects, ticket), self.one(Session.objects, session)
        at = timezone.now() - timedelta(minutes=5) if is_told_later else None
        answer = checkins.redeem(ticket.code, session=session, by=None, nonce=f"scan-{nonce}", at=at)
        if answer.is_welcome and answer.recorded and answer.recorded.changed_at == timezone.now():
            line = ticket.line
            assert (line.session, line.order.status, line.cancelled_at) == (session, OrderStatus.PAID, None)

    @there_are(Entry)
    @action(entry=WHICH)
    def take_an_entry_back(self, entry):
        checkins.undo(self.one(Entry.objects, entry), by=None)

    # The bank

    @action(mood=st.sampled_from(["well", "well", "silent", "failing", "lost"]), is_slow=st.booleans())
    def the_bank_changes_its_mood(self, mood, is_slow):
        self.bank.mood, self.bank.is_slow = mood, is_slow

    @there_are(Refund, provider="bank")
    @action(payment=WHICH, refund=WHICH, is_good=st.booleans())
    def a_refund_arrives_or_comes_back(self, payment, refund, is_good):
        paid = Payment.objects.filter(refunds__provider="bank").distinct()
        status = RefundStatus.DONE if is_good else RefundStatus.FAILED
        self.bank.settle(self.one(paid, payment), refund, status)

    @there_are(Payment, provider="bank", status="paid")
    @action(payment=WHICH, amount=AMOUNTS)
    def refund_in_the_banks_pages(self, payment, amount):
        self.bank.give_back(self.one(Payment.objects.filter(provider="bank", status="paid"), payment), amount)

    @there_are(Payment, provider="bank", status="paid")
    @action(payment=WHICH, becomes=st.sampled_from(DisputeStatus))
    def a_dispute_goes_on(self, payment, becomes):
        payment = self.one(Payment.objects.filter(provider="bank", status="paid"), payment)
        if becomes == DisputeStatus.OPEN:
            self.bank.claim(payment)
        else:
            self.bank.decide(payment, becomes)

    @there_are(Payment, provider="bank", status="paid")
    @action(payment=WHICH)
    def news_of_money_that_went_back_arrives(self, payment):
        payment = self.one(Payment.objects.filter(provider="bank", status="paid"), payment)
        refunds.look_at_payment(payment.pk)
        disputes.look_at_payment(payment.pk)

    # Machines, and time

    @precondition(lambda self: self.tasks)
    @action(task=WHICH)
    def a_worker_takes_a_task(self, task):
        self.work(task)

    @precondition(lambda self: self.tasks)
    @action()
    def the_queue_is_lost(self):
        self.tasks.clear()

    @action()
    def the_jobs_run(self):
        self.run_jobs()

    @action(minutes=st.sampled_from([3, 20, 50, 60 * 26, 60 * 24 * 4]))
    def time_passes(self, minutes):
        self.now.shift(timedelta(minutes=minutes))
        self.jobs_are_due = True
