"""Command a stand-in that runs in another process."""

import json
from http.client import HTTPConnection
from urllib.parse import urlsplit

from .control import COMMANDS


class CommandRefused(Exception):
    """The stand-in did not carry the command out; the message says why."""


class StandInClient:
    """The commands of ``control.Commands`` over HTTP: ``StandInClient(url).pay(checkout_session_id)``."""

    def __init__(self, url, timeout_seconds=60):
        self.url = url.rstrip("/")
        self._address = urlsplit(self.url)
        self._timeout_seconds = timeout_seconds

    def __getattr__(self, name):
        if name not in COMMANDS:
            raise AttributeError(f"The stand-in has no command '{name}'.")

        def command(*arguments, **keywords):
            bound = COMMANDS[name].bind(self, *arguments, **keywords)
            _, *given = bound.arguments.items()
            return self._send(name, dict(given))

        return command

    def _send(self, name, arguments):
        connection = HTTPConnection(self._address.netloc, timeout=self._timeout_seconds)
        try:
            connection.request(
                "POST",
                f"{self._address.path}/_control/{name}",
                json.dumps(arguments),
                {"Content-Type": "application/json"},
            )
            response = connection.getresponse()
            answer = json.loads(response.read())
        finally:
            connection.close()
        if response.status != 200:
            raise CommandRefused(answer["error"]["message"])
        return answer["result"]
