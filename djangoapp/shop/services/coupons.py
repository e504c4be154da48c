"""Uses of coupons: taken with the order, given back when it ends without a sale. And many coupons at once."""

import secrets
from datetime import datetime

from django.db import IntegrityError, transaction
from django.db.models import F, Q
from django.utils import timezone

from shop.exceptions import BatchExists, CouponExhausted, CouponInvalid
from shop.models import Coupon, CouponBatch, CouponRedemption, Order
from shop.models.orders import CODE_ALPHABET
from shop.services.pricing import is_valid


def find(code: str, *, at: datetime) -> Coupon:
    """Return the coupon that a visitor typed. Raises ``CouponInvalid`` for every code that is of no use."""
    coupon = Coupon.objects.filter(code=code.strip().upper()).first()
    if coupon is None or not is_valid(coupon, at=at):
        raise CouponInvalid
    return coupon


def take_use(coupon: Coupon, order: Order) -> None:
    """Count one use for the order, within the transaction that places it.

    The conditional update both checks and locks: whoever comes second waits for the first and then counts anew.
    Raises ``CouponExhausted`` when no use is left, in all or for this buyer.
    """
    free = Q(max_uses__isnull=True) | Q(uses__lt=F("max_uses"))
    if not Coupon.objects.filter(free, pk=coupon.pk, is_active=True).update(uses=F("uses") + 1):
        raise CouponExhausted
    if coupon.max_uses_per_buyer is not None:
        used = CouponRedemption.objects.filter(
            coupon=coupon, buyer_email=order.email, released_at__isnull=True
        ).count()
        if used >= coupon.max_uses_per_buyer:
            raise CouponExhausted
    CouponRedemption.objects.create(
        coupon=coupon, order=order, buyer_email=order.email, amount=order.discount
    )


def release_use(order: Order) -> None:
    """Give the use back when the order ended without a sale. Repeating it is harmless."""
    released = CouponRedemption.objects.filter(order=order, released_at__isnull=True)
    for coupon_id in list(released.values_list("coupon", flat=True)):
        if released.update(released_at=timezone.now()):
            Coupon.objects.filter(pk=coupon_id).update(uses=F("uses") - 1)


def retake_use(order: Order) -> None:
    """Count the use again for an order that revives. The price was promised, so a used-up coupon does not stop it.

    The counter then stays at its limit, and the redemption stays marked as given back.
    """
    redemption = CouponRedemption.objects.filter(order=order, released_at__isnull=False).first()
    if redemption is None:
        return
    free = Q(max_uses__isnull=True) | Q(uses__lt=F("max_uses"))
    if Coupon.objects.filter(free, pk=redemption.coupon_id).update(uses=F("uses") + 1):
        redemption.released_at = None
        redemption.save(update_fields=["released_at"])


def make_many(like: Coupon, how_many: int, *, prefix: str, batch: str) -> CouponBatch:
    """Make so many coupons like this (unsaved) one, each with a code that nobody guesses behind the prefix.

    The caller is in a transaction, so that it is all or none. Raises ``BatchExists`` when there is a batch of this
    name: a form that is sent twice makes them once.
    """
    try:
        with transaction.atomic():
            made = CouponBatch.objects.create(name=batch)
    except IntegrityError as problem:
        raise BatchExists(batch) from problem
    fields = [field.attname for field in Coupon._meta.concrete_fields if not field.primary_key]
    common = {name: getattr(like, name) for name in fields if name not in {"code", "batch_id", "uses"}}
    codes: set[str] = set()
    while len(codes) < how_many:
        codes.add(new_code(prefix))
    Coupon.objects.bulk_create(
        (Coupon(**common, code=code, batch=made) for code in sorted(codes)), batch_size=500
    )
    return made


def new_code(prefix: str) -> str:
    """Make a code such as ``SPRING-K7QF2-MXR9T``: 50 random bits behind the prefix."""
    parts = ["".join(secrets.choice(CODE_ALPHABET) for _letter in range(5)) for _part in range(2)]
    return "-".join(filter(None, [prefix, *parts]))
