"""Whole bookings over HTTP, by browsers that look, add, fill in the checkout, pay and come back."""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import count

from installation import Installation
from wire import Browser, Unexpected


class ToldNo(Exception):
    """The shop said politely that the places are gone."""


_numbers = count(1)


class Buyer:
    """A guest with an address of their own, as the proxy would tell it."""

    def __init__(self, shop: Installation) -> None:
        self.number = next(_numbers)
        self.shop = shop
        self.browser = Browser(f"10.{self.number >> 16 & 255}.{self.number >> 8 & 255}.{self.number & 255}")

    def open(self, slug: str) -> None:
        self._expect(self.browser.get(f"{self.shop.address}/sessions/{slug}/"), 200)

    def add(self, slug: str) -> None:
        """Put one place into the cart. Raises ``ToldNo`` when there is none."""
        fields = {"session": slug, "quantity": "1"}
        added = self._expect(self.browser.post(f"{self.shop.address}/cart/add/", fields), 302, 303)
        led_to = self._expect(self.browser.get(self.shop.address + added.location), 200)
        if added.location != "/cart/":
            if "sold out" not in led_to.text.lower() and "full" not in led_to.text.lower():
                raise Unexpected(f"nobody told why there is no place:\n{led_to.text}")
            raise ToldNo

    def check_out(self) -> str:
        """Fill in the checkout and return the address of the page to pay at."""
        page = self._expect(self.browser.get(f"{self.shop.address}/checkout/"), 200)
        fields = {
            "cart": page.hidden["cart"],
            "expected_total": page.hidden["expected_total"],
            "email": f"buyer{self.number}@example.org",
            "first_name": "Ana",
            "last_name": f"Keller {self.number}",
            "street": "Baumweg 3",
            "postcode": "8004",
            "city": "Zürich",
            "country": "CH",
            "is_coming": "on",
            "provider": "stripe",
            "terms": "on",
        }
        return self._expect(self.browser.post(f"{self.shop.address}/checkout/", fields), 303).location

    def pay(self, page: str) -> None:
        """Pay at the stand-in, come back, and read that the booking is confirmed."""
        sent_back = self._expect(self.browser.post(f"{page}/pay", {}), 303).location
        returned = self._expect(self.browser.get(sent_back), 302, 303).location
        confirmed = self._expect(self.browser.get(self.shop.address + returned), 200)
        if "Your booking is confirmed" not in confirmed.text:
            raise Unexpected(f"a paid order is not confirmed:\n{confirmed.text}")

    def book(self, slug: str) -> None:
        self.open(slug)
        self.add(slug)
        self.pay(self.check_out())

    def close(self) -> None:
        self.browser.close()

    def _expect(self, answer, *statuses: int):
        if answer.status not in statuses:
            raise Unexpected(
                f"{answer.status} instead of {statuses}:\n{answer.headers}\n{answer.text[:3000]}"
            )
        return answer


@dataclass
class Sales:
    """What many buyers came to: how long each booking took, who was told no, and what went wrong."""

    duration: float = 0.0
    seconds: list[float] = field(default_factory=list)
    told_no: int = 0
    last_told: float = 0.0  # when the last of a rush knew whether there is a place for them
    wrong: list[str] = field(default_factory=list)

    @property
    def per_second(self) -> float:
        return len(self.seconds) / self.duration


def sell(shop: Installation, slugs: list[str], *, seconds: float, at_once: int) -> Sales:
    """Let so many buyers book at a time, one place each, until the time is up; then each finishes."""
    sales = Sales()
    end = time.perf_counter() + seconds

    def work(turn: int) -> None:
        while time.perf_counter() < end:
            buyer = Buyer(shop)
            began = time.perf_counter()
            buyer.book(slugs[turn % len(slugs)])
            sales.seconds.append(time.perf_counter() - began)
            buyer.close()
            turn += 1

    sales.duration = together(work, at_once, sales)
    return sales


def book(shop: Installation, slug: str, many: int) -> None:
    """Book so many places, one after the other."""
    for _ in range(many):
        buyer = Buyer(shop)
        buyer.book(slug)
        buyer.close()


def rush(shop: Installation, slug: str, buyers: int) -> Sales:
    """Let all buyers, who look at the session already, want a place at the same moment and book it to the end."""
    sales = Sales()
    people = [Buyer(shop) for _ in range(buyers)]
    for buyer in people:
        buyer.open(slug)
    began = time.perf_counter()

    def work(number: int) -> None:
        try:
            try:
                people[number].add(slug)
            finally:
                sales.last_told = max(sales.last_told, time.perf_counter() - began)
            people[number].pay(people[number].check_out())
            sales.seconds.append(time.perf_counter() - began)
        except ToldNo:
            sales.told_no += 1
        people[number].close()

    sales.duration = together(work, buyers, sales)
    return sales


def together(work: Callable[[int], None], many: int, sales: Sales) -> float:
    """Run threads that begin at the same moment, and return the seconds until the last has ended."""
    gate = threading.Barrier(many + 1)

    def run(number: int) -> None:
        gate.wait()
        try:
            work(number)
        except (Unexpected, OSError) as problem:
            sales.wrong.append(str(problem))

    threads = [threading.Thread(target=run, args=(number,)) for number in range(many)]
    for thread in threads:
        thread.start()
    gate.wait()
    began = time.perf_counter()
    for thread in threads:
        thread.join()
    return time.perf_counter() - began
