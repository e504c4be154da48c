"""The server as it runs in the image: gunicorn with the project's configuration, in processes of its own."""

import os
import signal
from pathlib import Path

import pytest

from tests.support.gunicorn import Gunicorn, serving
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


def test_while_somebody_works_on_the_code_it_is_loaded_by_each_process(tmp_path):
    with serving(tmp_path, **without_database(GUNICORN_RELOAD="true")) as server:
        assert server.get("/robots.txt")[0] == 200


def counted(text: str, name: str, *labels: str) -> float:
    """The value of a figure, of its first row that has these labels."""
    rows = [
        row for row in text.splitlines() if row.startswith(name) and all(label in row for label in labels)
    ]
    return float(rows[0].rpartition(" ")[2]) if rows else 0


def test_figures_add_up_over_all_processes_on_a_port_of_their_own(tmp_path):
    port, folder = free_port(), tmp_path / "metrics"
    folder.mkdir()
    measured = without_database(
        DJANGOAPP_METRICS_PORT=str(port), PROMETHEUS_MULTIPROC_DIR=str(folder), GUNICORN_WORKERS="2"
    )
    with serving(tmp_path, **measured) as server:
        for _ in range(6):
            server.get("/robots.txt")
        server.get("/readyz")  # which tries to connect
        prometheus = Gunicorn(f"http://127.0.0.1:{port}", server.process, server.log_path)
        for pid in children_of(server.process.pid)[:1]:
            os.kill(pid, signal.SIGKILL)  # what it counted stays counted, and the others answer

        status, _headers, text = prometheus.get("/metrics")

        assert status == 200
        assert (
            counted(text, "django_http_responses_total_by_status_view_method_total", '"robots"', '"200"') == 6
        )
        assert counted(text, "django_http_requests_latency_seconds_by_view_method_count", '"robots"') == 6
        assert counted(text, "django_http_requests_before_middlewares_total") == 6  # a probe is no visitor
        assert counted(text, "django_db_new_connection_errors_total") > 0
        assert counted(text, "shop_vitals_up") == 0
        assert prometheus.get("/")[0] == 404
        assert server.get("/metrics")[0] == 404


def children_of(pid: int) -> list[int]:
    return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
