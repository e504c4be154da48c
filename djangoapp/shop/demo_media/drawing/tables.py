"""Pictures from the long tables: bread, books, lino, dyed wool."""

import math
import random

import numpy as np
from mathutils import Vector, noise
from PIL import Image, ImageFilter, ImageOps

from . import kit
from .motifs import combed, page, printed, sprig
from .stuff import drawn, painted, steel, stuff, wood


def mix(a, b, share):
    """Between two linear colours."""
    share = max(0.0, min(1.0, share))
    return tuple(x + (y - x) * share for x, y in zip(a, b, strict=True))


def _loaf():
    """A round loaf with one long score that opened to an ear, and a wheat ear cut beside it."""
    crust = [kit.linear(c) for c in ("#3d1a0a", "#7d3f16", "#bf7a33")]
    flour, crumb, burnt = (kit.linear(c) for c in ("#f2e6d2", "#e2b878", "#2a1207"))
    vertices, colours = [], []
    rings, around = 260, 420
    for i in range(rings):
        theta = math.pi * i / (rings - 1)
        for j in range(around):
            phi = 2 * math.pi * j / around
            n = Vector((math.sin(theta) * math.cos(phi), math.sin(theta) * math.sin(phi), math.cos(theta)))
            swell = 1 + 0.025 * noise.fractal(n * 1.6, 1, 2, 3)
            x, y = 2.35 * n.x * swell, 2.2 * n.y * swell
            z = 1.5 * n.z * swell if n.z > 0 else 0.75 * n.z
            grain = noise.fractal(Vector((x, y, z)) * 5, 1, 2, 5)
            top = max(0.0, n.z)
            # the long score runs along x, bent like a bow
            bend = -0.62 + 0.12 * x * x + 0.03 * math.sin(5 * x)
            d = y - bend
            ends = max(0.0, 1 - (abs(x) / 1.85) ** 3) * (1 if n.z > 0 else 0)
            gape = 0.50 * ends
            shade = mix(crust[1], crust[2], 0.5 + 0.9 * grain - 0.35 * top)
            shade = mix(shade, crust[0], 0.55 * top * max(0, 0.5 + grain))
            ring = 0.5 + 0.5 * math.sin(2 * math.pi * 7.5 * theta)
            dust = max(0.0, ring + 1.3 * noise.fractal(Vector((x, y, z + 9)) * 9, 1, 2, 5) - 0.22)
            dust *= 0.85 if n.z > 0 else 0.25
            lift = 0.035 * ring * top
            if ends and -0.02 < d < gape + 0.25:
                if d < gape:
                    depth = math.sin(math.pi * min(1, max(0, d / gape)) ** 0.7) if gape > 0.02 else 0
                    lift = -0.22 * ends * depth
                    torn = noise.fractal(Vector((x * 3, d * 14, 3)), 1, 2, 5)
                    shade = mix(crumb, crust[2], 0.15 + 1.3 * torn + 0.45 * (d / gape if gape else 0))
                    lift += 0.05 * torn
                    dust = 0.0
                else:
                    ear = math.exp(-(((d - gape) / 0.09) ** 2))
                    lift = 0.26 * ends * ear
                    shade = mix(shade, burnt, 0.95 * ear)
                    dust *= 1 - ear
            for k in range(6):
                cx, side = -1.25 + 0.42 * k, 1 if k % 2 else -1
                u, v = x - cx, y - (0.75 - 0.12 * cx * cx)
                along = 0.8 * u + 0.6 * v * side
                across = -0.6 * u * side + 0.8 * v - 0.5 * along * along * side
                if n.z > 0 and abs(along) < 0.30 and abs(across) < 0.05 * (1 - (along / 0.30) ** 2):
                    lift -= 0.05
                    shade, dust = mix(crumb, crust[2], 0.5 + grain), 0.0
            shade = mix(shade, flour, 0.9 * dust)
            vertices.append((x * (1 + lift * 0.2), y * (1 + lift * 0.2), z + lift + 0.012 * grain))
            colours.append(shade)
    faces = kit.grid_faces(rings, around, around=True)
    return kit.mesh("loaf", vertices, faces, painted(rough=0.75, bump=0.5, bump_scale=14), colours=colours)


