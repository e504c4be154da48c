"""The ways to run it: in another server, as a process, with a state file; and its own server."""

import os
import re
import socket
import subprocess
import sys
import threading
from pathlib import Path
from socketserver import ThreadingMixIn
from urllib.parse import urlsplit
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer

import pytest
import stripe

from payments.standin import CommandRefused, StandIn, StandInClient, mount, running_standin
from payments.standin.persistence import StateFileError

from .conftest import WEBHOOK_SECRET, checkout_params, client_of
from .test_page import press, visit
from .test_webhooks import is_genuine

DJANGOAPP = Path(__file__).resolve().parents[3]


class _Server(ThreadingMixIn, WSGIServer):
    daemon_threads = True


class _Handler(WSGIRequestHandler):
    def log_message(self, *arguments):
        """Quiet."""


@pytest.fixture
def mounted():
    """A stand-in below ``/stripe-standin`` of a server that is not its own."""
    standin = StandIn()

    def shop(environ, start_response):
        start_response("200 OK", [("Content-Type", "text/plain")])
        return [b"the shop"]

    server = _Server(("127.0.0.1", 0), _Handler)
    server.set_app(mount(standin, shop, "/stripe-standin"))
    thread = threading.Thread(target=server.serve_forever, args=(0.05,))
    thread.start()
    standin.url = f"http://127.0.0.1:{server.server_port}/stripe-standin"
    yield standin
    server.shutdown()
    server.server_close()
    thread.join()
    standin.close()


class _Origin:
    """Links are absolute paths, so tests press buttons below the server's root."""

    def __init__(self, standin):
        parts = urlsplit(standin.url)
        self.url = f"{parts.scheme}://{parts.netloc}"


def test_mounted_below_a_path_all_links_follow(mounted):
    checkout_session = client_of(mounted).v1.checkout.sessions.create(checkout_params())
    assert checkout_session.url == f"{mounted.url}/pay/{checkout_session.id}"

    page = visit(checkout_session.url)
    assert page.styles == ["/stripe-standin/_assets/standin.css"]
    assert visit(_Origin(mounted).url + page.styles[0]).status == 200

    declined = press(_Origin(mounted), page, "Fail")
    assert declined.headers["Location"] == f"/stripe-standin/pay/{checkout_session.id}"
    paid = press(_Origin(mounted), page, "Pay CHF 85.00")
    assert paid.headers["Location"].startswith("http://shop.test/")
    for url in (mounted.url, f"{mounted.url}/"):
        assert list(visit(url).links.values()) == [f"/stripe-standin/pay/{checkout_session.id}"]


@pytest.mark.parametrize("path", ["/", "/checkout/", "/stripe-standin-elsewhere", "/stripe"])
def test_mounted_it_leaves_the_shop_alone(mounted, path):
    assert visit(_Origin(mounted).url + path).text == "the shop"


def test_mounted_its_lists_are_paged_below_the_path(mounted):
    client = client_of(mounted)
    for _ in range(3):
        client.v1.checkout.sessions.create(checkout_params())

    assert len(list(client.v1.checkout.sessions.list({"limit": 1}).auto_paging_iter())) == 3


def test_mounted_it_says_that_it_cannot_drop_connections(mounted):
    mounted.misbehave("drop", count=1)

    with pytest.raises(stripe.APIError) as failure:
        client_of(mounted).v1.accounts.retrieve_current()

    assert failure.value.http_status == 501


def test_mounted_it_takes_commands_over_http(mounted):
    checkout_session = client_of(mounted).v1.checkout.sessions.create(checkout_params())

    paid = StandInClient(mounted.url).pay(checkout_session.id)

    assert paid["payment_status"] == "paid"


def test_browsers_may_reach_it_elsewhere():
    with running_standin(public_base="https://pay.example.com/test/") as standin:
        checkout_session = client_of(standin).v1.checkout.sessions.create(checkout_params())

    assert checkout_session.url == f"https://pay.example.com/test/pay/{checkout_session.id}"


