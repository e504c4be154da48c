#!/bin/sh
# What a container of this image does: `docker run IMAGE web`. Every command replaces the shell, so that signals reach it.
set -eu
command=${1:-web}
[ $# -eq 0 ] || shift

case "$command" in
  web) # serve the shop
    exec gunicorn -c gunicorn.conf.py "$@" ;;
  worker) # do the background work
    exec python manage.py worker "$@" ;;
  migrate) # wait for the database and bring it in step with this version; safe to repeat, one at a time
    exec python manage.py migrate_safely "$@" ;;
  wait-for-migrations) # wait until somebody has
    exec python manage.py wait_for_migrations "$@" ;;
  manage) # any command of Django's: `manage createsuperuser`
    exec python manage.py "$@" ;;
  *) # whatever else
    exec "$command" "$@" ;;
esac
