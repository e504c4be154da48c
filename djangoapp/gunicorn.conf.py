"""The server of the image and of the compose file: ``gunicorn -c gunicorn.conf.py``.

Every name that is read here is documented in .env.example.
"""

import gc
import os

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "app.settings.production")

from django.conf import settings

from app import env

wsgi_app = "app.wsgi"
bind = env.text("GUNICORN_BIND", "0.0.0.0:8000")

# Threads, because a checkout waits for Stripe; processes, because of Python's lock.
worker_class = "gthread"
workers = env.integer("GUNICORN_WORKERS", default=2, at_least=1)
threads = env.integer("GUNICORN_THREADS", default=4, at_least=1)
timeout = env.integer("GUNICORN_TIMEOUT_SECONDS", default=60, at_least=settings.STRIPE_TIMEOUT_SECONDS + 1)
graceful_timeout = env.integer("GUNICORN_GRACEFUL_TIMEOUT_SECONDS", default=30, at_least=1)
keepalive = env.integer("GUNICORN_KEEPALIVE_SECONDS", default=75, at_least=1)
max_requests = env.integer("GUNICORN_MAX_REQUESTS", default=0)
max_requests_jitter = max_requests // 10  # not all processes at the same moment

# Loaded once, before the processes part: they share the memory, and a broken installation stops at once.
# While somebody works on the code, each process loads it anew whenever a file has changed.
reload = env.flag("GUNICORN_RELOAD", default=False)
preload_app = not reload

# The root of the file system may be read-only: heartbeats go into memory, and there is no socket to steer by.
worker_tmp_dir = "/dev/shm" if os.path.isdir("/dev/shm") else None  # noqa: S108 - files without names
control_socket_disable = True

forwarded_allow_ips = env.text(
    "GUNICORN_FORWARDED_ALLOW_IPS", "*" if settings.TRUSTED_PROXY_COUNT else "127.0.0.1,::1"
)

# Server and application write to the same stream, in the same form.
loglevel = env.choice("GUNICORN_LOG_LEVEL", ("debug", "info", "warning", "error"), "info")
logconfig_dict = settings.LOGGING


# The port for Prometheus is opened once, and each process answers on it.
metrics_socket = None


def on_starting(server) -> None:
    global metrics_socket
    if settings.IS_MEASURED:
        from core import metrics

        metrics_socket = metrics.open_port(settings.METRICS_PORT)


def post_worker_init(worker) -> None:
    if metrics_socket:
        from core import metrics

        metrics.answer_on(metrics_socket)


def child_exit(server, worker) -> None:
    if metrics_socket:
        from prometheus_client import multiprocess

        multiprocess.mark_process_dead(worker.pid)


def when_ready(server) -> None:
    """Load what the first visitors would wait for, once for all processes.

    Then leave all of it alone: a collector that walked through it would copy it into every process.
    """
    if preload_app:
        from django.urls import get_resolver

        _all_views = get_resolver().url_patterns
        gc.collect()
        gc.freeze()
