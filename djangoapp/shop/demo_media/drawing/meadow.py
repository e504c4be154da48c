"""Pictures from the meadow and the wood: hives in flower, mushrooms on mossy logs."""

import math
import random

import numpy as np
from mathutils import Vector, noise

from . import kit
from .garden import backdrop
from .motifs import far_forest, rings
from .stuff import drawn, stuff, wood


def _tuft(material, blades, tall, spread):
    """A tuft of grass as one mesh."""
    vertices, faces = [], []
    for _ in range(blades):
        x, y, a = random.gauss(0, spread), random.gauss(0, spread), random.uniform(0, 6.3)
        h, lean = tall * random.uniform(0.5, 1.1), random.uniform(0.1, 0.55)
        start = len(vertices)
        for k in range(5):
            t = k / 4
            w = 0.008 * (1 - t) + 0.0006
            cx, cy = x + lean * h * t * t * math.cos(a), y + lean * h * t * t * math.sin(a)
            vertices += [
                (cx - w * math.sin(a), cy + w * math.cos(a), h * t),
                (cx + w * math.sin(a), cy - w * math.cos(a), h * t),
            ]
        faces += [(start + 2 * k, start + 2 * k + 1, start + 2 * k + 3, start + 2 * k + 2) for k in range(4)]
    return kit.mesh("tuft", vertices, faces, material)


def _flower(petals, colour, centre, stem, *, size=0.045, tall=0.5, cup=15):
    """A flower on its stem, as parts of one handle-free group."""
    lines = kit.tube(kit.spline([(0, 0, 0), (0.02, 0, tall * 0.5), (0, 0.01, tall)], 4), 0.004, stem, sides=5)
    petal = kit.leaf(size, size * 0.75, colour, fold=0.2, droop=0.1, steps=6)
    rays = [kit.copy(petal, (0, 0.01, tall), (0, -cup, 360 * i / petals)) for i in range(petals)]
    kit.hide(petal)
    eye = kit.move(kit.ball(size * 0.42, centre, squash=(1, 1, 0.5), rings=8), (0, 0.01, tall))
    return _merge([lines, *rays, eye])


def _merge(things):
    """Melt several objects into one mesh."""
    bpy = kit.bpy
    bpy.context.view_layer.update()
    with bpy.context.temp_override(active_object=things[0], selected_editable_objects=things):
        for thing in things:
            if thing.data.users > 1:
                thing.data = thing.data.copy()
        bpy.ops.object.join()
    return things[0]


def _hive(paint, roof, wooden, dark, *, boxes=3):
    """A hive of stacked boxes; its entrance looks towards -Y."""
    parts = []
    for leg in ((-0.2, -0.2), (0.2, -0.2), (-0.2, 0.2), (0.2, 0.2)):
        parts.append(kit.box((0.05, 0.05, 0.3), wooden, bevel=0.005, location=(*leg, 0)))
    parts.append(kit.box((0.54, 0.62, 0.06), wooden, bevel=0.008, location=(0, -0.04, 0.28)))
    parts.append(kit.box((0.4, 0.16, 0.02), wooden, bevel=0.004, location=(0, -0.36, 0.31)))
    parts.append(kit.box((0.3, 0.02, 0.03), dark, bevel=0.002, location=(0, -0.245, 0.345)))
    for i in range(boxes):
        tall = 0.27 if i < 2 else 0.17
        z = 0.34 + 0.275 * i
        parts.append(kit.box((0.48, 0.48, tall), paint, bevel=0.012, location=(0.004 * i, 0, z)))
        parts.append(kit.box((0.16, 0.03, 0.035), wooden, bevel=0.01, location=(0, -0.25, z + tall * 0.62)))
    top = 0.34 + 0.275 * (boxes - 1) + (0.17 if boxes > 2 else 0.27)
    parts.append(kit.box((0.55, 0.55, 0.1), roof, bevel=0.012, location=(0, 0, top)))
    return kit.join(parts)


def _bee():
    """A bee in flight, heading +X, a good deal larger than life."""
    gold, black = stuff("#d9921a", rough=0.8, sheen=0.6), stuff("#1a120a", rough=0.5)
    wing = stuff("#ffffff", rough=0.2, clear=0.6, thin=0.4)
    parts = [kit.move(kit.ball(0.011, gold, squash=(1, 1, 1), rings=10))]
    for i, paint in enumerate((black, gold, black, gold, black)):
        parts.append(
            kit.move(kit.ball(0.0105 - 0.0012 * i, paint, rings=10), (-0.009 - 0.0065 * i, 0, -0.001 * i))
        )
    parts.append(kit.move(kit.ball(0.007, black, rings=8), (0.014, 0, 0)))
    for side in (-1, 1):
        parts.append(
            kit.move(
                kit.leaf(0.035, 0.014, wing, fold=0, droop=0, steps=6),
                (0, 0.004 * side, 0.008),
                (18 * side, -24, 105 * side),
            )
        )
    return _merge(parts)


