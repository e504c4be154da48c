"""Profile pictures: what is kept of an upload, and what is refused."""

import io
import tracemalloc

import pytest
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, ImageCms, PngImagePlugin

from accounts.pictures import MAX_BYTES, SIDE, square_picture
from accounts.tests.people import picture_file

# Pillow warns of what we refuse anyway.
pytestmark = pytest.mark.filterwarnings("ignore::PIL.Image.DecompressionBombWarning")


def stored(upload) -> Image.Image:
    return Image.open(square_picture(upload))


def centre(image: Image.Image) -> tuple[int, int, int]:
    return image.convert("RGB").getpixel((SIDE // 2, SIDE // 2))


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP"])
@pytest.mark.parametrize("size", [(900, 300), (300, 900), (1, 1)])
def test_any_picture_becomes_a_square(kind, size):
    picture = stored(picture_file(size, kind))

    assert (picture.format, picture.size, picture.mode) == ("WEBP", (SIDE, SIDE), "RGB")


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "I;16", "CMYK", "RGBA"])
def test_pictures_of_any_mode_are_read(mode):
    kind = "JPEG" if mode == "CMYK" else "PNG"

    assert stored(picture_file(mode=mode, kind=kind, color=None)).mode == "RGB"


def test_what_is_transparent_shows_white():
    red, green, blue = centre(stored(picture_file(mode="RGBA", color=(255, 0, 0, 0))))

    assert min(red, green, blue) > 250


def test_notes_of_the_camera_are_left_behind():
    exif = Image.Exif()
    exif[0x010E] = "in front of my house"
    exif.get_ifd(0x8825)[2] = (47.0, 22.0, 11.0)
    note = PngImagePlugin.PngInfo()
    note.add_text("Comment", "in front of my house")
    uploads = [
        picture_file(kind="JPEG", exif=exif, comment=b"in front of my house"),
        picture_file(kind="WEBP", exif=exif, xmp=b"in front of my house"),
        picture_file(kind="PNG", exif=exif, pnginfo=note),
    ]
    for upload in uploads:
        assert b"in front of my house" in upload.read()
        upload.seek(0)

        kept = square_picture(upload).read()

        assert b"in front of my house" not in kept
        assert not {"exif", "xmp", "icc_profile", "comment"} & Image.open(io.BytesIO(kept)).info.keys()


def test_a_picture_taken_sideways_stands_upright():
    lying = Image.new("RGB", (200, 100), "red")
    lying.paste("blue", (100, 0, 200, 100))
    exif = Image.Exif()
    exif[0x0112] = 6  # turn by a quarter to the right
    out = io.BytesIO()
    lying.save(out, "PNG", exif=exif)

    picture = stored(SimpleUploadedFile("sideways.png", out.getvalue()))

    assert picture.getpixel((SIDE // 2, 20))[0] > 200
    assert picture.getpixel((SIDE // 2, SIDE - 20))[2] > 200


def test_colours_of_another_profile_are_translated():
    lab_green = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    with_profile = stored(picture_file(color=(10, 200, 30), icc_profile=lab_green))
    with_nonsense = stored(picture_file(color=(10, 200, 30), icc_profile=b"nonsense"))

    for picture in (with_profile, with_nonsense):
        assert centre(picture) == pytest.approx((10, 200, 30), abs=6)


def test_a_file_that_is_too_heavy_is_not_even_opened():
    heavy = SimpleUploadedFile("heavy.png", b"\x89PNG" + bytes(MAX_BYTES))

    with pytest.raises(ValidationError, match="larger than 5 MB"):
        square_picture(heavy)


@pytest.mark.parametrize("size", [(8_000, 8_000), (20_000, 20_000)])
def test_a_small_file_that_unpacks_to_gigabytes_is_never_unpacked(size):
    bomb = picture_file(size, mode="1", color=0)
    assert bomb.size < MAX_BYTES
    tracemalloc.start()

    with pytest.raises(ValidationError, match="40 million pixels"):
        square_picture(bomb)

    _now, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 5_000_000


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("portrait.jpg", b"MZ\x90\x00" + bytes(200)),
        ("portrait.png", b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>"),
        ("portrait.png", b"\x89PNG\r\n\x1a\n" + bytes(100)),
        ("portrait.webp", b"RIFF\x10\x00\x00\x00WEBPVP8 "),
        ("portrait.gif", b"GIF89a\x01\x00\x01\x00\x00\x00\x00;"),
        ("portrait.jpg", b"#!/bin/sh\nrm -rf /\n"),
    ],
)
def test_what_only_calls_itself_a_picture_is_refused(name, content):
    with pytest.raises(ValidationError, match="not a picture"):
        square_picture(SimpleUploadedFile(name, content, "image/jpeg"))


def test_a_picture_that_breaks_off_is_refused():
    whole = picture_file((400, 400), "JPEG").read()

    with pytest.raises(ValidationError, match="not a picture"):
        square_picture(SimpleUploadedFile("half.jpg", whole[: len(whole) // 2]))


@given(
    kind=st.sampled_from(["PNG", "JPEG", "WEBP"]),
    at=st.floats(0, 1, exclude_max=True),
    junk=st.binary(min_size=1, max_size=40),
)
def test_no_broken_file_breaks_us(kind, at, junk):
    whole = picture_file((40, 30), kind).read()
    place = int(at * len(whole))
    broken = SimpleUploadedFile("broken", whole[:place] + junk + whole[place + len(junk) :])

    try:
        picture = stored(broken)
    except ValidationError:
        return
    assert picture.size == (SIDE, SIDE)
