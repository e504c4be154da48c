"""The stand-in as one WSGI application, and as an object with commands."""

import sys
import threading
import traceback
from collections.abc import Callable, Iterable
from pathlib import Path

from . import checkout
from .api import Api, Request
from .control import Commands
from .control import answer as answer_command
from .core import Core, Settings, to_json
from .objects import accounts
from .page import Pages
from .persistence import StateFile
from .store import Store
from .webhooks import Dispatcher

LARGEST_BODY = 1024 * 1024
TICK_SECONDS = 1
# A key of the form that Stripe's clients and dj-stripe expect, for tests and demos.
TEST_API_KEY = "sk_test_standin000000000000000000"
_STYLE = Path(__file__).with_name("standin.css").read_text(encoding="utf-8")
_STATUS = {
    200: "200 OK",
    303: "303 See Other",
    400: "400 Bad Request",
    401: "401 Unauthorized",
    403: "403 Forbidden",
    404: "404 Not Found",
    405: "405 Method Not Allowed",
    409: "409 Conflict",
    413: "413 Content Too Large",
    422: "422 Unprocessable Content",
    429: "429 Too Many Requests",
    500: "500 Internal Server Error",
    501: "501 Not Implemented",
}


class StandIn(Commands):
    """Stripe for a shop that must not need the internet.

    ``wsgi`` is the application: mount it at any path, all its links follow. The commands of
    ``Commands`` are methods of this object.

    ``public_base`` is where browsers reach it; without it the address of each API request is taken.
    ``state_file`` keeps everything over restarts. ``retry_seconds`` are the pauses before a webhook
    that was not accepted is sent again. ``seed`` makes ids and shuffles repeatable.
    """

    api_key: str = TEST_API_KEY
    url: str | None = None  # set by whoever serves it

    def __init__(
        self,
        *,
        webhook_url: str | None = None,
        webhook_secret: str | None = None,
        enabled_events: Iterable[str] = ("*",),
        public_base: str | None = None,
        state_file: Path | str | None = None,
        waits_for_webhook: bool = True,
        retry_seconds: Iterable[float] = (1, 4, 15),
        delivery_workers: int = 4,
        delivery_timeout_seconds: float = 20,
        seed: int | None = None,
        settings: Settings | None = None,
    ):
        settings = settings or Settings()
        store = Store(seed)
        dispatcher = Dispatcher(
            store,
            retry_seconds=retry_seconds,
            workers=delivery_workers,
            timeout_seconds=delivery_timeout_seconds,
        )
        core = Core(settings, store, dispatcher)
        super().__init__(core, Api(core))
        self._public_base = public_base.rstrip("/") if public_base else None
        self._pages = Pages(
            core,
            self,
            business_name=settings.business_name,
            waits_for_webhook=waits_for_webhook,
        )
        self._state_file = None
        if webhook_url:
            self.add_webhook(webhook_url, webhook_secret, enabled_events)
        if state_file:
            self._state_file = StateFile(state_file, core, self._api.keys)
            self._state_file.load()
            self._state_file.watch()
        self._is_closed = threading.Event()
        self._clockwork = threading.Thread(target=self._tick, name="standin-clock", daemon=True)
        self._clockwork.start()

    def add_webhook(self, url: str, secret: str, enabled_events: Iterable[str] = ("*",)) -> None:
        """Send events there, signed with a secret that both sides know.

        Like ``stripe listen`` this is no endpoint of the account: it is neither listed nor saved.
        """
        if not secret:
            raise ValueError("A webhook needs the secret that it is signed with.")
        params = {"url": url, "enabled_events": list(enabled_events)}
        self._core.listen(accounts.webhook_endpoint(self._store, params), secret)

    def close(self) -> None:
        """Stop the threads and write the state file."""
        self._is_closed.set()
        self._clockwork.join(timeout=2)
        self._dispatcher.close()
        if self._state_file:
            self._state_file.close()

    def _tick(self):
        """Sessions expire on time also when nobody asks for them."""
        while not self._is_closed.wait(TICK_SECONDS):
            with self._core.action(changes=False):
                checkout.expire_due(self._core)

    def wsgi(self, environ, start_response):
        path = environ.get("PATH_INFO", "") or "/"
        method = environ["REQUEST_METHOD"]
        try:
            body = _read_body(environ)
            if body is None:
                return _send(start_response, 413, "text/plain", "The request is too large.")
            if path.startswith("/v1/"):
                return self._answer_api(environ, start_response, method, path, body)
            if path.startswith("/_control/"):
                return self._answer_command(environ, start_response, method, path, body)
            return self._answer_page(environ, start_response, method, path, body)
        except Exception:
            # A fault of the stand-in itself: say so where the developer looks, and to the caller.
            traceback.print_exc(file=environ.get("wsgi.errors", sys.stderr))
            return _send(start_response, 500, "text/plain", "The stand-in itself has failed.")

    def _answer_api(self, environ, start_response, method, path, body):
        request = Request(
            method,
            path,
            environ.get("QUERY_STRING", ""),
            body,
            {
                "authorization": environ.get("HTTP_AUTHORIZATION", ""),
                "content-type": environ.get("CONTENT_TYPE", ""),
                "idempotency-key": environ.get("HTTP_IDEMPOTENCY_KEY"),
                "stripe-account": environ.get("HTTP_STRIPE_ACCOUNT"),
                "stripe-version": environ.get("HTTP_STRIPE_VERSION"),
            },
            self._public_base or _own_address(environ),
        )
        response = self._api.answer(request)
        if response.is_lost:
            hang_up = environ.get("standin.hang_up")
            if hang_up is None:
                text = "This server cannot drop a connection; run the stand-in's own."
                return _send(start_response, 501, "text/plain", text)
            hang_up()
            return []
        headers = {"Cache-Control": "no-cache, no-store", **response.headers}
        return _send(start_response, response.status, "application/json", response.body, headers)

    def _answer_command(self, environ, start_response, method, path, body):
        name = path.removeprefix("/_control/")
        content_type = environ.get("CONTENT_TYPE", "")
        status, result = answer_command(self, method, name, content_type, body)
        return _send(start_response, status, "application/json", to_json(result))

    def _answer_page(self, environ, start_response, method, path, body):
        prefix = environ.get("SCRIPT_NAME", "")
        if path == "/_assets/standin.css":
            headers = {"Cache-Control": "max-age=3600"}
            return _send(start_response, 200, "text/css; charset=utf-8", _STYLE, headers)
        form_action = ""
        if path.startswith("/pay/"):
            status, headers, text = self._pages.answer(method, prefix, path[5:], body)
            form_action = headers.pop("form-action", "")
        elif path == "/":
            status, headers, text = 200, {}, self._pages.overview(prefix)
        else:
            status, headers, text = 404, {}, self._pages.not_found(prefix)
        headers |= {
            "Cache-Control": "no-store",
            "Content-Security-Policy": "default-src 'none'; style-src 'self'; base-uri 'none';"
            f" frame-ancestors 'none'; form-action 'self' {form_action}".rstrip(),
            "Referrer-Policy": "no-referrer",
            "X-Content-Type-Options": "nosniff",
            "X-Frame-Options": "DENY",
        }
        return _send(start_response, status, "text/html; charset=utf-8", text, headers)


