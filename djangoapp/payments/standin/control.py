"""What tests, chaos and demos do to the stand-in: pay without a browser, move time, break things.

Every public method of ``Commands`` is a command; the same names work over HTTP as
``POST /_control/<name>`` with a JSON object of arguments (see ``answer``).
"""

import inspect
import json
from collections.abc import Sequence

from . import checkout, disputes, payouts, refunds
from .core import Event
from .errors import ApiError, invalid, refused
from .faults import Fault
from .listing import event_view
from .store import kind_of
from .webhooks import Rule

WAIT_SECONDS = 10


class Commands:
    """The commands. Objects are returned as Stripe shows them."""

    def __init__(self, core, api):
        self._core = core
        self._store = core.store
        self._dispatcher = core.dispatcher
        self._api = api

    # Sessions

    def pay(self, checkout_session_id: str, email: str | None = None, wait: bool = True) -> dict:
        """Pay with a card that is accepted. ``wait``: until the webhooks have been answered."""
        return self._act_on_session(checkout.complete, checkout_session_id, wait, email=email)

    def decline(self, checkout_session_id: str, email: str | None = None, wait: bool = True) -> dict:
        """Try a card that is declined; the session stays open."""
        return self._act_on_session(checkout.decline, checkout_session_id, wait, email=email)

    def pay_later(self, checkout_session_id: str, email: str | None = None, wait: bool = True) -> dict:
        """Complete the session with the money still on its way; ``settle`` ends that."""
        return self._act_on_session(checkout.complete_unpaid, checkout_session_id, wait, email=email)

    def settle(self, checkout_session_id: str, succeed: bool = True, wait: bool = True) -> dict:
        """Let the money of ``pay_later`` arrive, or not."""
        return self._act_on_session(checkout.settle, checkout_session_id, wait, is_successful=succeed)

    def expire(self, checkout_session_id: str, wait: bool = True) -> dict:
        """Expire an open session before its time."""
        return self._act_on_session(checkout.expire, checkout_session_id, wait)

    # Money that goes back

    def refund(
        self, payment: str, amount: int | None = None, reason: str | None = None, wait: bool = True
    ) -> dict:
        """Refund as from the dashboard. ``payment`` is a session, payment intent or charge."""
        params = {"charge": self._charge(payment)["id"]}
        params |= {"amount": amount} if amount is not None else {}
        params |= {"reason": reason} if reason is not None else {}
        return self._act(wait, refunds.create, params)

    def hold_refunds(self, hold: bool = True) -> None:
        """From now on refunds begin as pending; ``settle_refund`` ends each."""
        self._core.refunds_wait = hold

    def settle_refund(self, refund_id: str, succeed: bool = True, wait: bool = True) -> dict:
        """End a pending refund, or let one fail that had already succeeded."""
        refund = self._store.get("refund", refund_id)
        return self._act(wait, refunds.succeed if succeed else refunds.fail, refund)

    def dispute(
        self, payment: str, amount: int | None = None, reason: str = "fraudulent", wait: bool = True
    ) -> dict:
        """The buyer's bank takes the money back. ``payment`` as for ``refund``."""
        charge = self._charge(payment)
        return self._act(wait, disputes.create, charge, amount=amount, reason=reason)

    def close_dispute(self, dispute_id: str, won: bool, wait: bool = True) -> dict:
        dispute = self._store.get("dispute", dispute_id)
        return self._act(wait, disputes.close, dispute, is_won=won)

    def pay_out(self, amount: int | None = None, wait: bool = True) -> dict:
        """Send the balance, or part of it, to the studio's bank account."""
        return self._act(wait, payouts.create, amount)

    # Webhooks

    def webhooks(
        self,
        types: str | Sequence[str] = ("*",),
        count: int | None = None,
        duplicate: int = 0,
        delay_seconds: float = 0,
        reorder: str | None = None,
        drop: bool = False,
        hold: bool = False,
        forge: bool = False,
        age_seconds: int = 0,
    ) -> None:
        """Mistreat the webhooks of the next ``count`` events of these types (``charge.*``).

        ``duplicate`` sends so many copies more; ``reorder`` ('reverse', 'shuffle') sends what
        happened together in another order; ``hold`` keeps them for ``flush``; ``forge`` signs with
        a wrong secret; ``age_seconds`` signs with a time in the past. Rules add up, the first that
        matches counts; ``webhooks_normal`` ends them all.
        """
        types = (types,) if isinstance(types, str) else tuple(types)
        rule = Rule(types, count, duplicate, delay_seconds, reorder, drop, hold, forge, age_seconds)
        self._dispatcher.add_rule(rule)

    def webhooks_normal(self) -> None:
        """End all rules for webhooks; what is held stays held."""
        self._dispatcher.clear_rules()

    def flush(self, order: str = "forward", timeout_seconds: float = WAIT_SECONDS) -> bool:
        """Deliver now all that is held, delayed or to be repeated; True if that came to an end."""
        return self._dispatcher.flush(order, timeout_seconds)

    def wait_until_idle(self, timeout_seconds: float = WAIT_SECONDS) -> bool:
        """Wait until no delivery is due or under way."""
        return self._dispatcher.wait_until_idle(timeout_seconds)

    def deliver(self, event_id: str, forge: bool = False, age_seconds: int = 0) -> list[dict]:
        """Send one event now, however often it was sent before. Returns its log entries."""
        event = self._kept_event(self._store.get("event", event_id))
        return self._dispatcher.send_now(event, forge=forge, age_seconds=age_seconds)

    def held(self) -> list[list[str]]:
        """Ids and types of the events that ``hold`` keeps, oldest first."""
        return [[event.id, event.type] for event in self._dispatcher.held_events()]

    def deliveries(self, event_type: str | None = None, latest: int = 0) -> list[dict]:
        """What was sent so far and how it was answered, oldest first; or of that so many of the ``latest``."""
        sent = list(self._dispatcher.log)[-latest:]
        return [entry for entry in sent if event_type in (None, entry["type"])]

    def delivered(self) -> int:
        """How many ``deliveries`` there were so far."""
        return self._dispatcher.logged

    def events(self, event_type: str | None = None, latest: int = 0) -> list[dict]:
        """What has happened, oldest first; or of that so many of the ``latest``."""
        with self._store.lock:
            kept = list(self._store.objects["event"].values())[-latest:]
        return [event_view(event) for event in kept if event_type in (None, event["type"])]

    def emit(self, event_type: str, obj: dict, wait: bool = True) -> dict:
        """Send an event about any object, also one that does not exist here."""
        with self._core.action() as events:
            event = self._core.emit(event_type, obj)
        self._wait(events, wait)
        return json.loads(event.text)

    # The API

    def misbehave(
        self,
        kind: str,
        count: int | None = None,
        prefix: str = "/v1/",
        method: str | None = None,
        seconds: float = 0,
        performed: bool | None = None,
    ) -> None:
        """Answer API requests badly: see ``faults.Fault``. ``behave`` ends it."""
        self._api.faults.add(Fault(kind, count, prefix, method, seconds, performed))

    def behave(self) -> None:
        """End all misbehaviour of the API."""
        self._api.faults.clear()

    def requests(self, prefix: str = "/v1/", method: str | None = None) -> list[dict]:
        """The API requests so far, oldest first."""
        return [
            entry
            for entry in list(self._api.log)
            if entry["path"].startswith(prefix) and method in (None, entry["method"])
        ]

    # Time and state

    def advance(self, seconds: float) -> int:
        """Move the clock forward: sessions expire, delayed webhooks and retries become due."""
        if seconds < 0:
            raise invalid("The clock moves forward only.", param="seconds")
        with self._core.action():
            self._store.offset_seconds += seconds
            checkout.expire_due(self._core)
        self._dispatcher.wake()
        return self._store.now()

    def now(self) -> int:
        """The stand-in's time in seconds since 1970."""
        return self._store.now()

    def get(self, object_id: str) -> dict:
        """Any object by its id."""
        kind = kind_of(object_id)
        if kind is None:
            raise refused(f"'{object_id}' is not an id of anything kept here.")
        with self._core.action(changes=False):
            checkout.expire_due(self._core)
            obj = self._store.get(kind, object_id)
            return event_view(obj) if kind == "event" else json.loads(json.dumps(obj))

    def checkout_sessions(self, status: str | None = None) -> list[dict]:
        """Those in this status, or all, newest first."""
        with self._core.action(changes=False):
            checkout.expire_due(self._core)
            found = [
                checkout_session
                for checkout_session in self._store.newest_first("checkout.session")
                if status in (None, checkout_session["status"])
            ]
            return json.loads(json.dumps(found))

    def tamper(self, object_id: str, fields: dict) -> None:
        """Overwrite fields of an object, silently: for amounts that do not match."""
        with self._core.action():
            obj = self._store.get(kind_of(object_id), object_id)
            unknown = set(fields) - set(obj)
            if unknown:
                raise invalid(f"{obj['object']} has no {', '.join(sorted(unknown))}.")
            obj.update(fields)

    def reset(self) -> None:
        """Forget everything but the webhook endpoints; time and behaviour are normal again."""
        with self._core.action():
            endpoints = self._store.objects["webhook_endpoint"]
            secrets = self._store.endpoint_secrets
            self._store.clear()
            self._store.objects["webhook_endpoint"].update(endpoints)
            self._store.endpoint_secrets.update(secrets)
            self._store.offset_seconds = 0.0
            self._core.watch_all_expiries()
            self._core.refunds_wait = False
            self._api.keys.clear()
            self._api.log.clear()
        self._api.faults.clear()
        self._dispatcher.clear_rules()
        self._dispatcher.clear()

    # Helpers

    def _act_on_session(self, work, checkout_session_id, wait, **arguments):
        with self._core.action() as events:
            checkout.expire_due(self._core)
            checkout_session = self._store.get("checkout.session", checkout_session_id)
            result = json.loads(json.dumps(work(self._core, checkout_session, **arguments)))
        self._wait(events, wait)
        return result

    def _act(self, wait, work, *arguments, **keywords):
        with self._core.action() as events:
            result = json.loads(json.dumps(work(self._core, *arguments, **keywords)))
        self._wait(events, wait)
        return result

    def _wait(self, events, wait):
        if wait:
            self._dispatcher.wait_for([event.id for event in events], WAIT_SECONDS)

    def _charge(self, payment):
        kind = kind_of(payment)
        if kind == "checkout.session":
            payment = self._store.get(kind, payment)["payment_intent"] or ""
            kind = "payment_intent"
        if kind == "payment_intent" and payment:
            payment = self._store.get(kind, payment)["latest_charge"] or ""
            kind = "charge"
        if kind != "charge" or not payment:
            raise refused("There is no charge to act on: name a session, payment intent or charge.")
        return self._store.get("charge", payment)

    def _kept_event(self, event):
        return Event(event["id"], event["type"], event["text"], self._core.settings.api_version)