def _wheat(stalk_stuff, grain_stuff):
    """One ear of wheat on its stalk, lying along +X."""
    stalk = kit.tube(kit.spline([(-3.5, 0, 0.1), (-1.5, 0.1, 0.14), (0, 0, 0.16)]), 0.035, stalk_stuff)
    grain = kit.ball(0.12, grain_stuff, squash=(1.9, 0.8, 0.8), rings=16)
    parts = [stalk, grain]
    for i in range(9):
        for side in (-1, 0, 1):
            x = 0.16 * i + 0.05 * abs(side)
            size = 1 - 0.05 * i
            seat = (x, 0.12 * side * size, 0.18 + 0.08 * (side == 0))
            parts.append(kit.copy(grain, seat, (0, -12, 24 * side), size))
            awn = [seat, (x + 0.7, 0.3 * side, 0.24), (x + 1.3, 0.5 * side, 0.3 + 0.05 * i)]
            parts.append(kit.tube(kit.spline(awn, 4), 0.008, stalk_stuff, sides=4))
    kit.hide(grain)
    return kit.join(parts)


def cloth(size, material, *, folds, seed=0.0, steps=220):
    """A crumpled sheet of linen."""

    def height(x, y):
        wave = noise.fractal(Vector((x * 0.45 + seed, y * 0.9, seed)), 1, 2, 3)
        ridge = 1 - abs(noise.noise(Vector((x * 0.5 + y * 0.35, y * 0.5 - x * 0.2, seed + 4))) * 2)
        return folds * (0.5 * wave + 0.6 * max(0, ridge) ** 3) + 0.05

    return kit.grid(size, (steps, steps), material, height)


def sourdough():
    """A loaf on a dark board, light from a window behind it."""
    table = wood("#3c2a20", "#1d130d", rough=0.6, scale=0.5)
    board = wood("#7a4d2c", "#472814", rough=0.5, along="x", scale=0.8)
    linen = stuff("#b9ad98", "#a39680", scale=2, rough=0.95, sheen=0.4, bump=0.5, bump_scale=60)
    straw, grain = stuff("#c9a25a", rough=0.7), stuff("#d9ab5c", "#b98438", scale=6, rough=0.6)
    kit.move(kit.grid((40, 30), (2, 2), table), (0, 4, 0))
    kit.box((7.4, 4.9, 0.34), board, bevel=0.1, location=(0.1, 0, 0), turn=(0, 0, -7))
    kit.move(_loaf(), (-0.2, 0.15, 0.95), (0, 0, -14))
    kit.move(cloth((5.5, 4.5), linen, folds=0.55, seed=2.0), (-4.3, 2.2, 0.05), (0, 0, 24))
    first = _wheat(straw, grain)
    kit.move(first, (2.0, -2.35, 0.36), (0, 0, 197))
    kit.move(_wheat(straw, grain), (2.5, -1.95, 0.36), (0, 0, 208))
    kit.move(_wheat(straw, grain), (1.75, -2.65, 0.3), (0, 0, 189))
    bowl_stuff = stuff("#d8cfc0", "#c8bda9", scale=8, rough=0.4, coat=0.4)
    outline = [(0, 0.05), (0.6, 0), (1.2, 0.5), (1.5, 1.1), (1.44, 1.1), (1.1, 0.55), (0, 0.4)]
    kit.move(kit.revolve(kit.profile(outline, 12), bowl_stuff), (3.9, 3.4, 0))
    heap = kit.ball(1.25, stuff("#efe6d6", rough=1, bump=0.6, bump_scale=6), squash=(1, 1, 0.45), rough=0.1)
    kit.move(heap, (3.9, 3.4, 0.85))
    speck = kit.ball(0.011, stuff("#f3eadb", rough=1), rough=0.5, rings=8)
    for _ in range(5200):
        x, y = random.gauss(0.6, 1.9), random.gauss(-1.4, 0.9)
        level = 0.35 if abs(x) < 3.4 and abs(y) < 2.2 else 0.01
        kit.copy(speck, (x, y, level), scale=random.uniform(0.2, 1.0))
    kit.hide(speck)
    kit.lamp((-6, 7, 7), (0, 0, 0.8), size=4, power=3200, colour="#ffe6c4")
    kit.lamp((7, 3, 4), (0, 0, 1), size=3, power=300, colour="#ffcf96")
    kit.lamp((0, -9, 6), (0, 0, 1), size=6, power=420, colour="#e4dccf")
    kit.ambient("#2b2018", 0.35)
    kit.camera((0.5, -9.6, 8.2), (0.35, 0.15, 0.7), lens=53, fstop=0.24, focus=(-0.1, -1.0, 1.8))
    return {"exposure": 0.15}


