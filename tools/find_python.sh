#!/bin/sh
# Prints the first Python on this machine that can hold the project's environment (3.11 or newer, with venv).
# `make` needs it once, to create .venv; PYTHON=/path/to/python overrules the search.
works='import sys; sys.exit(0 if sys.version_info >= (3, 11) else 1)'
complete='import ensurepip, venv'
without_venv=

for candidate in ${PYTHON:-python3.13 python3.12 python3.11 python3}; do
  # A name on PATH proves little (version managers leave shims there), so each one is asked.
  "$candidate" -c "$works" >/dev/null 2>&1 || continue
  if "$candidate" -c "$complete" >/dev/null 2>&1; then
    echo "$candidate"
    exit 0
  fi
  without_venv=${without_venv:-$candidate}
done

if [ -n "$without_venv" ]; then
  version=$("$without_venv" -c 'import sys; print("%d.%d" % sys.version_info[:2])')
  echo "$without_venv has no venv module. On Debian and Ubuntu: apt-get install python$version-venv" >&2
else
  echo "This project needs Python 3.11 or newer; none of these is it: ${PYTHON:-python3.13 python3.12 python3.11 python3}." >&2
  echo "Install one, or name it: make PYTHON=/path/to/python3.13 …" >&2
fi
exit 1
