"""Check-ins at the door by the API, as several scanners send them."""

import json
import time

from buyers import Sales, together
from installation import Installation
from wire import Browser, Unexpected


def redeem(shop: Installation, secret: str, tickets: list[list[str]], *, at_once: int) -> Sales:
    """Let so many scanners redeem all tickets, each once; every one must be welcome."""
    sales = Sales()
    waiting = list(enumerate(tickets))

    def work(number: int) -> None:
        scanner = Browser(f"10.200.0.{number + 1}")
        while waiting:
            try:
                turn, (session, code) = waiting.pop()
            except IndexError:
                break
            scan = {
                "session": session,
                "code": code,
                "gate": f"Gate {number}",
                "nonce": f"bench-{turn}-{code}",
            }
            began = time.perf_counter()
            answer = scanner.send(
                f"{shop.address}/api/v1/checkins/",
                json.dumps(scan).encode(),
                Authorization=f"Bearer {secret}",
                Content_Type="application/json",
            )
            sales.seconds.append(time.perf_counter() - began)
            if answer.status != 200 or json.loads(answer.text)["verdict"] != "welcome":
                raise Unexpected(f"{answer.status}: {answer.text[:500]}")
        scanner.close()

    sales.duration = together(work, at_once, sales)
    return sales
