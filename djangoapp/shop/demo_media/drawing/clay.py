"""Pots on a shelf, and a tiled wall."""

import math
import random

from . import kit
from .motifs import azulejo
from .stuff import drawn, glazed, stuff, wood


def pot(outline, wall, clay, glaze, dip):
    """A thrown pot: raw clay below ``dip``, glaze above and inside. ``outline`` rises outside."""
    outline = kit.profile(outline, 10)
    foot = [(0, 0.06), (outline[0][0] * 0.8, 0.06), (outline[0][0] * 0.84, 0)]
    below = [(r, z) for r, z in outline if z <= dip]
    above = [(r, z) for r, z in outline if z > dip]
    rim_r, rim_z = outline[-1]
    lip = [(rim_r - wall * 0.25, rim_z + wall * 0.3), (rim_r - wall * 0.75, rim_z + wall * 0.3)]
    inside = [(max(0.02, r - wall), max(z, wall)) for r, z in reversed(outline)]
    ribs = [random.uniform(0, 6) for _ in range(3)]

    def hand(angle, z):
        return 1 + 0.006 * math.sin(9 * z + ribs[0]) + 0.006 * math.sin(2 * angle + ribs[1])

    lower = kit.revolve(foot + below + above[:1], clay, wobble=hand)
    upper = kit.revolve([*above, *lip, *inside, (0, wall)], glaze, wobble=hand)
    upper.scale = (1.004, 1.004, 1)
    return kit.join([lower, upper])


BOWL = [(0.55, 0), (0.62, 0.12), (1.05, 0.45), (1.3, 0.95), (1.36, 1.2)]
DEEP = [(0.5, 0), (0.6, 0.1), (0.95, 0.5), (1.02, 1.0), (0.98, 1.35)]
CUP = [(0.42, 0), (0.5, 0.1), (0.55, 0.5), (0.55, 1.0), (0.57, 1.15)]
VASE = [(0.55, 0), (0.8, 0.5), (0.95, 1.2), (0.7, 2.1), (0.36, 2.6), (0.34, 2.95), (0.48, 3.2)]
BOTTLE = [(0.5, 0), (0.72, 0.5), (0.74, 1.0), (0.35, 1.6), (0.2, 2.0), (0.2, 2.35), (0.28, 2.5)]
JUG = [(0.6, 0), (0.78, 0.5), (0.8, 1.1), (0.6, 1.7), (0.55, 2.0), (0.66, 2.25)]


