"""A small threaded HTTP/1.1 server for the stand-in: connections stay open and can be dropped.

The standard library's servers close each connection or parse headers slowly, and none of them can
lose an answer on purpose.
"""

import io
import socket
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import unquote

from .app import StandIn

IDLE_SECONDS = 75
LARGEST_BODY = 16 * 1024 * 1024  # what the application does not want is read and thrown away
LONGEST_LINE = 65536
MOST_HEADERS = 100


class BadRequest(Exception):
    """The bytes on the wire are not a request that this server reads."""


class Server:
    """Serves a WSGI application on one address; can be stopped and started again on it."""

    def __init__(self, application, host="127.0.0.1", port=0):
        self._application = application
        self._host = host
        self._port = port
        self._listener = None
        self._thread = None
        self._connections = set()
        self._lock = threading.Lock()

    @property
    def url(self):
        return f"http://{self._host}:{self._port}"

    def start(self):
        listener = socket.create_server((self._host, self._port), backlog=256)
        self._port = listener.getsockname()[1]
        self._listener = listener
        self._thread = threading.Thread(
            target=self._accept, args=(listener,), name="standin-server", daemon=True
        )
        self._thread.start()

    def stop(self):
        """Stop listening and drop every connection: to clients the provider is gone."""
        listener, self._listener = self._listener, None
        if listener is None:
            return
        # Closing alone does not wake the thread that waits in accept().
        _hang_up(listener)
        listener.close()
        self._thread.join(timeout=2)
        with self._lock:
            connections = list(self._connections)
        for connection in connections:
            _hang_up(connection)

    def wait(self):
        """Block while the server runs."""
        while self._thread.is_alive():
            self._thread.join(timeout=1)

    def _accept(self, listener):
        while True:
            try:
                connection, address = listener.accept()
            except OSError:
                if self._listener is not listener:
                    return
                raise
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            connection.settimeout(IDLE_SECONDS)
            with self._lock:
                self._connections.add(connection)
            threading.Thread(
                target=self._serve,
                args=(connection, address),
                name="standin-connection",
                daemon=True,
            ).start()

    def _serve(self, connection, address):
        reader = connection.makefile("rb")
        try:
            while self._answer_one(connection, reader, address):
                pass
        except (OSError, ValueError):
            # The client went away or lay idle, or stop() closed the connection under us.
            return
        finally:
            with self._lock:
                self._connections.discard(connection)
            reader.close()
            connection.close()

    def _answer_one(self, connection, reader, address):
        """Read and answer one request. Returns whether the connection stays open."""
        try:
            environ = self._read(connection, reader, address)
        except BadRequest as problem:
            text = str(problem).encode()
            head = f"HTTP/1.1 400 Bad Request\r\nContent-Length: {len(text)}\r\n"
            connection.sendall(head.encode() + b"Connection: close\r\n\r\n" + text)
            return False
        if environ is None:
            return False
        is_lost = False

        def hang_up():
            nonlocal is_lost
            is_lost = True

        answer = []
        environ["standin.hang_up"] = hang_up
        body = b"".join(self._application(environ, lambda status, headers: answer.extend((status, headers))))
        if is_lost:
            return False
        status, headers = answer
        wanted = environ.get("HTTP_CONNECTION", "").lower()
        is_old = environ["SERVER_PROTOCOL"] == "HTTP/1.0"
        stays = wanted == "keep-alive" if is_old else wanted != "close"
        lines = [f"HTTP/1.1 {status}", "Server: stripe-standin"]
        lines += [f"{name}: {value}" for name, value in headers]
        lines.append("Connection: keep-alive" if stays else "Connection: close")
        head = "\r\n".join(lines).encode("latin-1") + b"\r\n\r\n"
        connection.sendall(head if environ["REQUEST_METHOD"] == "HEAD" else head + body)
        return stays

    def _read(self, connection, reader, address):
        """The WSGI environment of the next request, or None at the end of the connection."""
        line = reader.readline(LONGEST_LINE)
        if not line:
            return None
        try:
            method, target, protocol = line.decode("latin-1").split()
        except ValueError:
            raise BadRequest("This is not an HTTP request line.") from None
        path, _, query = target.partition("?")
        environ = {
            "REQUEST_METHOD": method,
            "SCRIPT_NAME": "",
            "PATH_INFO": unquote(path, "latin-1") if "%" in path else path,
            "QUERY_STRING": query,
            "SERVER_NAME": self._host,
            "SERVER_PORT": str(self._port),
            "SERVER_PROTOCOL": protocol,
            "REMOTE_ADDR": address[0],
            "REMOTE_PORT": str(address[1]),
            "wsgi.version": (1, 0),
            "wsgi.url_scheme": "http",
            "wsgi.errors": sys.stderr,
            "wsgi.multithread": True,
            "wsgi.multiprocess": False,
            "wsgi.run_once": False,
        }
        for _ in range(MOST_HEADERS):
            line = reader.readline(LONGEST_LINE)
            if line in (b"\r\n", b"\n"):
                break
            name, colon, value = line.decode("latin-1").partition(":")
            if not colon:
                raise BadRequest("This is not an HTTP header.")
            key = name.upper().replace("-", "_")
            if key not in ("CONTENT_TYPE", "CONTENT_LENGTH"):
                key = "HTTP_" + key
            environ[key] = value.strip()
        else:
            raise BadRequest(f"More than {MOST_HEADERS} headers.")
        if "HTTP_TRANSFER_ENCODING" in environ:
            raise BadRequest("Requests need a Content-Length.")
        if environ.get("HTTP_EXPECT", "").lower() == "100-continue":
            connection.sendall(b"HTTP/1.1 100 Continue\r\n\r\n")
        length = environ.get("CONTENT_LENGTH") or "0"
        if not length.isdecimal():
            raise BadRequest("The Content-Length is not a number.")
        if int(length) > LARGEST_BODY:
            raise BadRequest("The body is too large to be read.")
        # Read it here in any case: what is left over would be taken for the next request.
        body = reader.read(int(length)) if length != "0" else b""
        environ["wsgi.input"] = io.BytesIO(body)
        return environ


def _hang_up(connection):
    try:
        connection.shutdown(socket.SHUT_RDWR)
    except OSError:
        # It is gone already, which is what was wanted.
        return


class RunningStandIn(StandIn):
    """A stand-in with a server of its own; ``url`` is the API's base."""

    def __init__(self, *, host: str = "127.0.0.1", port: int = 0, **options):
        super().__init__(**options)
        self._server = Server(self.wsgi, host, port)
        self._server.start()
        self.url = self._server.url

    def unplug(self) -> None:
        """Be gone: connections are dropped, new ones are refused."""
        self._server.stop()

    def plug_in(self) -> None:
        """Be back at the same address, with everything remembered."""
        self._server.start()

    def wait(self):
        self._server.wait()

    def close(self):
        self._server.stop()
        super().close()


@contextmanager
def running_standin(**options) -> Iterator[RunningStandIn]:
    """A stand-in that answers at ``standin.url`` until the block ends. Options as ``StandIn``."""
    standin = RunningStandIn(**options)
    try:
        yield standin
    finally:
        standin.close()