COMMANDS = {
    name: inspect.signature(function) for name, function in vars(Commands).items() if not name.startswith("_")
}


def answer(commands, method, name, content_type, body):
    """Run a command that came over HTTP. Returns status and something for JSON."""
    if method == "GET" and not name:
        return 200, _overview()
    if name not in COMMANDS:
        return 404, {"error": {"message": f"There is no command '{name}'.", "type": "control"}}
    # A form of some web page cannot send this content type, so only programs get in.
    if method != "POST" or not content_type.startswith("application/json"):
        return 405, {"error": {"message": "Commands are POSTed as application/json.", "type": "control"}}
    try:
        arguments = json.loads(body or "{}")
        if not isinstance(arguments, dict):
            raise TypeError("the arguments are a JSON object")
        COMMANDS[name].bind(commands, **arguments)
        return 200, {"result": getattr(commands, name)(**arguments)}
    except ApiError as error:
        return error.status, error.body()
    except (TypeError, ValueError) as error:
        return 400, {"error": {"message": str(error), "type": "control"}}


def _overview():
    return {
        name: {
            "arguments": [str(each) for each in list(signature.parameters.values())[1:]],
            "help": inspect.getdoc(getattr(Commands, name)) or "",
        }
        for name, signature in COMMANDS.items()
    }
