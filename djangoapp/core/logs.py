"""Log lines that anybody on the team may read: secret parts of addresses are left out."""

import logging
import re


class DiscreetFormatter(logging.Formatter):
    """Replaces what ``secrets`` match in the finished line, tracebacks included.

    Each is a regular expression whose first group stays: ``(/orders/[^/]+/)[^/]+``.
    """

    def __init__(self, *args, secrets: list[str], **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.secrets = [re.compile(pattern) for pattern in secrets]

    def format(self, record: logging.LogRecord) -> str:
        line = super().format(record)
        for secret in self.secrets:
            line = secret.sub(r"\1…", line)
        return line