def _notebook(cover, thread, paper, boards):
    """A closed notebook, spine towards -X, lying on its back cover."""
    parts = [kit.box((3.1, 4.4, 0.13), cover, bevel=0.03, location=(0.05, 0, z)) for z in (0, 1.29)]
    parts += [kit.box((3.06, 4.36, 0.05), boards, bevel=0.01, location=(0.05, 0, z)) for z in (0.1, 1.27)]
    for i in range(8):
        z = 0.15 + i * 0.143
        outline = [(1.45, z), (1.45, z + 0.14)]
        for k in range(9):
            a = math.pi / 2 + math.pi * k / 8
            outline.append((-1.38 + 0.085 * math.cos(a), z + 0.07 + 0.07 * math.sin(a)))
        parts.append(kit.extrude(outline, 4.16, paper))
    chains = []
    for y in (-1.6, -0.9, 0.9, 1.6):
        for i in range(-1, 8):
            z = 0.22 + i * 0.143
            for side in (-1, 1):
                line = [(-1.45, y, z), (-1.50, y + 0.055 * side, z + 0.06), (-1.46, y, z + 0.15)]
                chains.append((kit.spline(line, 5), 0.022))
    parts.append(kit.tubes(chains, thread))
    return kit.join(parts)


def _open_notebook(cover, paper, drawing, thread):
    """An open notebook whose right page carries a drawing."""
    parts = [kit.box((6.5, 4.4, 0.12), cover, bevel=0.03)]
    curve = [(0.0, 0.16), (0.08, 0.4), (0.35, 0.58), (0.9, 0.6), (2.0, 0.52), (2.95, 0.42)]
    smooth = np.array(kit.profile(curve))
    for side in (-1, 1):
        outline = [(side * x, z) for x, z in smooth] + [(side * 3.0, 0.13), (0, 0.13)]
        parts.append(kit.extrude(outline if side < 0 else outline[::-1], 4.16, paper, smooth=False))

    def level(x, _y):
        return float(np.interp(x + 1.5, smooth[:, 0], smooth[:, 1])) + 0.012

    sheet = kit.grid((2.8, 4.1), (60, 4), drawing, level)
    parts.append(kit.move(sheet, (1.5, 0, 0)))
    parts.append(kit.tubes([([(0, y, 0.2), (0.0, y + 0.9, 0.2)], 0.03) for y in (-1.6, 0.7)], thread))
    return kit.join(parts)


