"""What needs a person's look at once."""

from django.conf import settings

from core.mail import enqueue_mail
from shop.models import Payment


def alarm(payment: Payment, kind: str) -> None:
    """Tell the studio of money that needs a person's look. One mail for each payment and kind."""
    enqueue_mail(
        "payment_alarm",
        to=settings.SHOP_CONTACT_EMAIL,
        dedupe_key=f"alarm:{kind}:{payment.pk}",
        context={"payment_id": payment.pk, "kind": kind},
    )
