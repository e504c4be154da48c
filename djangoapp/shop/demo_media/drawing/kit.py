"""Shapes, light and camera for the demo pictures: a thin layer over bpy and numpy.

One unit is ten centimetres in the still lifes and one metre outdoors. Z points up.
"""

import math
import random

import bpy
import numpy as np
from mathutils import Vector, noise


def reset() -> None:
    """Begin an empty scene in which every run draws the same picture."""
    bpy.ops.wm.read_factory_settings(use_empty=True)
    random.seed(7)
    noise.seed_set(7)


def aim(thing, target) -> None:
    """Turn a camera or a light towards a point."""
    direction = Vector(target) - thing.location
    thing.rotation_euler = direction.to_track_quat("-Z", "Y").to_euler()


def place(name, data, location=(0, 0, 0)):
    """Put data into the scene as an object."""
    thing = bpy.data.objects.new(name, data)
    thing.location = location
    bpy.context.scene.collection.objects.link(thing)
    return thing


def camera(location, target, *, lens=60, fstop=None, focus=None) -> None:
    """Look from a point to a point. ``fstop`` blurs what is not at ``focus``."""
    data = bpy.data.cameras.new("camera")
    data.lens = lens
    thing = place("camera", data, location)
    aim(thing, target)
    if fstop:
        data.dof.use_dof = True
        data.dof.aperture_fstop = fstop
        data.dof.focus_distance = (Vector(focus or target) - thing.location).length
    bpy.context.scene.camera = thing


def linear(colour: str) -> tuple[float, float, float, float]:
    """A hex colour as the linear light that the renderer reckons with."""
    values = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    return (*[v / 12.92 if v <= 0.04045 else ((v + 0.055) / 1.055) ** 2.4 for v in values], 1.0)


def lamp(location, target, *, size=2.0, power=100.0, colour="#ffffff", height=None) -> None:
    """A soft rectangular light."""
    data = bpy.data.lights.new("lamp", "AREA")
    data.shape = "RECTANGLE"
    data.size, data.size_y = size, height or size
    data.energy = power
    data.color = linear(colour)[:3]
    aim(place("lamp", data, location), target)


def sun(direction, *, power=3.0, colour="#fff1d6", angle=1.0) -> None:
    """Light from far away, shining along ``direction``; ``angle`` in degrees softens shadows."""
    data = bpy.data.lights.new("sun", "SUN")
    data.energy, data.angle = power, math.radians(angle)
    data.color = linear(colour)[:3]
    aim(place("sun", data), direction)


def spot(location, target, *, power=500.0, colour="#ffffff", cone=40, blend=0.6, radius=0.2):
    """A cone of light."""
    data = bpy.data.lights.new("spot", "SPOT")
    data.energy, data.spot_size, data.spot_blend = power, math.radians(cone), blend
    data.shadow_soft_size = radius
    data.color = linear(colour)[:3]
    aim(place("spot", data, location), target)


def ambient(colour: str, strength: float, horizon: str | None = None) -> None:
    """Light from everywhere; with ``horizon`` it fades from there up to ``colour``."""
    world = bpy.data.worlds.new("world")
    bpy.context.scene.world = world
    world.use_nodes = True
    nodes, links = world.node_tree.nodes, world.node_tree.links
    background = nodes["Background"]
    background.inputs["Color"].default_value = linear(colour)
    background.inputs["Strength"].default_value = strength
    if horizon:
        where = nodes.new("ShaderNodeTexCoord")
        split = nodes.new("ShaderNodeSeparateXYZ")
        ramp = nodes.new("ShaderNodeValToRGB")
        ramp.color_ramp.elements[0].color = linear(horizon)
        ramp.color_ramp.elements[1].color = linear(colour)
        ramp.color_ramp.elements[1].position = 0.5
        links.new(where.outputs["Generated"], split.inputs[0])
        links.new(split.outputs["Z"], ramp.inputs[0])
        links.new(ramp.outputs[0], background.inputs["Color"])