def wheel_bowls():
    """Two shelves of pots in the light of a window on the left."""
    clay = stuff("#b98463", "#a06d4d", scale=12, rough=0.85, bump=0.2, bump_scale=30)
    dark_clay = stuff("#5b3d30", "#6d4a3a", scale=12, rough=0.85, bump=0.2, bump_scale=30)
    celadon = glazed("#7fae9b", "#9cc7b2", "#b9d9c8")
    cobalt = glazed("#14305f", "#20498a", "#3d6fb3")
    rust = glazed("#4a1d10", "#8c3c1a", "#b55c24")
    cream = stuff("#8a7a64", "#ece2cd", "#f1e9d8", scale=14, contrast=(0.33, 0.42), rough=0.3, coat=0.6)
    tenmoku = glazed("#15100d", "#2a1710", "#5a2d16")
    plank = wood("#c69a68", "#96683c", scale=0.7)
    wall = stuff("#e9dfd0", "#dccfbc", scale=0.6, rough=0.95, bump=0.35, bump_scale=4)

    kit.grid((40, 24), (2, 2), wall)
    wall_sheet = kit.bpy.context.scene.collection.objects[-1]
    kit.move(wall_sheet, (0, 2.2, 4), (90, 0, 0))
    for height in (-0.4, 3.9, 8.2):
        kit.box((26, 3.4, 0.36), plank, bevel=0.06, location=(0, 0.5, height))
    for x in (-9, 6.4):
        kit.box((0.3, 0.3, 20), plank, bevel=0.04, location=(x, 1.9, -6))

    def put(outline, glaze, x, y, z=-0.04, size=1.0, wall_of=0.1, body=clay, dip=0.3):
        kit.move(pot(outline, wall_of, body, glaze, dip), (x, y, z), (0, 0, random.uniform(0, 360)), size)

    put(BOWL, celadon, -3.9, 0.2, size=1.15)
    put(BOWL, celadon, -3.85, 0.2, 0.42, size=1.1)
    put(BOWL, cream, -3.9, 0.25, 0.86, size=1.06)
    put(CUP, rust, -2.1, -0.5, size=1.05, body=dark_clay)
    put(VASE, cobalt, -0.75, 0.5, size=1.02)
    put(DEEP, cream, 0.95, -0.35, size=1.05)
    put(JUG, rust, 2.6, 0.5, size=1.1, body=dark_clay, dip=0.5)
    put(CUP, celadon, 3.45, -0.75)
    put(BOWL, tenmoku, 5.2, 0.3, size=1.1, body=dark_clay)
    put(BOWL, cobalt, 5.2, 0.3, 0.44, size=1.05)

    upper = 4.26
    put(BOTTLE, cream, -5.2, 0.6, upper)
    put(DEEP, tenmoku, -3.4, 0.2, upper, body=dark_clay)
    put(CUP, cream, -1.75, -0.3, upper)
    put(CUP, cream, -0.6, 0.1, upper)
    put(CUP, celadon, 0.5, -0.25, upper)
    put(BOWL, rust, 2.2, 0.2, upper, body=dark_clay)
    put(BOTTLE, celadon, 4.0, 0.4, upper, size=1.05)
    put(DEEP, cobalt, 5.6, 0.1, upper)

    kit.lamp((-12, -8, 8), (0, 0, 2), size=6, power=3000, colour="#fff0dc")
    kit.lamp((10, -12, 3), (0, 0, 2), size=8, power=420, colour="#cfe0ff")
    kit.ambient("#f4e7d4", 0.36)
    kit.camera((-3.2, -15, 4.1), (0.25, 0, 2.35), lens=49, fstop=0.2, focus=(-0.7, -0.3, 2))


def _lemon(skin):
    """A lemon lying along X."""
    outline = [
        (0, -0.95),
        (0.1, -0.9),
        (0.3, -0.72),
        (0.58, -0.3),
        (0.6, 0.2),
        (0.34, 0.68),
        (0.14, 0.84),
        (0.1, 0.94),
        (0, 0.98),
    ]
    return kit.move(kit.revolve(kit.profile(outline), skin), turn=(0, 90, 0))


