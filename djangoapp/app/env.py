"""Typed readers of the environment.

Each variable ``NAME`` may instead be given as ``NAME_FILE``, the path of a file that holds the value: that is how
mounted secrets arrive. A value that cannot be understood stops the start and names the variable, never its content.
"""

import os
from pathlib import Path
from urllib.parse import urlsplit

from django.core.exceptions import ImproperlyConfigured
from dotenv import load_dotenv

TRUE_WORDS = {"1", "true", "yes", "on"}
FALSE_WORDS = {"0", "false", "no", "off"}


def load_file(path: Path) -> None:
    """Add the variables of a ``.env`` file that the environment does not set already."""
    load_dotenv(path, override=False)


def text(name: str, default: str = "") -> str:
    """Return the variable, stripped; an empty value counts as unset.

    Raises ``ImproperlyConfigured`` when both ``NAME`` and ``NAME_FILE`` are set or the file cannot be read.
    """
    value = os.environ.get(name, "").strip()
    file_name = os.environ.get(f"{name}_FILE", "").strip()
    if value and file_name:
        raise ImproperlyConfigured(f"Set either {name} or {name}_FILE, not both.")
    if file_name:
        try:
            value = Path(file_name).read_text(encoding="utf-8").strip()
        except OSError as error:
            raise ImproperlyConfigured(f"{name}_FILE cannot be read: {error.strerror}.") from error
    return value or default


def first_line(path: Path) -> str:
    """Return the first line of a file; empty where there is none."""
    return path.read_text(encoding="utf-8").partition("\n")[0].strip() if path.is_file() else ""


def required(name: str, *, because: str) -> str:
    """Return the variable or refuse to start, saying what needs it."""
    value = text(name)
    if not value:
        raise ImproperlyConfigured(f"Set {name} (or {name}_FILE): {because}.")
    return value


def flag(name: str, *, default: bool) -> bool:
    """Read a yes-or-no variable."""
    value = text(name).lower()
    if not value:
        return default
    if value in TRUE_WORDS:
        return True
    if value in FALSE_WORDS:
        return False
    raise ImproperlyConfigured(f"{name} must be true or false.")


def integer(name: str, *, default: int, at_least: int = 0) -> int:
    """Read a whole number."""
    value = text(name)
    try:
        number = int(value) if value else default
    except ValueError as error:
        raise ImproperlyConfigured(f"{name} must be a whole number.") from error
    if number < at_least:
        raise ImproperlyConfigured(f"{name} must be at least {at_least}.")
    return number


def choice(name: str, options: tuple[str, ...], default: str) -> str:
    """Read one of a few words, in whatever case."""
    found = {option.lower(): option for option in options}.get(text(name, default).lower())
    if found is None:
        raise ImproperlyConfigured(f"{name} must be one of {', '.join(options)}.")
    return found


def listing(name: str, default: str = "") -> list[str]:
    """Read a list whose items are separated by commas."""
    return [item.strip() for item in text(name, default).split(",") if item.strip()]


def address(name: str, default: str = "") -> str:
    """Read a web address (``https://host``), without a slash at its end."""
    value = text(name, default).rstrip("/")
    if value:
        parts = urlsplit(value)
        if parts.scheme not in {"http", "https"} or not parts.netloc:
            raise ImproperlyConfigured(f"{name} must be a web address such as https://example.org.")
    return value
