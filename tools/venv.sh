#!/bin/sh
# Makes .venv with the first Python of this machine that can hold the project's environment (3.11 or
# newer, with the venv module). Does nothing when .venv works. PYTHON=/path/to/python overrules the search.
cd "$(dirname "$0")/.." || exit 1

# The script `activate` is the last thing that a new environment gets: without it, making it was interrupted.
if [ -f .venv/bin/activate ] && .venv/bin/python -c '' >/dev/null 2>&1; then
  exit 0
fi

candidates=${PYTHON:-python3.13 python3.12 python3.11 python3}
is_new_enough='import sys; sys.exit(sys.version_info < (3, 11))'
without_venv=

for candidate in $candidates; do
  # A name on PATH proves little (version managers leave shims there), so each one is asked.
  "$candidate" -c "$is_new_enough" >/dev/null 2>&1 || continue
  if "$candidate" -c 'import ensurepip, venv' >/dev/null 2>&1; then
    echo "Making .venv with $("$candidate" --version) …"
    exec "$candidate" -m venv --clear .venv
  fi
  without_venv=${without_venv:-$candidate}
done

if [ -n "$without_venv" ]; then
  version=$("$without_venv" -c 'import sys; print("%d.%d" % sys.version_info[:2])')
  echo "$without_venv has no venv module. On Debian and Ubuntu: apt-get install python$version-venv" >&2
else
  echo "This project needs Python 3.11 or newer, and none of these is: $candidates." >&2
  echo "Install one, or name it: make PYTHON=/path/to/python3.13 …" >&2
fi
exit 1
