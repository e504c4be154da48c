"""What every test may ask for. The network, databases, servers and browser come from tests.support."""

pytest_plugins = [
    "tests.support.network",
    "tests.support.databases",
    "tests.support.servers",
    "tests.support.browser",
]
