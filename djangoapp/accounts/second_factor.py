"""Secrets of second factors, sealed with a key that is derived from Django's own."""

import hashlib
import logging
import secrets
from base64 import b32encode, urlsafe_b64encode

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings

logger = logging.getLogger(__name__)


def seal(text: str) -> str:
    """Encrypt a secret for the database."""
    return _box().encrypt(text.encode()).decode()


def unseal(sealed: str) -> str:
    """Decrypt a secret, under the present key or one that it replaced.

    Without the right key the answer is a fresh random secret, which no code fits: whoever lost the key must not
    thereby open the door.
    """
    try:
        return _box().decrypt(sealed.encode()).decode()
    except InvalidToken:
        logger.error(
            "A second factor was sealed with a key that is neither DJANGOAPP_FERNET_KEY nor a former one."
        )
        return b32encode(secrets.token_bytes(20)).decode()


def _box() -> MultiFernet:
    keys = [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS]
    return MultiFernet(Fernet(_derived(key)) for key in keys)


def _derived(key: str) -> bytes:
    return urlsafe_b64encode(hashlib.sha256(b"accounts.second_factor:" + key.encode()).digest())
