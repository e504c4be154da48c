"""Turned wood and woven willow."""

import math
import random

import numpy as np

from . import kit
from .stuff import steel, stuff, wood


def ribbon(turns, radius, width, material, *, pitch=0.5):
    """A curled shaving."""
    vertices = []
    steps = int(turns * 22)
    for i in range(steps + 1):
        a = 2 * math.pi * turns * i / steps
        r = radius * (1 + 0.25 * math.sin(a * 0.37)) * (1 - 0.35 * i / steps)
        half = width / 2 * min(1, 4 * i / steps, 4 * (1 - i / steps) + 0.05)
        centre = pitch * a / (2 * math.pi)
        for side in (-1, 0, 1):
            lip = 0.06 * width * (1 - side * side)
            vertices.append(((r + lip) * math.cos(a), centre + side * half, (r + lip) * math.sin(a)))
    return kit.mesh("ribbon", vertices, kit.grid_faces(steps + 1, 3, around=False), material)


def green_wood_bowl():
    """A bowl in the chuck of a lathe, shavings everywhere."""
    maple = stuff(
        "#b9834a",
        "#e0b87e",
        "#edd0a0",
        "#d6a566",
        scale=1.3,
        stretch=(0.35, 0.35, 3),
        detail=8,
        distort=0.8,
        rough=0.5,
        bump=0.15,
        bump_scale=14,
    )
    fresh = stuff("#e8c48c", "#f4ddb0", scale=3, rough=0.6, thin=0.35)
    iron = stuff("#2f4a3f", "#2a4238", scale=3, rough=0.4, coat=0.3, bump=0.08, bump_scale=12)
    black = stuff("#1b1a19", rough=0.5, bump=0.1, bump_scale=20)
    bright = steel(0.18)

    outline = [(0.7, 0), (1.0, 0.06), (1.75, 0.55), (2.25, 1.3), (2.42, 1.9)]
    outer = kit.profile(outline, 12)
    inner = [(max(0.0, r - 0.2), max(0.28, z + 0.02)) for r, z in outer[::-1]]
    rim = [(2.38, 1.96), (2.27, 1.96)]
    groove = [(r + 0.012 * (i % 2), z) for i, (r, z) in enumerate(outer)]
    bowl = kit.revolve([(0, 0), *groove, *rim, *inner, (0, 0.28)], maple, segments=160)
    kit.move(bowl, (-0.6, 0, 0), (0, 90, 0))
    chuck = [
        (0, -1.5),
        (0.75, -1.5),
        (0.95, -1.45),
        (0.95, -0.75),
        (0.85, -0.7),
        (0.85, -0.1),
        (0.6, 0.05),
        (0, 0.05),
    ]
    kit.move(kit.revolve(chuck, bright, smooth=False), (-0.65, 0, 0), (0, 90, 0))
    spindle = [(0, -3), (0.5, -3), (0.5, -1.4), (0, -1.4)]
    kit.move(kit.revolve(spindle, bright, smooth=False), (-0.65, 0, 0), (0, 90, 0))
    kit.box((3.4, 3.0, 4.6), iron, bevel=0.5, location=(-4.6, 0.1, -2.9), segments=6)
    for y in (-0.75, 0.75):
        kit.box((22, 0.8, 0.6), black, bevel=0.08, location=(4, y, -3.6))
    kit.box((0.7, 0.9, 1.6), iron, bevel=0.12, location=(1.9, -1.35, -3.0))
    kit.tube([(1.9, -1.35, -1.6), (1.9, -1.35, -0.35)], 0.17, bright, sides=20)
    rest = [(1.0, -1.45, -0.5), (1.9, -1.4, -0.3), (3.1, -1.3, -0.28)]
    kit.tube(kit.spline(rest), 0.16, bright, sides=16)
    ash = wood("#c8965a", "#8e5c2e", along="z", coat=0.35)
    handle = [(0.05, 0), (0.24, 0.1), (0.27, 0.8), (0.19, 1.6), (0.26, 2.6), (0.2, 3.1)]
    grip = kit.revolve([(0, 0), *kit.profile(handle, 12), (0, 3.1)], ash)
    ferrule = kit.revolve(
        [(0, 3.0), (0.21, 3.0), (0.21, 3.4), (0, 3.4)], stuff("#b98a3c", rough=0.3, metal=1), smooth=False
    )
    blade = kit.tube([(0, 0, 3.3), (0, 0, 6.2), (0, 0, 6.6)], [0.12, 0.12, 0.02], bright, sides=14)
    kit.move(kit.join([grip, ferrule, blade]), (6.6, -3.9, -1.15), (0, -70, -34))

    curls = [
        ribbon(t, r, w, fresh, pitch=p)
        for t, r, w, p in (
            (2.6, 0.34, 0.34, 0.42),
            (1.4, 0.5, 0.3, 0.3),
            (3.6, 0.24, 0.26, 0.36),
            (0.8, 0.7, 0.36, 0.2),
            (2.0, 0.42, 0.22, 0.7),
        )
    ]
    for _ in range(330):
        x, y = random.uniform(-2.2, 6.5), random.gauss(-0.6, 1.0)
        heap = 1.15 * math.exp(-(((x - 1.0) / 2.4) ** 2) - ((y + 0.6) / 1.3) ** 2)
        z = -2.75 + heap * random.random()
        kit.copy(
            random.choice(curls),
            (x, y, z),
            [random.uniform(0, 360) for _ in range(3)],
            random.uniform(0.55, 1.15),
        )
    for place, turn in (
        ((2.15, -1.75, 0.55), (40, 10, 80)),
        ((2.7, -2.2, 0.25), (80, 40, 10)),
        ((2.0, -1.9, -0.25), (10, 70, 30)),
    ):
        kit.copy(curls[2], place, turn, 1.15)
    for curl in curls:
        kit.hide(curl)

    kit.move(kit.grid((80, 60), (2, 2), stuff("#2b2018", "#3a2b1f", scale=0.6, rough=0.9)), (0, 0, -6))
    wall = wood("#6b4a30", "#3c2716", along="z", scale=0.3)
    kit.move(kit.grid((60, 30), (2, 2), wall), (0, 11, 2), (90, 0, 0))
    kit.box((30, 2.2, 0.4), wood("#8a5f3a", "#573720"), location=(4, 9.5, -3.2))
    for i, x in enumerate(np.arange(-4, 15, 1.25)):
        tall = random.uniform(1.8, 3.4)
        kit.tube([(x, 10.4, 4.4), (x, 10.4, 4.4 - tall)], 0.12, bright, sides=8)
        kit.tube(
            [(x, 10.4, 4.4 - tall), (x, 10.4, 3.0 - tall)],
            0.26,
            stuff(random.choice(("#a8703a", "#7d4a26", "#c08a4c"))),
            sides=10,
        )
        if i % 4 == 0:
            kit.move(kit.revolve(outer, maple), (x, 8.9, -2.75), scale=random.uniform(0.6, 0.9))
    window = stuff("#fff2d8", glow=7)
    for x in (-1.9, 1.1):
        kit.move(kit.grid((2.6, 4.2), (2, 2), window), (x - 6.6, 10.8, 2.2), (90, 0, 0))
    kit.lamp((-5, -5, 9), (0, 0, 0), size=2.5, power=1500, colour="#ffe2b4")
    kit.lamp((9, -3, 4), (0.5, 0, 0), size=4, power=620, colour="#ffd9a6")
    kit.lamp((2, 9, 6), (0, 0, 0), size=4, power=700, colour="#fff0d8")
    kit.ambient("#7a5c42", 0.5)
    kit.camera((8.2, -10.2, 3.6), (1.0, 0, -0.45), lens=47, fstop=0.14, focus=(1.2, -1.2, 0.3))