def mesh(name, vertices, faces, material=None, *, smooth=True, colours=None, uvs=None):
    """An object from bare vertices and faces. ``colours`` (linear, per vertex) fill "shade"."""
    data = bpy.data.meshes.new(name)
    data.from_pydata(np.asarray(vertices).tolist(), [], np.asarray(faces).tolist())
    if smooth:
        data.polygons.foreach_set("use_smooth", [True] * len(data.polygons))
    if colours is not None:
        layer = data.color_attributes.new("shade", "FLOAT_COLOR", "POINT")
        rgba = np.ones((len(vertices), 4), dtype=np.float32)
        rgba[:, :3] = np.asarray(colours)[:, :3]
        layer.data.foreach_set("color", rgba.ravel())
    if uvs is not None:
        corners = np.empty(len(data.loops), dtype=np.int32)
        data.loops.foreach_get("vertex_index", corners)
        layer = data.uv_layers.new(name="UVMap")
        layer.data.foreach_set("uv", np.asarray(uvs, dtype=np.float32)[corners].ravel())
    if material:
        data.materials.append(material)
    data.update()
    return place(name, data)


def grid_faces(rows: int, columns: int, *, around: bool) -> np.ndarray:
    """The squares between rows of points; ``around`` joins the last column to the first."""
    last = columns if around else columns - 1
    i, j = np.meshgrid(np.arange(rows - 1), np.arange(last), indexing="ij")
    k = (j + 1) % columns
    corners = (i * columns + j, i * columns + k, (i + 1) * columns + k, (i + 1) * columns + j)
    return np.stack(corners, -1).reshape(-1, 4)


def grid(size, steps, material, height=None, *, colour=None):
    """A sheet in the XY plane; ``height(x, y)`` lifts it, ``colour(x, y, z)`` paints it."""
    nx, ny = steps
    x, y = np.meshgrid(np.linspace(-0.5, 0.5, nx), np.linspace(-0.5, 0.5, ny))
    points = [(a * size[0], b * size[1]) for a, b in zip(x.ravel(), y.ravel(), strict=True)]
    lifted = np.array([(a, b, height(a, b) if height else 0) for a, b in points])
    uvs = np.stack([x.ravel() + 0.5, y.ravel() + 0.5], -1)
    colours = [colour(*point) for point in lifted] if colour else None
    faces = grid_faces(ny, nx, around=False)
    return mesh("grid", lifted, faces, material, uvs=uvs, colours=colours)


def revolve(profile, material, *, segments=96, wobble=None, smooth=True):
    """Turn a list of (radius, z) around Z. ``wobble(angle, z)`` scales the radius."""
    angles = np.linspace(0, 2 * math.pi, segments, endpoint=False)
    vertices = [
        (r * w * math.cos(a), r * w * math.sin(a), z)
        for r, z in profile
        for a in angles
        for w in [wobble(a, z) if wobble else 1.0]
    ]
    faces = grid_faces(len(profile), segments, around=True)
    return mesh("turned", vertices, faces, material, smooth=smooth)


def spline(points, steps=12):
    """A smooth line through all points (Catmull-Rom)."""
    p = np.asarray(points, dtype=float)
    p = np.vstack([2 * p[0] - p[1], p, 2 * p[-1] - p[-2]])
    out = []
    for a, b, c, d in zip(p[:-3], p[1:-2], p[2:-1], p[3:], strict=True):
        for t in np.linspace(0, 1, steps, endpoint=False):
            out.append(
                0.5 * (2 * b + (c - a) * t + (2 * a - 5 * b + 4 * c - d) * t**2)
                + 0.5 * (3 * b - a - 3 * c + d) * t**3
            )
    return np.vstack([out, p[-2]])


def profile(points, steps=8):
    """A smooth outline for ``revolve`` through a few (radius, z); no radius falls below zero."""
    line = spline([(r, 0, z) for r, z in points], steps)
    return [(max(0.0, r), z) for r, _, z in line.tolist()]


