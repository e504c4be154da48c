"""Profile pictures: re-encoded, square, without the camera's notes."""

import secrets

from django.core.files.base import ContentFile

from core.pictures import FORMATS, MAX_BYTES, recoded

__all__ = ["FORMATS", "MAX_BYTES", "SIDE", "profile_picture_path", "square_picture"]

SIDE = 320  # pixels; twice the largest size shown


def profile_picture_path(_profile, _filename: str) -> str:
    """Name the file at random: what the visitor called it says too much."""
    return f"profiles/{secrets.token_hex(16)}.webp"


def square_picture(upload) -> ContentFile:
    """Return the uploaded picture as a square WebP of ``SIDE`` pixels, stripped of metadata.

    Raises ``ValidationError`` as ``core.pictures.recoded`` does.
    """
    [square] = recoded(upload, (SIDE, SIDE))
    return square
