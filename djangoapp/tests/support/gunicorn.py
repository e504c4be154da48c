"""The shop behind its real server, in processes of its own."""

import json
import os
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.support.servers import free_port

DJANGOAPP = Path(__file__).resolve().parents[2]
START_SECONDS = 60


@dataclass
class Gunicorn:
    """A running server. ``log()`` are the lines it has written so far, each an object."""

    url: str
    process: subprocess.Popen
    log_path: Path

    def get(self, path: str, **headers: str) -> tuple[int, dict, str]:
        """Ask for an address and return status, headers and text."""
        request = urllib.request.Request(self.url + path, headers=headers)
        try:
            with urllib.request.urlopen(request, timeout=30) as answer:
                return answer.status, dict(answer.headers), answer.read().decode()
        except urllib.error.HTTPError as error:
            return error.code, dict(error.headers), error.read().decode()

    def log(self) -> list[dict]:
        return [json.loads(line) for line in self.log_path.read_text().splitlines()]

    def stop(self) -> int:
        """Ask it to end, wait until it has, and return its exit status."""
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(timeout=30)


def environment(folder: Path, **variables: str) -> dict[str, str]:
    """What a process of the shop's is told, and nothing of what this one was."""
    return {
        "PATH": os.environ["PATH"],
        "HOME": "/nonexistent",
        "TMPDIR": str(folder),
        "DJANGO_SETTINGS_MODULE": "app.settings.development",
        "DJANGOAPP_FERNET_KEY": "only-for-tests-" + "x" * 40,
        "DJANGOAPP_LOG_FORMAT": "json",
        **variables,
    }


@contextmanager
def serving(folder: Path, *, port: int = 0, **variables: str) -> Iterator[Gunicorn]:
    """Run gunicorn with the project's configuration and these variables until the block ends."""
    port = port or free_port()
    told = {"GUNICORN_BIND": f"127.0.0.1:{port}", "GUNICORN_WORKERS": "1"} | variables
    log_path = folder / "gunicorn.log"
    with log_path.open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, "-W", "ignore", "-m", "gunicorn", "-c", "gunicorn.conf.py"],
            cwd=DJANGOAPP,
            env=environment(folder, **told),
            stdout=log,
            stderr=subprocess.STDOUT,
        )
    server = Gunicorn(f"http://127.0.0.1:{port}", process, log_path)
    try:
        _wait_for(server)
        yield server
    finally:
        if process.poll() is None:
            process.kill()
            process.wait()


def _wait_for(server: Gunicorn) -> None:
    deadline = time.monotonic() + START_SECONDS
    while server.process.poll() is None and time.monotonic() < deadline:
        try:
            server.get("/livez")
            return
        except OSError:
            time.sleep(0.05)
    raise AssertionError(f"gunicorn did not start:\n{server.log_path.read_text()}")
