"""Requests at a steady rate, counted: how many, how fast, and how many failed."""

import http.client
import itertools
import statistics
import threading
import time
from collections import Counter
from dataclasses import dataclass, field

from cluster.visitor import Door, Visitor

MOST_PER_SECOND = 200  # enough to show that nothing is lost; this is no attack
MOST_SECONDS = 600


@dataclass
class Load:
    """As a context: requests run while the block does. ``paths`` are asked for in turn."""

    door: Door
    paths: list[str]
    per_second: float
    threads: int = 32
    milliseconds: list[float] = field(default_factory=list)
    failures: Counter = field(default_factory=Counter)
    seconds: float = 0

    def __post_init__(self):
        assert self.per_second <= MOST_PER_SECOND
        self._stop = threading.Event()
        self._ticket = itertools.count()
        self._lock = threading.Lock()

    def __enter__(self):
        self._began = time.monotonic()
        self._workers = [threading.Thread(target=self._work, daemon=True) for _ in range(self.threads)]
        for worker in self._workers:
            worker.start()
        return self

    def __exit__(self, *_):
        self._stop.set()
        for worker in self._workers:
            worker.join()
        self.seconds = time.monotonic() - self._began

    def _work(self):
        visitor = Visitor(self.door)
        while not self._stop.is_set():
            number = next(self._ticket)
            due = self._began + number / self.per_second
            if due - self._began > MOST_SECONDS or self._stop.wait(max(0, due - time.monotonic())):
                return
            self._ask(visitor, self.paths[number % len(self.paths)])

    def _ask(self, visitor: Visitor, path: str) -> None:
        began = time.monotonic()
        try:
            answer = visitor.request("GET", self.door.site + path)
            problem = "" if answer.status == 200 else f"{path}: {answer.status}"
        except (OSError, http.client.HTTPException) as error:
            problem = f"{path}: {type(error).__name__}: {error}"
        with self._lock:
            self.milliseconds.append((time.monotonic() - began) * 1000)
            if problem:
                self.failures[problem] += 1

    @property
    def count(self) -> int:
        return len(self.milliseconds)

    @property
    def rate(self) -> float:
        return self.count / self.seconds

    def __str__(self) -> str:
        usual = statistics.median(self.milliseconds)
        slow = statistics.quantiles(self.milliseconds, n=100)[98]
        failed = sum(self.failures.values())
        return (
            f"{self.count} requests in {self.seconds:.0f} s ({self.rate:.0f}/s), {failed} failed, "
            f"median {usual:.0f} ms, 99 % within {slow:.0f} ms"
        )
