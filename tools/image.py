"""Build the image of the shop with podman, docker or buildah, whichever is there, and print its name.

::

    python3 tools/image.py

IMAGE names it (``registry.example.org/shop``; the default is ``localhost/djangoapp``), TARGET is ``production`` or
``development``. The tag is the commit, with ``-dirty`` behind it where files have changed since. PIP_CONFIG_FILE, when
it is set, is handed in as a secret: packages come from where it says, and no layer tells.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
ENGINES = ("podman", "docker", "buildah")


class NoEngine(Exception):
    """None of the programs that build images works here."""


def find_engine(engines: tuple[str, ...] = ENGINES) -> str:
    """Return the first program that is there and works. Docker is there in vain when its server is not."""
    for engine in engines:
        if shutil.which(engine) and _works(engine):
            return engine
    raise NoEngine(f"This needs one of {', '.join(engines)}, and none of them works on this machine.")


def _works(engine: str) -> bool:
    asked = subprocess.run(
        [engine, "info"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False
    )
    return asked.returncode == 0


def version() -> str:
    return (ROOT / "VERSION").read_text().strip()


def commit() -> str:
    """The full id of the commit that is checked out."""
    return _git("rev-parse", "HEAD")


def tag() -> str:
    return commit() + ("-dirty" if _git("status", "--porcelain") else "")


def name() -> str:
    return f"{os.environ.get('IMAGE') or 'localhost/djangoapp'}:{tag()}"


def build(engine: str, image: str, *, target: str = "production") -> None:
    """Build one target of the Dockerfile. Raises ``CalledProcessError``."""
    command = [engine, "build", "--file", "djangoapp/Dockerfile", "--target", target, "--tag", image]
    command += ["--build-arg", f"VERSION={version()}", "--build-arg", f"COMMIT={commit()}"]
    if engine != "docker":
        command += ["--network", "host", "--format", "docker"]
    if pip_config := os.environ.get("PIP_CONFIG_FILE"):
        command += ["--secret", f"id=pip,src={pip_config}"]
    subprocess.run([*command, "."], cwd=ROOT, check=True)


def _git(*arguments: str) -> str:
    return subprocess.run(
        ["git", *arguments], cwd=ROOT, check=True, stdout=subprocess.PIPE, text=True
    ).stdout.strip()


if __name__ == "__main__":
    try:
        build(find_engine(), name(), target=os.environ.get("TARGET") or "production")
    except NoEngine as problem:
        sys.exit(str(problem))
    except subprocess.CalledProcessError as problem:
        sys.exit(problem.returncode)
    print(name())
