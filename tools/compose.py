"""Start and stop the development environment of compose.yaml.

::

    python3 tools/compose.py up     # writes .env with fresh secrets where it is missing; returns when the shop answers
    python3 tools/compose.py down   # stops; the data stay (VOLUMES=remove forgets them, too)

Uses ``docker compose`` or ``podman-compose``, whichever works; COMPOSE names another. PORT is the shop's (8081), and
STRIPE_PORT that of the stand-in's pages (12112).
"""

import os
import secrets
import shlex
import shutil
import string
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
SECRETS = ROOT / ".env"
START_SECONDS = 300
CANDIDATES = (["docker", "compose"], ["podman-compose"], ["podman", "compose"])


class NoCompose(Exception):
    """None of the programs that read a compose file works here."""


def find_compose() -> list[str]:
    if named := os.environ.get("COMPOSE"):
        return shlex.split(named)
    for command in CANDIDATES:
        if shutil.which(command[0]) and _works(command):
            return command
    raise NoCompose("This needs docker compose or podman-compose, and neither works on this machine.")


def _works(command: list[str]) -> bool:
    return not subprocess.run([*command, "version"], check=False, capture_output=True).returncode


def fresh_secrets() -> dict[str, str]:
    letters = string.ascii_letters + string.digits

    def random(length: int) -> str:
        return "".join(secrets.choice(letters) for _ in range(length))

    return {
        "DJANGOAPP_FERNET_KEY": random(50),
        "DATABASE_PASSWORD": random(32),
        "REDIS_PASSWORD": random(32),
        "STRIPE_TEST_SECRET_KEY": f"sk_test_{random(32)}",
        "STRIPE_WEBHOOK_SECRET": f"whsec_{random(32)}",
    }


def write_secrets() -> None:
    """Write .env, the owner's alone, unless it is there. Whoever deletes it has to forget the database as well."""
    if SECRETS.exists():
        return
    descriptor = os.open(SECRETS, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with open(descriptor, "w", encoding="utf-8") as file:
        file.write("# Secrets of compose.yaml on this machine, made by `make up`.\n")
        file.writelines(f"{name}={value}\n" for name, value in fresh_secrets().items())
    print(f"Wrote {SECRETS.name} with fresh secrets.")


def up(compose: list[str]) -> int:
    """Start everything, and return a process's exit status once the shop answers."""
    # Podman 4 stumbles over a dependency that has ended. The services wait for one another anyway.
    options = ["--no-deps"] if "podman" in " ".join(compose) else []
    if status := _run(compose, "build") or _run(compose, "up", "--detach", *options):
        return status
    url = f"http://127.0.0.1:{os.environ.get('PORT') or 8081}"
    deadline = time.monotonic() + START_SECONDS
    while not _answers(f"{url}/readyz"):
        if time.monotonic() > deadline:
            _run(compose, "logs", "--tail", "50")
            print(f"The shop does not answer at {url}; above is what it said.")
            return 1
        time.sleep(1)
    told = shlex.join(compose)
    print(f"The shop is open: {url}")
    print(f"Demo data and the first account:  {told} exec web ./entrypoint.sh manage load_demo")
    print(f"What it says, mails included:     {told} logs --follow")
    return 0


def down(compose: list[str]) -> int:
    return _run(compose, "down", *(["--volumes"] if os.environ.get("VOLUMES") == "remove" else []))


def _run(compose: list[str], *arguments: str) -> int:
    # Podman shares layers with what image.py builds only where both have the same format.
    environment = os.environ | {"BUILDAH_FORMAT": "docker"}
    return subprocess.run([*compose, *arguments], cwd=ROOT, env=environment, check=False).returncode


def _answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=5) as answer:  # noqa: S310 - this machine's own
            return answer.status == 200
    except OSError:
        return False


if __name__ == "__main__":
    try:
        match sys.argv[1:]:
            case ["up"]:
                command = find_compose()
                write_secrets()
                sys.exit(up(command))
            case ["down"]:
                sys.exit(down(find_compose()))
            case _:
                sys.exit(__doc__)
    except NoCompose as problem:
        sys.exit(str(problem))
