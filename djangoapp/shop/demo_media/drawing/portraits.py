"""Friendly faces for accounts, modelled like clay figures."""

import math
import random

import numpy as np
from mathutils import Vector, noise

from . import kit
from .stuff import painted, stuff
from .tables import mix


def _skull(n: Vector) -> Vector:
    """The point of the head in direction ``n``; the face looks towards -Y."""
    jaw = 1 + 0.16 * min(0.0, n.z) + 0.05 * n.z * n.z
    front = 1.0 if n.y > 0 else 0.94
    return Vector((0.84 * n.x * jaw, 0.95 * n.y * front * (1 + 0.10 * min(0, n.z)), 1.1 * n.z))


def _shell(lift, material, *, paint=None, rings=150):
    """The skull's shape, lifted outwards by ``lift(direction, point)``."""
    vertices, colours = [], []
    m = rings * 2
    for i in range(rings):
        t = math.pi * i / (rings - 1)
        for j in range(m):
            f = 2 * math.pi * j / m
            n = Vector((math.sin(t) * math.cos(f), math.sin(t) * math.sin(f), math.cos(t)))
            p = _skull(n)
            vertices.append(p + n * lift(n, p))
            colours.append(paint(p) if paint else (1, 1, 1))
    faces = kit.grid_faces(rings, m, around=True)
    return kit.mesh("shell", vertices, faces, material, colours=colours)


def _step(value, low, high):
    t = max(0.0, min(1.0, (value - low) / (high - low)))
    return t * t * (3 - 2 * t)


def _on_face(x, z, out=0.0):
    """The point of the face at x and z, a little above the skin."""
    n = Vector((x / 0.84, 0, z / 1.1))
    n.y = -math.sqrt(max(0.02, 1 - n.x**2 - n.z**2))
    p = _skull(n)
    return (x, p.y - out, z)


def _face(skin, blush, lips, brow, *, smile=0.09, brow_lift=0.0, lashes=True, freckles=0):
    tone, warm = kit.linear(skin), kit.linear(blush)

    def paint(p):
        near = min((p - Vector((s * 0.47, -0.74, -0.2))).length for s in (-1, 1))
        nose = (p - Vector((0, -0.95, -0.08))).length
        return mix(tone, warm, 0.55 * math.exp(-((near / 0.26) ** 2)) + 0.25 * math.exp(-((nose / 0.2) ** 2)))

    flesh = painted(rough=0.5, soft=0.25)
    _shell(lambda n, p: 0.0, flesh, paint=paint)
    plain = stuff(skin, rough=0.5, soft=0.25)
    nose = kit.ball(0.135, stuff(skin, blush, scale=0.6, rough=0.45, soft=0.25), squash=(0.95, 1.1, 0.85))
    kit.move(nose, _on_face(0, -0.12, 0.03))
    for side in (-1, 1):
        kit.move(kit.ball(0.2, plain, squash=(0.45, 0.7, 1.0)), (side * 0.84, 0.06, -0.06), (0, 0, side * 18))
        white = stuff("#f6f1ea", rough=0.15, coat=0.6)
        dark = stuff("#1c120d", rough=0.08, coat=1.0)
        kit.move(kit.ball(0.125, white, squash=(0.92, 0.5, 1.05)), _on_face(side * 0.31, 0.1, -0.02))
        kit.move(kit.ball(0.098, dark, squash=(0.9, 0.5, 1.05)), _on_face(side * 0.305, 0.095, 0.025))
        arch = [_on_face(side * x, z + brow_lift, 0.03) for x, z in ((0.16, 0.33), (0.3, 0.39), (0.46, 0.34))]
        line = kit.spline(arch, 8)
        kit.tube(
            line, 0.036 * np.sin(np.linspace(0.5, 2.9, len(line))) + 0.012, stuff(brow, rough=0.8), sides=10
        )
        if lashes:
            lid = [
                _on_face(side * x, z, 0.05)
                for x, z in ((0.18, 0.15), (0.3, 0.235), (0.44, 0.17), (0.49, 0.2))
            ]
            kit.tube(kit.spline(lid, 8), 0.02, stuff("#1a110d", rough=0.6), sides=8)
    corners = [
        (-0.25, -0.43 + smile),
        (-0.13, -0.5 + smile * 0.2),
        (0, -0.52),
        (0.13, -0.5 + smile * 0.2),
        (0.25, -0.43 + smile),
    ]
    mouth = kit.spline([_on_face(x, z, 0.012) for x, z in corners], 8)
    kit.tube(
        mouth,
        0.022 + 0.022 * np.sin(np.linspace(0, math.pi, len(mouth))),
        stuff(lips, rough=0.35, coat=0.2),
        sides=10,
    )
    spot = kit.ball(0.014, stuff(blush, rough=0.6), rings=8)
    for _ in range(freckles):
        kit.copy(
            spot,
            _on_face(random.uniform(-0.5, 0.5), random.gauss(-0.12, 0.07), -0.004),
            scale=random.uniform(0.6, 1.1),
        )
    kit.hide(spot)


