"""Random lives of orders. ``make lifetimes N=300`` plays more of them, others each time."""

import os

import pytest
from hypothesis import HealthCheck, Phase
from hypothesis import settings as bounds
from hypothesis.stateful import run_state_machine_as_test

from core import jobs

from . import bank
from .afterwards import Lives

WANTED = int(os.environ.get("LIFETIMES") or 0)  # set by `make lifetimes`
FEW, STEPS, MORE_STEPS = 8, 25, 50
LETTERS = "core.mail.deliver"  # they are all written at the end of a life


@pytest.mark.once
@pytest.mark.django_db
def test_whatever_is_done_places_money_tickets_and_books_agree_after_each_step(settings, monkeypatch):
    settings.SHOP_PAYMENT_PROVIDERS = {"bank": bank.PATH, "desk": "payments.providers.desk.PayAtDesk"}
    tasks = []
    monkeypatch.setattr(Lives, "tasks", tasks, raising=False)
    monkeypatch.setattr(jobs, "async_task", lambda *task: task[0] == LETTERS or tasks.append(task))
    monkeypatch.setattr("core.mail._attachers", {})  # printed tickets are a matter of other tests

    run_state_machine_as_test(
        Lives,
        settings=bounds(
            max_examples=WANTED or FEW,
            stateful_step_count=MORE_STEPS if WANTED else STEPS,
            derandomize=not WANTED,
            deadline=None,
            database=None,
            print_blob=True,
            report_multiple_bugs=False,
            phases=(Phase.generate, *([Phase.shrink] if WANTED else [])),
            suppress_health_check=list(HealthCheck),
        ),
    )
