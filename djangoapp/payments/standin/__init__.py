"""A stand-in for Stripe: its HTTP API, hosted page and webhooks, for tests and the demo shop.

It imports nothing but the standard library (``mounted`` alone needs Django), and production never
loads it. Three ways to run it: ``mount(StandIn(...), …)`` in another server,
``running_standin(...)`` in tests, and ``python -m payments.standin`` as a process of its own, which
``StandInClient`` commands.
"""

from .app import TEST_API_KEY, StandIn, mount
from .client import CommandRefused, StandInClient
from .core import API_VERSION, Settings
from .server import RunningStandIn, running_standin

__all__ = [
    "API_VERSION",
    "TEST_API_KEY",
    "CommandRefused",
    "RunningStandIn",
    "Settings",
    "StandIn",
    "StandInClient",
    "mount",
    "running_standin",
]
