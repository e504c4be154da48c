"""The shop on a real cluster: `make cluster-test`. Each file proves one thing and prints what it measured.

Four processes share the work, so that one's waiting is another's time. Each has its lane of files, in order, and a
release ``shop`` of its own where its files ask for one. What measures does so ``alone``.
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

# The numbers of the files, lane by lane.
LANES = ("01 02 03 04 06 07 08 12", "09 11 13", "10 14 15", "16 05")
PLACES = {
    number: (lane, position)
    for lane, numbers in enumerate(LANES)
    for position, number in enumerate(numbers.split())
}


def is_worker(config) -> bool:
    return hasattr(config, "workerinput")


def pytest_sessionstart(session):
    """Before the work is shared: the cluster, and the images."""
    if session.config.option.collectonly or is_worker(session.config):
        return
    try:
        machines.machine()
        images.provide()
        turns.begin()
    except Unfit as problem:
        pytest.exit(f"The cluster's tests cannot run here: {problem}", returncode=3)


def pytest_sessionfinish(session):
    if machines.machine.cache_info().currsize and not is_worker(session.config):
        machines.machine().take_down()


def place(nodeid: str) -> tuple[int, int]:
    """The lane of a test, and its file's position there. Raises ``UsageError`` for a file that has none."""
    name = Path(nodeid.partition("::")[0]).name
    try:
        return PLACES[name.split("_")[1]]
    except KeyError:
        raise pytest.UsageError(f"{name} is in none of the LANES of {__file__}.") from None


def pytest_collection_modifyitems(items):
    items.sort(key=lambda item: place(item.nodeid))


class Lanes(LoadScopeScheduling):
    """A process for each lane."""

    def _split_scope(self, nodeid: str) -> str:
        lane, _position = place(nodeid)
        return f"lane {lane}"


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
            with turns.one_at_a_time("volumes"):
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
    with turns.one_at_a_time("extras"):
        machines.machine().kit_does("extras")


@pytest.fixture(scope="session")
def shop(releases, worker_id) -> Release:
    """One release with the bundled database for most of a lane's tests, installed by the first of them.

    Its chart comes from a repository, as operators get it.
    """
    release = releases(f"shop-{worker_id}", chart=repository.published())
    release.install()
    return release
