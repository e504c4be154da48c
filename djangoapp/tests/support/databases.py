"""Tests marked ``postgres`` run on PostgreSQL, and a run on PostgreSQL proves that they did.

What asks no database is the same on both, and runs on SQLite only; so does what is marked ``once``.
"""

import os
from collections import Counter

import pytest

RACES_REQUIRED = "DJANGOAPP_TEST_RACES_REQUIRED"
SKIP_REASON = "needs PostgreSQL: `make test` starts one"
DATABASE_FIXTURES = {"db", "transactional_db", "live_server"}


def pytest_configure(config: pytest.Config) -> None:
    config.pluginmanager.register(RaceWatch(config), "race-watch")


def is_alike(item: pytest.Item) -> bool:
    """Whether PostgreSQL could show nothing that SQLite does not."""
    return item.get_closest_marker("once") is not None or not asks_database(item)


def asks_database(item: pytest.Item) -> bool:
    marks = any(item.get_closest_marker(mark) for mark in ("django_db", "postgres"))
    return marks or bool(DATABASE_FIXTURES & set(getattr(item, "fixturenames", ())))


class RaceWatch:
    """Counts what became of the tests marked ``postgres``.

    With ``DJANGOAPP_TEST_RACES_REQUIRED`` set, as in the PostgreSQL half of ``make test``, the run
    fails when one of them was skipped or left out, or when there was none.
    """

    def __init__(self, config: pytest.Config) -> None:
        self.config = config
        self.required = bool(os.environ.get(RACES_REQUIRED))
        self.outcomes: Counter[str] = Counter()
        self.left_out: set[str] = set()

    @pytest.hookimpl(tryfirst=True)
    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        from django.db import connection

        if self.required:
            alike = [item for item in items if is_alike(item)]
            items[:] = [item for item in items if not is_alike(item)]
            self.config.hook.pytest_deselected(items=alike)
        for item in items:
            if item.get_closest_marker("postgres"):
                item.user_properties.append(("needs_postgres", True))
                if connection.vendor != "postgresql":
                    item.add_marker(pytest.mark.skip(reason=SKIP_REASON))

    def pytest_deselected(self, items: list[pytest.Item]) -> None:
        self.left_out |= {item.nodeid for item in items if item.get_closest_marker("postgres")}
        if hasattr(self.config, "workeroutput"):
            # Under xdist the controlling process sees reports, but not what its workers left out.
            self.config.workeroutput["races_left_out"] = sorted(self.left_out)

    @pytest.hookimpl(optionalhook=True)
    def pytest_testnodedown(self, node: object) -> None:
        self.left_out |= set(getattr(node, "workeroutput", {}).get("races_left_out", []))

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        needs_postgres = ("needs_postgres", True) in map(tuple, report.user_properties)
        # A skipped test has no "call" phase, one that ran has exactly one.
        if needs_postgres and (report.when == "call" or report.skipped):
            self.outcomes[report.outcome] += 1

    def missing(self) -> str:
        """Why the run does not prove what it should; empty when it does."""
        if not self.required or hasattr(self.config, "workerinput"):
            return ""
        if self.left_out:
            return f"{len(self.left_out)} tests marked postgres were left out"
        if self.outcomes["skipped"]:
            return f"{self.outcomes['skipped']} tests marked postgres were skipped"
        if not self.outcomes:
            return "no test marked postgres was found"
        return ""

    @pytest.hookimpl(trylast=True)
    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        if self.missing() and session.exitstatus == pytest.ExitCode.OK:
            session.exitstatus = pytest.ExitCode.TESTS_FAILED

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        if self.missing():
            terminalreporter.section("The races were not run", red=True)
            terminalreporter.line(f"{self.missing()}; this run was to prove them ({RACES_REQUIRED} is set).")
