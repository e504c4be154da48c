"""Pictures of trees: a grafted one in its pot, and twigs with winter buds."""

import math
import random

import numpy as np

from . import kit
from .bench import knife
from .motifs import far_orchard, label
from .stuff import drawn, painted, steel, stuff, wood
from .tables import mix
from .wooden import apple, apple_skin


def backdrop(picture, distance, width, *, glow, height=0.0):
    """A blurred view, hung up behind the scene and shining by itself."""
    sheet = kit.grid((width, width * picture.height / picture.width), (2, 2), drawn(picture, glow=glow))
    kit.move(sheet, (0, distance, height), (90, 0, 0))


def _young_tree(bark, young, raffia, green, *, tall=4.6, leaves=9):
    """A rootstock with its scion bound on, rising from z = 0."""
    root = kit.spline([(0, 0, -0.3), (0.03, 0, 0.7), (-0.03, 0.02, 1.5), (0.0, 0, 2.2)], 8)
    scion = kit.spline(
        [(0.05, 0, 1.3), (0.06, 0, 2.2), (0.14, 0.02, 3.0), (0.08, 0, 3.9), (0.16, 0, tall)], 8
    )
    parts = [
        kit.tube(root, np.linspace(0.2, 0.14, len(root)), bark, sides=20),
        kit.tube(scion, np.linspace(0.13, 0.06, len(scion)), young, sides=16),
    ]
    turns = []
    for a in np.arange(0, 2 * math.pi * 13, 0.25):
        z = 1.25 + 0.9 * a / (2 * math.pi * 13)
        r = 0.215 + 0.012 * math.sin(a * 0.37) - 0.05 * (z - 1.25)
        turns.append((r * math.cos(a) + 0.02, r * math.sin(a), z))
    parts.append(kit.tube(turns, 0.042, raffia, sides=6))
    for end in (
        [(0.2, -0.1, 2.1), (0.5, -0.3, 2.2), (0.75, -0.35, 1.9)],
        [(0.2, -0.12, 2.1), (0.45, -0.4, 1.95), (0.5, -0.6, 1.5)],
    ):
        parts.append(kit.tube(kit.spline(end), 0.03, raffia, sides=6))
    wax = stuff("#6f8f4a", "#5f7f3e", rough=0.35, coat=0.3)
    parts.append(kit.move(kit.ball(0.2, wax, squash=(1, 1, 0.55), rough=0.1), (0.02, 0, 2.2)))
    blade = kit.leaf(1.25, 0.62, green, fold=0.22, droop=0.45, teeth=0.05, steps=24)
    for i in range(leaves):
        t = i / (leaves - 1)
        z = 2.75 + (tall - 2.75) * t
        seat = (np.interp(z, scion[:, 2], scion[:, 0]), 0, z)
        turn = 137.5 * i + 20
        size = 1.05 - 0.45 * abs(t - 0.45)
        parts.append(kit.copy(blade, seat, (random.uniform(-25, 25), -22 - 44 * t, turn), size))
        parts.append(kit.move(kit.ball(0.075, young, squash=(0.8, 0.8, 1.5), rings=10), seat))
    kit.hide(blade)
    return parts


def _flowerpot(clay, soil):
    outline = [
        (0, 0),
        (0.95, 0),
        (1.28, 1.45),
        (1.42, 1.45),
        (1.48, 1.95),
        (1.34, 1.98),
        (1.28, 1.6),
        (0, 1.6),
    ]
    pot = kit.revolve(outline, clay, smooth=False, segments=128)
    edge = pot.modifiers.new("bevel", "BEVEL")
    edge.width, edge.segments = 0.04, 3
    earth = kit.move(kit.ball(1.26, soil, squash=(1, 1, 0.16), rough=0.25, scale=5), (0, 0, 1.66))
    return [pot, earth]


