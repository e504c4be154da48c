"""What the stand-in remembers: objects by kind and id, in the order of their creation."""

import random
import threading
import time

from .errors import missing

# Prefix and number of hexadecimal digits of each kind's ids.
_IDS = {
    "balance_transaction": ("txn_3", 23),
    "charge": ("ch_3", 23),
    "charge.delayed": ("py_3", 23),
    "checkout.session": ("cs_test_a1", 56),
    "customer": ("cus_", 14),
    "dispute": ("du_1", 23),
    "event": ("evt_1", 23),
    "item": ("li_1", 23),
    "payment_intent": ("pi_3", 23),
    "payment_method": ("pm_1", 23),
    "payout": ("po_1", 23),
    "price": ("price_1", 23),
    "product": ("prod_", 14),
    "refund": ("re_3", 23),
    "request": ("req_", 14),
    "webhook_endpoint": ("we_1", 23),
}

# What an id refers to, told from its first letters; fields holding such ids can be expanded.
_KINDS_BY_PREFIX = {
    "ch": "charge",
    "cs": "checkout.session",
    "cus": "customer",
    "du": "dispute",
    "evt": "event",
    "pi": "payment_intent",
    "pm": "payment_method",
    "po": "payout",
    "price": "price",
    "prod": "product",
    "py": "charge",
    "re": "refund",
    "txn": "balance_transaction",
    "we": "webhook_endpoint",
}

STORED_KINDS = sorted(set(_KINDS_BY_PREFIX.values()))
EVENTS_KEPT = 20_000


def kind_of(identifier):
    """The kind that an id belongs to, or None."""
    return _KINDS_BY_PREFIX.get(identifier.partition("_")[0])


class Store:
    """Objects are plain dicts as Stripe would send them, with ids where objects can be expanded.

    Change them only while holding ``lock``. The clock is the machine's plus an offset that tests
    move.
    """

    def __init__(self, seed=None):
        self.lock = threading.RLock()
        self.random = random.Random(seed)
        self.on_change = None
        self.offset_seconds = 0.0
        self.clear()

    def clear(self):
        self.objects = {kind: {} for kind in STORED_KINDS}
        # What belongs to a Checkout Session without being a field of it.
        self.checkout_details = {}
        self.refunds_by_charge = {}
        self.endpoint_secrets = {}

    def now(self):
        return int(time.time() + self.offset_seconds)

    def elapsed(self):
        """Seconds on a clock that only goes forward; what waits to be sent goes by it."""
        return time.monotonic() + self.offset_seconds

    def new_id(self, kind):
        prefix, digits = _IDS[kind]
        return f"{prefix}{self.random.getrandbits(4 * digits):0{digits}x}"

    def secret(self, prefix):
        return f"{prefix}{self.random.getrandbits(160):040x}"

    def put(self, obj):
        self.objects[obj["object"]][obj["id"]] = obj
        if obj["object"] == "refund":
            self.refunds_by_charge.setdefault(obj["charge"], []).append(obj["id"])
        return obj

    def put_event(self, event):
        events = self.objects["event"]
        events[event["id"]] = event
        if len(events) > EVENTS_KEPT:
            del events[next(iter(events))]

    def find(self, kind, identifier):
        return self._aged(self.objects[kind].get(identifier))

    def get(self, kind, identifier, param=None):
        obj = self.find(kind, identifier)
        if obj is None:
            raise missing(kind, identifier, param)
        return obj

    def newest_first(self, kind):
        return map(self._aged, reversed(self.objects[kind].values()))

    def refunds_of(self, charge):
        """Newest first."""
        identifiers = self.refunds_by_charge.get(charge["id"], ())
        return [self.objects["refund"][identifier] for identifier in reversed(identifiers)]

    def changed(self):
        if self.on_change:
            self.on_change()

    def snapshot(self):
        return {
            "objects": self.objects,
            "checkout_details": self.checkout_details,
            "endpoint_secrets": self.endpoint_secrets,
            "offset_seconds": self.offset_seconds,
        }

    def restore(self, snapshot):
        self.clear()
        self.offset_seconds = snapshot["offset_seconds"]
        self.checkout_details = snapshot["checkout_details"]
        self.endpoint_secrets = snapshot["endpoint_secrets"]
        for kind, objects in snapshot["objects"].items():
            self.objects[kind].update(objects)
        for refund in self.objects["refund"].values():
            self.refunds_by_charge.setdefault(refund["charge"], []).append(refund["id"])

    def _aged(self, obj):
        """Money becomes available by the passing of time alone."""
        if (
            obj is not None
            and obj["object"] == "balance_transaction"
            and obj["status"] == "pending"
            and obj["available_on"] <= self.now()
        ):
            obj["status"] = "available"
        return obj
