"""Deliver events to the listeners: promptly and once, or as badly as a test asks for."""

import heapq
import http.client
import itertools
import random
import threading
import time
from collections import Counter, deque
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase

from .deliveries import Delivery, Sender

DELIVERIES_KEPT = 20_000
ORDERS = ("forward", "reverse", "shuffle")


@dataclass
class Rule:
    """How events whose type matches one of ``types`` are mistreated, for the next ``count``."""

    types: tuple = ("*",)
    count: int | None = None
    duplicate: int = 0
    delay_seconds: float = 0
    reorder: str | None = None
    drop: bool = False
    hold: bool = False
    forge: bool = False
    age_seconds: int = 0

    def __post_init__(self):
        if self.reorder not in (None, "reverse", "shuffle"):
            raise ValueError(f"reorder is 'reverse' or 'shuffle', not {self.reorder!r}")

    def matches(self, event_type):
        return self.count != 0 and any(fnmatchcase(event_type, type_) for type_ in self.types)


class Dispatcher:
    """Queue, workers and log of the deliveries.

    What waits goes by the store's clock: moving it makes delayed deliveries and retries due.
    """

    def __init__(self, store, *, retry_seconds, workers, timeout_seconds):
        self._store = store
        self._retry_seconds = tuple(retry_seconds)
        self._workers = workers
        self._sender = Sender(timeout_seconds)
        self._random = random.Random(store.random.getrandbits(32))
        self._lock = threading.Lock()
        self._work_is_due = threading.Condition(self._lock)
        self._progress = threading.Condition(self._lock)
        self._sequence = itertools.count()
        self._threads = []
        self._is_closed = False
        self._epoch = 0
        self.listeners = {}
        self.rules = []
        self.clear()

    def clear(self):
        """Forget what is queued, held and logged; listeners and rules stay."""
        with self._lock:
            self._queue = []  # heap of (due, sequence, deliveries to make one after the other)
            self._held = []
            self._awaited = Counter()  # by event: first attempts that are due and not yet over
            self._unsettled = Counter()  # by event: deliveries neither accepted nor given up
            self._in_flight = 0
            self._epoch += 1
            self.log = deque(maxlen=DELIVERIES_KEPT)
            self.logged = 0  # also those that are no longer kept
            self._progress.notify_all()

    def listen(self, listener):
        self.listeners[listener.id] = listener

    def count_listeners(self, event_type):
        return sum(listener.wants(event_type) for listener in self.listeners.values())

    def dispatch(self, events):
        """Queue the deliveries of events that happened together."""
        if not self.listeners:
            return
        with self._lock:
            out_of_order = {"reverse": [], "shuffle": []}
            for event in events:
                wanting = [each for each in self.listeners.values() if each.wants(event.type)]
                # An event that nobody hears must not use a rule up.
                rule = self._take_rule(event.type) if wanting else None
                for listener in wanting:
                    self._queue_event(event, listener, rule, out_of_order)
            for order, deliveries in out_of_order.items():
                if deliveries:
                    self._push(self._arranged(deliveries, order))

    def unsettled_events(self):
        with self._lock:
            return list(self._unsettled)

    def held_events(self):
        with self._lock:
            return [delivery.event for delivery in self._held]

    def wait_for(self, event_ids, timeout_seconds):
        """Wait until the first attempts for these events are over; those held back do not count."""
        with self._lock:
            return self._progress.wait_for(
                lambda: not any(event_id in self._awaited for event_id in event_ids),
                timeout_seconds,
            )

    def wait_until_idle(self, timeout_seconds):
        """Wait until nothing is due. Returns whether that came about in time."""
        ends_at = time.monotonic() + timeout_seconds
        with self._lock:
            while self._in_flight or self._is_due():
                left = ends_at - time.monotonic()
                if left <= 0:
                    return False
                self._progress.wait(min(left, 0.2))
            return True

    def flush(self, order, timeout_seconds):
        """Make all held, delayed and repeated deliveries now, one after the other."""
        if order not in ORDERS:
            raise ValueError(f"order is one of {', '.join(ORDERS)}, not {order!r}")
        with self._lock:
            waiting = [delivery for _, _, job in sorted(self._queue) for delivery in job]
            deliveries = self._held + waiting
            self._held, self._queue = [], []
            if deliveries:
                self._push(self._arranged(deliveries, order))
        return self.wait_until_idle(timeout_seconds)

    def send_now(self, event, *, forge=False, age_seconds=0):
        """Deliver in the caller's thread, whatever the rules say. Returns the log entries."""
        entries = []
        for listener in list(self.listeners.values()):
            if listener.wants(event.type):
                delivery = Delivery(event, listener, is_forged=forge, age_seconds=age_seconds)
                entries.append(self._attempt(delivery))
        with self._lock:
            self._log(*entries)
        return entries

    def add_rule(self, rule):
        with self._lock:
            self.rules.append(rule)

    def clear_rules(self):
        with self._lock:
            self.rules.clear()

    def wake(self):
        """The clock was moved: look again at what is due."""
        with self._lock:
            self._work_is_due.notify_all()

    def close(self):
        with self._lock:
            self._is_closed = True
            self._work_is_due.notify_all()
        for thread in self._threads:
            thread.join(timeout=2)

    def _is_due(self):
        return bool(self._queue) and self._queue[0][0] <= self._store.elapsed()

    def _take_rule(self, event_type):
        for rule in self.rules:
            if rule.matches(event_type):
                if rule.count is not None:
                    rule.count -= 1
                return rule
        return None

    def _queue_event(self, event, listener, rule, out_of_order):
        if rule is None:
            self._unsettled[event.id] += 1
            self._push([Delivery(event, listener)])
            return
        first = Delivery(event, listener, is_forged=rule.forge, age_seconds=rule.age_seconds)
        if rule.drop:
            self._log(self._entry(first, outcome="dropped"))
            return
        copies = [first, *(replace(first, is_copy=True) for _ in range(rule.duplicate))]
        self._unsettled[event.id] += len(copies)
        if rule.hold:
            self._held.extend(copies)
        elif rule.reorder:
            out_of_order[rule.reorder].extend(copies)
        else:
            for delivery in copies:
                self._push([delivery], wait_seconds=rule.delay_seconds)

    def _arranged(self, deliveries, order):
        if order == "reverse":
            return deliveries[::-1]
        if order == "shuffle":
            return self._random.sample(deliveries, len(deliveries))
        return deliveries

    def _push(self, job, wait_seconds=0):
        due = self._store.elapsed() + wait_seconds
        for delivery in job:
            if not wait_seconds and not delivery.is_awaited:
                delivery.is_awaited = True
                self._awaited[delivery.event.id] += 1
        heapq.heappush(self._queue, (due, next(self._sequence), job))
        if len(self._threads) < self._workers:
            thread = threading.Thread(target=self._work, name="standin-webhooks", daemon=True)
            self._threads.append(thread)
            thread.start()
        self._work_is_due.notify()

    def _work(self):
        while True:
            with self._lock:
                job = self._next_job()
                epoch = self._epoch
            if job is None:
                return
            for delivery in job:
                entry = self._attempt(delivery)
                with self._lock:
                    if epoch == self._epoch:
                        self._finish(delivery, entry)
            with self._lock:
                if epoch == self._epoch:
                    self._in_flight -= 1
                self._progress.notify_all()

    def _next_job(self):
        """The next job that is due; None when the dispatcher closes. Call with the lock held."""
        while not self._is_closed:
            if self._is_due():
                self._in_flight += 1
                return heapq.heappop(self._queue)[2]
            if not self._queue:
                self._work_is_due.wait()
                continue
            # The clock may be moved under us, so never sleep long.
            wait_seconds = self._queue[0][0] - self._store.elapsed()
            self._work_is_due.wait(min(max(wait_seconds, 0), 0.5))
        return None

    def _attempt(self, delivery):
        status, error = None, None
        try:
            status = self._sender.post(delivery)
        except (OSError, http.client.HTTPException) as problem:
            error = f"{type(problem).__name__}: {problem}"
        accepted = status is not None and 200 <= status < 300
        entry = self._entry(delivery, outcome="accepted" if accepted else "failed")
        entry.update(status=status, error=error)
        return entry

    def _log(self, *entries):
        self.log.extend(entries)
        self.logged += len(entries)

    def _finish(self, delivery, entry):
        self._log(entry)
        event_id = delivery.event.id
        if delivery.is_awaited:
            self._count_down(self._awaited, event_id)
        if entry["outcome"] == "failed" and delivery.attempt <= len(self._retry_seconds):
            wait_seconds = self._retry_seconds[delivery.attempt - 1]
            again = replace(delivery, attempt=delivery.attempt + 1, is_awaited=False)
            self._push([again], wait_seconds=wait_seconds)
        else:
            self._count_down(self._unsettled, event_id)
            if event_id not in self._unsettled:
                self._store.changed()
        self._progress.notify_all()

    @staticmethod
    def _count_down(counter, key):
        counter[key] -= 1
        if counter[key] <= 0:
            del counter[key]

    def _entry(self, delivery, *, outcome):
        return {
            "event": delivery.event.id,
            "type": delivery.event.type,
            "url": delivery.listener.url,
            "at": self._store.now(),
            "attempt": delivery.attempt,
            "is_copy": delivery.is_copy,
            "is_forged": delivery.is_forged,
            "age_seconds": delivery.age_seconds,
            "outcome": outcome,
            "status": None,
            "error": None,
        }