def _body(skin, *wool, collar=0.13):
    knit = stuff(*wool, scale=3, rough=0.95, sheen=0.5, bump=0.8, bump_scale=9, bump_stretch=(3, 3, 0.6))
    neck = kit.tube(
        [(0, 0.12, -0.6), (0, 0.15, -1.7)], [0.36, 0.42], stuff(skin, rough=0.5, soft=0.25), sides=40
    )
    chest = kit.move(kit.ball(1.0, knit, squash=(1.65, 0.95, 1.35), rings=64), (0, 0.25, -2.62))
    ring = [
        (0.5 * math.cos(a), 0.14 + 0.47 * math.sin(a), -1.37 - 0.07 * math.sin(a))
        for a in np.linspace(0, 2 * math.pi, 80, endpoint=False)
    ]
    kit.tube(ring, collar, knit, sides=20, closed=True)
    return neck, chest


def _strands(material_colours, *, stretch=(5, 5, 0.5), bump=0.9, rough=0.45):
    return stuff(
        *material_colours, scale=2.2, stretch=stretch, rough=rough, bump=bump, bump_scale=7, coat=0.1
    )


def _light(wall, *, glow="#fff1e0"):
    back = kit.grid((30, 30), (2, 2), stuff(wall, rough=1))
    kit.move(back, (0, 4.5, 0), (90, 0, 0))
    kit.lamp((-4.5, -5, 4), (0, 0, -0.3), size=3.5, power=420, colour=glow)
    kit.lamp((5, -4, 1), (0, 0, -0.4), size=4, power=130, colour="#dfe8ff")
    kit.lamp((3.5, 3.2, 3.5), (0, 0, 0), size=2, power=330, colour="#ffe3c0")
    kit.ambient("#ffffff", 0.28)
    kit.camera((0.75, -9.2, 0.25), (0, 0, -0.26), lens=79, fstop=0.6, focus=(0, -0.9, 0))
    return {"samples": 96, "exposure": 0.45}


def mira():
    """Auburn hair in a bun, freckles, a moss-green jumper."""
    _face("#eec3a0", "#d9805f", "#b5483f", "#7a3a1c", freckles=70, smile=0.1)
    _body("#eec3a0", "#55713f", "#64824b")
    hair = _strands(("#7a3315", "#9c4a20", "#b8612e"))

    def cover(n, p):
        line = (
            0.40
            + 0.10 * math.cos(3.1 * p.x)
            - 0.85 * _step(p.y, -0.72, 0.1)
            - 0.25 * _step(abs(p.x), 0.55, 0.85)
        )
        return (
            -0.08 + 0.21 * _step(p.z, line, line + 0.16) + 0.012 * math.sin(16 * math.atan2(p.x, p.z + 0.2))
        )

    _shell(cover, hair)
    kit.move(
        kit.ball(0.42, hair, squash=(1.1, 1, 0.8), rough=0.1, scale=3, rings=48),
        (0.08, 0.25, 1.2),
        (20, 0, 0),
    )
    for k in range(3):
        ring = [
            (
                (0.44 - 0.09 * k) * math.cos(a) + 0.08,
                0.25 + (0.4 - 0.08 * k) * math.sin(a),
                1.12 + 0.14 * k + 0.05 * math.sin(2 * a + 2 * k),
            )
            for a in np.linspace(0, 6.283, 60, endpoint=False)
        ]
        kit.tube(ring, 0.13, hair, sides=14, closed=True)
    for side in (-1, 1):
        lock = [
            (side * 0.66, -0.5, 0.52),
            (side * 0.86, -0.42, 0.1),
            (side * 0.84, -0.4, -0.35),
            (side * 0.92, -0.4, -0.55),
        ]
        kit.tube(kit.spline(lock, 10), np.linspace(0.07, 0.015, 31), hair, sides=10)
    return _light("#d9c79a")


