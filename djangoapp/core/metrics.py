"""Figures for Prometheus, on a port of their own that no visitor reaches.

Every process writes what it counts into a folder (``PROMETHEUS_MULTIPROC_DIR``); whichever is asked adds up what all
of them wrote. The port is opened once, before the processes part, and each of them listens in a thread: so nothing
has to be started beside them, and an answer comes as long as one of them lives.
"""

import logging
import socket
import threading
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer

from django.conf import settings
from django.db import connections
from django.utils.module_loading import import_string
from django_prometheus.middleware import PrometheusAfterMiddleware, PrometheusBeforeMiddleware
from prometheus_client import CollectorRegistry, make_wsgi_app
from prometheus_client.multiprocess import MultiProcessCollector

logger = logging.getLogger(__name__)

PATIENCE_SECONDS = 10  # with whoever asks and then says nothing

BeforeMiddleware = PrometheusBeforeMiddleware


class AfterMiddleware(PrometheusAfterMiddleware):
    """Counts by view, method and status."""

    def label_metric(self, metric, request, response=None, **labels):
        # The library takes one of its labels from the visitor as it is, who could think of ever new methods.
        if "method" in labels:
            labels["method"] = self._method(request)
        return super().label_metric(metric, request, response, **labels)


def open_port(port: int) -> socket.socket:
    """Listen on all addresses. Raises ``OSError`` when somebody else does."""
    return socket.create_server(("", port), backlog=16)


def answer_on(listening: socket.socket) -> None:
    """Answer scrapes in a thread of this process, until it ends."""
    server = WSGIServer(listening.getsockname(), _Handler, bind_and_activate=False)
    server.socket.close()
    server.socket = listening
    server.server_name, server.server_port = listening.getsockname()[:2]
    server.setup_environ()
    server.set_app(_application)
    threading.Thread(target=server.serve_forever, name="metrics", daemon=True).start()


def _application(environ: dict, start_response) -> list[bytes]:
    if environ["PATH_INFO"] != "/metrics":
        start_response("404 Not Found", [("Content-Type", "text/plain")])
        return [b"Figures are at /metrics.\n"]
    registry = CollectorRegistry()
    MultiProcessCollector(registry)
    for path in settings.METRICS_COLLECTORS:
        registry.register(import_string(path)())
    try:
        return make_wsgi_app(registry)(environ, start_response)
    finally:
        connections.close_all()  # this thread may not be asked again for a while


class _Handler(WSGIRequestHandler):
    timeout = PATIENCE_SECONDS

    def log_message(self, form: str, *arguments) -> None:
        logger.debug(form, *arguments)