def extrude(outline, length, material, *, smooth=False):
    """A bar along Y whose section in XZ is a closed outline."""
    n = len(outline)
    vertices = [(x, y, z) for y in (-length / 2, length / 2) for x, z in outline]
    faces = [(i, (i + 1) % n, n + (i + 1) % n, n + i) for i in range(n)]
    faces += [list(range(n))[::-1], list(range(n, 2 * n))]
    bar = _ragged("bar", np.array(vertices, dtype=float), faces, material)
    if not smooth:
        bar.data.polygons.foreach_set("use_smooth", [False] * len(bar.data.polygons))
    return bar


def tube_mesh(points, radius, *, sides=8, closed=False):
    """Vertices and faces of a pipe along points; ``radius`` is a number or one per point."""
    p = np.asarray(points, dtype=float)
    n = len(p)
    r = np.broadcast_to(radius, n)
    tangent = np.gradient(p, axis=0)
    if closed:
        tangent = np.roll(p, -1, 0) - np.roll(p, 1, 0)
    tangent /= np.linalg.norm(tangent, axis=1)[:, None] + 1e-9
    side = np.cross(tangent[0], (0, 0, 1) if abs(tangent[0][2]) < 0.9 else (1, 0, 0))
    angles = np.linspace(0, 2 * math.pi, sides, endpoint=False)
    vertices = []
    for i in range(n):
        side -= tangent[i] * np.dot(side, tangent[i])
        side /= np.linalg.norm(side) + 1e-9
        up = np.cross(tangent[i], side)
        vertices += [p[i] + r[i] * (math.cos(a) * side + math.sin(a) * up) for a in angles]
    faces = grid_faces(n, sides, around=True).tolist()
    if closed:
        last = (n - 1) * sides
        faces += [(last + j, last + (j + 1) % sides, (j + 1) % sides, j) for j in range(sides)]
    else:
        faces += [list(range(sides))[::-1], list(range((n - 1) * sides, n * sides))]
    return np.array(vertices), faces


def tube(points, radius, material, *, sides=8, closed=False):
    """A pipe along points."""
    vertices, faces = tube_mesh(points, radius, sides=sides, closed=closed)
    return _ragged("tube", vertices, faces, material)


def tubes(lines, material, *, sides=6, closed=False):
    """Many pipes in one object: a list of (points, radius)."""
    vertices, faces, start = [], [], 0
    for points, radius in lines:
        v, f = tube_mesh(points, radius, sides=sides, closed=closed)
        vertices.append(v)
        faces += [[i + start for i in face] for face in f]
        start += len(v)
    return _ragged("tubes", np.vstack(vertices), faces, material)


def _ragged(name, vertices, faces, material):
    data = bpy.data.meshes.new(name)
    data.from_pydata(vertices.tolist(), [], [list(face) for face in faces])
    data.polygons.foreach_set("use_smooth", [True] * len(data.polygons))
    data.materials.append(material)
    return place(name, data)


def box(size, material, *, bevel=0.03, location=(0, 0, 0), turn=(0, 0, 0), segments=3):
    """A block with rounded edges, standing on ``location``; ``turn`` in degrees."""
    x, y, z = (s / 2 for s in size)
    corners = [(a * x, b * y, c * z) for a in (-1, 1) for b in (-1, 1) for c in (-1, 1)]
    faces = [(0, 1, 3, 2), (4, 6, 7, 5), (0, 4, 5, 1), (2, 3, 7, 6), (0, 2, 6, 4), (1, 5, 7, 3)]
    flat = [(-x, -y), (-x, -y), (-x, y), (-x, y), (x, -y), (x, -y), (x, y), (x, y)]
    uvs = [(a / size[0] + 0.5, b / size[1] + 0.5) for a, b in flat]
    block = mesh("box", corners, faces, material, uvs=uvs)
    soften = block.modifiers.new("bevel", "BEVEL")
    soften.width, soften.segments = bevel, segments
    soften.harden_normals = False
    block.location = (location[0], location[1], location[2] + z)
    turn_to(block, turn)
    return block