def tomasz():
    """A grey beard, round glasses, a blue work shirt."""
    _face("#e8bb98", "#cf7f60", "#a85046", "#8d8a86", lashes=False, smile=0.07)
    _body("#e8bb98", "#2f5279", "#3a6190", collar=0.1)
    hair = _strands(("#8f8c88", "#b5b2ad", "#d6d3cd"))

    def cover(n, p):
        line = (
            0.62
            + 0.12 * math.cos(5 * p.x)
            - 1.0 * _step(p.y, -0.55, 0.15)
            - 0.55 * _step(abs(p.x), 0.5, 0.82)
        )
        return -0.08 + 0.18 * _step(p.z, line, line + 0.15) + 0.03 * noise.fractal(n * 6, 1, 2, 3)

    def beard(n, p):
        lip = 0.10 * math.exp(-(((p.z + 0.32) / 0.06) ** 2)) if abs(p.x) < 0.36 else 0
        low = _step(-p.z, 0.44 - 0.55 * _step(abs(p.x), 0.34, 0.72), 0.58 - 0.5 * _step(abs(p.x), 0.34, 0.72))
        side = 1 - _step(p.y, 0.0, 0.28)
        return (
            -0.06
            + (0.06 + 0.24 * low * side + (0.1 + lip if lip > 0.03 and p.y < -0.5 else 0))
            * min(1, low * side + lip * 10)
            + 0.03 * noise.fractal(n * 7, 1, 2, 3)
        )

    _shell(cover, hair)
    _shell(beard, hair)
    frame = stuff("#3a2616", rough=0.25, coat=0.6)
    for side in (-1, 1):
        cx, cy, cz = _on_face(side * 0.32, 0.09, 0.16)
        ring = [
            (cx + 0.25 * math.cos(a), cy + 0.06 * abs(math.cos(a)) * 0, cz + 0.25 * math.sin(a))
            for a in np.linspace(0, 6.283, 60, endpoint=False)
        ]
        kit.tube(ring, 0.026, frame, sides=10, closed=True)
        kit.tube(
            [(cx + side * 0.25, cy, cz + 0.05), (side * 0.84, -0.4, 0.12), (side * 0.9, 0.1, 0.1)],
            0.024,
            frame,
        )
    bridge = [(-0.08, -1.03, 0.12), (0, -1.06, 0.16), (0.08, -1.03, 0.12)]
    kit.tube(kit.spline(bridge, 6), 0.024, frame)
    return _light("#b9c6bd")


