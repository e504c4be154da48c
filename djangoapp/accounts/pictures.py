"""Profile pictures: re-encoded, square, without the camera's notes."""

import io
import secrets

from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile
from django.utils.translation import gettext_lazy as _
from PIL import Image, ImageCms, ImageOps

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
        # The file's head tells its size, so a small file that would unpack to gigabytes is never unpacked.
        is_too_large = image.width * image.height > MAX_PIXELS
        square = None if is_too_large else _square(image)
    except Image.DecompressionBombError:
        square = None
    except Exception as error:  # a broken file breaks the decoders in many ways
        raise ValidationError(
            _("This file is not a picture that we can read (JPEG, PNG or WebP).")
        ) from error
    if square is None:
        raise ValidationError(_("The picture has more than 40 million pixels. Please choose a smaller one."))
    out = io.BytesIO()
    square.save(out, "WEBP", quality=82)
    return ContentFile(out.getvalue(), name="picture.webp")


def _square(image: Image.Image) -> Image.Image:
    """Decode, turn upright, cut to a square, put on white, and leave behind all that is not a colour."""
    profile = image.info.get("icc_profile") if image.mode == "RGB" else None
    image.draft("RGB", (2 * SIDE, 2 * SIDE))  # a large photograph is decoded small at once
    upright = ImageOps.exif_transpose(image)
    if upright.mode not in {"RGB", "RGBA"}:
        upright = upright.convert("RGBA" if upright.has_transparency_data else "RGB")
    square = ImageOps.fit(upright, (SIDE, SIDE), Image.Resampling.LANCZOS)
    if profile:
        square = _in_srgb(square, profile)
    clean = Image.new("RGB", square.size, "white")
    clean.paste(square, mask=square if square.mode == "RGBA" else None)
    return clean


def _in_srgb(image: Image.Image, profile: bytes) -> Image.Image:
    """Say in the web's colours what a telephone's profile means; a broken profile counts as none."""
    try:
        source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        return ImageCms.profileToProfile(image, source, ImageCms.createProfile("sRGB"))
    except (ImageCms.PyCMSError, OSError):
        return image
