"""The work bench: knives on stones, and a board that glows."""

import math
import random

import numpy as np

from . import kit
from .motifs import circuit, cutting_mat, towel
from .stuff import drawn, steel, stuff, wood
from .tables import cloth


def knife(length, height, wooden, blade_steel, rivet, *, belly=0.25):
    """A kitchen knife along +X, lying flat, edge towards -Y."""
    vertices = []
    steps = 60
    for i in range(steps + 1):
        t = i / steps
        spine = height * (0.5 - 0.5 * belly * t * t)
        rise = max(0.0, (t - 0.35) / 0.65) ** 2.6
        edge = -0.5 * height + (spine + 0.5 * height) * rise
        thick = 0.055 * (1 - 0.7 * t)
        bevel = edge + 0.12 * (spine - edge)
        for y, z in (
            (spine, thick),
            (bevel, thick * 0.55),
            (edge, 0.0),
            (bevel, -thick * 0.55),
            (spine, -thick),
        ):
            vertices.append((length * t, y, z))
    blade = kit.mesh("blade", vertices, kit.grid_faces(steps + 1, 5, around=True), blade_steel, smooth=False)
    outline = kit.spline([(-0.55, 0, 0.3), (0.6, 0, 0.26), (1.8, 0, 0.3), (2.5, 0, 0.22), (2.62, 0, 0)], 8)
    lower = kit.spline(
        [(2.62, 0, 0), (2.45, 0, -0.34), (1.7, 0, -0.26), (0.6, 0, -0.32), (-0.55, 0, -0.3)], 8
    )
    shape = [(-x, y) for x, _, y in (*outline, *lower[1:])]
    handle = kit.extrude(shape, 0.36, wooden, smooth=False)
    round_off = handle.modifiers.new("bevel", "BEVEL")
    round_off.width, round_off.segments = 0.09, 4
    kit.move(handle, (-0.45, 0.5 * height - 0.32, 0), (90, 0, 0))
    bolster = kit.box(
        (0.36, 0.66, 0.3), blade_steel, bevel=0.06, location=(-0.06, 0.5 * height - 0.34, -0.15)
    )
    dots = [
        kit.move(
            kit.ball(0.085, rivet, squash=(1, 1, 0.3), rings=12), (-0.9 - 0.75 * i, 0.5 * height - 0.33, 0.18)
        )
        for i in range(3)
    ]
    return kit.join([blade, handle, bolster, *dots])


