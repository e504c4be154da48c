"""The shop as its image installs it, and its servers: a copy of the code with static files collected, on PostgreSQL."""

import contextlib
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
BARE = Path(__file__).resolve().parent / "bare"
WORKERS, THREADS = 2, 4
START_SECONDS = 60
SECRET = "only-for-the-benchmark-" + "x" * 40


class Failed(Exception):
    """A command or a server of the benchmark's did not do what it should."""


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@dataclass(eq=False)
class Server:
    """A running server, the process that started it first among its processes."""

    address: str
    process: subprocess.Popen
    log: Path

    def children(self) -> list[int]:
        pid = self.process.pid
        return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]

    def memory(self) -> list[float]:
        """What each worker takes of the machine's memory, in MiB: its share of what it shares (PSS)."""
        return [_pss(child) for child in self.children()]

    def known(self, path: str) -> list[str]:
        """The headers of a browser that has this page already: its cookie, and the page's ``ETag``."""
        with _open(self.address + path) as first:
            cookie = (first.headers["Set-Cookie"] or "").partition(";")[0]
        with _open(self.address + path, Cookie=cookie) as answer:
            return [f"Cookie: {cookie}", f"If-None-Match: {answer.headers['ETag']}"]

    def processor_seconds(self) -> float:
        """What its workers have used of the processors so far."""
        ticks = 0
        for child in self.children():
            fields = Path(f"/proc/{child}/stat").read_text().rpartition(")")[2].split()
            ticks += int(fields[11]) + int(fields[12])
        return ticks / os.sysconf("SC_CLK_TCK")


def _open(url: str, **headers: str):
    request = urllib.request.Request(url, headers=headers)  # noqa: S310 - our own server
    return urllib.request.urlopen(request, timeout=START_SECONDS)  # noqa: S310


def _pss(pid: int) -> float:
    for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
        if line.startswith("Pss:"):
            return int(line.split()[1]) / 1024
    raise Failed(f"/proc/{pid}/smaps_rollup says nothing of Pss.")


