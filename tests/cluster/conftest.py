"""The shop on a real cluster: `make cluster-test`. Each file proves one thing and prints what it measured.

Two processes share the work: one has all tests of the release ``shop``, in order; the other those with releases of
their own. What measures or carries a load does so ``alone``.
"""

import os
import sys
import time
from pathlib import Path

import pytest
from xdist.scheduler import LoadScopeScheduling

from cluster import images, repository, turns
from cluster import machine as machines
from cluster.machine import Unfit
from cluster.release import Release

WITH_THEIR_OWN_RELEASE = {
    "test_10_external_database",
    "test_14_without_helm",
    "test_15_database_failover",
    "test_16_skaffold",
}


def is_worker(config) -> bool:
    return hasattr(config, "workerinput")


def pytest_sessionstart(session):
    """Before the work is shared: the cluster, and the image of this tree."""
    if session.config.option.collectonly or is_worker(session.config):
        return
    try:
        machines.machine()
        images.build()
        turns.begin()
    except Unfit as problem:
        pytest.exit(f"The cluster's tests cannot run here: {problem}", returncode=3)


def pytest_sessionfinish(session):
    if machines.machine.cache_info().currsize and not is_worker(session.config):
        machines.machine().take_down()


class Lanes(LoadScopeScheduling):
    """What has a release of its own beside everything else."""

    def _split_scope(self, nodeid: str) -> str:
        return "own" if Path(nodeid.partition("::")[0]).stem in WITH_THEIR_OWN_RELEASE else "shop"


def pytest_xdist_make_scheduler(config, log):
    return Lanes(config, log)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item):
    with turns.noisy():
        return (yield)


def pytest_runtest_setup(item):
    """CLUSTER_UNTIL (seconds since 1970) is when no further test may begin."""
    if time.time() > float(os.environ.get("CLUSTER_UNTIL", "inf")):
        pytest.skip("the time that these tests have is over")


@pytest.fixture(scope="session")
def measured(request):
    """Tell a figure at once, whatever pytest does with the output: ``measured("a restart took 3 s")``."""
    capture = request.config.pluginmanager.getplugin("capturemanager")

    def tell(text: str) -> None:
        test = Path(os.environ["PYTEST_CURRENT_TEST"].partition("::")[0]).stem.removeprefix("test_")
        with capture.global_and_fixture_disabled():
            sys.stderr.write(f"\n    {test.replace('_', ' ')}: {text}\n")

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