def open_bench():
    """Knives and wet stones on slate, one tomato waiting."""
    slate = stuff(
        "#23282d", "#343b42", "#2a3036", scale=0.9, rough=0.38, bump=0.35, bump_scale=3, distort=0.8
    )
    kit.move(kit.grid((60, 60), (2, 2), slate))
    coarse = stuff("#5c6468", "#6d7579", scale=20, rough=0.35, bump=0.3, bump_scale=60)
    middle = stuff("#b4552e", "#c2653b", scale=20, rough=0.3, bump=0.2, bump_scale=60)
    fine = stuff("#e0d2ae", "#d4c398", scale=12, rough=0.22, coat=0.3, bump=0.1, bump_scale=60)
    bamboo = wood("#c9a66b", "#a37e45", coat=0.2)
    kit.box((7.6, 3.0, 0.35), bamboo, bevel=0.08, location=(0.2, 0.6, 0), turn=(0, 0, -16))
    kit.box((6.2, 2.2, 0.75), middle, bevel=0.05, location=(0.2, 0.6, 0.35), turn=(0, 0, -16))
    kit.box((5.6, 2.0, 0.7), coarse, bevel=0.05, location=(-4.3, 3.8, 0), turn=(0, 0, -24))
    kit.box((5.4, 1.9, 0.6), fine, bevel=0.05, location=(3.6, 4.1, 0), turn=(0, 0, -10))
    blade, rivet = steel(0.2, "#d4d8dc"), stuff("#c9a24a", rough=0.25, metal=1)
    walnut, oak = wood("#6b4327", "#3a2212", coat=0.25), wood("#b98750", "#86572c", coat=0.25)
    black = stuff("#1d1b1a", rough=0.4, coat=0.3)
    kit.move(knife(5.4, 1.25, walnut, blade, rivet), (-0.9, 0.35, 1.17), (6, 0, 22))
    kit.move(knife(3.0, 0.75, oak, blade, rivet, belly=0.3), (-2.6, -3.4, 0.2), (0, 0, -14))
    kit.move(knife(4.4, 1.35, black, blade, rivet, belly=0.15), (2.6, -2.6, 0.2), (0, 0, -8))
    water = stuff("#ffffff", rough=0.02, clear=1.0, ior=1.33)
    drop = kit.ball(0.12, water, squash=(1, 1, 0.3), rings=20)
    for _ in range(150):
        x, y = random.gauss(0.6, 3.4), random.gauss(0.2, 2.4)
        u, v = (x - 0.2) * 0.961 - (y - 0.6) * 0.276, (x - 0.2) * 0.276 + (y - 0.6) * 0.961
        on_stone = abs(u) < 2.9 and abs(v) < 0.95
        on_base = abs(u) < 3.9 and abs(v) < 1.6
        if on_base and not on_stone:
            continue
        kit.copy(
            drop,
            (x, y, 1.11 if on_stone else 0.01),
            (0, 0, random.uniform(0, 360)),
            random.choice((0.35, 0.5, 0.5, 0.8, 1.2)),
        )
    kit.hide(drop)
    red = stuff("#a31510", "#c2261a", scale=1.2, rough=0.18, coat=0.5, soft=0.15)
    outline = [(0, -0.85), (0.5, -0.8), (1.05, -0.35), (1.12, 0.15), (0.85, 0.62), (0.35, 0.72), (0, 0.58)]
    tomato = kit.revolve(
        kit.profile(outline),
        red,
        wobble=lambda a, z: 1 + 0.025 * math.cos(6 * a) * max(0, z + 0.5),
    )
    green = stuff("#3f6b2a", "#2f5420", scale=4, rough=0.6)
    calyx = [
        kit.move(kit.leaf(0.72, 0.2, green, droop=0.25), (0, 0, 0.66), (0, -12, 72 * i + 10))
        for i in range(5)
    ]
    calyx.append(kit.tube(kit.spline([(0, 0, 0.6), (0.05, 0, 0.9), (0.2, 0.05, 1.1)]), 0.06, green))
    kit.move(kit.join([tomato, *calyx]), (-5.6, -0.9, 0.8), (10, -8, 30))
    linen = drawn(towel(), rough=0.95)
    kit.move(cloth((4.6, 4.6), linen, folds=0.35, seed=5.0), (7.0, 0.4, 0.08), (0, 0, 28))
    kit.lamp((-6, 9, 9), (0, 0, 0), size=4, power=2600, colour="#e8f1ff")
    kit.lamp((8, 5, 5), (0, 0, 0), size=3, power=420, colour="#ffdcb0")
    kit.lamp((0, -8, 9), (0, 0, 0), size=7, power=420, colour="#dce8ff")
    kit.ambient("#8fa3b5", 0.25)
    kit.camera((0.0, -11.8, 12.6), (0.0, 0.3, 0.2), lens=47, fstop=0.35, focus=(0.3, 0.2, 1.1))