def bees():
    """Painted hives in a meadow at the end of the day."""
    earth = stuff("#4c5a26", "#5e6b2e", scale=2, rough=1)

    def hill(x, y):
        return 0.12 * noise.noise(Vector((x * 0.25, y * 0.25, 0))) + max(0, (y - 12) * 0.02) ** 1.2 * 6

    kit.move(kit.grid((120, 110), (120, 110), earth, hill), (0, 40, 0))
    greens = [
        stuff(c, d, scale=3, rough=0.6, thin=0.45)
        for c, d in (("#5d7a26", "#7f9a3a"), ("#8a9a3c", "#b0b455"), ("#47692a", "#6a8a35"))
    ]
    tufts = [_tuft(g, 34, h, 0.09) for g, h in zip(greens, (0.34, 0.44, 0.28), strict=True)]
    stem = stuff("#5d7a2c", rough=0.6)
    yolk, dark = stuff("#e0a81c", rough=0.8), stuff("#20160f", rough=0.8)
    flowers = [
        _flower(13, stuff("#f6f3ea", rough=0.6, thin=0.3), yolk, stem, size=0.036, tall=0.46, cup=8),
        _flower(
            5,
            stuff("#c9281a", "#e0452a", scale=9, rough=0.5, thin=0.4),
            dark,
            stem,
            size=0.05,
            tall=0.52,
            cup=38,
        ),
        _flower(
            9,
            stuff("#3d56b8", "#5a74d0", scale=9, rough=0.6, thin=0.3),
            stuff("#2a2f78", rough=0.8),
            stem,
            size=0.03,
            tall=0.5,
            cup=30,
        ),
        _flower(5, stuff("#e6c22a", rough=0.4, thin=0.3), yolk, stem, size=0.022, tall=0.42, cup=30),
    ]

    def free(x, y):
        return all(abs(x - hx) > 0.34 or abs(y - hy) > 0.40 for hx, hy in spots)

    spots = [(-1.45, 0.25), (-0.25, 1.0), (0.95, 1.75), (2.1, 2.5)]
    for _ in range(9000):
        y = -3.4 + 15 * random.random() ** 1.7
        x = random.uniform(-1, 1) * (1.6 + 0.42 * (y + 4.4))
        if free(x, y):
            kit.copy(
                random.choice(tufts),
                (x, y, 0.1 * noise.noise(Vector((x * 0.25, y * 0.25, 0)))),
                (0, 0, random.uniform(0, 360)),
                random.uniform(0.6, 1.1),
            )
    for _ in range(850):
        y = -3.2 + 11 * random.random() ** 1.3
        x = random.uniform(-1, 1) * (1.6 + 0.42 * (y + 4.4))
        patch = noise.noise(Vector((x * 0.8, y * 0.5, 3)))
        kind = flowers[0] if patch > 0.12 else flowers[1] if patch < -0.25 else random.choice(flowers[1:])
        if free(x, y):
            kit.copy(
                kind,
                (x, y, 0),
                (random.uniform(-14, 14), random.uniform(-14, 14), random.uniform(0, 360)),
                random.uniform(0.75, 1.25),
            )
    for thing in (*tufts, *flowers):
        kit.hide(thing)
    roof, plank, hole = (
        stuff("#aab1b3", "#9aa2a5", scale=6, rough=0.4, metal=0.8),
        wood("#b98a56", "#85592f"),
        stuff("#0d0906", rough=1),
    )

    def paint(*colours):
        return stuff(*colours, scale=2.5, stretch=(1, 1, 4), rough=0.55, bump=0.2, bump_scale=9)

    paints = (
        paint("#4f86ad", "#659bbf"),
        paint("#e2b23c", "#ecc458"),
        paint("#efe8d8", "#e4dac4"),
        paint("#c96f52", "#d68266"),
    )
    for (x, y), colour, boxes, turn in zip(spots, paints, (3, 2, 3, 2), (14, 20, 12, 22), strict=True):
        kit.move(_hive(colour, roof, plank, hole, boxes=boxes), (x, y, -0.02), (0, 0, turn))
    bee = _bee()
    for _ in range(34):
        x, y = random.choice(spots[:3])
        place = (
            x + random.gauss(0.1, 0.3),
            y - abs(random.gauss(0.35, 0.35)) - 0.3,
            abs(random.gauss(0.55, 0.3)) + 0.2,
        )
        kit.copy(
            bee,
            place,
            (random.uniform(-20, 20), random.uniform(-20, 20), random.uniform(0, 360)),
            random.uniform(0.8, 1.15),
        )
    kit.hide(bee)
    leaf_tones = [
        stuff(a, b, c, scale=1.4, rough=0.9, bump=1.0, bump_scale=3, thin=0.15)
        for a, b, c in (("#2f4a1e", "#4f6f2a", "#7a9438"), ("#3a5222", "#63802f", "#94a545"))
    ]
    bush = [kit.ball(1.0, tone, rough=0.28, scale=2.2, seed=i, rings=48) for i, tone in enumerate(leaf_tones)]
    for _ in range(120):
        x, y = random.uniform(-40, 42), random.uniform(32, 58)
        size = random.uniform(2.0, 4.4)
        kit.copy(
            random.choice(bush),
            (x, y, size * 0.5),
            (0, 0, random.uniform(0, 360)),
            (size, size, size * random.uniform(0.9, 1.6)),
        )
    for thing in bush:
        kit.hide(thing)
    ridge = stuff("#8a9db0", rough=1, glow=0.35)
    kit.move(
        kit.grid(
            (400, 40),
            (120, 6),
            ridge,
            lambda x, y: 16 + 9 * noise.fractal(Vector((x * 0.02, 0, 5)), 1, 2, 4) - abs(y) * 0.8,
        ),
        (0, 150, -4),
    )
    kit.sun((0.86, 0.34, -0.36), power=7.0, colour="#ffcf8c", angle=1.5)
    kit.ambient("#5f9fe0", 1.25, horizon="#ffe0ae")
    kit.camera((-0.75, -3.7, 1.12), (-0.02, 0.6, 0.70), lens=40, fstop=0.42, focus=(-0.7, 0.45, 0.7))


