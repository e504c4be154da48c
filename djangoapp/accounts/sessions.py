"""Django's sessions of one user."""

from importlib import import_module

from django.conf import settings
from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.models import Session


def end_all_of(user_pk: int) -> int:
    """End all sessions of a user, on every device. Returns how many there were.

    A session does not say whose it is without being opened, so this reads all of them: few, as guests have none.
    """
    store = _store()
    ended = 0
    for session in Session.objects.iterator(chunk_size=500):
        if session.get_decoded().get(SESSION_KEY) == str(user_pk):
            store(session.session_key).delete()
            ended += 1
    return ended


def forget_expired() -> None:
    """Delete sessions that are over: they remember who signed in, and when."""
    _store().clear_expired()


def _store() -> type:
    return import_module(settings.SESSION_ENGINE).SessionStore