def notebook():
    """Notebooks on dusty pink, their open spines towards us."""
    ground = stuff("#d9a79b", "#d29c90", scale=0.4, rough=0.95, bump=0.12, bump_scale=40)
    paper = stuff("#efe4ce", "#e2d4b9", scale=1, stretch=(0.3, 0.3, 60), rough=0.9)
    boards = stuff("#2b2a2e", rough=0.8)
    linen = stuff("#f2ead8", "#d9cbb0", scale=20, rough=0.9)
    red = stuff("#b8402a", rough=0.85)
    kit.grid((60, 60), (2, 2), ground)

    def cover(colour, light, seed):
        return drawn(combed(colour, light, seed=seed), rough=0.45, coat=0.15)

    navy, teal = cover("#1c2c4c", "#8fa6c8", 2), cover("#1f5a57", "#a9d0be", 5)
    mustard = cover("#b9821f", "#f3dc9a", 8)
    kit.move(_notebook(navy, linen, paper, boards), (1.5, 0.7, 0), (0, 0, 62))
    kit.move(_notebook(mustard, red, paper, boards), (1.6, 0.8, 1.42), (0, 0, 74))
    kit.move(_notebook(teal, linen, paper, boards), (1.45, 0.75, 2.84), (0, 0, 55))
    opened = _open_notebook(boards, paper, drawn(page(), rough=0.9), red)
    kit.move(opened, (-3.35, -0.2, 0), (0, 0, 17))
    bone = stuff("#f1e7d2", "#e2d3b4", scale=2, rough=0.35, soft=0.3, coat=0.3)
    kit.move(kit.ball(1.0, bone, squash=(1.55, 0.19, 0.07)), (0.7, -3.2, 0.08), (0, 0, 14))
    wooden = wood("#c99a63", "#9b6b3b", along="z")
    spool = [(0, 0), (0.62, 0), (0.62, 0.14), (0.3, 0.24), (0.3, 1.1), (0.62, 1.2), (0.62, 1.34), (0, 1.34)]
    kit.move(kit.revolve(spool, wooden, smooth=False), (4.75, -1.5, 0))
    turns = [(0.5 * math.cos(a), 0.5 * math.sin(a), 0.26 + 0.00285 * a) for a in np.arange(0, 290, 0.2)]
    kit.move(kit.tube(turns, 0.026, red, sides=5), (4.75, -1.5, 0))
    tail = [(4.4, -1.85, 1.0), (4.0, -2.5, 0.03), (3.3, -2.3, 0.03), (2.9, -2.9, 0.03), (2.2, -2.6, 0.03)]
    tail += [(1.8, -3.0, 0.03), (2.6, -3.5, 0.03), (3.4, -3.2, 0.03)]
    kit.tube(kit.spline(tail), 0.028, red, sides=6)
    needle = stuff("#d8dade", rough=0.2, metal=1.0)
    kit.tube([(3.4, -3.2, 0.04), (4.4, -2.95, 0.04)], [0.035, 0.008], needle)
    kit.lamp((-9, 5, 9), (0, 0, 0.5), size=3.5, power=1900, colour="#fff0da")
    kit.lamp((8, -8, 8), (0, 0, 0), size=8, power=380, colour="#ffe3e0")
    kit.ambient("#f7dcd3", 0.35)
    kit.camera((1.2, -14.2, 9.8), (0.3, 0.0, 1.25), lens=49, fstop=0.28, focus=(1, -0.8, 2.0))


def _gouge(handle, blade):
    """A lino gouge along +X: mushroom handle, steel shaft."""
    grip = [(0, 0), (0.34, 0.05), (0.46, 0.3), (0.4, 0.6), (0.2, 0.85), (0.17, 1.5), (0.13, 1.65), (0, 1.65)]
    turned = kit.move(kit.revolve(kit.profile(grip, 6), handle), turn=(0, 90, 0))
    shaft = kit.tube([(1.6, 0, 0), (2.6, 0, 0), (3.1, 0, 0.05)], [0.07, 0.07, 0.1], blade, sides=10)
    return kit.join([turned, shaft])


