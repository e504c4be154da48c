"""The rows that tests begin with. Whatever a test does not name has a plain, valid value."""

from datetime import timedelta
from decimal import Decimal

import factory
from django.utils import timezone
from factory.django import DjangoModelFactory

from accounts.models import ApprovalStatus, Membership, User
from shop.enums import PaymentStatus
from shop.models import Cart, Category, Coupon, Order, Project, Session, TaxRule
from shop.providers import PaymentFact
from shop.services import cart as carts
from shop.services import orders, payments
from shop.services.orders import Attendee, BillingAddress, Purchase

PASSWORD = "correct horse battery"


class UserFactory(DjangoModelFactory):
    class Meta:
        model = User
        skip_postgeneration_save = True

    email = factory.Sequence(lambda number: f"person{number}@example.org")
    first_name = "Ana"
    last_name = "Keller"
    password = factory.django.Password(PASSWORD)


def member(membership: str = Membership.MEMBER, **fields) -> User:
    """A user whose membership staff has approved."""
    user = UserFactory(**fields)
    user.profile.membership_type = membership
    user.profile.membership_status = ApprovalStatus.APPROVED
    user.profile.save()
    return user


class CategoryFactory(DjangoModelFactory):
    class Meta:
        model = Category

    name = factory.Sequence(lambda number: f"Category {number}")
    slug = factory.Sequence(lambda number: f"category-{number}")


class TaxRuleFactory(DjangoModelFactory):
    class Meta:
        model = TaxRule
        django_get_or_create = ("name",)

    name = "VAT"
    rate = Decimal("8.1")


class ProjectFactory(DjangoModelFactory):
    class Meta:
        model = Project

    title = factory.Sequence(lambda number: f"Grafting apple trees {number}")
    slug = factory.Sequence(lambda number: f"grafting-{number}")
    summary = "Two young trees to take home."
    description = "You bring gloves; we bring **knives**."
    category = factory.SubFactory(CategoryFactory)
    tax_rule = factory.SubFactory(TaxRuleFactory)
    is_published = True


class SessionFactory(DjangoModelFactory):
    class Meta:
        model = Session

    project = factory.SubFactory(ProjectFactory)
    starts_at = factory.LazyFunction(lambda: timezone.now() + timedelta(days=10))
    ends_at = factory.LazyAttribute(lambda session: session.starts_at + timedelta(hours=3))
    time_zone = "Europe/Zurich"
    place_name = "Workshop 2"
    place_address = "Baumweg 3, Zürich"
    capacity = 12
    is_published = True
    base_price = Decimal("85.00")


class CouponFactory(DjangoModelFactory):
    class Meta:
        model = Coupon

    code = factory.Sequence(lambda number: f"WELCOME{number:03}")
    kind = "percent"
    value = Decimal(10)


def cart_with(*wanted: tuple[Session, int], user: User | None = None, coupon: Coupon | None = None) -> Cart:
    """A cart that holds these places."""
    cart = Cart.objects.create(user=user, coupon=coupon)
    for session, quantity in wanted:
        carts.add_places(cart, session, quantity)
    cart.refresh_from_db()
    return cart


def purchase_for(cart: Cart, **changes) -> Purchase:
    """What a buyer of this cart fills in."""
    attendees = {
        line.session_id: [Attendee("Ana", f"Keller {number}") for number in range(line.quantity)]
        for line in cart.lines.all()
    }
    details = {
        "email": "ana@example.org",
        "billing": BillingAddress(
            name="Ana Keller", street="Baumweg 3", postcode="8004", city="Zürich", country="CH"
        ),
        "attendees": attendees,
        "provider": "desk",
    }
    return Purchase(**details | changes)


def order_for(*wanted: tuple[Session, int], user: User | None = None, **changes) -> Order:
    """A pending order for these places, its payment prepared."""
    cart = cart_with(*wanted, user=user)
    return orders.place_order(cart, purchase_for(cart, **changes), user=user)


def paid_order_for(*wanted: tuple[Session, int], user: User | None = None, **changes) -> Order:
    """An order whose money was received in full."""
    order = order_for(*wanted, user=user, **changes)
    payment = order.payments.get()
    fact = PaymentFact(PaymentStatus.PAID, amount=payment.amount, currency=payment.currency)
    return payments.settle(payment, fact).order