def test_a_state_file_carries_everything_over_a_restart(tmp_path, receiver):
    options = {
        "webhook_url": receiver.url,
        "webhook_secret": WEBHOOK_SECRET,
        "enabled_events": ["checkout.session.completed", "checkout.session.expired"],
        "state_file": tmp_path / "state" / "stripe.json",
    }
    with running_standin(**options) as standin:
        client = client_of(standin)
        params, once = checkout_params(), {"idempotency_key": "order-1"}
        first = client.v1.checkout.sessions.create(params, once)
        waiting = client.v1.checkout.sessions.create(params)
        endpoint = client.v1.webhook_endpoints.create(
            {"url": receiver.url, "enabled_events": ["checkout.session.expired"]}
        )
        standin.webhooks(hold=True)
        paid = standin.pay(first.id)
        standin.refund(first.id, amount=500)
        standin.advance(100)
        now = standin.now()
        assert receiver.requests == []

    with running_standin(**options) as standin:
        client = client_of(standin)
        # What had not been delivered is sent, with nobody asking.
        standin.wait_until_idle()
        assert [event["data"]["object"]["id"] for event in receiver.events] == [first.id]
        assert now <= standin.now() <= now + 60
        assert standin.get(first.id) == paid
        assert client.v1.checkout.sessions.create(params, once).id == first.id
        items = client.v1.checkout.sessions.line_items.list(waiting.id).data
        assert items[0].description == "Spoon carving"
        with pytest.raises(stripe.InvalidRequestError, match="greater than unrefunded"):
            client.v1.refunds.create({"payment_intent": paid["payment_intent"], "amount": 8001})
        assert len(client.v1.refunds.list({"payment_intent": paid["payment_intent"]}).data) == 1
        standin.advance(24 * 60 * 60)
        assert standin.get(waiting.id)["status"] == "expired"
        standin.wait_until_idle()
        # Both endpoints are told, each signed with its own secret.
        assert len(receiver.requests) == 3
        for secret in (WEBHOOK_SECRET, endpoint.secret):
            assert [is_genuine(request, secret) for request in receiver.requests[1:]].count(True) == 1


def test_a_change_is_on_disk_soon_without_any_goodbye(tmp_path):
    state = tmp_path / "stripe.json"
    standin = StandIn(state_file=state)
    with running_standin() as other:
        # The file is written while the process lives: a killed one must lose next to nothing.
        standin.add_webhook(f"{other.url}/", "whsec_x")
        standin.emit("customer.created", {"id": "cus_1", "object": "customer"}, wait=False)
        for _ in range(200):
            if state.exists() and "cus_1" in state.read_text():
                break
            threading.Event().wait(0.02)
        else:
            pytest.fail("nothing was written within 4 seconds")
    standin.close()


@pytest.mark.parametrize("text", ["", "{}", '{"format": 0}', "[1]"])
def test_an_unreadable_state_file_is_not_thrown_away(tmp_path, text):
    state = tmp_path / "stripe.json"
    state.write_text(text)

    with pytest.raises(StateFileError, match="delete it to start afresh"):
        StandIn(state_file=state)

    assert state.read_text() == text


def test_local_settings_serve_the_shop_with_the_standin_beside_it(tmp_path):
    (tmp_path / "laptop.py").write_text(
        f"from app.settings.local import *\nSTRIPE_STANDIN_STATE = {str(tmp_path / 'stripe.json')!r}\n"
    )
    code = (
        "from wsgiref.util import setup_testing_defaults\n"
        "from payments.standin.mounted import application, standin\n"
        "for path in ('/livez', '/stripe-standin/', '/stripe-standin/v1/account'):\n"
        "    environ = {'PATH_INFO': path, 'HTTP_HOST': '127.0.0.1'}\n"
        "    setup_testing_defaults(environ)\n"
        "    application(environ, lambda status, headers: print(path, status))\n"
        "standin.close()\n"
    )
    environment = {
        **os.environ,
        "PYTHONPATH": str(tmp_path),
        "DJANGO_SETTINGS_MODULE": "laptop",
        "DJANGOAPP_FERNET_KEY": "a key that signs nothing of worth",
        "DJANGOAPP_STRIPE_TEST_SECRET_KEY": "",
        "DJANGOAPP_STRIPE_LIVE_SECRET_KEY": "",
    }

    result = subprocess.run(
        [sys.executable, "-c", code],
        cwd=DJANGOAPP,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )

    assert result.stdout.splitlines() == [
        "/livez 200 OK",
        "/stripe-standin/ 200 OK",
        "/stripe-standin/v1/account 401 Unauthorized",
    ], result.stderr


@pytest.fixture
def process(receiver, tmp_path):
    """The command line's stand-in: its address."""
    environment = {**os.environ, "DJANGOAPP_STRIPE_WEBHOOK_SECRET": WEBHOOK_SECRET}
    command = [sys.executable, "-m", "payments.standin", "--port", "0", "--webhook", receiver.url]
    command += ["--events", "checkout.session.completed", "--state", str(tmp_path / "s.json")]
    with subprocess.Popen(
        command, cwd=DJANGOAPP, env=environment, stdout=subprocess.PIPE, text=True
    ) as process:
        yield re.search(r"http://\S+", process.stdout.readline())[0]
        process.terminate()


