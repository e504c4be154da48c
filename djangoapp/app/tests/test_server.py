"""The server as it runs in the image: gunicorn with the project's configuration, in processes of its own."""

import pytest

from tests.support.gunicorn import serving
from tests.support.servers import free_port


def without_database(**variables: str) -> dict[str, str]:
    """What the server needs to know, and a database that nobody serves."""
    return {
        "DATABASE_HOSTNAME": "127.0.0.1",
        "DATABASE_PORT": str(free_port()),
        "DATABASE_NAME": "shop",
        "DATABASE_USER": "shop",
        **variables,
    }


@pytest.fixture
def server(tmp_path):
    with serving(tmp_path, **without_database(DJANGOAPP_TRUSTED_PROXY_COUNT="1")) as running:
        yield running


def test_the_log_tells_of_each_request_once_under_its_id_and_nothing_private(server, tmp_path):
    asked = {"X-Request-ID": "id-from-the-proxy", "X-Forwarded-For": "198.51.100.1, 203.0.113.9"}
    _status, headers, _text = server.get("/robots.txt?token=secret", **asked)
    server.get("/livez")
    server.get("/nothing/EKJIPoGvLIHMD4ms3IVDqqYarENtIfont19BFRb-54/")

    assert server.stop() == 0
    assert headers["X-Request-ID"] == "id-from-the-proxy"
    told = server.log()
    requests = [line for line in told if line["logger"] == "gunicorn.access"]
    assert [line["path"] for line in requests] == [
        "/robots.txt",
        "/nothing/…/",
    ]  # a probe that went well is no news
    first = requests[0]
    assert (first["request_id"], first["client"]) == ("id-from-the-proxy", "203.0.113.9")
    assert (first["method"], first["status"]) == ("GET", 200)
    assert first["bytes"] > 0
    not_found = next(line for line in told if line["logger"] == "django.request")
    assert not_found["request_id"] == requests[1]["request_id"]
    assert "secret" not in server.log_path.read_text()
    assert "EKJIP" not in server.log_path.read_text()
    assert [path.name for path in tmp_path.iterdir()] == [
        "gunicorn.log"
    ]  # it leaves nothing in a read-only place
