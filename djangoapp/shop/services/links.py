"""The way back to orders whose links were lost: a letter to the address that they were booked with."""

from datetime import timedelta

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from core.mail import enqueue_mail, key_of_address
from shop.models import Order

ONE_LETTER_IN = timedelta(minutes=10)
MOST_LINKS = 10


@transaction.atomic
def ask_for_links(email: str) -> bool:
    """Write a letter with the links of this address's orders to it, one in each ten minutes.

    Whether there are any orders is looked at when the letter is sent, and without one it is dropped: until then all
    addresses are treated alike, so neither the answer nor its time tells who has booked. Returns whether this call
    wrote the letter.
    """
    email = email.lower()
    window = int(timezone.now().timestamp() // ONE_LETTER_IN.total_seconds())
    return enqueue_mail(
        "order_links",
        to=email,
        dedupe_key=f"order_links:{key_of_address(email)}:{window}",
        context={"email": email},
    )


def orders_of_use(email: str) -> QuerySet[Order]:
    """The latest orders of this address whose page is still good for something, with their lines and sessions."""
    found = Order.objects.of_buyer(None, email).of_use().for_display()
    return found.order_by("-pk")[:MOST_LINKS]
