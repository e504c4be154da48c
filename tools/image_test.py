"""Build the image and try it as a cluster runs it: read-only, without rights, against a real PostgreSQL.

::

    python3 tools/image_test.py

Needs podman or docker; on a machine without them it says so and ends well, unless CONTAINERS_REQUIRED is set.
IMAGE_TESTED names an image that is there already, instead of one that is built. Each line tells what was found; a
failure comes with the log.
"""

import json
import os
import secrets
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import image as images

MOST_MEGABYTES = 250
START_SECONDS = 300
STOP_SECONDS = 40
ENDED_BY_SIGNAL = 128 + signal.SIGTERM
FREE_PORT = (
    "import socket; probe = socket.socket(); probe.bind(('127.0.0.1', 0)); print(probe.getsockname()[1])"
)
# What nobody needs in it, and whoever breaks in would like to find.
UNWANTED = """
for name in pip gcc cc make git curl; do command -v $name; done
find /app /venv -name .env -o -name .git -o -name '*.sqlite3' -o -name conftest.py -o -name pytest
find /app -type d -name tests
find / -xdev -type f -path '*pip*' -name '*.conf' -not -path '/proc/*'
find /app /venv -perm -o+w -not -type l
"""


class Failed(Exception):
    """The image does not do what it should."""


