"""Checkout Sessions: created open, then complete or expired, never anything else again."""

from . import payments
from .currencies import show, smallest_charge
from .errors import invalid, refused
from .objects import accounts
from .objects import checkout as build

SHORTEST_SECONDS = 30 * 60
LONGEST_SECONDS = 24 * 60 * 60


def create(core, params, page_base):
    """Open a session whose page lives below ``page_base``."""
    _check_kind(params)
    currency, total = _check_items(params)
    expires_at = _check_expiry(params, core.now())
    _check_customer(core, params)
    store = core.store
    items = [_line_item(store, line) for line in params["line_items"]]
    checkout_session_id = store.new_id("checkout.session")
    checkout_session = store.put(
        build.checkout_session(
            store,
            params,
            checkout_session_id=checkout_session_id,
            total=total,
            currency=currency,
            expires_at=expires_at,
            url=f"{page_base}/pay/{checkout_session_id}",
        )
    )
    store.checkout_details[checkout_session_id] = {
        "line_items": items,
        "payment_intent_data": params.get("payment_intent_data", {}),
    }
    core.watch_expiry(checkout_session)
    return checkout_session


def complete(core, checkout_session, email=None):
    """Pay with a card that is accepted; a total of zero completes without any payment."""
    _must_be_open(checkout_session, "paid")
    _remember_buyer(core, checkout_session, email)
    charge = None
    if checkout_session["amount_total"]:
        charge = payments.succeed(core, checkout_session)
        checkout_session["payment_status"] = "paid"
    _close(core, checkout_session)
    if charge:
        # As on the real account: the fee is booked after the charge and announced on its own.
        payments.book_charge(core, charge)
        core.emit("charge.updated", charge, previous={"balance_transaction": None})
    return checkout_session


def decline(core, checkout_session, email=None):
    """Try a card that is refused; the session stays open for another attempt."""
    _must_be_open(checkout_session, "paid")
    if not checkout_session["amount_total"]:
        raise refused("A session without anything to pay cannot be declined.")
    _remember_buyer(core, checkout_session, email)
    payments.decline(core, checkout_session)
    return checkout_session


def complete_unpaid(core, checkout_session, email=None):
    """Pay by a method that takes days: the order is complete, the money is not there yet."""
    _must_be_open(checkout_session, "paid")
    if not checkout_session["amount_total"]:
        raise refused("A session without anything to pay cannot be paid later.")
    _remember_buyer(core, checkout_session, email)
    payments.start_delayed(core, checkout_session)
    _close(core, checkout_session)
    return checkout_session


def settle(core, checkout_session, *, is_successful):
    """End what ``complete_unpaid`` began."""
    if not is_waiting_for_money(core, checkout_session):
        raise refused("Only a completed session whose payment is under way can be settled.")
    payments.finish_delayed(core, checkout_session, is_successful=is_successful)
    if is_successful:
        checkout_session["payment_status"] = "paid"
        core.emit("checkout.session.async_payment_succeeded", checkout_session)
    else:
        core.emit("checkout.session.async_payment_failed", checkout_session)
    return checkout_session


def is_waiting_for_money(core, checkout_session):
    if checkout_session["status"] != "complete" or checkout_session["payment_status"] != "unpaid":
        return False
    return core.store.get("payment_intent", checkout_session["payment_intent"])["status"] == "processing"


def expire(core, checkout_session):
    if checkout_session["status"] != "open":
        raise refused(
            'Only Checkout Sessions with a status in ["open"] can be expired.'
            f" This Checkout Session has a status of `{checkout_session['status']}`."
        )
    _expire(core, checkout_session)
    return checkout_session


def expire_due(core):
    """Expire every open session whose time is up."""
    for checkout_session_id in core.due_for_expiry():
        checkout_session = core.store.objects["checkout.session"][checkout_session_id]
        if checkout_session["status"] == "open":
            _expire(core, checkout_session)