def mount(standin: StandIn, application: Callable, prefix: str) -> Callable:
    """One WSGI application of two: the stand-in below ``prefix``, the other everywhere else."""

    def both(environ, start_response):
        path = environ.get("PATH_INFO", "")
        if path != prefix and not path.startswith(prefix + "/"):
            return application(environ, start_response)
        environ["SCRIPT_NAME"] = environ.get("SCRIPT_NAME", "") + prefix
        environ["PATH_INFO"] = path.removeprefix(prefix)
        return standin.wsgi(environ, start_response)

    return both


def _send(start_response, status, content_type, text, headers=None):
    body = text.encode()
    start_response(
        _STATUS[status],
        [
            ("Content-Type", content_type),
            ("Content-Length", str(len(body))),
            *(headers or {}).items(),
        ],
    )
    return [body]


def _read_body(environ):
    """The body as text, or None if it is too large."""
    length = environ.get("CONTENT_LENGTH")
    if not length or length == "0":
        return ""
    if int(length) > LARGEST_BODY:
        return None
    return environ["wsgi.input"].read(int(length)).decode("utf-8", "replace")


def _own_address(environ):
    host = environ.get("HTTP_HOST") or f"{environ['SERVER_NAME']}:{environ['SERVER_PORT']}"
    return f"{environ['wsgi.url_scheme']}://{host}{environ.get('SCRIPT_NAME', '')}"
