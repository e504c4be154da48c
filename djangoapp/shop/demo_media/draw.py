"""Draw the demo pictures again: ``python draw.py [NAME …]``.

A tool for developers, never run by the shop. Every picture is a small scene built from numbers in
``drawing/`` and traced by Blender's renderer, so each one is our own work from the first vertex.
It needs Python 3.11 with ``bpy`` 5.0 and ``pillow`` in an environment of its own:

    python3.11 -m venv /tmp/draw && /tmp/draw/bin/pip install bpy==5.0.1 pillow
    /tmp/draw/bin/python djangoapp/shop/demo_media/draw.py grafting sourdough

Without names it draws all of them; two cores need about half an hour. ``--quick`` gives a rough
small picture for looking at the composition. The same version draws the same picture again.
"""

import argparse
import io
import tempfile
from pathlib import Path

from drawing import SCENES, kit
from PIL import Image, ImageChops, ImageEnhance, ImageFilter

HERE = Path(__file__).parent
PROJECT_SIZE = (1200, 800)
PORTRAIT_SIZE = (512, 512)
MOST_BYTES = 98_000  # fourteen of them stay below 1.4 MB


def finish(picture: Image.Image, bloom: float) -> Image.Image:
    """Darken the corners a little, and let bright places shine over their edges."""
    if bloom:
        bright = picture.point(lambda v: max(0, v - 150) * 2)
        halo = bright.filter(ImageFilter.GaussianBlur(picture.width / 50))
        picture = ImageChops.screen(picture, ImageEnhance.Brightness(halo).enhance(bloom))
    corners = Image.radial_gradient("L").resize(picture.size)
    shade = corners.point(lambda v: 255 - int(max(0, v - 120) * 0.28))
    return ImageChops.multiply(picture, Image.merge("RGB", [shade] * 3))


def save(picture: Image.Image, path: Path) -> None:
    """Write the best JPEG that stays within ``MOST_BYTES``."""
    for quality in range(92, 40, -2):
        data = io.BytesIO()
        picture.save(data, "JPEG", quality=quality, optimize=True, progressive=True)
        if data.tell() <= MOST_BYTES:
            break
    path.write_bytes(data.getvalue())
    print(f"{path.name}: {data.tell() // 1024} KB at quality {quality}")


def draw(name: str, folder: Path, *, quick: bool) -> None:
    """Build one scene, trace it and save it into ``folder``."""
    scene = SCENES[name]
    size = PORTRAIT_SIZE if name.startswith("portrait") else PROJECT_SIZE
    if quick:
        size = (size[0] // 2, size[1] // 2)
    kit.reset()
    settings = scene() or {}
    bloom = settings.pop("bloom", 0.0)
    samples = settings.pop("samples", 48)
    with tempfile.TemporaryDirectory() as scratch:
        raw = Path(scratch) / "raw.png"
        kit.render(raw, size, 24 if quick else samples, **settings)
        with Image.open(raw) as picture:
            save(finish(picture.convert("RGB"), bloom), folder / f"{name}.jpg")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("names", nargs="*", help=f"any of: {', '.join(SCENES)}")
    parser.add_argument("--quick", action="store_true", help="half size, few rays")
    parser.add_argument("--into", type=Path, default=HERE, help="folder for the pictures")
    options = parser.parse_args()
    for name in options.names or SCENES:
        draw(name, options.into, quick=options.quick)


if __name__ == "__main__":
    main()
