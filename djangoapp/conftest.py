"""What every test may ask for. The network, databases, servers and browser come from tests.support."""

import pytest
from django.core.cache import caches

pytest_plugins = [
    "tests.support.network",
    "tests.support.databases",
    "tests.support.emptying",
    "tests.support.servers",
    "tests.support.browser",
]


@pytest.fixture(autouse=True)
def nothing_drawn() -> None:
    """Each test may change what settings say of the frame of a page."""
    caches["drawn"].clear()
