"""Rules of a life: choosing places, ordering, paying, and waiting for places where there are none."""

from django.contrib.auth.models import AnonymousUser
from hypothesis import strategies as st
from hypothesis.stateful import precondition

from shop.enums import OrderStatus, PaymentStatus
from shop.models import Cart, Order, Payment, Session, WaitingEntry
from shop.services import cart as carts
from shop.services import orders, payments, waiting
from shop.services.waiting import Wish
from shop.tests.factories import purchase_for

from .studio import WHICH, Studio, action

PEOPLE = st.sampled_from(["ana@example.org", "ben@example.org", "eva@example.org", "uwe@example.org"])
PROVIDERS = st.sampled_from(["bank", "bank", "desk"])


def there_are(model, **filters):
    """Draw the rule only while there is such a row."""
    return precondition(lambda self: model.objects.filter(**filters).exists())


class Buying(Studio):
    @action(session=WHICH, places=st.integers(1, 3), code=st.sampled_from(["", "", "TWICE"]))
    def reserve(self, session, places, code):
        cart, _choice = carts.begin_cart(AnonymousUser(), self.one(Session.objects, session), places)
        if code:
            carts.redeem(cart, code)

    @there_are(Cart, status="open")
    @action(cart=WHICH, session=WHICH, places=st.integers(0, 3))
    def choose_otherwise(self, cart, session, places):
        carts.set_places(self.one(Cart.objects.open(), cart), self.one(Session.objects, session), places)

    @there_are(Cart, status="open")
    @action(cart=WHICH)
    def hold_longer(self, cart):
        carts.extend_hold(self.one(Cart.objects.open(), cart))

    @there_are(Cart, status="open")
    @action(cart=WHICH, email=PEOPLE, provider=PROVIDERS)
    def order(self, cart, email, provider):
        cart = self.one(Cart.objects.open(), cart)
        placed = orders.place_order(cart, purchase_for(cart, email=email, provider=provider))
        payments.start(placed.payments.get())

    @action(session=WHICH, places=st.integers(1, 3), email=PEOPLE)
    def book_and_pay(self, session, places, email):
        """The usual life, in one go, so that there is something to change."""
        cart, _choice = carts.begin_cart(AnonymousUser(), self.one(Session.objects, session), places)
        placed = orders.place_order(cart, purchase_for(cart, email=email, provider="bank"))
        payment = placed.payments.get()
        payments.start(payment)
        self.bank.say(payment, PaymentStatus.PAID)
        payments.look_at(payment.pk)

    @there_are(Payment, status="created")
    @action(payment=WHICH)
    def open_the_page_to_pay(self, payment):
        payments.start(self.one(Payment.objects.filter(status="created"), payment))

    @there_are(Order, status="pending")
    @action(order=WHICH, provider=PROVIDERS)
    def pay_in_another_way(self, order, provider):
        payment = payments.pay_again(
            self.one(Order.objects.filter(status=OrderStatus.PENDING), order), provider
        )
        payments.start(payment)

    @there_are(Payment, provider="bank")
    @action(
        payment=WHICH,
        status=st.sampled_from(
            [PaymentStatus.PAID, PaymentStatus.PAID, PaymentStatus.PROCESSING, PaymentStatus.FAILED]
        ),
        is_told=st.booleans(),
        amount=st.sampled_from([None] * 6 + [1]),
    )
    def something_happens_on_the_page_to_pay(self, payment, status, is_told, amount):
        payment = self.one(Payment.objects.filter(provider="bank"), payment)
        if payment.idempotency_key in self.bank.attempts:
            self.bank.say(payment, status, amount=amount)
            if is_told:
                payments.look_at(payment.pk)

    @there_are(Payment, provider="bank")
    @action(payment=WHICH)
    def news_of_a_payment_arrives(self, payment):
        payments.look_at(self.one(Payment.objects.filter(provider="bank"), payment).pk)

    @there_are(Order)
    @action(order=WHICH)
    def leave_unpaid(self, order):
        payments.cancel_unpaid(self.one(Order.objects, order))

    @there_are(Order)
    @action(order=WHICH)
    def pay_at_the_desk(self, order):
        payments.mark_paid_at_desk(self.one(Order.objects, order), actor=None)

    @action(session=WHICH, email=PEOPLE, places=st.integers(1, 3), takes_fewer=st.booleans())
    def wait_for_places(self, session, email, places, takes_fewer):
        waiting.join(self.one(Session.objects, session), Wish(email, "Ana", "Keller", places, takes_fewer))

    @there_are(WaitingEntry)
    @action(entry=WHICH)
    def leave_the_list(self, entry):
        waiting.leave(self.one(WaitingEntry.objects, entry))

    @there_are(WaitingEntry)
    @action(entry=WHICH, is_preferred=st.booleans())
    def staff_touches_the_list(self, entry, is_preferred):
        entry = self.one(WaitingEntry.objects, entry)
        if is_preferred:
            waiting.offer_now(entry, actor=None)
        else:
            waiting.remove(entry, actor=None)

    @there_are(WaitingEntry)
    @action(entry=WHICH, is_ordered=st.booleans())
    def take_an_offer(self, entry, is_ordered):
        entry = self.one(WaitingEntry.objects, entry)
        cart = waiting.take_offer(entry, None)
        if is_ordered:
            placed = orders.place_order(cart, purchase_for(cart, email=entry.email, provider="bank"))
            payments.start(placed.payments.get())