def azulejos():
    """A sunlit tiled wall above a stone ledge with lemons."""
    whites = [drawn(azulejo("carpet", seed), rough=0.16, coat=0.8) for seed in (1, 2, 3)]
    borders = [drawn(azulejo("border", seed), rough=0.16, coat=0.8) for seed in (4, 5)]
    blank = stuff("#f1eee4", "#e9e5d8", scale=2, rough=0.2, coat=0.7)
    biscuit = stuff("#d9a27c", "#c98d66", scale=8, rough=0.9)
    originals = [kit.box((1.96, 1.96, 0.2), m, bevel=0.05) for m in (*whites, *borders)]
    for column in range(-6, 7):
        for row in range(6):
            border = row == 0
            tile = random.choice(originals[3:] if border else originals[:3])
            quarter = (
                0 if border else {(0, 0): 0, (1, 0): 270, (1, 1): 180, (0, 1): 90}[(column % 2, row % 2)]
            )
            tilt = (90 + random.gauss(0, 0.5), 0, random.gauss(0, 0.5))
            twin = kit.copy(tile, (2.0 * column + 0.4, 3.0, 1.0 + 2.0 * row), tilt)
            twin.rotation_euler.rotate_axis("Z", math.radians(quarter))
    for tile in originals:
        kit.hide(tile)
    grout = stuff("#cfc6b4", rough=0.95)
    kit.move(kit.grid((40, 30), (2, 2), grout), (0, 3.04, 8), (90, 0, 0))
    stone = stuff("#e6dccb", "#d6c9b4", "#cbbda6", scale=1.2, rough=0.7, bump=0.25, bump_scale=14)
    kit.box((30, 6, 0.8), stone, bevel=0.12, location=(0, 0.2, -0.8))

    skin = stuff("#e9b616", "#f3cc2c", scale=2, rough=0.38, coat=0.2, bump=0.5, bump_scale=16, soft=0.2)
    lemon = _lemon(skin)
    for place, turn, size in (
        ((2.3, 0.3, 0.6), (0, 90, 24), 1.0),
        ((3.65, 0.85, 0.6), (0, 96, -38), 1.05),
        ((3.3, -0.75, 0.58), (0, 84, 80), 0.95),
    ):
        kit.copy(lemon, place, turn, size)
    kit.hide(lemon)
    green = stuff("#1e5a2a", "#2f7a38", scale=2, rough=0.35, coat=0.3, thin=0.25)
    leaf = kit.leaf(1.7, 0.72, green, fold=0.25, droop=0.15)
    for place, turn in (
        ((2.0, 0.1, 0.75), (20, -14, 200)),
        ((2.2, 0.9, 0.7), (-20, -20, 140)),
        ((4.3, 0.4, 0.75), (10, -6, -14)),
        ((2.6, -0.9, 0.25), (0, -4, 230)),
        ((4.0, -1.2, 0.2), (0, -2, -30)),
    ):
        kit.copy(leaf, place, turn)
    for i in range(5):
        kit.box(
            (1.96, 1.96, 0.14),
            biscuit,
            bevel=0.03,
            location=(-3.9, 0.3, i * 0.22),
            turn=(0, 0, 14 + 5 * math.sin(2 * i)),
        )
        kit.box(
            (1.94, 1.94, 0.08),
            blank,
            bevel=0.03,
            location=(-3.9, 0.3, i * 0.22 + 0.14),
            turn=(0, 0, 14 + 5 * math.sin(2 * i)),
        )
    flower = drawn(azulejo("flower", 7), rough=0.16, coat=0.8)
    kit.box((1.96, 1.96, 0.2), flower, bevel=0.05, location=(-3.85, 0.35, 1.12), turn=(0, 0, 8))
    kit.box(
        (1.96, 1.96, 0.18),
        drawn(azulejo("flower", 9), rough=0.16, coat=0.8),
        bevel=0.05,
        location=(-1.75, -1.0, 0.0),
        turn=(0, 0, -12),
    )
    cup = [(0, 0.02), (0.5, 0), (0.75, 0.3), (0.82, 0.75), (0.76, 0.75), (0.68, 0.35), (0, 0.3)]
    kit.move(kit.revolve(kit.profile(cup, 12), blank), (0.3, 0.2, 0))
    kit.move(kit.revolve([(0, 0), (0.72, 0)], stuff("#0f2f7a", rough=0.15, coat=0.5)), (0.3, 0.2, 0.55))
    handle, hair = stuff("#7a3b1e", rough=0.35, coat=0.5), stuff("#3a2a1c", rough=0.8)
    brush = kit.join(
        [
            kit.tube([(0, 0, 0), (1.0, 0, 0), (3.1, 0, 0)], [0.08, 0.11, 0.04], handle, sides=12),
            kit.tube([(-0.3, 0, 0), (0, 0, 0)], 0.09, stuff("#c9a24a", rough=0.3, metal=1), sides=12),
            kit.tube([(-1.0, 0, 0), (-0.6, 0, 0), (-0.3, 0, 0)], [0.005, 0.08, 0.09], hair, sides=12),
        ]
    )
    kit.move(brush, (-0.5, -0.55, 0.86), (0, 14, 38))

    for _ in range(70):  # the lemon tree that throws its shadow on the wall
        x, z = random.gauss(-9.5, 1.6), random.gauss(9.5, 1.6)
        kit.copy(
            leaf,
            (x, -5.5 + random.uniform(-1, 1), z),
            [random.uniform(0, 360) for _ in range(3)],
            random.uniform(0.8, 1.5),
        )
    kit.hide(leaf)
    kit.sun((0.80, 0.72, -0.62), power=6.5, colour="#ffe3b4", angle=0.9)
    kit.lamp((4, -12, 7), (0, 0, 2), size=9, power=500, colour="#dfeaff")
    kit.ambient("#cfe2ff", 0.36)
    kit.camera((0.9, -12.5, 3.6), (0.2, 0, 2.55), lens=50, fstop=0.35, focus=(0, 0.6, 1.2))