def _mushroom(cap_stuff, gill_stuff, stem_stuff, *, seed=0):
    """A shiitake of cap radius one, its stem bending down behind it."""

    def wave(angle, _z):
        return 1 + 0.035 * math.sin(3 * angle + seed) + 0.02 * math.sin(7 * angle + 2 * seed)

    top = kit.profile([(0, 0.5), (0.45, 0.44), (0.85, 0.2), (1.0, -0.06), (0.96, -0.16)], 10)
    cap = kit.revolve(top, cap_stuff, wobble=wave, segments=120)
    under = [(0.96, -0.16), (0.88, -0.08), (0.55, 0.0), (0.2, 0.02), (0.0, 0.02)]
    rows = kit.profile(under, 5)
    vertices, n = [], 240
    for r, z in rows:
        for j in range(n):
            a = 2 * math.pi * j / n
            r2 = r * wave(a, 0)
            vertices.append((r2 * math.cos(a), r2 * math.sin(a), z + 0.05 * (j % 3 == 0) * (0.1 < r < 0.94)))
    gills = kit.mesh("gills", vertices, kit.grid_faces(len(rows), n, around=True), gill_stuff, smooth=False)
    line = kit.spline([(0, 0, 0.05), (0.02, 0.05, -0.5), (0.0, 0.25, -1.1), (0, 0.5, -1.5)], 6)
    stem = kit.tube(
        line, np.interp(np.linspace(0, 1, len(line)), [0, 0.4, 1], [0.2, 0.17, 0.26]), stem_stuff, sides=16
    )
    return [cap, gills, stem]


def _log(radius, length, bark, end):
    """A log along X with rugged bark."""
    vertices, n, m = [], 110, 120
    for i in range(n):
        x = length * (i / (n - 1) - 0.5)
        for j in range(m):
            a = 2 * math.pi * j / m
            p = Vector((x * 0.5, 2.2 * math.cos(a), 2.2 * math.sin(a)))
            r = radius * (
                1
                + 0.035 * noise.fractal(p, 1, 2, 4)
                - 0.05 * max(0, noise.noise(p * 2.3 + Vector((5, 0, 0)))) ** 2
            )
            vertices.append((x, r * math.cos(a), r * math.sin(a)))
    body = kit.mesh("log", vertices, kit.grid_faces(n, m, around=True), bark)
    disc = [
        (radius * 0.985 * math.cos(a), radius * 0.985 * math.sin(a), 0)
        for a in np.linspace(0, 2 * math.pi, 64, endpoint=False)
    ]
    uvs = [(0.5 + 0.49 * x / radius, 0.5 + 0.49 * y / radius) for x, y, _ in disc]
    caps = [
        kit.move(
            kit.mesh("end", disc, [list(range(64))], end, uvs=uvs),
            (side * length * 0.498, 0, 0),
            (0, 90 * side, 0),
        )
        for side in (-1, 1)
    ]
    return kit.join([body, *caps])