def ball(radius, material, *, squash=(1, 1, 1), rough=0.0, scale=1.5, seed=0.0, rings=32):
    """A sphere, squashed and roughened by noise of height ``rough``."""
    theta = np.linspace(0, math.pi, rings)
    phi = np.linspace(0, 2 * math.pi, rings * 2, endpoint=False)
    vertices = []
    for t in theta:
        for f in phi:
            n = Vector((math.sin(t) * math.cos(f), math.sin(t) * math.sin(f), math.cos(t)))
            r = radius
            if rough:
                r *= 1 + rough * noise.fractal(n * scale + Vector((seed, seed, 0)), 1, 2, 4)
            vertices.append([r * c * s for c, s in zip(n, squash, strict=True)])
    faces = grid_faces(rings, rings * 2, around=True)
    return mesh("ball", vertices, faces, material)


def leaf(length, width, material, *, fold=0.25, droop=0.3, steps=14, teeth=0.0, tip=1.0):
    """A leaf along +X that folds at its rib and droops at its tip."""
    vertices, uvs = [], []
    across = np.linspace(-1, 1, 9)
    for i in range(steps + 1):
        t = i / steps
        half = width / 2 * math.sin(math.pi * min(t**0.8, 1)) ** (0.9 * tip)
        half *= 1 + teeth * (i % 2) * math.sin(math.pi * t)
        for a in across:
            z = fold * abs(a) * half * 2 - droop * length * t**2
            z += 0.06 * width * math.sin(9 * t + 2 * a)
            vertices.append((length * t * (1 - 0.15 * droop * t), a * half, z))
            uvs.append((t, (a + 1) / 2))
    return mesh("leaf", vertices, grid_faces(steps + 1, 9, around=False), material, uvs=uvs)


def turn_to(thing, degrees) -> None:
    """Set an object's rotation in degrees."""
    thing.rotation_euler = [math.radians(d) for d in degrees]


def copy(thing, location, turn=(0, 0, 0), scale=1.0):
    """The same shape once more, sharing its mesh."""
    twin = thing.copy()
    twin.location = location
    turn_to(twin, turn)
    twin.scale = (scale,) * 3 if isinstance(scale, int | float) else scale
    bpy.context.scene.collection.objects.link(twin)
    return twin


def move(thing, location=None, turn=None, scale=None):
    """Place an object; returns it."""
    if location is not None:
        thing.location = location
    if turn is not None:
        turn_to(thing, turn)
    if scale is not None:
        thing.scale = (scale,) * 3 if isinstance(scale, int | float) else scale
    return thing


def hide(thing) -> None:
    """Keep an original out of the picture; its copies stay."""
    thing.hide_render = True


def join(things, location=(0, 0, 0), turn=(0, 0, 0), scale=1.0):
    """Hang several objects on one handle, so that they move together."""
    handle = place("handle", None)
    for thing in things:
        thing.parent = handle
    return move(handle, location, turn, scale)


def bumpy(scale=1.0, height=1.0, octaves=4, seed=0.0):
    """A height function of smooth noise."""
    return lambda x, y: (
        height * noise.fractal(Vector((x * scale + seed, y * scale - seed, seed)), 1, 2, octaves)
    )


def render(path, size, samples, *, exposure=0.0, look="AgX - Medium High Contrast") -> None:
    """Trace the scene to a PNG."""
    scene = bpy.context.scene
    scene.render.engine = "CYCLES"
    scene.render.resolution_x, scene.render.resolution_y = size
    scene.render.filepath = str(path)
    scene.cycles.samples = samples
    scene.cycles.adaptive_threshold = 0.025
    scene.cycles.use_denoising = True
    scene.cycles.caustics_reflective = scene.cycles.caustics_refractive = False
    scene.cycles.sample_clamp_indirect = 6
    scene.view_settings.view_transform = "AgX"
    scene.view_settings.look = look
    scene.view_settings.exposure = exposure
    bpy.ops.render.render(write_still=True)
