"""Every request of Stripe's API that the stand-in answers: its rule for parameters and its work."""

from dataclasses import dataclass

from . import checkout, disputes, refunds, schemas
from .errors import missing
from .listing import event_view, line_items, page
from .objects import accounts


@dataclass(frozen=True, slots=True)
class Call:
    """A checked request. ``page_base`` is where the hosted pages live."""

    core: object
    params: dict
    id: str
    url: str
    page_base: str

    @property
    def store(self):
        return self.core.store


def _retrieve(kind):
    return lambda call: call.store.get(kind, call.id)


def _listed(kind, *names):
    """A list filtered by fields that must equal the parameter of the same name."""

    def answer(call):
        wanted = {name: call.params[name] for name in names if name in call.params}
        objects = call.store.newest_first(kind)
        if wanted:
            objects = (obj for obj in objects if all(obj[name] == value for name, value in wanted.items()))
        return page(objects, call.params, call.url, kind)

    return answer


def _own_account(call):
    return accounts.account(call.core.settings)


def _account(call):
    if call.id != call.core.settings.account_id:
        raise missing("account", call.id)
    return _own_account(call)


def _connected_accounts(call):
    return page((), call.params, call.url, "account")


def _create_customer(call):
    customer = call.store.put(accounts.customer(call.store, call.params))
    call.core.emit("customer.created", customer)
    return customer


def _update_customer(call):
    customer = call.store.get("customer", call.id)
    before = {name: customer[name] for name in call.params if name in customer}
    for name, value in call.params.items():
        if name == "metadata":
            customer["metadata"] = accounts.merge_metadata(customer, value)
        elif name == "address":
            customer["address"] = {**accounts.NO_ADDRESS, **value}
        else:
            customer[name] = value
    call.core.emit("customer.updated", customer, previous=before)
    return customer


def _create_session(call):
    return checkout.create(call.core, call.params, call.page_base)


def _list_sessions(call):
    found = call.store.newest_first("checkout.session")
    for name in ("customer", "payment_intent", "status"):
        if name in call.params:
            found = filter(
                lambda checkout_session, name=name: checkout_session[name] == call.params[name], found
            )
    if "customer_details" in call.params:
        email = call.params["customer_details"]["email"]
        found = (
            checkout_session
            for checkout_session in found
            if checkout_session["customer_details"] and checkout_session["customer_details"]["email"] == email
        )
    return page(found, call.params, call.url, "checkout.session")


def _expire_session(call):
    return checkout.expire(call.core, call.store.get("checkout.session", call.id))


def _line_items(call):
    return line_items(call.store, call.store.get("checkout.session", call.id), call.params)


def _create_refund(call):
    return refunds.create(call.core, call.params)


def _charge_refunds(call):
    charge = call.store.get("charge", call.id)
    return page(call.store.refunds_of(charge), call.params, call.url, "refund")


def _close_dispute(call):
    """Through the API a dispute can only be given up."""
    return disputes.close(call.core, call.store.get("dispute", call.id), is_won=False)


def _event(call):
    return event_view(call.store.get("event", call.id))


def _list_events(call):
    wanted = set(call.params.get("types", ()))
    if "type" in call.params:
        wanted.add(call.params["type"])
    events = call.store.newest_first("event")
    if wanted:
        events = (event for event in events if event["type"] in wanted)
    found = page(events, call.params, call.url, "event")
    return {**found, "data": [event_view(event) for event in found["data"]]}


def _create_endpoint(call):
    """Events go there from now on; the secret is shown this once."""
    endpoint = call.store.put(accounts.webhook_endpoint(call.store, call.params))
    secret = call.store.endpoint_secrets[endpoint["id"]] = call.store.secret("whsec_")
    call.core.listen(endpoint, secret)
    return {**endpoint, "secret": secret}


