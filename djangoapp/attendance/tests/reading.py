"""Reads codes and papers as a telephone and a printer do."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest


def codes_on(picture: Path) -> list[str]:
    """What zbar reads from a picture."""
    return run("zbarimg", "--quiet", "--raw", "-Sdisable", "-Sqrcode.enable", str(picture)).splitlines()


def pictures_of(pdf: bytes, folder: Path) -> list[Path]:
    """The pages of a PDF as they are printed, 150 dots an inch."""
    (folder / "printed.pdf").write_bytes(pdf)
    run("pdftoppm", "-r", "150", "-png", str(folder / "printed.pdf"), str(folder / "page"))
    return sorted(folder.glob("page*.png"))


def needs(*programs: str) -> None:
    """Skip a test where a program is missing; in CI that is a failure, for CI installs them."""
    missing = [program for program in programs if not shutil.which(program)]
    if missing and os.environ.get("CI"):
        pytest.fail(f"{', '.join(missing)} missing: .ci/run installs zbar-tools, poppler-utils and curl")
    if missing:
        pytest.skip(f"{', '.join(missing)} not installed (Debian: zbar-tools, poppler-utils, curl)")


def run(*command: str) -> str:
    """What a program prints; it has to end well."""
    return subprocess.run(command, check=True, capture_output=True, text=True, timeout=60).stdout