def grafting():
    """A grafted tree in its pot on a table in the orchard."""
    backdrop(far_orchard(), 26, 46, glow=1.15, height=5.6)
    planks = wood("#a98b68", "#6f5438", rough=0.65, scale=0.7, bump=0.5)
    for i in range(6):
        kit.box((26, 1.9, 0.4), planks, bevel=0.05, location=(random.uniform(-2, 2), -4.2 + 1.95 * i, -0.4))
    clay = stuff("#b5603a", "#c4714a", "#a9573a", scale=2.5, rough=0.85, bump=0.25, bump_scale=20)
    soil = stuff("#2c1f16", "#3d2b1d", scale=9, rough=1, bump=1.5, bump_scale=14)
    bark = stuff("#5d4a38", "#7d6a52", scale=5, rough=0.8, bump=0.4, bump_scale=24)
    young = stuff("#6b4a35", "#7f5a3c", scale=6, rough=0.6, bump=0.2, bump_scale=30)
    raffia = stuff("#d9bd82", "#e8d3a2", "#c7a566", scale=10, rough=0.7, bump=0.3, bump_scale=50)
    green = stuff("#4f8a2a", "#6aa53a", "#7db548", scale=2, rough=0.4, thin=0.4, coat=0.1)
    tree = kit.join(_young_tree(bark, young, raffia, green), (0, 0, 1.7))
    pot = kit.join(_flowerpot(clay, soil))
    tag = kit.move(
        kit.grid((1.25, 0.55), (2, 2), drawn(label("Gravenstein"), rough=0.9)),
        (0.62, -0.35, 2.78),
        (72, 24, 12),
    )
    kit.join([tree, pot, tag], (0.9, 0.1, 0), (0, 0, -20))
    kit.join(
        [
            kit.join(_young_tree(bark, young, raffia, green, tall=4.2, leaves=8), (0, 0, 1.7)),
            *_flowerpot(clay, soil),
        ],
        (5.0, 4.6, 0),
        (0, 0, 120),
        0.95,
    )
    kit.join(
        [
            kit.join(_young_tree(bark, young, raffia, green, tall=4.4, leaves=10), (0, 0, 1.7)),
            *_flowerpot(clay, soil),
        ],
        (-5.6, 6.0, 0),
        (0, 0, 220),
        0.95,
    )
    red = apple_skin("#7c1714", "#b3271f", "#d9772f", "#dfb04a")
    stalk = stuff("#4a3018", rough=0.8)
    for place, turn, size in (
        ((-3.2, -0.2, 0.62), (12, -14, 30), 0.74),
        ((-4.7, 0.3, 0.6), (-16, 8, 110), 0.72),
        ((-3.9, -1.5, 0.6), (70, 20, 200), 0.7),
    ):
        kit.move(apple(red, stalk), place, turn, size)
    kit.move(
        knife(
            2.3, 0.62, wood("#7a4a26", "#4a2a14", coat=0.3), steel(0.2), stuff("#c9a24a", rough=0.25, metal=1)
        ),
        (-1.6, -2.4, 0.18),
        (0, 0, 11),
        0.85,
    )
    loops = []
    for k in range(16):
        r, wob = random.uniform(0.45, 0.75), random.uniform(0, 6)
        loops.append(
            (
                [
                    (
                        r * math.cos(a) * 1.2,
                        r * math.sin(a),
                        0.06 + 0.03 * k * (0.6 + 0.4 * math.sin(a + wob)),
                    )
                    for a in np.linspace(0, 6.2, 50, endpoint=False)
                ],
                0.035,
            )
        )
    kit.move(kit.tubes(loops, raffia, closed=True), (3.7, -1.6, 0), (0, 0, 30))
    kit.sun((-0.75, 0.55, -0.62), power=3.4, colour="#fff0cf", angle=2.5)
    kit.lamp((-4, 8, 9), (0, 0, 2), size=5, power=900, colour="#fff4c8")
    kit.ambient("#d5e8f2", 0.55)
    kit.camera((0.4, -15.6, 5.0), (0.15, 0, 3.0), lens=46, fstop=0.11, focus=(0.8, -0.3, 2.9))


def bud(length, width, skin, edge, material, *, rows=5, cols=4, pointed=1.0):
    """A bud along +Z whose scales overlap like tiles, each darker at its edge."""
    vertices, colours = [], []
    n, m = 72, 64
    span = 1.9 / rows
    light, dark = kit.linear(skin), kit.linear(edge)
    for i in range(n):
        t = i / (n - 1)
        r = width / 2 * math.sin(math.pi * (0.14 + 0.86 * t) ** (1.1 * pointed)) ** 0.85
        for j in range(m):
            a = 2 * math.pi * j / m
            lift, shade = 0.86, 0.8
            for row in range(rows):
                s = (t - row / rows * 0.86) / span
                if not -1 <= s < 1:
                    continue
                half = 0.58 * math.sqrt(1 - max(0.0, s) ** 2)
                u = abs((a * cols / (2 * math.pi) + 0.5 * (row % 2)) % 1.0 - 0.5)
                if u < half:
                    rim = min(1.0, (half - u) * 5)
                    lift = 1.0 - 0.10 * max(0.0, s) + 0.03 * rim
                    shade = 0.75 * (1 - rim) + 0.35 * max(0.0, s) ** 2
                    break
            vertices.append((r * lift * math.cos(a), r * lift * math.sin(a), length * t))
            colours.append(mix(light, dark, shade))
    return kit.mesh("bud", vertices, kit.grid_faces(n, m, around=True), material, colours=colours)


