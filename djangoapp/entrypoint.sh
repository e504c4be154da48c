#!/bin/sh
# What a container of this image does: `docker run IMAGE web`. Every command replaces the shell, so that signals reach it.
set -eu
command=${1:-web}
[ $# -eq 0 ] || shift

# Where the processes of this container write what they count: empty at the start, for they count from zero.
count_from_zero() {
  if [ "${DJANGOAPP_METRICS_PORT:-0}" != 0 ]; then
    export PROMETHEUS_MULTIPROC_DIR="${TMPDIR:-/tmp}/metrics"
    rm -rf "$PROMETHEUS_MULTIPROC_DIR"
    mkdir -p "$PROMETHEUS_MULTIPROC_DIR"
  fi
}

case "$command" in
  web) # serve the shop
    count_from_zero
    exec gunicorn -c gunicorn.conf.py "$@" ;;
  worker) # do the background work
    count_from_zero
    exec python manage.py worker "$@" ;;
  worker-is-alive) # for a probe: has the worker moved within the last minute?
    find "${DJANGOAPP_WORKER_HEARTBEAT:-${TMPDIR:-/tmp}/worker-heartbeat}" -mmin -1 | grep -q . ;;
  migrate) # wait for the database and bring it in step with this version; safe to repeat, one at a time
    exec python manage.py migrate_safely "$@" ;;
  wait-for-migrations) # wait until somebody has
    exec python manage.py wait_for_migrations "$@" ;;
  manage) # any command of Django's: `manage createsuperuser`
    exec python manage.py "$@" ;;
  *) # whatever else
    exec "$command" "$@" ;;
esac