def _basket(hues):
    """A round basket of 24 stakes; ``hues`` are the willows of its bands, from below."""
    stakes, height, lines = 24, 2.9, {}

    def radius(z):
        return 1.95 + 0.62 * math.sin(0.5 * math.pi * min(1, z / height)) ** 0.8

    angles = np.linspace(0, 2 * math.pi, 289)[:-1]
    rows = 24
    for row in range(rows):
        z = 0.1 + (height - 0.15) * row / rows
        hue = hues[min(len(hues) - 1, row * len(hues) // rows)]
        thick = 0.085 * random.uniform(0.9, 1.1)
        shift = random.uniform(0, 6)
        line = []
        for a in angles:
            r = radius(z) + 0.13 * math.cos(stakes / 2 * a + math.pi * (row % 2))
            line.append((r * math.cos(a), r * math.sin(a), z + 0.025 * math.sin(3 * a + shift)))
        lines.setdefault(hue, []).append((line, thick))
    for hue, some in lines.items():
        kit.tubes(some, hue, sides=8, closed=True)
    posts = []
    for i in range(stakes):
        a = 2 * math.pi * i / stakes
        posts.append(
            (
                [
                    (radius(z) * math.cos(a), radius(z) * math.sin(a), z)
                    for z in np.linspace(0, height + 0.1, 14)
                ],
                0.1,
            )
        )
    kit.tubes(posts, hues[0])
    for top, hue, size in ((height + 0.06, hues[-1], 0.15), (0.08, hues[0], 0.12)):
        strands = []
        for k in range(4):
            line = []
            for a in np.linspace(0, 2 * math.pi, 480, endpoint=False):
                twist = 18 * a + math.pi * k / 2
                r = radius(top) + size * math.cos(twist)
                line.append((r * math.cos(a), r * math.sin(a), top + size * math.sin(twist)))
            strands.append((line, size * 0.66))
        kit.tubes(strands, hue, sides=8, closed=True)
    strands = []
    for k in range(5):
        line = []
        for t in np.linspace(0, 1, 150):
            a = math.pi * t
            twist = 26 * t + 2 * math.pi * k / 5
            bow = (2.5 * math.cos(a), 0, 1.0 + 4.4 * math.sin(a) ** 0.8)
            line.append(
                (
                    bow[0] + 0.16 * math.cos(twist) * math.sin(a) ** 0.3,
                    0.17 * math.sin(twist),
                    bow[2] + 0.14 * math.cos(twist),
                )
            )
        strands.append((line, 0.1))
    kit.tubes(strands, hues[1], sides=8)
    kit.revolve([(0, 0.12), (1.95, 0.12)], hues[0])


def apple(skin, stalk):
    """An apple of radius one."""
    outline = [
        (0.0, -0.72),
        (0.35, -0.86),
        (0.8, -0.6),
        (1.02, 0.05),
        (0.86, 0.6),
        (0.45, 0.82),
        (0.12, 0.68),
        (0.0, 0.55),
    ]
    body = kit.revolve(
        kit.profile(outline),
        skin,
        wobble=lambda a, z: 1 + 0.03 * math.cos(5 * a) * (0.3 - z) + 0.02 * math.sin(2 * a),
    )
    return kit.join(
        [body, kit.tube(kit.spline([(0, 0, 0.5), (0.03, 0, 0.8), (0.14, 0.02, 1.08)]), 0.04, stalk)]
    )


def apple_skin(*colours):
    """A streaked, waxy skin."""
    return stuff(*colours, scale=1.3, stretch=(2.2, 2.2, 0.5), detail=7, rough=0.28, coat=0.35, soft=0.1)


def willow_basket():
    """A basket by the window, a bundle of rods beside it."""
    table = wood("#d8cbb8", "#b3a08a", rough=0.6, scale=0.6)
    kit.box((30, 12, 0.6), table, bevel=0.1, location=(0, 1.5, -0.6))
    wall = stuff("#c9d3d8", "#bccad1", scale=0.4, rough=0.98, bump=0.3, bump_scale=3)
    kit.move(kit.grid((60, 30), (2, 2), wall), (0, 6.4, 4), (90, 0, 0))
    brown = stuff("#6b4222", "#8a5a30", "#7a4c28", scale=6, rough=0.5, coat=0.15, bump=0.15, bump_scale=30)
    buff = stuff("#b9793f", "#cf9455", scale=5, rough=0.5, coat=0.15, bump=0.12, bump_scale=30)
    white = stuff("#dcc08d", "#ead6ab", scale=5, rough=0.55, bump=0.12, bump_scale=30)
    green = stuff("#6d7137", "#868a4a", scale=5, rough=0.5, coat=0.15, bump=0.12, bump_scale=30)
    before = set(kit.bpy.data.objects)
    _basket((brown, buff, white, green, buff, brown))
    kit.join(set(kit.bpy.data.objects) - before, (-1.5, 0.4, 0), (0, 0, 24))
    linen = stuff("#efe9dc", "#e2dac9", scale=3, rough=0.95, sheen=0.3, bump=0.3, bump_scale=60)
    red = apple_skin("#7c1714", "#b3271f", "#d9772f", "#dfb04a")
    gold = apple_skin("#c98f2a", "#dcb749", "#b9b44a", "#d0632f")
    stalk = stuff("#4a3018", rough=0.8)
    for i, (x, y, z) in enumerate(
        (
            (-2.6, 0.1, 2.65),
            (-1.3, -0.6, 2.7),
            (-0.3, 0.7, 2.7),
            (-1.7, 1.1, 2.75),
            (-0.5, -0.9, 2.5),
            (-2.2, -0.9, 2.45),
        )
    ):
        kit.move(
            apple(red if i % 3 else gold, stalk),
            (x, y, z),
            (random.uniform(-35, 35), random.uniform(-35, 35), 60 * i),
            0.72,
        )
    kit.move(kit.ball(2.0, linen, squash=(1, 1, 0.5), rough=0.2), (-1.5, 0.4, 1.6))
    kit.move(apple(red, stalk), (2.35, -2.3, 0.58), (14, -22, 40), 0.68)
    for hue, offset, number in ((brown, 0.0, 26), (buff, 0.25, 18), (green, -0.2, 14)):
        rods = []
        for _ in range(number):
            y, z = random.gauss(0.2 + offset, 0.35), abs(random.gauss(0.25, 0.18)) + 0.06
            fan = random.gauss(0, 0.5)
            line = [
                (-1.0 + random.uniform(-0.4, 0.4), y, z),
                (3.0, y * 0.75, z * 0.9 + 0.05),
                (7.0, y + fan, z + 0.1 + 0.2 * random.random()),
                (11, y + 2.2 * fan, z + 0.3 * random.random()),
            ]
            points = kit.spline(line, 8)
            rods.append((points, np.linspace(0.085, 0.02, len(points))))
        kit.move(kit.tubes(rods, hue), (1.9, 0.6, 0), (0, 0, -9))
    cord = stuff("#e4d7b8", rough=0.9)
    for k in range(5):
        ring = [
            (4.5 + 0.09 * k, 0.35 + 0.72 * math.cos(a), 0.38 + 0.44 * math.sin(a))
            for a in np.linspace(0, 6.28, 40, endpoint=False)
        ]
        kit.tube(ring, 0.05, cord, closed=True)
    kit.lamp((-9, -2, 7), (-1, 0, 1.5), size=3.5, height=5, power=2100, colour="#fff6ea")
    kit.lamp((9, -8, 5), (0, 0, 1), size=7, power=420, colour="#ffe2c4")
    kit.ambient("#e4ecf1", 0.55)
    kit.camera((2.0, -14.6, 5.3), (0.3, 0, 2.45), lens=48, fstop=0.28, focus=(-1.3, -2.0, 2.0))