def _twig(length, thick, bark, *, zigzag=0.0, nodes=6, bend=0.2, seed=0):
    """A twig along +Y. Returns the parts and its nodes as (point, index)."""
    dice = random.Random(seed)
    points = []
    for i in range(nodes + 1):
        side = 1 if i % 2 else -1
        points.append(
            (
                zigzag * 0.45 * side + bend * math.sin(i * 0.5 + seed) + dice.uniform(-0.03, 0.03),
                length * i / nodes,
                0.16,
            )
        )
    line = kit.spline(points, 10)
    radii = np.linspace(thick, thick * 0.62, len(line))
    radii = radii * (1 + 0.18 * np.maximum(0, np.cos(np.linspace(0, 2 * math.pi * nodes, len(line))) - 0.6))
    return [kit.tube(line, radii, bark, sides=18)], points


def _budded(parts, points, one, *, opposite, spread, end=None, tilt=34):
    """Seat copies of a bud at the nodes of a twig."""
    for i, (x, y, z) in enumerate(points[1:-1]):
        for side in (-1, 1) if opposite else (1 if i % 2 else -1,):
            parts.append(
                kit.copy(one, (x + side * spread, y, z + 0.03), (-90, 0, -side * tilt), 1.0 - 0.03 * i)
            )
    x, y, z = points[-1]
    parts.append(kit.copy(end or one, (x, y - 0.05, z), (-90, 0, 0), 1.15))
    kit.hide(one)
    if end:
        kit.hide(end)


