"""Run the tests on SQLite, then on PostgreSQL, and sum up.

::

    .venv/bin/python tools/run_tests.py [--quick] [pytest's arguments]

SQLite is what a laptop runs on; PostgreSQL is where places are sold, so the races count there. The
journeys in the browser run once, on SQLite: what they add is the browser's side. With ``--quick``
only the tests run that need neither PostgreSQL nor a browser and are not slow.
"""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path
from xml.etree import ElementTree

from postgres import NoPostgres, postgres_environment

ROOT = Path(__file__).resolve().parent.parent
SUMMARY = ROOT / "test-results" / "summary.txt"
sys.path.insert(0, str(ROOT / "djangoapp"))

from playwright.sync_api import sync_playwright  # noqa: E402

from tests.support.browser import browser_path  # noqa: E402
from tests.support.databases import RACES_REQUIRED  # noqa: E402

MOST_WORKERS = 4
INTERRUPTED, NOTHING_COLLECTED = 2, 5  # exit statuses of pytest
BROWSER_DOWNLOAD_SECONDS = 300


def main(arguments: list[str]) -> int:
    quick = "--quick" in arguments
    arguments = [argument for argument in arguments if argument != "--quick"]
    if not quick:
        provide_browser()
    began = time.monotonic()
    totals: Counter[str] = Counter()
    scratch = tempfile.mkdtemp(prefix="tests-")
    try:
        selection = "not postgres and not browser and not slow" if quick else "not postgres"
        statuses = [pytest("SQLite", {}, arguments, totals, scratch, selection=selection)]
        was_stopped = statuses[0] == INTERRUPTED or statuses[0] < 0
        if not quick and not was_stopped:
            statuses.append(on_postgres(arguments, totals, scratch))
    finally:
        shutil.rmtree(scratch, ignore_errors=True)
    failed = totals["failures"] + totals["errors"]
    passed = totals["tests"] - failed - totals["skipped"]
    summary = f"{passed} passed, {failed} failed, {totals['skipped']} skipped"
    print(f"\nAll together, in {time.monotonic() - began:.0f} seconds:\n{summary}")
    SUMMARY.parent.mkdir(exist_ok=True)
    SUMMARY.write_text(summary + "\n")
    # With arguments that choose tests, one of the two runs may have none of them.
    if arguments and any(status != NOTHING_COLLECTED for status in statuses):
        statuses = [status for status in statuses if status != NOTHING_COLLECTED]
    # Not the largest: a run that was killed has a negative status, which must not hide behind a zero.
    return int(any(statuses))


def on_postgres(arguments: list[str], totals: Counter[str], scratch: str) -> int:
    try:
        with postgres_environment() as variables:
            if not arguments:
                variables |= {RACES_REQUIRED: "yes"}
            return pytest("PostgreSQL", variables, arguments, totals, scratch, selection="not browser")
    except NoPostgres as problem:
        print(f"\n{problem}", flush=True)
        return 1


def pytest(
    database: str,
    variables: dict[str, str],
    arguments: list[str],
    totals: Counter[str],
    scratch: str,
    *,
    selection: str = "",
) -> int:
    """Run pytest against one database and add its figures to the totals; return its exit status."""
    print(f"\nTests on {database}", flush=True)
    report = Path(scratch, f"{database}.xml")
    workers = min(os.cpu_count() or 1, MOST_WORKERS)
    command = [
        *(sys.executable, "-m", "pytest", f"--junitxml={report}"),
        *(f"--numprocesses={workers}", "--dist=worksteal"),
        *(["-m", selection] if selection else []),
        *arguments,
    ]
    environment = neutral_environment() | {"TMPDIR": scratch} | variables
    process = subprocess.Popen(command, cwd=ROOT, env=environment)
    # Ctrl-C reaches pytest by itself, which then sums up; a request to end is handed on.
    signal.signal(signal.SIGINT, lambda *_: None)
    signal.signal(signal.SIGTERM, lambda *_: process.terminate())
    status = process.wait()
    if status < 0:
        print(f"\nThe run on {database} was killed ({signal.Signals(-status).name}).", flush=True)
    if report.exists():
        for suite in ElementTree.parse(report).getroot():
            for figure in ("tests", "failures", "errors", "skipped"):
                totals[figure] += int(suite.get(figure))
    return status


def neutral_environment() -> dict[str, str]:
    """This environment without what would steer the project: the tests bring their own settings."""
    steering = ("DJANGO", "DATABASE_", "AWS_")
    return {name: value for name, value in os.environ.items() if not name.startswith(steering)}


def provide_browser() -> None:
    """Download Playwright's browser where the system has none; its absence shows in the summary."""
    with sync_playwright() as playwright:
        if browser_path(playwright):
            return
    print("There is no chromium on this machine: downloading Playwright's …", flush=True)
    try:
        subprocess.run(
            [sys.executable, "-m", "playwright", "install", "--no-shell", "chromium"],
            timeout=BROWSER_DOWNLOAD_SECONDS,
            check=True,
        )
    except subprocess.SubprocessError:
        print("It could not be had; the summary names the journeys that did not run.", flush=True)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
