"""Keep .venv in step with Pipfile.lock, and the lock fit to be shared.

Run by the environment's own Python::

    .venv/bin/python tools/packages.py install [--dev]   # does nothing, quickly, when all is there
    .venv/bin/python tools/packages.py lock              # resolve the Pipfile anew
    .venv/bin/python tools/packages.py check             # is the lock the Pipfile's, and fit to be shared?

Pipenv lives in an environment of its own inside .venv, so that its dependencies never satisfy
(or break) an import of the project.
"""

import hashlib
import json
import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
LOCK = ROOT / "Pipfile.lock"
PIPENV = "pipenv==2026.10.3"


def install(group: str) -> None:
    """Install the group, "default" or "dev" (which includes default), unless this lock's is there."""
    wanted = hashlib.sha256(LOCK.read_bytes()).hexdigest()
    enough = {"dev"} if group == "dev" else {"default", "dev"}
    if any(stamp(name).exists() and stamp(name).read_text() == wanted for name in enough):
        return
    print("Installing the packages of Pipfile.lock into .venv …", flush=True)
    pipenv("sync", *(["--dev"] if group == "dev" else []))
    stamp(group).write_text(wanted)


def stamp(group: str) -> Path:
    """The file that holds the checksum of the lock from which the group was last installed."""
    return VENV / f"installed-{group}"


def lock() -> None:
    """Resolve the Pipfile anew and write a lock that says what to install, not from where."""
    pipenv("lock")
    content = json.loads(LOCK.read_text())
    content["_meta"]["sources"] = []
    for package in locked_packages(content):
        package.pop("index", None)
    LOCK.write_text(json.dumps(content, indent=4) + "\n")
    check()


def check() -> None:
    """Refuse a lock that is not the Pipfile's or that names the registry it was made with.

    Whoever installs decides on the registry (pip's own settings); the checksums guard the content.
    """
    content = json.loads(LOCK.read_text())
    if content["_meta"]["sources"] or any("index" in package for package in locked_packages(content)):
        sys.exit("Pipfile.lock names a package registry. Write it with `make lock`.")
    pipenv("verify", quiet=True)


def locked_packages(content: dict) -> list[dict]:
    return [package for group in ("default", "develop") for package in content[group].values()]


def pipenv(*arguments: str, quiet: bool = False) -> None:
    """Run the pinned pipenv on .venv, after installing it where it is missing."""
    home = VENV / "pipenv"
    marker = home / PIPENV
    if not marker.exists():
        run(sys.executable, "-m", "venv", "--clear", str(home))
        run(str(home / "bin" / "python"), "-m", "pip", "install", "--quiet", PIPENV)
        marker.touch()
    environment = {
        name: value
        for name, value in os.environ.items()
        # Pipenv would follow an activated environment, or a Python chosen elsewhere, before ours.
        if name not in {"VIRTUAL_ENV", "PIPENV_PIPFILE", "PIPENV_PYTHON"}
    }
    environment |= {"PIPENV_VENV_IN_PROJECT": "1", "PIPENV_VERBOSITY": "-1", "PIPENV_NOSPIN": "1"}
    run(str(home / "bin" / "pipenv"), *arguments, environment=environment, quiet=quiet)


def run(*command: str, environment: dict[str, str] | None = None, quiet: bool = False) -> None:
    finished = subprocess.run(
        command,
        cwd=ROOT,
        env=environment,
        stdout=subprocess.DEVNULL if quiet else None,
        check=False,
    )
    if finished.returncode:
        sys.exit(f"`{' '.join(command)}` failed; the message above says why.")


if __name__ == "__main__":
    match sys.argv[1:]:
        case ["install"]:
            install("default")
        case ["install", "--dev"]:
            install("dev")
        case ["lock"]:
            lock()
        case ["check"]:
            check()
        case _:
            sys.exit(__doc__)