def test_as_a_process_it_is_commanded_over_http(process, receiver):
    commands = StandInClient(process)
    client = stripe.StripeClient("sk_test_" + "x" * 24, base_addresses={"api": process})
    checkout_session = client.v1.checkout.sessions.create(checkout_params())

    paid = commands.pay(checkout_session.id, email="bob@example.com")

    assert paid["payment_status"] == "paid"
    assert receiver.types == ["checkout.session.completed"]
    assert commands.deliveries(event_type="checkout.session.completed")[0]["status"] == 200
    assert commands.advance(5) >= commands.now() - 1
    with pytest.raises(CommandRefused, match="status of `complete`"):
        commands.pay(checkout_session.id)


def test_a_webhook_on_the_command_line_needs_a_secret():
    command = [sys.executable, "-m", "payments.standin", "--webhook", "http://127.0.0.1:1/"]
    environment = {**os.environ, "DJANGOAPP_STRIPE_WEBHOOK_SECRET": ""}

    result = subprocess.run(
        command, cwd=DJANGOAPP, env=environment, capture_output=True, text=True, check=False
    )

    assert result.returncode == 2
    assert "--webhook-secret" in result.stderr


def test_it_imports_nothing_but_the_standard_library():
    """Production has no reason to load it, and tests of it need no Django."""
    code = (
        "import sys; import payments.standin.__main__;"
        "print([name for name in ('django', 'stripe', 'djstripe', 'requests') if name in sys.modules])"
    )

    result = subprocess.run(
        [sys.executable, "-c", code], cwd=DJANGOAPP, capture_output=True, text=True, check=True
    )

    assert result.stdout == "[]\n"


def exchange(standin, *requests) -> str:
    """Send raw bytes over one connection and return all that comes back."""
    parts = urlsplit(standin.url)
    with socket.create_connection((parts.hostname, parts.port), timeout=5) as connection:
        for request in requests:
            connection.sendall(request)
        connection.shutdown(socket.SHUT_WR)
        received = b""
        while chunk := connection.recv(65536):
            received += chunk
    return received.decode()


def test_a_connection_takes_many_requests(standin):
    request = b"GET /elsewhere HTTP/1.1\r\nHost: x\r\n\r\n"

    assert exchange(standin, request + request, request).count("HTTP/1.1 404 Not Found") == 3


@pytest.mark.parametrize(
    "request_bytes",
    [
        b"GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\nGET / HTTP/1.1\r\n\r\n",
        b"GET / HTTP/1.0\r\n\r\nGET / HTTP/1.0\r\n\r\n",
    ],
)
def test_a_connection_is_closed_when_asked(standin, request_bytes):
    answer = exchange(standin, request_bytes)

    assert answer.count("HTTP/1.1 200 OK") == 1
    assert "Connection: close" in answer


@pytest.mark.parametrize(
    "request_bytes",
    [
        b"hello\r\n\r\n",
        b"GET / HTTP/1.1\r\nno colon here\r\n\r\n",
        b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n",
        b"POST / HTTP/1.1\r\nContent-Length: ten\r\n\r\n",
        b"GET / HTTP/1.1\r\n" + b"X: y\r\n" * 200 + b"\r\n",
    ],
)
def test_what_is_no_request_is_refused(standin, request_bytes):
    assert exchange(standin, request_bytes).startswith("HTTP/1.1 400 Bad Request")


def test_a_client_that_waits_for_permission_gets_it(standin):
    answer = exchange(
        standin,
        b"POST /v1/refunds HTTP/1.1\r\nExpect: 100-continue\r\nContent-Length: 3\r\n\r\n",
        b"a=1",
    )

    assert answer.startswith("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 401 ")


def test_a_huge_body_is_refused(standin):
    size = 1024 * 1024 + 1
    head = f"POST /v1/refunds HTTP/1.1\r\nContent-Length: {size}\r\n\r\n".encode()

    assert exchange(standin, head + b"x" * size).startswith("HTTP/1.1 413 ")


def test_its_own_failure_is_told(standin, monkeypatch, capsys):
    monkeypatch.setattr(standin._pages, "overview", lambda prefix: 1 / 0)

    page = visit(f"{standin.url}/")

    assert (page.status, page.text) == (500, "The stand-in itself has failed.")
    assert "ZeroDivisionError" in capsys.readouterr().err
