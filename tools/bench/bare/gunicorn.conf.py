"""The bare page's server: as many processes and threads as the shop's, and an access log as well."""

import os

os.environ["DJANGO_SETTINGS_MODULE"] = "settings"

wsgi_app = "django.core.wsgi:get_wsgi_application()"
bind = os.environ["GUNICORN_BIND"]
worker_class = "gthread"
workers = int(os.environ["GUNICORN_WORKERS"])
threads = int(os.environ["GUNICORN_THREADS"])
keepalive = 75
preload_app = True
accesslog = "-"
worker_tmp_dir = "/dev/shm" if os.path.isdir("/dev/shm") else None
control_socket_disable = True
