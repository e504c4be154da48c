"""The shop on a real cluster: `make cluster-test`. Each file proves one thing and prints what it measured."""

import os
import time

import pytest

from cluster import images, repository
from cluster import machine as machines
from cluster.machine import Unfit
from cluster.release import Release


def pytest_sessionstart(session):
    if session.config.option.collectonly:
        return
    try:
        machines.machine()
        images.engine()
    except Unfit as problem:
        pytest.exit(f"The cluster's tests cannot run here: {problem}", returncode=3)


def pytest_sessionfinish():
    if machines.machine.cache_info().currsize:
        machines.machine().take_down()


def pytest_runtest_setup(item):
    """CLUSTER_UNTIL (seconds since 1970) is when no further test may begin."""
    if time.time() > float(os.environ.get("CLUSTER_UNTIL", "inf")):
        pytest.skip("the time that these tests have is over")


@pytest.fixture(scope="session")
def measured(request):
    """Tell a figure at once, whatever pytest does with the output: ``measured("a restart took 3 s")``."""
    reporter = request.config.pluginmanager.getplugin("terminalreporter")
    capture = request.config.pluginmanager.getplugin("capturemanager")

    def tell(text: str) -> None:
        with capture.global_and_fixture_disabled():
            reporter.ensure_newline()
            reporter.write_line(f"    {text}", flush=True)

    return tell


@pytest.fixture(scope="session")
def releases():
    """Make releases whose namespaces go in the end."""
    made: list[Release] = []

    def make(*arguments, **options) -> Release:
        made.append(Release(*arguments, **options))
        made[-1].forget(waits=True)
        if machines.machine().kit:
            machines.machine().kit_does("volumes")  # those of earlier tests are free again
        return made[-1]

    yield make
    if not os.environ.get("CLUSTER_KEEP"):
        for release in made:
            release.forget()


@pytest.fixture(scope="session")
def extras() -> None:
    """The metrics API, an ingress and foreign kinds, on the kit's cluster; another one has them or has not."""
    if not machines.machine().kit:
        return
    try:
        machines.machine().kit_does("extras")
    except AssertionError:
        # Metrics come with the second look at the node, for which the kit does not wait for ever: it may go on.
        machines.machine().kit_does("extras")


@pytest.fixture(scope="session")
def shop(releases) -> Release:
    """One release with the bundled database for most of the tests, installed by the first of them.

    Its chart comes from a repository, as operators get it.
    """
    release = releases("shop-tests", chart=repository.published())
    release.install()
    return release
