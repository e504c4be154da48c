"""Reads codes and papers as a telephone and a printer do."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest


def codes_on(picture: Path) -> list[str]:
    """What zbar reads from a picture."""
    done = _run("zbarimg", "--quiet", "--raw", "-Sdisable", "-Sqrcode.enable", str(picture))
    return done.stdout.splitlines()


def pictures_of(pdf: bytes, folder: Path) -> list[Path]:
    """The pages of a PDF as they are printed, 150 dots an inch."""
    (folder / "printed.pdf").write_bytes(pdf)
    _run("pdftoppm", "-r", "150", "-png", str(folder / "printed.pdf"), str(folder / "page"))
    return sorted(folder.glob("page*.png"))


def needs(*programs: str) -> None:
    """Skip a test where a program is missing; in CI that is a failure, for CI installs them."""
    missing = [program for program in programs if not shutil.which(program)]
    if missing and os.environ.get("CI"):
        pytest.fail(f"{', '.join(missing)} missing: .ci/run installs zbar-tools and poppler-utils")
    if missing:
        pytest.skip(f"{', '.join(missing)} not installed (Debian: zbar-tools, poppler-utils)")


def _run(*command: str) -> subprocess.CompletedProcess:
    return subprocess.run(command, check=True, capture_output=True, text=True, timeout=60)