def lino_print():
    """Block, roller and prints on a white table, seen from above."""
    table = stuff("#e9e6e1", "#e1ddd6", scale=0.5, rough=0.6, bump=0.08, bump_scale=8)
    kit.grid((60, 60), (2, 2), table)
    mask = sprig()
    mirrored = ImageOps.mirror(mask)
    raised, carved = Image.new("RGB", mask.size, "#141315"), Image.new("RGB", mask.size, "#c2a785")
    face = Image.composite(raised, carved, mirrored)
    lino = drawn(face, rough=0.3, relief=mirrored.filter(ImageFilter.GaussianBlur(2)), depth=0.12)
    kit.box((3.7, 5.03, 0.26), lino, bevel=0.02, location=(-2.9, 0.1, 0), turn=(0, 0, 9))

    def sheet(ink, seed, location, turn, curl):
        paper = drawn(printed(mask, ink, seed=seed), rough=0.95)

        def lift(x, y):
            return 0.02 + curl * max(0, x / 2.2 + y / 6) ** 3 + curl * 0.5 * max(0, -y / 3 - 0.3) ** 3

        kit.move(kit.grid((4.3, 5.85), (40, 40), paper, lift), location, (0, 0, turn))

    sheet("#b3261c", 4, (2.0, 1.75, 0.0), -7, 0.06)
    sheet("#17161a", 5, (3.75, -1.0, 0.2), 8, 0.5)
    ink = stuff("#a81b14", "#8f120d", scale=3, rough=0.18, coat=0.7, bump=0.5, bump_scale=10)
    glass = stuff("#dbe8e6", rough=0.12, coat=0.3)
    kit.box((3.6, 2.6, 0.12), glass, bevel=0.02, location=(-4.7, 4.35, 0), turn=(0, 0, 4))
    smear = kit.ball(1.0, ink, squash=(1.25, 0.7, 0.03), rough=0.25, scale=2.2)
    kit.move(smear, (-4.75, 4.35, 0.13), (0, 0, 8))
    rubber = stuff("#8f120d", "#a81b14", scale=3, rough=0.22, coat=0.6, bump=0.35, bump_scale=14)
    frame, grip = steel(0.2), stuff("#1e2a2a", rough=0.35, coat=0.4)
    barrel = kit.revolve(
        [(0, -1), (0.42, -1), (0.46, -0.96), (0.46, 0.96), (0.42, 1), (0, 1)], rubber, smooth=False
    )
    roller = kit.join(
        [
            kit.move(barrel, turn=(90, 0, 0)),
            kit.tube(
                kit.spline([(0, -1.1, 0), (0.25, -1.2, 0.1), (0.9, -1.15, 0.5), (1.2, 0, 0.6)], 10),
                0.07,
                frame,
            ),
            kit.tube(
                kit.spline([(0, 1.1, 0), (0.25, 1.2, 0.1), (0.9, 1.15, 0.5), (1.2, 0, 0.6)], 10), 0.07, frame
            ),
            kit.tube([(0, -1.1, 0), (0, 1.1, 0)], 0.08, frame),
            kit.tube(
                kit.spline([(1.2, 0, 0.6), (1.7, 0, 0.7), (2.6, 0, 0.55), (3.9, 0, 0.3)], 8),
                np.interp(
                    np.linspace(0, 1, 25), [0, 0.1, 0.25, 0.8, 0.97, 1], [0.12, 0.2, 0.26, 0.3, 0.26, 0.05]
                ),
                grip,
                sides=16,
            ),
        ]
    )
    kit.move(roller, (-1.6, 4.2, 0.46), (0, 0, -20))
    handle = wood("#c58b4e", "#8d572b", along="z", coat=0.3)
    kit.move(_gouge(handle, steel(0.2)), (-5.6, -3.3, 0.42), (0, 6, 16))
    kit.move(_gouge(handle, steel(0.2)), (-3.9, -4.0, 0.42), (0, 6, 4))
    curl = stuff("#b99c78", rough=0.8)
    for _ in range(46):
        x, y, a = random.gauss(-4.4, 1.3), random.gauss(-2.6, 0.9), random.uniform(0, 6.3)
        arc = [(0.12 * t * math.cos(a), 0.12 * t * math.sin(a), 0.04 + 0.03 * math.sin(t)) for t in range(4)]
        kit.move(kit.tube(kit.spline(arc, 4), 0.022, curl, sides=5), (x, y, 0))
    kit.lamp((-7, 9, 10), (0, 0, 0), size=3, power=2900, colour="#fff6e8")
    kit.lamp((9, -4, 9), (0, 0, 0), size=9, power=420, colour="#dfe9ff")
    kit.ambient("#fff8ee", 0.5)
    kit.camera((0.2, -10.5, 14.5), (-0.25, 0.3, 0), lens=49, fstop=0.6, focus=(-1, -0.5, 0.2))


def _skein(colour, second, x):
    """A twisted hank of yarn hanging over a rod at height zero."""
    yarn = stuff(colour, second, colour, scale=6, rough=0.95, sheen=0.6, bump=0.3, bump_scale=60)
    lines = []
    length, broad = random.uniform(4.3, 4.9), 0.36
    for _ in range(230):
        a, b = random.uniform(0, 2 * math.pi), math.sqrt(random.random())
        dx, dy = 0.8 * broad * b * math.cos(a), 0.3 * broad * b * math.sin(a)
        drop = length * random.uniform(0.97, 1.02)
        loop = []
        for t in np.linspace(0, 1, 56, endpoint=False):
            turn = 2 * math.pi * t
            # up behind, over the rod, down in front, round the bottom
            z = -drop / 2 + (drop / 2 + 0.24) * math.cos(turn)
            y = -0.27 * math.sin(turn)
            pinch = 0.62 + 0.55 * math.sin(math.pi * min(1, -z / drop)) if z < 0 else 0.62
            sway = 0.03 * math.sin(5 * turn + 9 * b + a)
            loop.append((x + dx * pinch * 1.5 + sway, y + dy * 1.5, z))
        lines.append((loop, 0.0165))
    return kit.tubes(lines, yarn, sides=5, closed=True)


