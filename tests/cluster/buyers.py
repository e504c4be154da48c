"""Many buyers at once, and what each of them was told."""

import http.client
import random
import threading
import time
from collections import Counter
from dataclasses import dataclass, field

from cluster.visitor import Booking, Door, Visitor


@dataclass
class Buyers:
    """As a context: so many people book one place after the other, until the block ends.

    ``bookings`` are those whose buyer saw the confirmation, ``wrote_at`` the instants at which places were reserved,
    ``failures`` say what others met with.
    """

    door: Door
    slugs: list[str]
    how_many: int = 1
    pause: float = 0.3
    bookings: list[Booking] = field(default_factory=list)
    wrote_at: list[float] = field(default_factory=list)
    failures: Counter = field(default_factory=Counter)

    def __post_init__(self):
        self._stop = threading.Event()
        self._lock = threading.Lock()
        self._number = 0

    def __enter__(self):
        self._threads = [threading.Thread(target=self._buy, daemon=True) for _ in range(self.how_many)]
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_):
        self._stop.set()
        for thread in self._threads:
            thread.join()

    def _buy(self):
        while not self._stop.is_set():
            with self._lock:
                self._number += 1
                email = f"buyer{self._number}@example.org"
            try:
                buyer = Visitor(self.door)
                cart = buyer.reserve(random.choice(self.slugs), random.choice((1, 1, 2)))
                if cart.status == 200 and cart.url.endswith("/cart/"):
                    self.wrote_at.append(time.monotonic())
                booking = buyer.pay(buyer.check_out(email))
                with self._lock:
                    if booking.is_confirmed:
                        self.bookings.append(booking)
                    else:
                        self.failures["paid, and told to wait"] += 1
            except (OSError, http.client.HTTPException, AssertionError) as error:
                with self._lock:
                    self.failures[f"{type(error).__name__}: {error}"[:160]] += 1
            self._stop.wait(self.pause)