def ines():
    """Dark curls, gold earrings, an ochre jumper."""
    _face("#c98f66", "#b0583a", "#9c3a34", "#21140d", smile=0.12)
    _body("#c98f66", "#b97f1f", "#cf962f")
    dark = stuff("#1c110c", "#33201a", scale=4, rough=0.5, coat=0.05)

    def cover(n, p):
        line = (
            0.45 + 0.06 * math.cos(4 * p.x) - 1.1 * _step(p.y, -0.6, 0.15) - 0.5 * _step(abs(p.x), 0.55, 0.84)
        )
        return -0.08 + 0.2 * _step(p.z, line, line + 0.15)

    _shell(cover, dark)
    curls = []
    while len(curls) < 620:
        n = Vector([random.gauss(0, 1) for _ in range(3)]).normalized()
        p = _skull(n)
        line = 0.5 - 1.25 * _step(p.y, -0.6, 0.15) - 0.5 * _step(abs(p.x), 0.5, 0.82)
        if p.z < line:
            continue
        away = Vector((n.x, n.y * 0.9, 0.25 + 0.5 * n.z)).normalized()
        length, r = random.uniform(0.16, 0.4), random.uniform(0.08, 0.13)
        first = away.orthogonal().normalized()
        second = away.cross(first)
        start = random.uniform(0, 6)
        line = []
        for k in range(26):
            t = k / 25
            a = start + 2 * math.pi * 2.2 * t
            drop = Vector((0, 0, -0.34 * t * t))
            line.append(
                p + away * (0.05 + length * t) + drop + (first * math.cos(a) + second * math.sin(a)) * r
            )
        curls.append((line, np.linspace(0.05, 0.034, 26)))
    kit.tubes(curls, dark, sides=7)
    gold = stuff("#d9a53a", rough=0.18, metal=1)
    for side in (-1, 1):
        ring = [
            (side * 0.93 + 0.02 * math.sin(a), 0.0 + 0.15 * math.sin(a), -0.42 + 0.16 * math.cos(a))
            for a in np.linspace(0, 6.283, 50, endpoint=False)
        ]
        kit.tube(ring, 0.024, gold, sides=10, closed=True)
    return _light("#a9c2c9")


def yuki():
    """A black bob with a straight fringe, a brick-red jumper."""
    _face("#efcba6", "#e09a7c", "#b8504a", "#1a1413", smile=0.08, brow_lift=-0.04)
    _body("#efcba6", "#a13d2a", "#b54c36", collar=0.2)
    hair = _strands(("#0f0c0d", "#1d1819", "#2a2426"), rough=0.3, stretch=(9, 9, 0.3), bump=0.6)

    def cover(n, p):
        fringe = 0.33
        side = _step(p.y, -0.62, -0.38) * _step(abs(p.x), 0.42, 0.6)
        line = fringe - 1.35 * max(side, _step(p.y, -0.2, 0.1))
        flare = 0.12 * _step(-p.z, -0.2, 0.75)
        return (
            -0.08
            + (0.24 + flare) * _step(p.z, line, line + 0.06)
            + 0.008 * math.sin(40 * math.atan2(p.x, -p.y))
        )

    _shell(cover, hair, rings=190)
    return _light("#e3c3b4")


def seun():
    """Short black hair, a trimmed beard, a sky-blue jumper."""
    _face("#6b4128", "#5a2c1a", "#7d3f38", "#120c0a", lashes=False, smile=0.12)
    _body("#6b4128", "#5f93b8", "#74a6c9")
    black = stuff("#0d0a09", "#191312", scale=20, rough=0.95, sheen=0.2, bump=3.0, bump_scale=26)

    def cover(n, p):
        line = (
            0.52 + 0.05 * math.cos(4 * p.x) - 0.7 * _step(p.y, -0.5, 0.1) - 0.42 * _step(abs(p.x), 0.5, 0.8)
        )
        tall = 0.15 + 0.13 * _step(p.z, 0.3, 1.0)
        return -0.06 + tall * _step(p.z, line, line + 0.12) + 0.02 * noise.noise(n * 22)

    def beard(n, p):
        low = _step(-p.z, 0.60 - 0.75 * _step(abs(p.x), 0.3, 0.7), 0.70 - 0.65 * _step(abs(p.x), 0.3, 0.7))
        moustache = _step(0.36 - abs(p.x), 0, 0.1) * math.exp(-(((p.z + 0.335) / 0.05) ** 2)) * (p.y < -0.5)
        side = 1 - _step(p.y, -0.1, 0.1)
        return -0.05 + 0.105 * max(low * side, moustache) + 0.012 * noise.noise(n * 24)

    _shell(cover, black)
    _shell(beard, black, rings=190)
    return _light("#e8cf8a")
