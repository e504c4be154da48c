"""Keep the state in one JSON file, so that a restarted demo shop finds its payments again."""

import json
import os
import threading
import time
from pathlib import Path

from .core import Event

FORMAT = 1
PAUSE_SECONDS = 0.2  # many changes in a row become one write


class StateFileError(Exception):
    """The file exists and cannot be read; starting empty would lose what it holds."""


class StateFile:
    """Writes the state soon after each change, whole or not at all."""

    def __init__(self, path, core, keys):
        self._path = Path(path)
        self._core = core
        self._keys = keys
        self._is_changed = threading.Event()
        self._closing = threading.Event()
        self._writing = threading.Lock()
        self._thread = None

    def load(self):
        """Restore the state and send again what had not been delivered."""
        try:
            text = self._path.read_text(encoding="utf-8")
        except FileNotFoundError:
            return
        try:
            saved = json.loads(text)
            if saved["format"] != FORMAT:
                raise ValueError(f"format {saved['format']} is not {FORMAT}")
            self._core.store.restore(saved["store"])
            self._keys.restore(saved["idempotency_keys"])
        except (ValueError, KeyError, TypeError) as error:
            raise StateFileError(
                f"{self._path} is not a state file of this version ({error}); delete it to start afresh."
            ) from error
        for endpoint in self._core.store.objects["webhook_endpoint"].values():
            self._core.listen(endpoint, self._core.store.endpoint_secrets[endpoint["id"]])
        self._core.watch_all_expiries()
        self._send_again(saved["unsettled_events"])

    def watch(self):
        self._core.store.on_change = self._note_change
        self._thread = threading.Thread(target=self._write_on_change, name="standin-state")
        self._thread.daemon = True
        self._thread.start()

    def close(self):
        """Write what is left to write."""
        if self._thread is None:
            return
        self._closing.set()
        self._is_changed.set()
        self._thread.join(timeout=10)

    def _note_change(self):
        self._is_changed.set()

    def _write_on_change(self):
        while True:
            self._is_changed.wait()
            self._is_changed.clear()
            began = time.monotonic()
            self.write()
            if self._closing.is_set() and not self._is_changed.is_set():
                return
            # The more there is to write, the longer the pause, so that writing never dominates.
            took_seconds = time.monotonic() - began
            self._closing.wait(max(PAUSE_SECONDS, 10 * took_seconds))

    def write(self):
        with self._core.store.lock:
            text = json.dumps(
                {
                    "format": FORMAT,
                    "store": self._core.store.snapshot(),
                    "idempotency_keys": self._keys.snapshot(),
                    "unsettled_events": self._core.dispatcher.unsettled_events(),
                }
            )
        with self._writing:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            draft = self._path.with_name(self._path.name + ".new")
            draft.write_text(text, encoding="utf-8")
            os.replace(draft, self._path)

    def _send_again(self, event_ids):
        kept = self._core.store.objects["event"]
        version = self._core.settings.api_version
        events = [
            Event(event_id, kept[event_id]["type"], kept[event_id]["text"], version)
            for event_id in event_ids
            if event_id in kept
        ]
        self._core.dispatcher.dispatch(events)
