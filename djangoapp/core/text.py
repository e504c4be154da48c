"""Plain text as it is kept and shown."""

import re

_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]")


def one_line(text: str) -> str:
    """Text on one line: line breaks, other control characters and runs of spaces become single spaces."""
    return " ".join(_CONTROL.sub(" ", text).split())
