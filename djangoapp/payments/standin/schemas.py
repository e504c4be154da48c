"""The parameters of each request that the stand-in understands."""

from .params import (
    array,
    boolean,
    choice,
    currency,
    email,
    instant_range,
    integer,
    metadata,
    record,
    text,
    url,
)

LOCALES = (
    "auto bg cs da de el en en-GB es es-419 et fi fil fr fr-CA hr hu id it ja ko lt lv ms mt nb nl"
    " pl pt pt-BR ro ru sk sl sv th tr vi zh zh-HK zh-TW"
).split()

_EXPAND = {"expand": array(text(), maximum=20)}
_PAGE = {
    "limit": integer(minimum=1),
    "starting_after": text(),
    "ending_before": text(),
    "created": instant_range,
}


def request(rules=None, required=()):
    return record({**_EXPAND, **(rules or {})}, required)


def listing(rules=None):
    return record({**_EXPAND, **_PAGE, **(rules or {})})


RETRIEVE = request()

_SWITCH = record({"enabled": boolean}, required=["enabled"])

_PRICE_DATA = record(
    {
        "currency": currency,
        "unit_amount": integer(minimum=0),
        "tax_behavior": choice("exclusive", "inclusive", "unspecified"),
        "product_data": record(
            {
                "name": text(),
                "description": text(40000),
                "images": array(url, maximum=8),
                "metadata": metadata,
                "tax_code": text(),
            },
            required=["name"],
        ),
    },
    required=["currency", "product_data", "unit_amount"],
)

SESSION_CREATE = request(
    {
        "mode": choice("payment", "setup", "subscription"),
        "ui_mode": choice("hosted_page", "embedded_page", "elements"),
        "line_items": array(
            record(
                {"price_data": _PRICE_DATA, "quantity": integer(minimum=1)},
                required=["price_data", "quantity"],
            ),
            maximum=100,
        ),
        "success_url": url,
        "cancel_url": url,
        "expires_at": integer(minimum=0),
        "client_reference_id": text(200),
        "customer": text(),
        "customer_email": email,
        "customer_creation": choice("always", "if_required"),
        "currency": currency,
        "metadata": metadata,
        "payment_intent_data": record(
            {
                "description": text(1000),
                "metadata": metadata,
                "receipt_email": email,
                "statement_descriptor": text(22),
                "statement_descriptor_suffix": text(22),
            }
        ),
        "payment_method_types": array(text(), maximum=20),
        "allow_promotion_codes": boolean,
        "automatic_tax": _SWITCH,
        "billing_address_collection": choice("auto", "required"),
        "invoice_creation": _SWITCH,
        "locale": choice(*LOCALES),
        "phone_number_collection": _SWITCH,
        "submit_type": choice("auto", "book", "donate", "pay", "subscribe"),
    }
)

SESSION_LIST = listing(
    {
        "customer": text(),
        "customer_details": record({"email": text()}, required=["email"]),
        "payment_intent": text(),
        "status": choice("complete", "expired", "open"),
    }
)

CUSTOMER_RULES = {
    "address": record(
        {name: text() for name in ("city", "country", "line1", "line2", "postal_code", "state")}
    ),
    "description": text(),
    "email": email,
    "metadata": metadata,
    "name": text(256),
    "phone": text(20),
    "preferred_locales": array(text()),
}
CUSTOMER_CREATE = CUSTOMER_UPDATE = request(CUSTOMER_RULES)
CUSTOMER_LIST = listing({"email": text()})

INTENT_LIST = listing({"customer": text()})
CHARGE_LIST = listing({"customer": text(), "payment_intent": text()})

REFUND_CREATE = request(
    {
        "amount": integer(minimum=1),
        "charge": text(),
        "payment_intent": text(),
        "metadata": metadata,
        "reason": choice("duplicate", "fraudulent", "requested_by_customer"),
    }
)
REFUND_LIST = listing({"charge": text(), "payment_intent": text()})

TRANSACTION_LIST = listing({"currency": currency, "source": text(), "type": text()})
DISPUTE_LIST = listing({"charge": text(), "payment_intent": text()})
EVENT_LIST = listing({"type": text(), "types": array(text(), maximum=20)})

ENDPOINT_CREATE = request(
    {
        "api_version": text(40),
        "description": text(),
        "enabled_events": array(text()),
        "metadata": metadata,
        "url": url,
    },
    required=["enabled_events", "url"],
)