class Containers:
    """What one run of this script starts, and removes at its end."""

    def __init__(self, engine: str, image: str, folder: Path) -> None:
        self.engine, self.image, self.folder = engine, image, folder
        self.started: list[str] = []

    def output(self, *command: str) -> str:
        done = subprocess.run([self.engine, *command], check=False, capture_output=True, text=True)
        if done.returncode:
            raise Failed(
                f"`{self.engine} {' '.join(command)}` ended with {done.returncode}:\n{done.stdout}{done.stderr}"
            )
        return done.stdout.strip()

    def strict(self, variables: dict[str, str]) -> list[str]:
        """Options of a container that may do nothing, as a hardened cluster has it."""
        environment = self.folder / f"{secrets.token_hex(4)}.env"
        environment.write_text("".join(f"{name}={value}\n" for name, value in variables.items()))
        environment.chmod(0o600)
        return [
            *("--network", "host", "--read-only", "--tmpfs", "/tmp", "--cap-drop", "all"),
            *("--security-opt", "no-new-privileges", "--env-file", str(environment)),
        ]

    def run(self, variables: dict[str, str], *command: str) -> str:
        return self.output("run", "--rm", *self.strict(variables), self.image, *command)

    def start(self, options: list[str], *command: str) -> str:
        container = self.output("run", "--detach", *options, *command)
        self.started.append(container)
        return container

    def log(self, container: str) -> str:
        done = subprocess.run(
            [self.engine, "logs", container],
            check=False,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        return done.stdout

    def stop(self, container: str) -> tuple[int, float]:
        """Ask a container to end; gives its exit status and the seconds that it took."""
        began = time.monotonic()
        self.output("stop", "--time", str(STOP_SECONDS), container)
        seconds = time.monotonic() - began
        return json.loads(self.output("inspect", container))[0]["State"]["ExitCode"], seconds

    def remove_all(self) -> None:
        for container in reversed(self.started):
            subprocess.run([self.engine, "rm", "--force", container], check=False, capture_output=True)


def free_port() -> str:
    return subprocess.check_output([sys.executable, "-c", FREE_PORT], text=True).strip()


def ask(url: str) -> tuple[int, dict, bytes]:
    try:
        with urllib.request.urlopen(url, timeout=20) as answer:  # noqa: S310 - our own container
            return answer.status, dict(answer.headers), answer.read()
    except urllib.error.HTTPError as error:
        return error.code, dict(error.headers), error.read()


def wait_for(containers: Containers, container: str, url: str, status: int = 200) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        try:
            if ask(url)[0] == status:
                return
        except OSError:
            pass
        time.sleep(0.2)
    raise Failed(f"{url} does not answer {status}:\n{containers.log(container)}")


def expect(is_so: bool, what: str) -> None:
    if not is_so:
        raise Failed(f"Not so: {what}")
    print(f"  ok  {what}", flush=True)


def look_inside(containers: Containers) -> None:
    """What the image is made of."""
    described = json.loads(containers.output("image", "inspect", containers.image))[0]
    megabytes = described["Size"] / 1e6
    expect(megabytes <= MOST_MEGABYTES, f"{megabytes:.0f} MB of at most {MOST_MEGABYTES}")
    config = described["Config"]
    user = config["User"].partition(":")[0]
    expect(user.isdigit() and int(user) > 0, f"runs as the user {user}")
    labels = config["Labels"]
    expect(labels["org.opencontainers.image.version"] == images.version(), f"labelled {images.version()}")
    expect(len(labels["org.opencontainers.image.revision"]) == 40, "labelled with the whole id of its commit")
    found = containers.output(
        *(
            "run",
            "--rm",
            "--user",
            "0",
            "--entrypoint",
            "sh",
            containers.image,
            "-c",
            f"({UNWANTED}) 2>/dev/null; true",
        )
    )
    expect(not found, f"no tools, tests, settings or files that anybody may write {found}".strip())
    history = containers.output("history", "--no-trunc", containers.image)
    words = ("index-url", "INDEX_URL", "find-links", "FIND_LINKS", "SECRET_KEY=", "PASSWORD=")
    expect(not any(word in history for word in words), "its history names no registry and no secret")


def refuse_half_configured(containers: Containers, variables: dict[str, str]) -> None:
    """A container without its settings names what is missing, and ends."""
    for name in ("DJANGOAPP_FERNET_KEY", "DATABASE_HOSTNAME", "DJANGOAPP_EMAIL_HOST"):
        half = {known: value for known, value in variables.items() if known != name}
        try:
            containers.run(half, "web")
        except Failed as refusal:
            expect(f"Set {name}" in str(refusal), f"without {name} it does not start, and says so")
        else:
            raise Failed(f"It starts without {name}.")


def wait_in_vain(containers: Containers, variables: dict[str, str]) -> None:
    """A pod that is taken back while it waits goes at once, not only when its time is over."""
    waiting = containers.start(containers.strict(variables), containers.image, "wait-for-migrations")
    deadline = time.monotonic() + START_SECONDS
    while "Waiting:" not in containers.log(waiting):
        if time.monotonic() > deadline:
            raise Failed(f"It does not wait for migrations:\n{containers.log(waiting)}")
        time.sleep(0.2)
    ended, seconds = containers.stop(waiting)
    expect(
        ended == ENDED_BY_SIGNAL, f"asked to stop, what waits for migrations has ended after {seconds:.1f} s"
    )


def migrate(containers: Containers, variables: dict[str, str]) -> None:
    """Two jobs at once: one works, the other waits for it; and a third finds nothing to do."""
    options = containers.strict(variables)
    waiting = containers.start(options, containers.image, "wait-for-migrations", "--timeout", "300")
    jobs = [containers.start(options, containers.image, "migrate") for _ in range(2)]
    began = time.monotonic()
    ended = [containers.output("wait", container) for container in (*jobs, waiting)]
    logs = "\n".join(containers.log(job) for job in jobs)
    if ended != ["0", "0", "0"]:
        raise Failed(f"The migrations ended with {ended}:\n{logs}\n{containers.log(waiting)}")
    expect(True, f"two migrations at once end well, in {time.monotonic() - began:.0f} s")
    expect(logs.count("Applying shop.0001_initial") == 1, "only one of them did the work")


def serve(containers: Containers, variables: dict[str, str], url: str) -> None:
    """The web process, from its start to its end."""
    began = time.monotonic()
    web = containers.start(containers.strict(variables), containers.image)
    wait_for(containers, web, f"{url}/readyz")
    print(f"      ready after {time.monotonic() - began:.1f} s", flush=True)
    told = json.loads(ask(f"{url}/version")[2])
    expect(
        told["version"] == images.version() and len(told["commit"]) == 40, f"/version says {told['version']}"
    )
    status, headers, page = ask(f"{url}/")
    expect(status == 200 and b"<h1" in page, "the home page is there")
    style = next(part for part in page.decode().split('"') if part.endswith(".css"))
    status, headers, _text = ask(url + style)
    expect(status == 200 and "immutable" in headers["Cache-Control"], f"style sheets for ever: {style}")
    expect(ask(f"{url}/admin/")[0] == 200, "the admin leads to the sign-in")
    _status, _headers, figures = ask(f"http://127.0.0.1:{variables['DJANGOAPP_METRICS_PORT']}/metrics")
    expect(b"shop_vitals_up 1.0" in figures, "figures for Prometheus on a port of their own")
    expect(ask(f"{url}/metrics")[0] == 404, "and not on the public one")
    ended, seconds = containers.stop(web)
    expect(ended == 0 and seconds < STOP_SECONDS, f"asked to stop, it has ended well after {seconds:.1f} s")
    lines = containers.log(web).splitlines()
    expect(
        all("request_id" in json.loads(line) or "gunicorn" in line for line in lines),
        "each line of its log is JSON",
    )


def work(containers: Containers, variables: dict[str, str]) -> None:
    """The worker: it lives, says so, and ends when it is asked to."""
    worker = containers.start(containers.strict(variables), containers.image, "worker")
    alive = [containers.engine, "exec", worker, "/app/entrypoint.sh", "worker-is-alive"]
    deadline = time.monotonic() + START_SECONDS
    while subprocess.run(alive, check=False, capture_output=True).returncode:
        if time.monotonic() > deadline:
            raise Failed(f"The worker shows no sign of life:\n{containers.log(worker)}")
        time.sleep(0.5)
    wait_for(containers, worker, f"http://127.0.0.1:{variables['DJANGOAPP_METRICS_PORT']}/metrics")
    expect(True, "the worker lives, and has figures")
    ended, seconds = containers.stop(worker)
    expect(ended == 0, f"asked to stop, it has ended well after {seconds:.1f} s")


@contextmanager
def database(containers: Containers) -> Iterator[dict[str, str]]:
    """A PostgreSQL of its own."""
    port, password = free_port(), secrets.token_urlsafe(16)
    options = ["--network", "host", "--env", "POSTGRES_USER=shop", "--env", "POSTGRES_DB=shop"]
    options += ["--env", f"POSTGRES_PASSWORD={password}"]
    containers.start(options, "docker.io/library/postgres:17", "postgres", "-p", port)
    yield {
        "DATABASE_HOSTNAME": "127.0.0.1",
        "DATABASE_PORT": port,
        "DATABASE_NAME": "shop",
        "DATABASE_USER": "shop",
        "DATABASE_PASSWORD": password,
    }


def try_it(containers: Containers) -> None:
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    print(f"Trying {containers.image} with {containers.engine}", flush=True)
    look_inside(containers)
    with database(containers) as variables:
        variables |= {
            "DJANGOAPP_FERNET_KEY": secrets.token_urlsafe(48),
            "DJANGOAPP_SITE_URL": url,
            "DJANGOAPP_SSL_REDIRECT": "false",
            "DJANGOAPP_EMAIL_HOST": "127.0.0.1",
            "DJANGOAPP_EMAIL_FROM": "The shop <shop@example.org>",
            "GUNICORN_BIND": f"127.0.0.1:{port}",
            "DJANGOAPP_METRICS_PORT": free_port(),
        }
        refuse_half_configured(containers, variables)
        wait_in_vain(containers, variables)
        migrate(containers, variables)
        serve(containers, variables, url)
        work(containers, variables)


def main() -> int:
    try:
        engine = images.find_engine(("podman", "docker"))
    except images.NoEngine as problem:
        print(f"The image is not tried: {problem}")
        return 1 if os.environ.get("CONTAINERS_REQUIRED") else 0
    image = os.environ.get("IMAGE_TESTED")
    if not image:
        image = images.name()
        images.build(engine, image)
    with TemporaryDirectory(prefix="image-test-") as folder:
        containers = Containers(engine, image, Path(folder))
        try:
            try_it(containers)
        except Failed as failure:
            print(f"FAILED: {failure}", flush=True)
            return 1
        finally:
            containers.remove_all()
    print("The image does what it should.")
    return 0


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # what was started goes, too
    sys.exit(main())
