"""The chart as operators get it: its dependency from a registry, its package from a repository served over HTTP."""

import functools
import http.server
import os
import shutil
import subprocess
import sys
import tempfile
import threading
from functools import cache
from pathlib import Path

from chart.rendering import CHART, STUB
from cluster.machine import ROOT, machine, program, run

NAME = "rehearsal/djangohelm"


class _Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *_):
        """Nobody reads it."""


def chart_tool(*arguments: object, **environment: str) -> str:
    """What `make charts`, `make templates` and `make dist` call."""
    done = subprocess.run(
        [sys.executable, ROOT / "tools" / "helm_chart.py", *map(str, arguments)],
        capture_output=True,
        text=True,
        env=os.environ | environment,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@cache
def home() -> Path:
    """A folder for all this that goes with the process."""
    folder = tempfile.TemporaryDirectory(prefix="repository-")
    _kept.append(folder)
    for name in ("CONFIG", "CACHE", "DATA"):  # the repositories of whoever runs the tests stay as they are
        os.environ[f"HELM_{name}_HOME"] = str(Path(folder.name, name))
    return Path(folder.name)


_kept: list = []


@cache
def chart_with_dependency() -> Path:
    """A copy of the chart whose dependency came from the registry, as `make charts` brings it."""
    registry, folder = f"oci://{machine().registry}/charts", home() / "djangohelm"
    shutil.copytree(CHART, folder, ignore=shutil.ignore_patterns("charts"))
    run(program("helm"), "package", STUB, "--destination", home())
    (package,) = home().glob("postgresql-*.tgz")
    run(program("helm"), "push", package, registry, "--plain-http")
    chart_tool("charts", "--chart", folder, CHART_REGISTRY=registry)
    return folder


@cache
def published() -> str:
    """Package the chart with `make dist`, serve the repository, and add it to Helm's. Gives the chart's name there."""
    served = shutil.copytree(ROOT / "helmdist", home() / "helmdist", ignore=shutil.ignore_patterns("*.tgz"))
    handler = functools.partial(_Quiet, directory=served)
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    address = f"http://127.0.0.1:{server.server_port}"
    chart_tool("dist", "--chart", chart_with_dependency(), "--to", served, "--address", address)
    run(program("helm"), "repo", "add", "rehearsal", address)
    return NAME