class Installation:
    """A copy of the code in a folder, and the database ``bench`` of a PostgreSQL server."""

    def __init__(self, folder: Path, socket_folder: Path) -> None:
        self.folder = folder
        self.code = folder / "djangoapp"
        self.socket_folder = socket_folder
        self.port, self.stripe_port = free_port(), free_port()
        self.address = f"http://127.0.0.1:{self.port}"
        self.stripe = f"http://127.0.0.1:{self.stripe_port}"
        left_out = shutil.ignore_patterns(
            "__pycache__", "staticfiles", "media", ".local", "*.sqlite3*", "demo_media"
        )
        shutil.copytree(ROOT / "djangoapp", self.code, ignore=left_out)
        shutil.copytree(ROOT / "djangoapp/shop/demo_media", self.code / "shop/demo_media")
        shutil.copy(ROOT / "VERSION", folder)
        self.manage("collectstatic", "--noinput")
        self.manage("load_everything")

    def environment(self, **more: str) -> dict[str, str]:
        return {
            "PATH": os.environ["PATH"],
            "HOME": "/nonexistent",
            "LANG": "C.UTF-8",
            "TMPDIR": str(self.folder),
            "PYTHONWARNINGS": "ignore",
            "DJANGO_SETTINGS_MODULE": "app.settings.production",
            "DJANGOAPP_FERNET_KEY": SECRET,
            "DJANGOAPP_SITE_URL": self.address,
            "DJANGOAPP_SSL_REDIRECT": "false",  # encryption ends before the shop, at the proxy
            "DJANGOAPP_TRUSTED_PROXY_COUNT": "1",
            "DJANGOAPP_EMAIL_HOST": "127.0.0.1",  # nobody is asked: no worker runs while requests are measured
            "DJANGOAPP_EMAIL_FROM": "shop@example.org",
            "DJANGOAPP_STAFF_SECOND_FACTOR": "false",
            "DJANGOAPP_RATE_LIMIT_FACTOR": "1000",
            "DJANGOAPP_STRIPE_TEST_SECRET_KEY": "sk_test_benchmarkBenchmarkBenchmark",
            "DJANGOAPP_STRIPE_WEBHOOK_SECRET": "whsec_benchmark",
            "DJANGOAPP_STRIPE_API_URL": self.stripe,
            "DJANGOAPP_STRIPE_CHECKOUT_URL": self.stripe,
            "DATABASE_HOSTNAME": str(self.socket_folder),
            "DATABASE_PORT": "5432",
            "DATABASE_NAME": "bench",
            "DATABASE_USER": "shop",
            "DATABASE_PASSWORD": "unused",
            "GUNICORN_BIND": f"127.0.0.1:{self.port}",
            "GUNICORN_WORKERS": str(WORKERS),
            "GUNICORN_THREADS": str(THREADS),
            **more,
        }

    def manage(self, *arguments: str, **variables: str) -> str:
        return self.run("manage.py", *arguments, **variables)

    def run(self, *arguments: str, **variables: str) -> str:
        """Run a Python program within the copy and return what it writes. Raises ``Failed``."""
        command = [sys.executable, *arguments]
        done = subprocess.run(
            command,
            cwd=self.code,
            env=self.environment(**variables),
            check=False,
            capture_output=True,
            text=True,
        )
        if done.returncode:
            raise Failed(f"{' '.join(arguments)}:\n{done.stdout}\n{done.stderr}")
        return done.stdout

    def ask(self, question: str, **arguments) -> dict:
        """Have ``stage.py`` do something within the shop, and return what it says."""
        stage = Path(__file__).resolve().parent / "stage.py"
        return json.loads(
            self.run(str(stage), question, json.dumps(arguments), PYTHONPATH=str(self.code)).splitlines()[-1]
        )

    def create_database(self) -> None:
        self.sql("DROP DATABASE IF EXISTS bench", "CREATE DATABASE bench", database="postgres")

    def sql(self, *statements: str, database: str = "bench") -> list[tuple]:
        """Run statements one by one, each in a transaction of its own, and return the rows of the last."""
        import psycopg2

        connection = psycopg2.connect(host=str(self.socket_folder), dbname=database, user="shop")
        connection.autocommit = True
        try:
            with connection.cursor() as cursor:
                for statement in statements:
                    cursor.execute(statement)
                return cursor.fetchall() if cursor.description else []
        finally:
            connection.close()

    @contextmanager
    def serving(self, **variables: str) -> Iterator[Server]:
        """Run the shop by its own ``gunicorn.conf.py``."""
        command = [sys.executable, "-m", "gunicorn", "-c", "gunicorn.conf.py"]
        environment = self.environment(**variables)
        with _running(command, self.code, environment, self.address, "/readyz", self.folder) as server:
            yield server

    @contextmanager
    def serving_bare(self) -> Iterator[Server]:
        """Run the bare page."""
        port = free_port()
        environment = self.environment(GUNICORN_BIND=f"127.0.0.1:{port}", PYTHONPATH=str(BARE))
        environment["PYTHONDONTWRITEBYTECODE"] = "1"
        command = [sys.executable, "-m", "gunicorn", "-c", "gunicorn.conf.py"]
        address = f"http://127.0.0.1:{port}"
        with _running(command, BARE, environment, address, "/1/100/", self.folder) as server:
            yield server

    @contextmanager
    def stripe_standing_in(self, *, tells: bool = True) -> Iterator[None]:
        """Run the stand-in for Stripe, which tells the shop of each payment before it sends the buyer back."""
        command = [sys.executable, "-m", "payments.standin", f"--port={self.stripe_port}"]
        if tells:
            command.append(f"--webhook={self.address}/stripe/webhook/")
            command.append(f"--events={','.join(self.ask('events')['events'])}")
        with _running(command, self.code, self.environment(), self.stripe, "/", self.folder):
            yield


@contextmanager
def _running(
    command: list[str], folder: Path, environment: dict[str, str], address: str, path: str, logs: Path
) -> Iterator[Server]:
    log = logs / f"{time.monotonic_ns()}.log"
    with log.open("wb") as stream:
        process = subprocess.Popen(
            command, cwd=folder, env=environment, stdout=stream, stderr=subprocess.STDOUT
        )
    server = Server(address, process, log)
    try:
        wait_for(server, path)
        yield server
    finally:
        process.send_signal(signal.SIGTERM)
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(timeout=15)
        if process.poll() is None:
            process.kill()
            process.wait()


def wait_for(server: Server, path: str) -> None:
    """Return when the server answers at all. Raises ``Failed`` when it does not within a minute."""
    deadline = time.monotonic() + START_SECONDS
    while server.process.poll() is None and time.monotonic() < deadline:
        try:
            _open(server.address + path).close()
            return
        except urllib.error.HTTPError as error:
            if error.code < 500:
                return
            time.sleep(0.005)
        except OSError:
            time.sleep(0.005)
    raise Failed(f"A server did not start:\n{server.log.read_text(errors='replace')[-3000:]}")
