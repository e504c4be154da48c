"""Switches that make the API misbehave: slow, overloaded, broken, or gone after the work is done."""

import threading
from dataclasses import dataclass

KINDS = ("slow", "rate_limit", "error", "drop")


@dataclass
class Fault:
    """One way to misbehave towards requests whose path begins with ``prefix``.

    ``slow`` answers ``seconds`` late; ``rate_limit`` refuses with 429; ``error`` answers 500;
    ``drop`` closes the connection without an answer. ``performed`` says whether the request is
    carried out all the same. ``count`` is the number of requests that it hits, None means all.
    """

    kind: str
    count: int | None = None
    prefix: str = "/v1/"
    method: str | None = None
    seconds: float = 0
    performed: bool | None = None

    def __post_init__(self):
        if self.kind not in KINDS:
            raise ValueError(f"kind is one of {', '.join(KINDS)}, not {self.kind!r}")
        if self.kind == "slow" and self.seconds <= 0:
            raise ValueError("slow needs seconds > 0")
        if self.kind == "rate_limit" and self.performed:
            raise ValueError("a rate-limited request is never performed")
        if self.performed is None:
            # The nastiest default: the answer is late or lost, the work is done.
            self.performed = self.kind in ("slow", "drop")

    def matches(self, method, path):
        return self.count != 0 and path.startswith(self.prefix) and self.method in (None, method)


class Faults:
    """The switches in force, in the order they were set; the first that matches is taken."""

    def __init__(self):
        self._lock = threading.Lock()
        self._faults = []

    def add(self, fault):
        with self._lock:
            self._faults.append(fault)

    def clear(self):
        with self._lock:
            self._faults.clear()

    def take(self, method, path):
        if not self._faults:
            return None
        with self._lock:
            for fault in self._faults:
                if fault.matches(method, path):
                    if fault.count is not None:
                        fault.count -= 1
                    return fault
        return None
