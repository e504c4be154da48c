"""Load over HTTP: a closed loop that asks for one page again and again, and browsers that fill in forms.

Written on sockets, because a client library would cost as much as the pages that are measured.
"""

import re
import selectors
import socket
import time
from dataclasses import dataclass, field
from html import unescape
from urllib.parse import urlencode, urlsplit

PATIENCE_SECONDS = 60
_LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)
_HIDDEN = re.compile(r'<input type="hidden" name="([^"]+)" value="([^"]*)"')


class Unexpected(Exception):
    """A server answered something else than it should."""


@dataclass(frozen=True)
class Load:
    """What one loop saw. ``seconds`` are how long each answer took, in the order of their arrival."""

    duration: float
    seconds: list[float]
    largest: int  # bytes of the largest answer's body
    busy: float  # seconds of processor time that the generator itself needed

    @property
    def per_second(self) -> float:
        return len(self.seconds) / self.duration


def hammer(address: str, path: str, *, seconds: float, connections: int, headers=(), statuses=(200,)) -> Load:
    """Keep so many connections busy with one question each.

    Raises ``Unexpected`` for a status that is not among these, and when fewer than half of the answers have the first.
    """
    host, port = urlsplit(address).netloc.split(":")
    lines = [f"GET {path} HTTP/1.1", f"Host: {host}:{port}", "Accept: text/html", *headers]
    question = ("\r\n".join(lines) + "\r\n\r\n").encode()
    expected = tuple(f"HTTP/1.1 {status}".encode() for status in statuses)
    took: list[float] = []
    largest, as_first = 0, 0
    selector = selectors.DefaultSelector()
    sockets = []
    for _ in range(connections):
        connection = socket.create_connection((host, int(port)), timeout=PATIENCE_SECONDS)
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        selector.register(connection, selectors.EVENT_READ, _Asking())
        sockets.append(connection)
    began, worked = time.perf_counter(), time.process_time()
    for key in selector.get_map().values():
        key.data.ask(key.fileobj, question)
    end = began + seconds
    asking = connections
    while asking:
        ready = selector.select(timeout=PATIENCE_SECONDS)
        if not ready:
            raise Unexpected(f"{path}: no answer for {PATIENCE_SECONDS} seconds")
        for key, _mask in ready:
            if not key.data.read(key.fileobj):
                continue
            now = time.perf_counter()
            took.append(now - key.data.asked_at)
            if not key.data.received.startswith(expected):
                raise Unexpected(f"{path}: {bytes(key.data.received[:300])!r}")
            as_first += key.data.received.startswith(expected[0])
            largest = max(largest, key.data.body_bytes)
            if now < end:
                key.data.ask(key.fileobj, question)
            else:
                asking -= 1
    duration = time.perf_counter() - began
    for connection in sockets:
        connection.close()
    if as_first < len(took) / 2:
        raise Unexpected(f"{path}: only {as_first} of {len(took)} answers were {statuses[0]}")
    return Load(duration, took, largest, time.process_time() - worked)


class _Asking:
    """One question under way."""

    def ask(self, connection: socket.socket, question: bytes) -> None:
        self.received = bytearray()
        self.whole = None
        self.asked_at = time.perf_counter()
        connection.sendall(question)

    def read(self, connection: socket.socket) -> bool:
        """Take what has come; tell whether that was all of it."""
        came = connection.recv(262144)
        if not came:
            raise Unexpected(f"the server hung up after {bytes(self.received[:300])!r}")
        self.received += came
        if self.whole is None:
            head = self.received.find(b"\r\n\r\n")
            if head < 0:
                return False
            length = _LENGTH.search(self.received, 0, head)
            self.body_bytes = int(length[1]) if length else 0
            self.whole = head + 4 + self.body_bytes
        return len(self.received) >= self.whole


@dataclass(frozen=True)
class Answer:
    status: int
    headers: dict[str, str]
    text: str

    @property
    def location(self) -> str:
        return self.headers["location"]

    @property
    def hidden(self) -> dict[str, str]:
        """The hidden fields of the page's forms."""
        return {name: unescape(value) for name, value in _HIDDEN.findall(self.text)}


@dataclass
class Browser:
    """Somebody's browser: keeps cookies and one connection for each server. ``network`` is its address."""

    network: str
    cookies: dict[str, str] = field(default_factory=dict)
    _connections: dict[str, socket.socket] = field(default_factory=dict)

    def get(self, url: str, **more) -> Answer:
        return self._ask("GET", url, b"", **more)

    def post(self, url: str, fields: dict[str, str], **more) -> Answer:
        token = {"csrfmiddlewaretoken": self.cookies.get("csrftoken", "")}
        form = {"Content-Type": "application/x-www-form-urlencoded"}
        return self._ask("POST", url, urlencode(fields | token).encode(), **form, **more)

    def send(self, url: str, body: bytes, **headers: str) -> Answer:
        return self._ask("POST", url, body, **headers)

    def close(self) -> None:
        for connection in self._connections.values():
            connection.close()
        self._connections.clear()

    def _ask(self, method: str, url: str, body: bytes, **headers: str) -> Answer:
        parts = urlsplit(url)
        path = parts.path + (f"?{parts.query}" if parts.query else "")
        lines = [f"{method} {path} HTTP/1.1", f"Host: {parts.netloc}", f"X-Forwarded-For: {self.network}"]
        if self.cookies:
            lines.append("Cookie: " + "; ".join(f"{name}={value}" for name, value in self.cookies.items()))
        lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
        if method == "POST":
            lines.append(f"Content-Length: {len(body)}")
        message = ("\r\n".join(lines) + "\r\n\r\n").encode() + body
        asking = _Asking()
        asking.ask(self._connection(parts.netloc), message)
        while not asking.read(self._connections[parts.netloc]):
            pass
        return self._read(bytes(asking.received))

    def _connection(self, netloc: str) -> socket.socket:
        if netloc not in self._connections:
            host, port = netloc.split(":")
            connection = socket.create_connection((host, int(port)), timeout=PATIENCE_SECONDS)
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self._connections[netloc] = connection
        return self._connections[netloc]

    def _read(self, received: bytes) -> Answer:
        head, _, body = received.partition(b"\r\n\r\n")
        first, *lines = head.decode("latin-1").split("\r\n")
        headers = {}
        for line in lines:
            name, _, value = line.partition(": ")
            name = name.lower()
            if name == "set-cookie":
                key, _, rest = value.partition("=")
                self.cookies[key] = rest.partition(";")[0]
            headers[name] = value
        return Answer(int(first.split()[1]), headers, body.decode())
