"""Profile pictures: re-encoded, square, without the camera's notes."""

import io
import secrets

from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile
from django.utils.translation import gettext_lazy as _
from PIL import Image, ImageOps, UnidentifiedImageError

SIDE = 320  # pixels; twice the largest size shown
MAX_BYTES = 5 * 1024 * 1024
MAX_PIXELS = 40_000_000  # a decoded picture takes about four bytes a pixel
FORMATS = ("JPEG", "PNG", "WEBP")


def profile_picture_path(_profile, _filename: str) -> str:
    """Name the file at random: what the visitor called it says too much."""
    return f"profiles/{secrets.token_hex(16)}.webp"


def square_picture(upload) -> ContentFile:
    """Return the uploaded picture as a square WebP of ``SIDE`` pixels, stripped of metadata.

    Raises ``ValidationError`` for a file that is too heavy, too large in pixels, or no picture at all.
    """
    if upload.size > MAX_BYTES:
        raise ValidationError(_("The picture is larger than 5 MB. Please choose a smaller one."))
    try:
        image = Image.open(upload, formats=FORMATS)
        if image.width * image.height > MAX_PIXELS:
            raise ValidationError(
                _("The picture has more than 40 million pixels. Please choose a smaller one.")
            )
        image = ImageOps.exif_transpose(image).convert("RGB")
    except (UnidentifiedImageError, OSError, SyntaxError, ValueError, Image.DecompressionBombError) as error:
        raise ValidationError(
            _("This file is not a picture that we can read (JPEG, PNG or WebP).")
        ) from error
    square = ImageOps.fit(image, (SIDE, SIDE), Image.Resampling.LANCZOS)
    out = io.BytesIO()
    square.save(out, "WEBP", quality=82)
    return ContentFile(out.getvalue(), name="picture.webp")
