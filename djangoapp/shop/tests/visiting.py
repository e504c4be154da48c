"""What a visitor of the tests has and does."""

from django.core.signing import get_cookie_signer
from django.test import Client

from shop.models import Cart, Session
from shop.tests.factories import cart_with

HTMX = {"HX-Request": "true"}


def holding(client: Client, *wanted: tuple[Session, int], **options) -> Cart:
    """Give this browser a cart with these places."""
    cart = cart_with(*wanted, **options)
    client.cookies["cart"] = get_cookie_signer(salt="cartshop.cart").sign(cart.token)
    return cart


def words_of(response) -> list[str]:
    """What the page says above everything else."""
    return [str(message) for message in response.context["messages"]]


def filled_in(client: Client, **changes) -> dict[str, str]:
    """What somebody fills into the checkout of this browser's cart. ``None`` leaves a field out."""
    context = client.get("/checkout/").context
    filled = {
        "cart": context["cart"].token,
        "expected_total": str(context["quote"].total),
        "email": "ana@example.org",
        "first_name": "Ana",
        "last_name": "Keller",
        "street": "Baumweg 3",
        "postcode": "8004",
        "city": "Zürich",
        "country": "CH",
        "is_coming": "on",
        "provider": "desk",
        "terms": "on",
    }
    for group in context["form"].sessions():
        for place in group.places[1:]:
            filled[place.first_name.html_name] = "Jon"
            filled[place.last_name.html_name] = f"Bär {place.number}"
    return {name: value for name, value in (filled | changes).items() if value is not None}