def _ball_of_yarn(colour, second):
    """A wound ball of radius one."""
    yarn = stuff(colour, second, colour, scale=6, rough=0.95, sheen=0.6, bump=0.3, bump_scale=60)
    lines = []
    for i in range(16):
        tilt, turn = random.uniform(0, math.pi), random.uniform(0, math.pi)
        axis = Vector((math.sin(tilt) * math.cos(turn), math.sin(tilt) * math.sin(turn), math.cos(tilt)))
        first = axis.orthogonal().normalized()
        second_axis = axis.cross(first)
        for k in range(-4, 5):
            r, off = 0.90 + 0.008 * i, 0.085 * k
            ring = math.sqrt(max(0.05, r * r - off * off))
            lines.append(
                (
                    [
                        first * (ring * math.cos(a)) + second_axis * (ring * math.sin(a)) + axis * off
                        for a in np.linspace(0, 2 * math.pi, 40, endpoint=False)
                    ],
                    0.05,
                )
            )
    return kit.join([kit.tubes(lines, yarn, sides=6, closed=True), kit.ball(0.9, yarn)])


def natural_dyes():
    """Nine skeins on a rod in the order of the rainbow, against a limewashed wall."""
    wall = stuff("#f0e9dc", "#e2d8c6", "#ece4d5", scale=0.5, rough=0.98, bump=0.6, bump_scale=2.5)
    kit.move(kit.grid((40, 30), (2, 2), wall), (0, 1.3, 0), (90, 0, 0))
    kit.tube([(-9, 0, 0.02), (9, 0, 0.1)], 0.2, wood("#b58756", "#83582f", along="x"), sides=24)
    cord = stuff("#d8c8a8", rough=0.95)
    for x in (-6.6, 6.6):
        kit.tube([(x, 0, 5), (x, 0, 0.2)], 0.05, cord)
        ring = [(x, 0.24 * math.cos(a), 0.06 + 0.24 * math.sin(a)) for a in np.linspace(0, 6.3, 20)]
        kit.tube(ring, 0.05, cord)
    colours = [
        ("#6e1717", "#8c2420"),
        ("#a8311f", "#c2492d"),
        ("#cf6a3d", "#dc8556"),
        ("#d8a02a", "#e8b945"),
        ("#d9c654", "#e8da7b"),
        ("#7f8f3c", "#98a653"),
        ("#4c7a5d", "#659474"),
        ("#2d6a88", "#4686a2"),
        ("#1b3a6b", "#2b5189"),
        ("#4e3a58", "#6a5276"),
    ]
    for i, (colour, second) in enumerate(colours):
        _skein(colour, second, -5.6 + 1.24 * i + random.uniform(-0.06, 0.06))
    kit.box((40, 6, 0.6), wood("#a9825a", "#75522f", rough=0.6), bevel=0.1, location=(0, -0.6, -7.1))
    for x, y, size, (colour, second) in (
        (-3.6, -1.2, 0.85, colours[3]),
        (-2.0, -1.7, 0.78, colours[1]),
        (3.2, -1.3, 0.9, colours[8]),
        (4.9, -1.6, 0.72, colours[5]),
    ):
        kit.move(_ball_of_yarn(colour, second), (x, y, -6.5 + size), scale=size)
    kit.lamp((-10, -6, 6), (0, 0, -2), size=3, power=2300, colour="#fff0d8")
    kit.lamp((8, -10, 0), (0, 0, -2), size=8, power=420, colour="#dfe8ff")
    kit.ambient("#fff7ea", 0.3)
    kit.camera((1.4, -15.5, -1.4), (0.05, 0, -2.55), lens=42, fstop=0.4, focus=(0, -0.3, -2))
