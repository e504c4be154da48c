"""Flat images drawn with Pillow that the scenes lay on paper, lino, tiles and boards."""

import math
import random

from PIL import Image, ImageDraw, ImageFilter, ImageFont


def noise_image(size, cell, seed=1):
    """Smooth grey noise."""
    dice = random.Random(seed)
    small = (max(2, size[0] // cell), max(2, size[1] // cell))
    image = Image.new("L", small)
    image.putdata([dice.randrange(256) for _ in range(small[0] * small[1])])
    return image.resize(size, Image.Resampling.BICUBIC)


def combed(colour, light, *, waves=9, seed=1, size=(900, 1260)):
    """Paste paper: a comb drawn in waves through wet colour."""
    dice = random.Random(seed)
    image = Image.new("RGB", size, colour)
    pen = ImageDraw.Draw(image, "RGBA")
    width, height = size
    teeth = 54
    for tooth in range(-6, teeth + 6):
        strength = dice.randrange(40, 190)
        line = []
        for y in range(-20, height + 20, 6):
            sway = 34 * math.sin(2 * math.pi * waves * y / height + 0.35 * (tooth // 9))
            line.append((tooth * width / teeth + sway, y))
        shade = tuple(int(light[i : i + 2], 16) for i in (1, 3, 5))
        pen.line(line, fill=(*shade, strength), width=dice.choice((3, 5, 7)))
    cloud = noise_image(size, 60, seed).point(lambda v: 190 + v // 4)
    return Image.composite(image, image.point(lambda v: int(v * 0.82)), cloud)


def page(size=(900, 1260)):
    """A page of a sketchbook: a pencilled leaf and lines of writing."""
    dice = random.Random(4)
    image = Image.new("RGB", size, "#f3ead8")
    pen = ImageDraw.Draw(image, "RGBA")
    pencil = (70, 66, 72, 170)

    def curve(points, width=4):
        pen.line(points, fill=pencil, width=width, joint="curve")

    stem = [(450 + 60 * math.sin(t / 5), 760 - 26 * t) for t in range(22)]
    curve(stem, 5)
    for i in range(3, 21, 3):
        x, y = stem[i]
        for side in (-1, 1):
            tip = (x + side * (200 - 6 * i), y - 120)
            middle = ((x + tip[0]) / 2, (y + tip[1]) / 2)
            for bulge in (-34, 34):
                arc = []
                for k in range(13):
                    t = k / 12
                    b = 4 * t * (1 - t)
                    arc.append((x + (tip[0] - x) * t + bulge * b * 0.5, y + (tip[1] - y) * t + bulge * b))
                curve(arc, 3)
            curve([(x, y), middle, tip], 2)
    for row in range(8):
        y, x = 860 + row * 42, 120
        end = 780 if row < 7 else 460
        while x < end:
            word = dice.randrange(40, 120)
            curve(
                [(x + k, y + 9 * math.sin(k / 4 + row) + dice.randrange(-3, 4)) for k in range(0, word, 4)], 3
            )
            x += word + 26
    return image


def _leaf_outline(x, y, length, width, angle, steps=26):
    c, s = math.cos(angle), math.sin(angle)
    right, left = [], []
    for i in range(steps + 1):
        t = i / steps
        half = width / 2 * math.sin(math.pi * t**0.85)
        right.append((x + c * length * t - s * half, y + s * length * t + c * half))
        left.append((x + c * length * t + s * half, y + s * length * t - c * half))
    return right + left[::-1]


def sprig(size=(1000, 1360)):
    """The design of the lino block as a mask: white prints, black is carved away."""
    dice = random.Random(11)
    width, height = size
    image = Image.new("L", size, 0)
    pen = ImageDraw.Draw(image)
    pen.rounded_rectangle((26, 26, width - 26, height - 26), 26, fill=255)
    stem = [(500 + 70 * math.sin(i / 9), 1250 - 36 * i) for i in range(31)]
    leaves = []
    for i in range(4, 29, 4):
        size_of = 1 - i / 60
        for side in (-1, 1):
            angle = -math.pi / 2 + side * (1.0 - i / 70)
            leaves.append((*stem[i], 360 * size_of, 150 * size_of, angle))
    leaves.append((*stem[-1], 190, 90, -math.pi / 2))
    for leaf in leaves:
        pen.polygon(_leaf_outline(*leaf), fill=0)
    pen.line(stem, fill=0, width=20, joint="curve")
    for x, y, length, broad, angle in leaves:
        c, s = math.cos(angle), math.sin(angle)
        pen.line(
            [(x + c * 12, y + s * 12), (x + c * length * 0.93, y + s * length * 0.93)], fill=255, width=7
        )
        for k in range(1, 8):
            t = k / 8.5
            reach = broad * 0.40 * math.sin(math.pi * t**0.85)
            for side in (-1, 1):
                start = (x + c * length * t, y + s * length * t)
                end = (
                    start[0] + c * reach * 0.8 - s * reach * side,
                    start[1] + s * reach * 0.8 + c * reach * side,
                )
                pen.line([start, end], fill=255, width=5)
    clear = image.filter(ImageFilter.MinFilter(31))
    for _ in range(900):  # short strokes of the gouge in the background
        x, y = dice.randrange(60, width - 60), dice.randrange(60, height - 60)
        if clear.getpixel((x, y)):
            a = math.atan2(y - 700, x - 500) + 1.57
            dx, dy = 17 * math.cos(a), 17 * math.sin(a)
            pen.line([(x - dx, y - dy), (x + dx, y + dy)], fill=0, width=dice.choice((3, 4, 6)))
    return image


def printed(mask, ink, paper="#f6f0e4", *, border=0.14, seed=3):
    """A sheet of paper with the design printed on it, salty where the ink was thin."""
    size = mask.size
    sheet = Image.new("RGB", size, paper)
    inner = (int(size[0] * (1 - 2 * border)), int(size[1] * (1 - 2 * border)))
    salt = noise_image(inner, 3, seed).point(lambda v: 255 if v > 24 else 120)
    stencil = mask.resize(inner, Image.Resampling.LANCZOS)
    stencil = Image.composite(stencil, Image.new("L", inner), salt)
    sheet.paste(ink, (int(size[0] * border), int(size[1] * border * 0.8)), stencil)
    return sheet


def azulejo(kind, seed=1, size=480):
    """One tin-glazed tile; four of them, each turned by a quarter, close the pattern."""
    big = size * 2
    image = Image.new("L", (big, big), 0)
    pen = ImageDraw.Draw(image)

    def u(v):
        return v * big

    def ring(cx, cy, r, width, value):
        box = (u(cx - r), u(cy - r), u(cx + r), u(cy + r))
        pen.ellipse(box, outline=value, width=int(u(width)))

    def petal(x, y, length, width, angle, value):
        pen.polygon(_leaf_outline(u(x), u(y), u(length), u(width), angle), fill=value)

    if kind == "carpet":
        for value, r, width in ((235, 0.60, 0.045), (110, 0.535, 0.05), (235, 0.47, 0.012)):
            ring(0, 0, r, width, value)
        for i in range(7):
            a = math.pi / 2 * (i + 0.5) / 7
            petal(0.62 * math.cos(a), 0.62 * math.sin(a), 0.10, 0.06, a, 200)
        for i, value in ((0.5, 240), (0.17, 130), (0.83, 130)):
            a = math.pi / 2 * i
            petal(0.05 * math.cos(a), 0.05 * math.sin(a), 0.40, 0.15, a, value)
        pen.ellipse((u(-0.1), u(-0.1), u(0.1), u(0.1)), fill=240)
        petal(1.0, 1.0, 0.52, 0.22, -math.pi * 0.75, 235)
        petal(0.93, 0.93, 0.32, 0.09, -math.pi * 0.75, 40)
        for side in (-1, 1):
            petal(1.0, 1.0, 0.42, 0.13, -math.pi * 0.75 + side * 0.52, 140)
        ring(1, 0, 0.16, 0.03, 235)
        ring(0, 1, 0.16, 0.03, 235)
        pen.ellipse((u(0.95), u(-0.05), u(1.05), u(0.05)), fill=180)
        pen.ellipse((u(-0.05), u(0.95), u(0.05), u(1.05)), fill=180)
    elif kind == "border":
        for y, width, value in ((0.05, 0.05, 235), (0.13, 0.02, 140), (0.95, 0.05, 235), (0.87, 0.02, 140)):
            pen.rectangle((0, u(y - width / 2), big, u(y + width / 2)), fill=value)
        wave = [(u(x / 40), u(0.5 + 0.17 * math.sin(2 * math.pi * x / 40))) for x in range(-2, 43)]
        pen.line(wave, fill=240, width=int(u(0.045)), joint="curve")
        for x, side in ((0.25, -1), (0.75, 1)):
            for turn in (-0.7, 0, 0.7):
                petal(x, 0.5 + side * 0.14, 0.20, 0.11, side * -math.pi / 2 + turn, 200 if turn else 120)
    else:  # a single bird-like flower on a plain tile
        petal(0.5, 0.92, 0.62, 0.05, -math.pi / 2 + 0.12, 220)
        for i in range(6):
            petal(0.57, 0.32, 0.2, 0.12, math.pi * i / 3, 150 if i % 2 else 230)
        for side in (-1, 1):
            petal(0.5, 0.8, 0.3, 0.12, -math.pi / 2 + side * 0.9, 170)
    image = image.resize((size, size), Image.Resampling.LANCZOS)
    water = noise_image((size, size), 34, seed).point(lambda v: 150 + int(v * 0.41))
    strength = Image.composite(image, Image.new("L", (size, size)), water)
    ground = Image.blend(
        Image.new("RGB", (size, size), "#f3f1e8"),
        Image.merge("RGB", [noise_image((size, size), 120, seed + 9)] * 3),
        0.03,
    )
    return Image.composite(Image.new("RGB", (size, size), "#123a8c"), ground, strength)


def circuit(size=(1400, 900)):
    """The copper of the night light: veins that branch like a leaf's, with pads."""
    image = Image.new("RGB", size, "#0d4a35")
    pen = ImageDraw.Draw(image)
    width, height = size
    trace, pad = "#1f7a55", "#d8b25a"
    middle = height / 2
    for i in range(9):
        x = 170 + i * 120
        reach = 330 * math.sin(math.pi * (0.12 + 0.86 * x / width))
        for side in (-1, 1):
            for gap in (0, 26):
                y = middle + side * (24 + gap / 2)
                end = (x + gap + 190, middle + side * reach)
                bend = (x + gap + 40 + reach * 0.25, middle + side * reach * 0.5)
                pen.line([(x + gap, y), bend, end], fill=trace, width=9, joint="curve")
            for r, colour in ((21, pad), (9, "#12261f")):
                pen.ellipse(
                    (x + 190 - r, middle + side * reach - r, x + 190 + r, middle + side * reach + r),
                    fill=colour,
                )
    for offset in (-15, 15):
        pen.line([(60, middle + offset), (width - 60, middle + offset)], fill=trace, width=10)
    for i in range(20):
        x, y = 160 + 55 * i, middle + (48 if i % 2 else -48)
        pen.ellipse((x - 8, y - 8, x + 8, y + 8), fill=pad)
    return image


def cutting_mat(size=(1600, 1600)):
    """A dark mat with a fine grid."""
    image = Image.new("RGB", size, "#14303a")
    pen = ImageDraw.Draw(image)
    for i in range(0, size[0], 40):
        colour, width = ("#3c6570", 3) if i % 200 == 0 else ("#204350", 2)
        pen.line([(i, 0), (i, size[1])], fill=colour, width=width)
        pen.line([(0, i), (size[0], i)], fill=colour, width=width)
    return image


def towel(size=(1000, 1000)):
    """A linen tea towel with blue stripes."""
    image = Image.new("RGB", size, "#e4e0d6")
    pen = ImageDraw.Draw(image)
    for x, width in ((90, 36), (150, 10), (850, 10), (910, 36)):
        pen.rectangle((x - width / 2, 0, x + width / 2, size[1]), fill="#3f5f83")
    return image


def _bokeh(image, dice, colours, count, sizes, box, alpha):
    layer = Image.new("RGBA", image.size)
    pen = ImageDraw.Draw(layer)
    for _ in range(count):
        r = dice.uniform(*sizes)
        x, y = dice.uniform(box[0], box[2]), dice.uniform(box[1], box[3])
        colour = dice.choice(colours)
        rgb = tuple(int(colour[i : i + 2], 16) for i in (1, 3, 5))
        pen.ellipse((x - r, y - r, x + r, y + r), fill=(*rgb, dice.randrange(*alpha)))
    return Image.alpha_composite(image.convert("RGBA"), layer.filter(ImageFilter.GaussianBlur(2))).convert(
        "RGB"
    )


def far_orchard(size=(1500, 900)):
    """Rows of trees in the morning, far out of focus."""
    dice = random.Random(21)
    width, height = size
    image = Image.new("RGB", size, "#dfeee0")
    pen = ImageDraw.Draw(image)
    for y in range(height):
        t = y / height
        low, high = ((226, 240, 232), (196, 222, 150)) if t < 0.62 else ((150, 186, 84), (92, 138, 52))
        k = t / 0.62 if t < 0.62 else (t - 0.62) / 0.38
        pen.line(
            [(0, y), (width, y)], fill=tuple(int(a + (b - a) * k) for a, b in zip(low, high, strict=True))
        )
    for x in range(-60, width + 60, 230):
        x += dice.randrange(-40, 40)
        pen.rectangle((x - 13, 420, x + 13, 640), fill="#5a4a34")
        for _ in range(46):
            r, cx, cy = dice.uniform(26, 70), dice.gauss(x, 75), dice.gauss(330, 85)
            pen.ellipse(
                (cx - r, cy - r, cx + r, cy + r),
                fill=dice.choice(("#5f8f3c", "#7aa84a", "#98bf5c", "#49772f", "#b9d47a")),
            )
    image = image.filter(ImageFilter.GaussianBlur(20))
    image = _bokeh(
        image, dice, ("#f7ffd0", "#ffffff", "#d9efa0"), 130, (8, 26), (0, 120, width, 520), (20, 90)
    )
    return _bokeh(image, dice, ("#c8321f", "#e2632a"), 36, (7, 12), (0, 240, width, 470), (120, 190))


def far_forest(size=(1500, 900)):
    """Trunks and light between them, far out of focus."""
    dice = random.Random(5)
    width, height = size
    image = Image.new("RGB", size)
    pen = ImageDraw.Draw(image)
    for y in range(height):
        k = abs(y / height - 0.42) * 1.7
        tone = [int(a + (b - a) * min(1, k)) for a, b in ((150, 20), (178, 44), (96, 26))]
        pen.line([(0, y), (width, y)], fill=tuple(tone))
    for _ in range(26):
        x, w = dice.randrange(width), dice.randrange(14, 70)
        pen.polygon(
            [(x - w, height), (x + w, height), (x + w * 0.6, 0), (x - w * 0.6, 0)],
            fill=dice.choice(("#26301f", "#33402a", "#3f4a32", "#1c2418")),
        )
    image = image.filter(ImageFilter.GaussianBlur(18))
    return _bokeh(image, dice, ("#dff08a", "#f6ffc4", "#a9cf5a"), 150, (8, 34), (0, 40, width, 560), (18, 80))


def rings(size=(600, 600)):
    """The end of a log."""
    image = Image.new("RGB", size, "#c9a371")
    pen = ImageDraw.Draw(image)
    dice = random.Random(3)
    r = size[0] * 0.5
    while r > 4:
        box = (290 - r, 300 - r * 0.97, 290 + r * 1.02, 300 + r)
        pen.ellipse(box, outline=dice.choice(("#a67c4a", "#b78d5a", "#8f673a")), width=dice.choice((2, 3, 5)))
        r -= dice.uniform(7, 18)
    for _ in range(9):
        a = dice.uniform(0, 6.3)
        pen.line([(295, 300), (295 + 210 * math.cos(a), 300 + 210 * math.sin(a))], fill="#7a5731", width=3)
    return image


def label(text, size=(420, 150)):
    """A paper strip with one word on it."""
    image = Image.new("RGB", size, "#efe3c9")
    pen = ImageDraw.Draw(image)
    pen.text((size[0] / 2, size[1] / 2), text, fill="#4a4038", font=ImageFont.load_default(62), anchor="mm")
    return image
