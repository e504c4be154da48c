"""Log lines that anybody on the team may read: no secret parts of addresses, no mail addresses.

The module is loaded by gunicorn before Django is, and imports nothing of it.
"""

import logging
import re

from pythonjsonlogger.json import JsonFormatter

from core import request_id

PROBES = {"/livez", "/readyz"}
CLIENT = "shop.client"  # where the environ says who asked, as seen behind our proxies


class Discreet:
    """Replaces what ``secrets`` match by an ellipsis, tracebacks included.

    Each is a regular expression whose first group stays: ``(/orders/[^/]+/)[^/]+``.
    """

    def __init__(self, *args, secrets: list[str], **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.secrets = [re.compile(pattern) for pattern in secrets]

    def discreet(self, text: str) -> str:
        for secret in self.secrets:
            text = secret.sub(r"\1…", text)
        return text


class DiscreetFormatter(Discreet, logging.Formatter):
    """A line for people."""

    def format(self, record: logging.LogRecord) -> str:
        return self.discreet(super().format(record))


class DiscreetJsonFormatter(Discreet, JsonFormatter):
    """A JSON object on one line, for programs. Whatever a record carries as ``extra`` becomes a field."""

    UNTOLD = {"request", "status_code", "server_time"}  # which Django hangs onto its records

    def process_log_record(self, log_data: dict) -> dict:
        return {
            name: self._discreet_value(value)
            for name, value in log_data.items()
            if value != "" and name not in self.UNTOLD
        }

    def _discreet_value(self, value: object) -> object:
        if isinstance(value, bool | int | float | None):
            return value
        return self.discreet(str(value))


class WithRequestId(logging.Filter):
    """Lets every record pass, and names the request to which it belongs."""

    def filter(self, record: logging.LogRecord) -> bool:
        if not hasattr(record, "request_id"):
            record.request_id = request_id.current()
        return True


class AccessFields(logging.Filter):
    """Makes fields of what gunicorn knows about a finished request, and leaves probes that went well out.

    The query is left out as a whole: it may hold tokens, names and what people searched for.
    """

    def filter(self, record: logging.LogRecord) -> bool:
        atoms = record.args
        if not isinstance(atoms, dict):
            return True
        path, status = atoms["U"], int(atoms["s"])
        if path in PROBES and status == 200:
            return False
        record.request_id = atoms[f"{{{request_id.ENVIRON}}}e"]
        record.client = atoms[f"{{{CLIENT}}}e"]
        record.method, record.path, record.status = atoms["m"], path, status
        record.bytes, record.milliseconds = atoms["B"], atoms["M"]
        record.user_agent = atoms["a"][:200]
        record.msg, record.args = "%s %s %s", (record.method, path, status)
        return True
