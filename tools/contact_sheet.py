"""Lay the pictures of ``screens/`` out on one sheet: a row for each page, a column for each state.

Run by ``make screens``, after the pictures were taken.
"""

import sys
from pathlib import Path

from PIL import Image, ImageDraw

PICTURES = Path(__file__).resolve().parents[1] / "screens"
STATES = ("empty", "usual", "overfull")
WIDTHS = {"phone": 130, "desktop": 270}
HEIGHT, GAP, TITLE = 340, 10, 18
LOOKS = [(device, scheme) for device in WIDTHS for scheme in ("light", "dark")]


def main() -> None:
    scenes = sorted({path.name.rsplit("-", 2)[0] for path in PICTURES.glob("*/*.png")})
    if not scenes:
        sys.exit(f"There are no pictures in {PICTURES}.")
    column = sum(WIDTHS[device] + GAP for device, _scheme in LOOKS) + 2 * GAP
    row = TITLE + HEIGHT + GAP
    sheet = Image.new("RGB", (column * len(STATES) + GAP, row * len(scenes) + GAP), "#d8d8d4")
    draw = ImageDraw.Draw(sheet)
    for number, scene in enumerate(scenes):
        for place, state in enumerate(STATES):
            left, top = place * column + GAP, number * row + GAP
            draw.text((left, top), f"{scene}, {state}", fill="#333")
            for device, scheme in LOOKS:
                path = PICTURES / state / f"{scene}-{device}-{scheme}.png"
                if path.exists():
                    sheet.paste(thumbnail(path, WIDTHS[device]), (left, top + TITLE))
                left += WIDTHS[device] + GAP
    target = PICTURES / "contact-sheet.png"
    sheet.quantize(256).save(target, optimize=True)
    print(f"{len(scenes)} pages: {target}")


def thumbnail(path: Path, width: int) -> Image.Image:
    """The upper part of a picture, made small."""
    with Image.open(path) as picture:
        height = min(picture.height, HEIGHT * picture.width // width)
        part = picture.convert("RGB").crop((0, 0, picture.width, height))
        return part.resize((width, max(1, height * width // picture.width)), Image.Resampling.LANCZOS)


if __name__ == "__main__":
    main()
