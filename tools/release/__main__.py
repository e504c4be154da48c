"""Look after a release on Kubernetes: its first staff account, its backups.

Run by ``make``, which hands on RELEASE and NAMESPACE::

    tools/release superuser          # create somebody who may do everything; asks for address and password
    tools/release backup FILE        # database and uploads into one archive on this machine
    tools/release restore FILE       # the archive takes the place of what the release has; asks first
    tools/release drill FILE         # restore the archive into a release that is made for it, compare, forget both

Archives are those of `manage.py keep_backup`: ``manifest.json``, ``database.dump`` in PostgreSQL's custom format,
``media/``. Everything is found out from the running release; only kubectl is needed here, for a drill Helm as well.
"""

import argparse
import os
import sys
import tarfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from release.backup import backup
from release.drill import drill
from release.pods import Problem, Release
from release.restore import restore


def says_yes(name: str) -> bool:
    return os.environ.get(name, "").lower() in ("yes", "y", "1", "true")


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("command", choices=["superuser", "backup", "restore", "drill"])
    parser.add_argument("file", nargs="?", type=Path)
    options = parser.parse_args()
    if options.command != "superuser" and options.file in (None, Path()):
        sys.exit(f"Say which file: make {options.command} FILE=shop.tar RELEASE=shop NAMESPACE=shop")
    try:
        release = Release(os.environ.get("RELEASE") or "shop", os.environ.get("NAMESPACE") or "default")
        match options.command:
            case "superuser":
                release.superuser()
            case "backup":
                backup(release, options.file.resolve())
            case "restore":
                restore(release, options.file, is_sure=says_yes("SURE"))
            case "drill":
                drill(release, options.file, keeps=says_yes("KEEP"))
    except (Problem, OSError, tarfile.TarError) as problem:
        sys.exit(str(problem))


if __name__ == "__main__":
    main()