def mushroom_logs():
    """Mossy logs with clusters of mushrooms in a wood."""
    backdrop(far_forest(), 24, 44, glow=1.0, height=4.0)
    floor = stuff("#2a2014", "#3b2d1b", "#2c3318", scale=1.4, rough=1, bump=1.4, bump_scale=4)
    kit.grid((60, 40), (160, 120), floor, kit.bumpy(0.5, 0.25))
    bark = stuff(
        "#43382c",
        "#75674f",
        "#8d8270",
        "#574936",
        scale=2.2,
        stretch=(0.5, 2, 2),
        rough=0.95,
        bump=3.0,
        bump_scale=4,
    )
    end = drawn(rings(), rough=0.85)
    logs = ((-0.6, 0.0, 1.15, 1.2, 15.0, 5), (0.6, 2.6, 1.1, 1.15, 17.0, -3), (0.4, 1.35, 3.15, 1.0, 15.0, 2))
    for x, y, z, r, length, turn in logs:
        kit.move(_log(r, length, bark, end), (x, y, z), (random.uniform(0, 360), 0, turn))
    moss_tones = [
        stuff(a, b, scale=6, rough=0.9, thin=0.4)
        for a, b in (("#4f7a1c", "#7fa532"), ("#6f9428", "#a3bf48"), ("#3f661c", "#5f8a2a"))
    ]
    mats = [_tuft(tone, 80, 0.15, 0.12) for tone in moss_tones]
    for _ in range(3600):
        x, y, z, r, length, turn = random.choice(logs)
        along, a = random.uniform(-length / 2, length / 2), random.gauss(0.15, 0.6)
        if noise.noise(Vector((along * 0.55, a * 1.6, z))) < -0.16:
            continue
        c, s = math.cos(math.radians(turn)), math.sin(math.radians(turn))
        py, pz = -r * 0.98 * math.sin(a), r * 0.98 * math.cos(a)
        kit.copy(
            random.choice(mats),
            (x + along * c - py * s, y + along * s + py * c, z + pz),
            (math.degrees(a), 0, random.uniform(0, 360)),
            random.uniform(0.6, 1.2),
        )
    for _ in range(700):
        x, y = random.uniform(-9, 9), random.uniform(-4.5, -0.6)
        if noise.noise(Vector((x * 0.6, y * 0.6, 1))) > 0:
            kit.copy(
                random.choice(mats), (x, y, 0.05), (0, 0, random.uniform(0, 360)), random.uniform(0.8, 1.5)
            )
    for thing in mats:
        kit.hide(thing)
    litter = [
        kit.leaf(0.9, 0.5, stuff(c, rough=0.7, thin=0.2), fold=0.3, droop=0.3)
        for c in ("#8a5a26", "#6b4420", "#a87a36", "#59401f")
    ]
    for _ in range(240):
        kit.copy(
            random.choice(litter),
            (random.uniform(-9, 9), random.uniform(-5, -0.7), 0.12),
            (random.uniform(-40, 40), random.uniform(-30, 30), random.uniform(0, 360)),
            random.uniform(0.5, 1.1),
        )
    for thing in litter:
        kit.hide(thing)
    cap = stuff(
        "#8a5529", "#a56c38", "#b98148", scale=1.1, rough=0.55, coat=0.06, bump=0.35, bump_scale=12, soft=0.1
    )
    gill = stuff("#f0e2c4", "#e4d2ae", scale=6, rough=0.8, soft=0.2)
    stem = stuff("#eadcc0", "#d9c6a2", scale=5, rough=0.8, soft=0.2)
    clusters = (
        (-3.3, -1.05, 1.7, 1.0, 9),
        (1.3, -0.95, 1.9, 1.15, 12),
        (-0.9, 0.45, 3.6, 0.75, 6),
        (4.6, -0.55, 1.6, 0.7, 6),
        (3.2, 0.55, 3.7, 0.62, 5),
    )
    for x, y, z, size, number in clusters:
        for i in range(number):
            a = 2.4 * i
            spread = 0.40 * size * math.sqrt(i)
            place = (
                x + spread * math.cos(a) * 1.25,
                y - 0.42 * size - 0.07 * size * math.sin(2 * i),
                z + spread * math.sin(a) * 0.85 + 0.2,
            )
            scale = size * random.uniform(0.34, 0.6) * (1.1 - 0.03 * i)
            kit.join(
                _mushroom(cap, gill, stem, seed=i),
                place,
                (random.uniform(6, 34), 20 * math.cos(a) + random.uniform(-10, 10), random.uniform(-25, 25)),
                scale,
            )
    kit.sun((0.62, 0.50, -0.62), power=3.6, colour="#fff0c0", angle=4)
    kit.lamp((-6, 7, 9), (0, 0, 2), size=3, power=1500, colour="#e9ffb0")
    kit.lamp((7, -9, 6), (0, 0, 2), size=6, power=620, colour="#e6f2dc")
    kit.ambient("#a9c493", 0.5)
    kit.camera((0.6, -12.5, 3.7), (0.2, 0, 2.15), lens=50, fstop=0.16, focus=(0.6, -1.8, 2.2))
