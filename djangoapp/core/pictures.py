"""Pictures that people upload: decoded, cut to measure and encoded anew, so that nothing but colours is kept."""

import io

from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile
from django.utils.translation import gettext_lazy as _
from PIL import Image, ImageCms, ImageOps

MAX_BYTES = 5 * 1024 * 1024
MAX_PIXELS = 40_000_000  # a decoded picture takes about four bytes a pixel
FORMATS = ("JPEG", "PNG", "WEBP")
ACCEPT = ",".join(f"image/{name.lower()}" for name in FORMATS)  # of an <input type="file">


def recoded(upload, *sizes: tuple[int, int]) -> list[ContentFile]:
    """Return the uploaded picture as a WebP of each size (width and height in pixels), the largest first.

    It is turned upright, cut at its edges where its shape is another, put on white and stripped of metadata.
    Raises ``ValidationError`` for a file that is too heavy, too large in pixels, or no picture at all.
    """
    if upload.size > MAX_BYTES:
        raise ValidationError(_("The picture is larger than 5 MB. Please choose a smaller one."))
    largest = sizes[0]
    try:
        image = Image.open(upload, formats=FORMATS)
        # The file's head tells its size, so a small file that would unpack to gigabytes is never unpacked.
        is_too_large = image.width * image.height > MAX_PIXELS
        cut = None if is_too_large else _cut(image, largest)
    except Image.DecompressionBombError:
        cut = None
    except Exception as error:  # a broken file breaks the decoders in many ways
        raise ValidationError(
            _("This file is not a picture that we can read (JPEG, PNG or WebP).")
        ) from error
    if cut is None:
        raise ValidationError(_("The picture has more than 40 million pixels. Please choose a smaller one."))
    smaller = [cut.resize(size, Image.Resampling.LANCZOS) for size in sizes[1:]]
    return [_encoded(image) for image in (cut, *smaller)]


def _encoded(image: Image.Image) -> ContentFile:
    out = io.BytesIO()
    image.save(out, "WEBP", quality=82)
    return ContentFile(out.getvalue(), name="picture.webp")


def _cut(image: Image.Image, size: tuple[int, int]) -> Image.Image:
    """Decode, turn upright, cut to size, put on white, and leave behind all that is not a colour."""
    profile = image.info.get("icc_profile") if image.mode == "RGB" else None
    side = 2 * max(size)
    image.draft("RGB", (side, side))  # a large photograph is decoded small at once
    upright = ImageOps.exif_transpose(image)
    if upright.mode not in {"RGB", "RGBA"}:
        upright = upright.convert("RGBA" if upright.has_transparency_data else "RGB")
    cut = ImageOps.fit(upright, size, Image.Resampling.LANCZOS)
    if profile:
        cut = _in_srgb(cut, profile)
    clean = Image.new("RGB", cut.size, "white")
    clean.paste(cut, mask=cut if cut.mode == "RGBA" else None)
    return clean


def _in_srgb(image: Image.Image, profile: bytes) -> Image.Image:
    """Say in the web's colours what a telephone's profile means; a broken profile counts as none."""
    try:
        source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        return ImageCms.profileToProfile(image, source, ImageCms.createProfile("sRGB"))
    except (ImageCms.PyCMSError, OSError):
        return image
