"""What a visitor of the tests has and does."""

from django.core.signing import get_cookie_signer
from django.test import Client

from shop.models import Cart, Order, Session
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


def link(order: Order, rest: str = "") -> str:
    """The address of an order's page, or of something below it."""
    return f"{order.get_absolute_url()}{rest}"


def headline(client: Client, order: Order) -> str:
    """What the page of an order says first."""
    return client.get(link(order)).context["page"].headline.title


def is_polling(response) -> bool:
    """Whether the page asks by itself whether something has changed."""
    return 'hx-trigger="every 2s"' in response.content.decode()


def add(client: Client, session: Session, quantity: object = 1, **more):
    return client.post("/cart/add/", {"session": session.slug, "quantity": quantity}, **more)


def change(client: Client, session: Session, quantity: object, **more):
    return client.post("/cart/set/", {"session": session.slug, "quantity": quantity}, **more)


def quantities(cart: Cart) -> list[int]:
    return list(cart.lines.values_list("quantity", flat=True))


def submit(client: Client, **changes):
    """Send the checkout, filled in but for these changes."""
    return client.post("/checkout/", filled_in(client, **changes))


def errors_of(response) -> dict:
    assert response.status_code == 422
    return response.context["form"].errors
