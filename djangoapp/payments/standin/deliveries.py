"""One webhook on its way: signed like Stripe's, sent over a connection that stays open."""

import hashlib
import hmac
import http.client
import threading
import time
from dataclasses import dataclass
from urllib.parse import urlsplit

FORGED_SECRET = "whsec_somebody_elses"


@dataclass(frozen=True, slots=True)
class Listener:
    """Where events go. ``enabled_events`` as Stripe knows them; ``*`` stands for all."""

    id: str
    url: str
    secret: str
    enabled_events: frozenset
    api_version: str | None = None

    def wants(self, event_type):
        return "*" in self.enabled_events or event_type in self.enabled_events


@dataclass(slots=True)
class Delivery:
    """One event for one listener. ``attempt`` counts from 1.

    ``is_awaited``: it goes out at once, so the hosted page waits for its answer.
    """

    event: object
    listener: Listener
    attempt: int = 1
    is_awaited: bool = False
    is_copy: bool = False
    is_forged: bool = False
    age_seconds: int = 0

    def signature(self):
        """The signature of this moment: a repeated attempt is signed anew, as Stripe does."""
        signed_at = int(time.time()) - self.age_seconds
        secret = FORGED_SECRET if self.is_forged else self.listener.secret
        return sign(self.body(), secret, signed_at)

    def body(self):
        return self.event.text_for(self.listener.api_version)


def sign(text, secret, signed_at):
    """The value of the ``Stripe-Signature`` header."""
    payload = f"{signed_at}.{text}".encode()
    digest = hmac.new(secret.encode(), payload, hashlib.sha256).hexdigest()
    return f"t={signed_at},v1={digest}"


class Sender:
    """Posts deliveries; each thread keeps one connection per server open."""

    def __init__(self, timeout_seconds):
        self._timeout_seconds = timeout_seconds
        self._local = threading.local()

    def post(self, delivery):
        """Send, and return the status of the answer. Raises ``OSError`` or ``HTTPException``."""
        parts = urlsplit(delivery.listener.url)
        path = parts.path or "/"
        if parts.query:
            path += "?" + parts.query
        body = delivery.body().encode()
        headers = {
            "Content-Type": "application/json; charset=utf-8",
            "User-Agent": "Stripe/1.0 (stand-in)",
            "Accept": "*/*",
            "Cache-Control": "no-cache",
            "Stripe-Signature": delivery.signature(),
        }
        connections = self._local.__dict__.setdefault("connections", {})
        key = (parts.scheme, parts.netloc)
        used_before = key in connections
        connection = connections.get(key) or self._open(connections, key)
        try:
            return self._exchange(connection, path, body, headers)
        except (http.client.HTTPException, OSError) as error:
            self._close(connections, key)
            # The server may have closed a connection that lay idle; that is no failed delivery.
            if not used_before or isinstance(error, TimeoutError):
                raise
        connection = self._open(connections, key)
        try:
            return self._exchange(connection, path, body, headers)
        except (http.client.HTTPException, OSError):
            self._close(connections, key)
            raise

    def _open(self, connections, key):
        scheme, netloc = key
        kind = http.client.HTTPSConnection if scheme == "https" else http.client.HTTPConnection
        connections[key] = connection = kind(netloc, timeout=self._timeout_seconds)
        return connection

    def _close(self, connections, key):
        connections.pop(key).close()

    @staticmethod
    def _exchange(connection, path, body, headers):
        connection.request("POST", path, body, headers)
        response = connection.getresponse()
        response.read()
        return response.status