# (method, resource, what follows the resource) → (rule for the parameters, work)
ENDPOINTS = {
    ("GET", "account", ""): (schemas.RETRIEVE, _own_account),
    ("GET", "accounts", ""): (schemas.listing(), _connected_accounts),
    ("GET", "accounts", "*"): (schemas.RETRIEVE, _account),
    ("POST", "customers", ""): (schemas.CUSTOMER_CREATE, _create_customer),
    ("GET", "customers", ""): (schemas.CUSTOMER_LIST, _listed("customer", "email")),
    ("GET", "customers", "*"): (schemas.RETRIEVE, _retrieve("customer")),
    ("POST", "customers", "*"): (schemas.CUSTOMER_UPDATE, _update_customer),
    ("POST", "checkout/sessions", ""): (schemas.SESSION_CREATE, _create_session),
    ("GET", "checkout/sessions", ""): (schemas.SESSION_LIST, _list_sessions),
    ("GET", "checkout/sessions", "*"): (schemas.RETRIEVE, _retrieve("checkout.session")),
    ("POST", "checkout/sessions", "*/expire"): (schemas.RETRIEVE, _expire_session),
    ("GET", "checkout/sessions", "*/line_items"): (schemas.listing(), _line_items),
    ("GET", "payment_intents", ""): (
        schemas.INTENT_LIST,
        _listed("payment_intent", "customer"),
    ),
    ("GET", "payment_intents", "*"): (schemas.RETRIEVE, _retrieve("payment_intent")),
    ("GET", "payment_methods", "*"): (schemas.RETRIEVE, _retrieve("payment_method")),
    ("GET", "charges", ""): (
        schemas.CHARGE_LIST,
        _listed("charge", "customer", "payment_intent"),
    ),
    ("GET", "charges", "*"): (schemas.RETRIEVE, _retrieve("charge")),
    ("GET", "charges", "*/refunds"): (schemas.listing(), _charge_refunds),
    ("GET", "balance_transactions", ""): (
        schemas.TRANSACTION_LIST,
        _listed("balance_transaction", "currency", "source", "type"),
    ),
    ("GET", "balance_transactions", "*"): (
        schemas.RETRIEVE,
        _retrieve("balance_transaction"),
    ),
    ("POST", "refunds", ""): (schemas.REFUND_CREATE, _create_refund),
    ("GET", "refunds", ""): (
        schemas.REFUND_LIST,
        _listed("refund", "charge", "payment_intent"),
    ),
    ("GET", "refunds", "*"): (schemas.RETRIEVE, _retrieve("refund")),
    ("GET", "disputes", ""): (
        schemas.DISPUTE_LIST,
        _listed("dispute", "charge", "payment_intent"),
    ),
    ("GET", "disputes", "*"): (schemas.RETRIEVE, _retrieve("dispute")),
    ("POST", "disputes", "*/close"): (schemas.RETRIEVE, _close_dispute),
    ("GET", "events", ""): (schemas.EVENT_LIST, _list_events),
    ("GET", "events", "*"): (schemas.RETRIEVE, _event),
    ("GET", "prices", "*"): (schemas.RETRIEVE, _retrieve("price")),
    ("GET", "products", "*"): (schemas.RETRIEVE, _retrieve("product")),
    ("POST", "webhook_endpoints", ""): (schemas.ENDPOINT_CREATE, _create_endpoint),
    ("GET", "webhook_endpoints", ""): (schemas.listing(), _listed("webhook_endpoint")),
    ("GET", "webhook_endpoints", "*"): (schemas.RETRIEVE, _retrieve("webhook_endpoint")),
}


def find(method, path):
    """The endpoint for a path below ``/v1/`` and the id in it, or None."""
    parts = path.split("/")
    length = 2 if parts[0] == "checkout" else 1
    resource, rest = "/".join(parts[:length]), parts[length:]
    pattern = "/".join(["*", *rest[1:]]) if rest else ""
    endpoint = ENDPOINTS.get((method, resource, pattern))
    if endpoint is None or (rest and not rest[0]):
        return None
    return endpoint, rest[0] if rest else ""
