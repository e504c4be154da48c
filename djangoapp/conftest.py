"""What every test may ask for. The network, databases, servers and browser come from tests.support."""

import gc
from collections.abc import Iterator

import pytest
import time_machine
from django.core.cache import caches
from django.utils import timezone

pytest_plugins = [
    "tests.support.network",
    "tests.support.databases",
    "tests.support.emptying",
    "tests.support.servers",
    "tests.support.browser",
]


@pytest.fixture
def standing_clock() -> Iterator[None]:
    """Limits count in windows of minutes: none of them ends while a test comes to its limit."""
    with time_machine.travel(timezone.now(), tick=False):
        yield


@pytest.fixture(autouse=True)
def nothing_drawn() -> None:
    """Each test may change what settings say of the frame of a page."""
    caches["drawn"].clear()


def pytest_collection_finish() -> None:
    """What is loaded by now stays: the collector need not walk through it again and again."""
    gc.collect()
    gc.freeze()