def _expire(core, checkout_session):
    checkout_session.update(status="expired", url=None)
    payments.cancel_intent(core, checkout_session)
    core.emit("checkout.session.expired", checkout_session)


def _close(core, checkout_session):
    checkout_session.update(status="complete", url=None)
    core.emit("checkout.session.completed", checkout_session)


def _must_be_open(checkout_session, verb):
    if checkout_session["status"] != "open":
        raise refused(
            f"Only an open Checkout Session can be {verb};"
            f" this one has a status of `{checkout_session['status']}`."
        )


def _remember_buyer(core, checkout_session, email):
    email = checkout_session["customer_email"] or email or "buyer@example.com"
    address = {**accounts.NO_ADDRESS, "country": core.settings.country, "postal_code": "8000"}
    checkout_session["customer_details"] = build.customer_details(email, "Test Buyer", address)
    wants_customer = checkout_session["customer_creation"] == "always" or not checkout_session["amount_total"]
    if checkout_session["customer"] is None and wants_customer:
        params = {"email": email, "name": "Test Buyer"}
        customer = core.store.put(accounts.customer(core.store, params))
        checkout_session["customer"] = customer["id"]
        core.emit("customer.created", customer)


def _line_item(store, line):
    data = line["price_data"]
    product = store.put(build.product(store, data["product_data"]))
    price = store.put(build.price(store, data, product["id"]))
    return build.line_item(store, price, product["name"], line["quantity"])


def _check_kind(params):
    if params.get("mode") is None:
        raise invalid("Missing required param: mode.", param="mode", code="parameter_missing")
    if params["mode"] != "payment":
        raise invalid("The stand-in speaks only `mode=payment`.", param="mode")
    if params.get("ui_mode", "hosted_page") != "hosted_page":
        raise invalid("The stand-in has only a hosted page.", param="ui_mode")
    for switch in ("automatic_tax", "invoice_creation"):
        if params.get(switch, {}).get("enabled"):
            raise invalid(f"The stand-in has no {switch}.", param=f"{switch}[enabled]")
    for name in ("line_items", "success_url"):
        if not params.get(name):
            raise invalid(f"Missing required param: {name}.", param=name, code="parameter_missing")


def _check_items(params):
    currencies = {line["price_data"]["currency"] for line in params["line_items"]}
    if "currency" in params:
        currencies.add(params["currency"])
    if len(currencies) > 1:
        raise invalid(
            "All prices on a Checkout Session must have the same currency; found"
            f" {', '.join(sorted(currencies))}.",
            param="line_items",
        )
    currency = currencies.pop()
    total = sum(line["price_data"]["unit_amount"] * line["quantity"] for line in params["line_items"])
    if 0 < total < smallest_charge(currency):
        raise invalid(
            "The Checkout Session's total amount due must add up to at least"
            f" {show(smallest_charge(currency), currency)}",
            code="amount_too_small",
        )
    if total > 99_999_999:
        raise invalid(
            f"The Checkout Session's total amount due must be no more than {show(99_999_999, currency)}",
            code="amount_too_large",
        )
    return currency, total


def _check_expiry(params, now):
    expires_at = params.get("expires_at", now + LONGEST_SECONDS)
    if expires_at < now + SHORTEST_SECONDS:
        raise invalid(
            "The `expires_at` timestamp must be at least 30 minutes from Checkout Session creation.",
            param="expires_at",
        )
    if expires_at > now + LONGEST_SECONDS:
        raise invalid(
            "The `expires_at` timestamp must be less than 24 hours from Checkout Session creation.",
            param="expires_at",
        )
    return expires_at


def _check_customer(core, params):
    if "customer" in params:
        if "customer_email" in params or "customer_creation" in params:
            raise invalid(
                "You may only specify one of these parameters: customer, customer_email, customer_creation.",
                param="customer",
            )
        core.store.get("customer", params["customer"], param="customer")