def _board():
    """The leaf-shaped circuit board with its parts; returns the handle."""
    outline = [(x, y) for x, y in _leaf_shape()]
    n = len(outline)
    vertices = [(x, y, 0.0) for x, y in outline] + [(x, y, 0.14) for x, y in outline]
    uvs = [(x / 7.0 + 0.5, y / 4.5 + 0.5) for x, y in outline] * 2
    faces = [(i, (i + 1) % n, n + (i + 1) % n, n + i) for i in range(n)]
    board = kit.bpy.data.meshes.new("board")
    board.from_pydata(vertices, [], [*faces, list(range(n, 2 * n)), list(range(n))[::-1]])
    layer = board.uv_layers.new(name="UVMap")
    for loop in board.loops:
        layer.data[loop.index].uv = uvs[loop.vertex_index]
    board.materials.append(drawn(circuit(), rough=0.25, coat=0.5))
    parts = [kit.place("board", board)]
    lens = stuff("#ffb347", rough=0.15, glow=2.6)
    rim = stuff("#fff0cf", rough=0.2, clear=0.3)
    dome = [(0, 0.62), (0.1, 0.6), (0.19, 0.5), (0.215, 0.35), (0.215, 0.12), (0, 0.12)]
    foot = [(0.0, 0.16), (0.27, 0.16), (0.27, 0.06), (0, 0.06)]
    dome = kit.profile(dome, 5)
    lamp = kit.revolve(dome[::-1], lens, segments=48)
    base = kit.revolve(foot[::-1], rim, segments=32, smooth=False)
    solder = stuff("#d9dce0", rough=0.2, metal=1)
    for x, y in _lights():
        parts += [kit.copy(lamp, (x, y, 0.1)), kit.copy(base, (x, y, 0.1))]
        parts.append(
            kit.move(kit.ball(0.09, solder, squash=(1, 1, 0.5), rings=10), (x - 0.32, y * 0.93, 0.15))
        )
    kit.hide(lamp)
    kit.hide(base)
    black, leg = stuff("#141416", rough=0.5), stuff("#d5d8dc", rough=0.25, metal=1)
    parts.append(kit.box((0.9, 0.62, 0.22), black, bevel=0.03, location=(-1.9, 0, 0.2)))
    for i in range(4):
        for side in (-1, 1):
            parts.append(
                kit.box((0.09, 0.24, 0.16), leg, bevel=0.02, location=(-2.22 + 0.215 * i, side * 0.4, 0.13))
            )
    body = stuff("#d9bf8d", rough=0.5)
    for i, (x, y, turn) in enumerate(((-0.5, 0.62, 35), (0.6, -0.6, -35), (1.6, 0.5, 35))):
        resistor = kit.revolve(
            [(0, -0.3), (0.1, -0.3), (0.12, -0.22), (0.09, 0), (0.12, 0.22), (0.1, 0.3), (0, 0.3)],
            body,
            segments=24,
        )
        bands = [
            kit.revolve([(0.108, b), (0.108, b + 0.05)], stuff(c, rough=0.5), segments=24)
            for b, c in ((-0.16, "#6b2a12"), (-0.03, "#1a1a1a"), (0.1, "#b3261c"))
        ]
        wire = kit.tube([(0, 0, -0.5), (0, 0, 0.5)], 0.025, leg)
        parts.append(kit.join([resistor, *bands, wire], (x, y, 0.28), (0, 90, turn + 4 * i)))
    cell = kit.revolve(
        [(0, 0), (0.62, 0), (0.66, 0.05), (0.66, 0.2), (0.6, 0.24), (0, 0.24)],
        steel(0.22),
        segments=64,
        smooth=False,
    )
    parts.append(kit.move(cell, (2.1, 0, 0.16)))
    parts.append(kit.box((0.34, 1.5, 0.06), leg, bevel=0.02, location=(2.1, 0, 0.4)))
    return kit.join(parts)


def _leaf_shape():
    upper = [
        (-3.4, 0.16),
        (-2.7, 0.2),
        (-2.2, 0.95),
        (-1.0, 1.75),
        (0.4, 1.9),
        (1.8, 1.45),
        (2.8, 0.6),
        (3.35, 0.0),
    ]
    line = kit.spline([(x, y, 0) for x, y in upper], 8)
    return [(x, y) for x, y, _ in line] + [(x, -y) for x, y, _ in line[::-1][1:]]


def _lights():
    spots = []
    for x, y in ((-1.75, 0.9), (-0.95, 1.38), (0.0, 1.55), (0.95, 1.42), (1.8, 1.0), (2.55, 0.45)):
        spots += [(x, y), (x, -y)]
    return spots