def winter_buds():
    """Six twigs in a row on cream paper, and a magnifying glass."""
    cloth = stuff("#7d8a78", "#87947f", scale=2, rough=0.95, bump=0.4, bump_scale=50)
    kit.grid((60, 60), (2, 2), cloth)
    paper = stuff("#f4ead6", "#efe3cb", scale=0.7, rough=0.95, bump=0.15, bump_scale=30)
    kit.box((13.6, 8.6, 0.04), paper, bevel=0.005, location=(-0.1, 0.1, 0), turn=(0, 0, -1.5))
    dull, shiny = painted(rough=0.6, bump=0.2), painted(rough=0.25, coat=0.5)
    furry = painted(rough=1.0, sheen=0.9, bump=0.7, bump_scale=60)

    def bark(*colours, bump=0.3):
        return stuff(*colours, scale=5, rough=0.7, bump=bump, bump_scale=26)

    twigs = []
    parts, at = _twig(6.2, 0.17, bark("#8b8a78", "#a09f8b"), nodes=5, seed=1)
    small = bud(0.42, 0.36, "#1d1a19", "#0c0b0b", dull, rows=3, cols=2)
    _budded(
        parts,
        at,
        small,
        opposite=True,
        spread=0.2,
        end=bud(0.62, 0.52, "#1d1a19", "#0c0b0b", dull, rows=3, cols=2),
    )
    twigs.append(parts)  # ash
    parts, at = _twig(6.4, 0.10, bark("#6d5a48", "#84705b"), zigzag=0.16, nodes=7, seed=2)
    _budded(
        parts,
        at,
        bud(1.0, 0.22, "#b3713a", "#6d3c1b", dull, rows=9, cols=4),
        opposite=False,
        spread=0.1,
        tilt=30,
    )
    twigs.append(parts)  # beech
    parts, at = _twig(6.1, 0.12, bark("#6b4a3a", "#7f5b45"), zigzag=0.2, nodes=7, seed=3)
    _budded(
        parts,
        at,
        bud(0.46, 0.38, "#a3232a", "#5e1216", shiny, rows=2, cols=2, pointed=0.8),
        opposite=False,
        spread=0.12,
        tilt=38,
    )
    twigs.append(parts)  # lime
    parts, at = _twig(5.9, 0.24, bark("#6e5540", "#86694f"), nodes=4, seed=4)
    small = bud(0.75, 0.42, "#6e2f18", "#2f120a", shiny, rows=5, cols=4)
    _budded(
        parts,
        at,
        small,
        opposite=True,
        spread=0.26,
        end=bud(1.05, 0.6, "#7d3519", "#36140b", shiny, rows=5, cols=4),
        tilt=36,
    )
    twigs.append(parts)  # horse chestnut
    parts, at = _twig(6.3, 0.11, bark("#7b6a52", "#937f63"), zigzag=0.1, nodes=6, seed=5)
    _budded(
        parts,
        at,
        bud(0.45, 0.36, "#7c8a3c", "#5b4a26", dull, rows=4, cols=3, pointed=0.85),
        opposite=False,
        spread=0.12,
        tilt=40,
    )
    catkin = bud(1.55, 0.28, "#d9b23c", "#9c6f22", furry, rows=16, cols=6, pointed=0.9)
    for x, y, turn in ((-0.2, 2.2, 168), (-0.12, 2.2, 186), (0.25, 4.3, 172), (0.3, 4.3, 196)):
        parts.append(kit.copy(catkin, (x, y, 0.22), (-90, 0, turn)))
    kit.hide(catkin)
    twigs.append(parts)  # hazel
    parts, at = _twig(6.2, 0.10, bark("#6b3a22", "#834a2a"), zigzag=0.05, nodes=8, seed=6)
    _budded(
        parts,
        at,
        bud(0.62, 0.40, "#d8d6cf", "#a9a69c", furry, rows=20, cols=9, pointed=0.8),
        opposite=False,
        spread=0.08,
        tilt=20,
    )
    twigs.append(parts)  # pussy willow
    names = ("Fraxinus", "Fagus", "Tilia", "Aesculus", "Corylus", "Salix")
    for i, parts in enumerate(twigs):
        x = -5.6 + 1.92 * i
        kit.join(parts, (x, -2.55 + 0.15 * math.sin(3 * i), 0.03), (0, 0, (4, -3, 2, -2, 4, -5)[i]))
        strip = kit.grid((1.3, 0.464), (2, 2), drawn(label(names[i]), rough=0.9))
        kit.move(strip, (x, -3.35, 0.06), (0, 0, (2, -3, 1, 3, -2, 2)[i]))
    brass = stuff("#c99a3c", "#b98a30", scale=4, rough=0.2, metal=1)
    ring = [
        (1.25 * math.cos(a), 1.25 * math.sin(a), 0.32)
        for a in np.linspace(0, 2 * math.pi, 90, endpoint=False)
    ]
    lens = kit.ball(1.22, stuff("#ffffff", rough=0.0, clear=1.0, ior=1.35), squash=(1, 1, 0.13), rings=48)
    lens.location = (0, 0, 0.32)
    grip = kit.revolve(
        [
            (0, 1.3),
            (0.1, 1.3),
            (0.1, 1.9),
            (0.2, 1.95),
            (0.2, 2.1),
            (0.17, 2.2),
            (0.26, 3.0),
            (0.2, 3.9),
            (0, 4.0),
        ],
        wood("#5a2f1c", "#35190e", along="z", coat=0.5),
    )
    glass = kit.join(
        [kit.tube(ring, 0.1, brass, sides=16, closed=True), lens, kit.move(grip, (0, 0, 0.3), (0, 90, 0))]
    )
    kit.move(glass, (4.1, 0.1, 0.42), (0, 3, -52))
    pencil = stuff("#2f5d50", rough=0.3, coat=0.5)
    body = kit.tube([(0, 0, 0), (4.2, 0, 0)], 0.13, pencil, sides=6)
    tip = kit.tube([(4.2, 0, 0), (4.62, 0, 0)], [0.13, 0.03], wood("#d9b27c", "#b98a52"), sides=12)
    lead = kit.tube([(4.6, 0, 0), (4.74, 0, 0)], [0.035, 0.006], stuff("#222222", rough=0.4), sides=8)
    kit.move(kit.join([body, tip, lead]), (-7.35, -2.6, 0.14), (0, 0, 84))
    kit.sun((0.62, -0.42, -0.66), power=4.4, colour="#ffe2b8", angle=1.6)
    kit.lamp((6, -8, 9), (0, 0, 0), size=8, power=260, colour="#dfe9ff")
    kit.ambient("#f6efe0", 0.55)
    kit.camera((0.1, -3.4, 17.5), (-0.05, 0.25, 0), lens=44, fstop=1.2)
    return {"exposure": 0.3}
