"""One action at a time: the lock, the clock and the events that an action causes."""

import heapq
import json
from contextlib import contextmanager
from dataclasses import dataclass, field

from .deliveries import Listener

API_VERSION = "2026-08-26.dahlia"


def to_json(value):
    return json.dumps(value, separators=(",", ":"))


@dataclass(frozen=True)
class Settings:
    """What may differ between installations. Amounts are minor units."""

    account_id: str = "acct_1TreesNQsStandIn"
    business_name: str = "TreesN'Qs"
    country: str = "CH"
    currency: str = "chf"
    fee_percent: float = 2.9
    fee_fixed: int = 30
    dispute_fee: int = 2000
    api_version: str = API_VERSION


@dataclass(frozen=True, slots=True)
class Origin:
    """The API request that caused an event; actions on the hosted page have none."""

    request_id: str | None = None
    idempotency_key: str | None = None


@dataclass(slots=True)
class Event:
    """An event as it is delivered: its text is fixed when it happens."""

    id: str
    type: str
    text: str
    api_version: str

    def text_for(self, api_version):
        """The text as an endpoint with an API version of its own sees it."""
        if api_version in (None, self.api_version):
            return self.text
        return to_json({**json.loads(self.text), "api_version": api_version})


@dataclass
class _Action:
    origin: Origin = field(default_factory=Origin)
    events: list = field(default_factory=list)


class Core:
    """The account's state and the events of the action under way."""

    def __init__(self, settings, store, dispatcher):
        self.settings = settings
        self.store = store
        self.dispatcher = dispatcher
        self.refunds_wait = False
        self._action = None
        self._expiries = []

    @contextmanager
    def action(self, origin=None, *, changes=True):
        """Hold the lock; afterwards hand the events to the webhooks in the order they happened.

        Actions nest: the outermost one delivers. Yields the list of events.
        """
        with self.store.lock:
            if self._action is not None:
                yield self._action.events
                return
            self._action = _Action(origin or Origin())
            try:
                yield self._action.events
            finally:
                events, self._action = self._action.events, None
                if events:
                    self.dispatcher.dispatch(events)
                if events or changes:
                    self.store.changed()

    def now(self):
        return self.store.now()

    def emit(self, event_type, obj, previous=None):
        """Record that something happened to ``obj``, with the object as it is at this moment."""
        store = self.store
        data = {"object": obj}
        if previous is not None:
            data["previous_attributes"] = previous
        origin = self._action.origin
        event_id = store.new_id("event")
        created = store.now()
        text = to_json(
            {
                "id": event_id,
                "object": "event",
                "api_version": self.settings.api_version,
                "created": created,
                "data": data,
                "livemode": False,
                "pending_webhooks": self.dispatcher.count_listeners(event_type),
                "request": {"id": origin.request_id, "idempotency_key": origin.idempotency_key},
                "type": event_type,
            }
        )
        store.put_event(
            {
                "id": event_id,
                "object": "event",
                "type": event_type,
                "created": created,
                "text": text,
            }
        )
        event = Event(event_id, event_type, text, self.settings.api_version)
        self._action.events.append(event)
        return event

    def listen(self, endpoint, secret):
        """Send the endpoint's events to it from now on."""
        self.dispatcher.listen(
            Listener(
                endpoint["id"],
                endpoint["url"],
                secret,
                frozenset(endpoint["enabled_events"]),
                endpoint["api_version"],
            )
        )

    def watch_expiry(self, checkout_session):
        heapq.heappush(self._expiries, (checkout_session["expires_at"], checkout_session["id"]))

    def watch_all_expiries(self):
        self._expiries = [
            (checkout_session["expires_at"], checkout_session["id"])
            for checkout_session in self.store.objects["checkout.session"].values()
            if checkout_session["status"] == "open"
        ]
        heapq.heapify(self._expiries)

    def due_for_expiry(self):
        """Ids of sessions whose time is up; each is named once."""
        now = self.now()
        due = []
        while self._expiries and self._expiries[0][0] <= now:
            due.append(heapq.heappop(self._expiries)[1])
        return due