def night_light():
    """The glowing board on a cutting mat in the dark, an iron beside it."""
    desk = drawn(cutting_mat(), rough=0.7)
    kit.grid((22, 22), (2, 2), desk)
    kit.move(_board(), (-0.5, 0.2, 0.12), (0, 0, 14))
    grip, rubber = stuff("#d9641e", rough=0.4, coat=0.3), stuff("#17191c", rough=0.7)
    metal, copper = steel(0.25), stuff("#b9c0c6", rough=0.15, metal=1)
    line = np.array([(0, 0, 0), (0.5, 0, 0), (1.4, 0, 0), (1.5, 0, 0), (2.2, 0, 0), (4.2, 0, 0), (4.6, 0, 0)])
    iron = kit.join(
        [
            kit.tube([(-1.5, 0, 0), (-1.25, 0, 0), (-0.5, 0, 0)], [0.012, 0.06, 0.11], copper, sides=20),
            kit.tube([(-0.5, 0, 0), (1.5, 0, 0)], 0.19, metal, sides=24),
            kit.tube([(1.35, 0, 0), (1.5, 0, 0), (1.75, 0, 0)], [0.34, 0.42, 0.3], rubber, sides=24),
            kit.tube(line[3:] + np.array((0.2, 0, 0)), [0.26, 0.36, 0.3, 0.24], grip, sides=24),
            kit.tube(
                [(2.3, 0, 0), (2.6, 0, 0), (3.6, 0, 0), (3.8, 0, 0)],
                [0.36, 0.385, 0.35, 0.3],
                rubber,
                sides=24,
            ),
            kit.tube(
                kit.spline([(4.7, 0, 0), (6, 0.3, -0.1), (7.5, 1.2, -0.3), (9, 1.0, -0.3)]),
                0.13,
                rubber,
                sides=12,
            ),
        ]
    )
    kit.move(iron, (1.9, -2.75, 0.45), (0, -3, 26))
    coil = [
        (
            (0.75 + 0.12 * math.sin(9 * a)) * math.cos(a),
            (0.75 + 0.12 * math.sin(9 * a)) * math.sin(a),
            0.1 + 0.011 * a,
        )
        for a in np.arange(0, 60, 0.15)
    ]
    wire = kit.tube(coil, 0.05, stuff("#c9ccd0", rough=0.25, metal=1), sides=6)
    kit.move(wire, (-4.6, -2.3, 0))
    free = kit.spline([(-3.95, -2.35, 0.7), (-3.3, -2.9, 0.3), (-2.2, -2.7, 0.06), (-1.3, -3.1, 0.06)])
    kit.tube(free, 0.045, stuff("#c9ccd0", rough=0.25, metal=1), sides=6)
    jar = stuff("#cfe4ea", rough=0.04, clear=0.9, ior=1.3)
    cup = [(0, 0.06), (0.8, 0), (0.86, 0.1), (0.86, 1.5), (0.8, 1.5), (0.78, 0.2), (0, 0.2)]
    kit.move(kit.revolve(cup, jar), (4.3, 3.4, 0))
    for i in range(26):
        tint = random.choice(("#b3261c", "#e0b030", "#2c7a4a", "#e9e4d8", "#2b5c9c"))
        bead = kit.revolve(
            [(0, 0), (0.15, 0.02), (0.15, 0.3), (0.08, 0.42), (0, 0.44)],
            stuff(tint, rough=0.2, coat=0.5),
            segments=20,
        )
        a, r = random.uniform(0, 6.3), 0.5 * math.sqrt(random.random())
        kit.move(
            bead,
            (4.3 + r * math.cos(a), 3.4 + r * math.sin(a), 0.3 + 0.035 * i),
            [random.uniform(0, 180) for _ in range(3)],
        )
    kit.lamp((-7, 8, 7), (0, 0, 0), size=4, power=1500, colour="#8fb8ff")
    kit.lamp((7, -6, 6), (0, 0, 0), size=4, power=320, colour="#ffb07c")
    kit.ambient("#24395a", 0.8)
    kit.camera((1.2, -10.6, 8.6), (0.25, -0.2, 0.2), lens=50, fstop=0.17, focus=(0, -0.8, 0.5))
    return {"bloom": 0.75}
