"""The world in which chaos happens: one shop, one payment service, one clock, one seed."""

from collections import Counter
from datetime import timedelta
from random import Random

from django.db import InterfaceError, OperationalError, connection
from django.utils import timezone

from core.exceptions import DomainError
from shop.models import Order, Payment, Session
from shop.tests.factories import ProjectFactory, SessionFactory

from . import afterwards  # noqa: F401  its actions are drawn, too
from .actions import REFUSALS
from .breakage import TaskQueue
from .drawn import ACTIONS

OPEN_SESSIONS = 6
RECENT = 60  # actions pick among so many of the latest rows, where things still move


class World:
    """Draws actions and remembers what chaos needs to know. ``standin`` and the shop run in threads beside it."""

    def __init__(self, standin, clock, seed: int) -> None:
        self.random = Random(seed)
        self.standin = standin
        self.clock = clock
        self.tasks = TaskQueue(self.random)
        self.slow_money: list[str] = []
        self.tampered: set[str] = set()
        self.disputes: list[str] = []
        self.happened: Counter[str] = Counter()
        self.refused: Counter[str] = Counter()
        self._buyers = 0
        self._project = ProjectFactory()

    def step(self) -> None:
        """Let something happen. Whatever is neither a refusal nor a failure that was made here is raised."""
        [action] = self.random.choices(list(ACTIONS), weights=ACTIONS.values())
        self.happened[action.__name__] += 1
        try:
            action(self)
        except Exception as error:
            self.expect(error)

    def expect(self, error: BaseException, *, also_database: bool = False) -> None:
        """Take note of a refusal; raise anything else."""
        expected = (DomainError, *REFUSALS)
        if also_database:
            expected += (OperationalError, InterfaceError)
        if not isinstance(error, expected):
            raise error
        self.refused[type(error).__name__] += 1
        if isinstance(error, (OperationalError, InterfaceError)):
            connection.close()

    def count(self) -> int:
        """A number that no buyer has had yet."""
        self._buyers += 1
        return self._buyers

    def a_session(self) -> Session:
        """One on sale, often nearly full."""
        soon = timezone.now() + timedelta(hours=2)
        upcoming = Session.objects.filter(starts_at__gt=soon, cancelled_at=None)
        roomy = list(upcoming.order_by("-pk")[:OPEN_SESSIONS])
        if len(roomy) < OPEN_SESSIONS or all(session.seats_taken >= session.capacity for session in roomy):
            return SessionFactory(
                project=self._project,
                capacity=self.random.randint(2, 8),
                starts_at=timezone.now() + timedelta(days=10),
            )
        return self.random.choice(roomy)

    def an_order(self, **filters) -> Order | None:
        return self.any_of(Order.objects.filter(**filters))

    def a_payment(self, **filters) -> Payment | None:
        return self.any_of(Payment.objects.filter(**filters).select_related("order"))

    def any_of(self, rows):
        recent = list(rows.order_by("-pk")[:RECENT])
        return self.random.choice(recent) if recent else None

    def an_open_checkout(self) -> dict | None:
        """A payment page that somebody has open, whether the shop knows of it or not."""
        open_ones = self.standin.checkout_sessions("open")[:RECENT]
        return self.random.choice(open_ones) if open_ones else None

    def an_event(self) -> dict | None:
        events = self.standin.events(latest=RECENT * 2)
        return self.random.choice(events) if events else None

    def delivered(self) -> int:
        """How many notifications have reached the shop so far, good and bad."""
        return self.standin.delivered()
