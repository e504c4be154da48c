"""A Python in a pod that stays open: it has loaded the shop once, and runs one script after the other."""

import json
import subprocess
import threading
from collections.abc import Callable

from cluster.machine import program

# Reads scripts, a line of JSON each, and answers each with a line that nothing else writes like.
ANSWER = "answer of the shell: "
LOOP = f"""
import contextlib, io, json, sys, traceback
import django
django.setup()
from django.db import connections
answers = sys.stdout
for line in sys.stdin:
    said = io.StringIO()
    try:
        with contextlib.redirect_stdout(said), contextlib.redirect_stderr(said):
            exec(json.loads(line), {{"__name__": "__main__"}})
        answer = {{"said": said.getvalue()}}
    except BaseException:
        answer = {{"failed": said.getvalue() + traceback.format_exc()}}
    connections.close_all()
    answers.write({ANSWER!r} + json.dumps(answer) + "\\n")
    answers.flush()
"""


class Shell:
    """Runs scripts in the pod that ``find_pod`` names. When it goes, the next script opens one in another pod."""

    def __init__(self, namespace: str, find_pod: Callable[[], str]) -> None:
        self._namespace = namespace
        self._find_pod = find_pod
        self._process: subprocess.Popen | None = None

    def run(self, script: str, *, seconds: float = 300) -> str:
        """What the script printed. Raises ``AssertionError`` with its traceback, or when its pod went meanwhile."""
        process = self._opened()
        too_late = threading.Timer(seconds, process.kill)
        too_late.start()
        try:
            process.stdin.write(json.dumps(script) + "\n")
            process.stdin.flush()
            for line in process.stdout:
                if line.startswith(ANSWER):
                    answer = json.loads(line.removeprefix(ANSWER))
                    assert "failed" not in answer, f"{script}\n{answer['failed']}"
                    return answer["said"]
        finally:
            too_late.cancel()
        self.close()
        raise AssertionError(f"There was no answer to:\n{script}")

    def _opened(self) -> subprocess.Popen:
        if self._process is None or self._process.poll() is not None:
            self.close()
            command = (
                program("kubectl"),
                "--namespace",
                self._namespace,
                "exec",
                "--stdin",
                self._find_pod(),
            )
            self._process = subprocess.Popen(
                [*command, "--", "python", "-W", "ignore", "-c", LOOP],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                text=True,
                start_new_session=True,
            )
        return self._process

    def close(self) -> None:
        """Let the next script begin in a pod of its day. Repeating is safe."""
        process, self._process = self._process, None
        if process:
            process.kill()
            process.wait()
            process.stdin.close()
            process.stdout.close()
