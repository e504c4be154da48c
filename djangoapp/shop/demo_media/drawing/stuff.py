"""What things are made of: wood, clay, glaze, metal, cloth, leaves, drawn images."""

import bpy
import numpy as np
from PIL import Image

from .kit import linear


class _Graph:
    """The nodes of one material, wired by name."""

    def __init__(self, name: str):
        self.material = bpy.data.materials.new(name)
        self.material.use_nodes = True
        self.nodes = self.material.node_tree.nodes
        self.links = self.material.node_tree.links
        self.shader = self.nodes["Principled BSDF"]
        self.surface = self.nodes["Material Output"].inputs["Surface"]

    def add(self, kind: str, **inputs):
        node = self.nodes.new(kind)
        for key, value in inputs.items():
            node.inputs[key.replace("_", " ")].default_value = value
        return node

    def wire(self, source, target) -> None:
        self.links.new(source, target)

    def place(self, stretch, *, own=True):
        """Object coordinates, scaled; every copy of an object gets a pattern of its own."""
        where = self.nodes.new("ShaderNodeTexCoord")
        mapping = self.add("ShaderNodeMapping", Scale=stretch)
        self.wire(where.outputs["Object"], mapping.inputs["Vector"])
        if own:
            who = self.nodes.new("ShaderNodeObjectInfo")
            far = self.nodes.new("ShaderNodeMath")
            far.operation = "MULTIPLY"
            far.inputs[1].default_value = 37.0
            self.wire(who.outputs["Random"], far.inputs[0])
            self.wire(far.outputs[0], mapping.inputs["Location"])
        return mapping.outputs[0]

    def ramp(self, colours, low=0.3, high=0.7):
        node = self.nodes.new("ShaderNodeValToRGB")
        stops = node.color_ramp.elements
        for _ in range(len(colours) - 2):
            stops.new(0.5)
        for i, colour in enumerate(colours):
            stops[i].position = low + (high - low) * i / max(1, len(colours) - 1)
            stops[i].color = linear(colour)
        return node


def stuff(
    *colours,
    rough=0.5,
    metal=0.0,
    scale=3.0,
    stretch=(1, 1, 1),
    detail=6.0,
    distort=0.0,
    contrast=(0.3, 0.7),
    bump=0.0,
    bump_scale=None,
    bump_stretch=None,
    coat=0.0,
    sheen=0.0,
    soft=0.0,
    clear=0.0,
    glow=0.0,
    thin=0.0,
    ior=1.45,
    bright=0.5,
):
    """A surface of one colour, or of several that noise blends.

    ``soft`` lets light in below the surface, ``thin`` lets it through like a leaf, ``clear`` like
    glass. ``bump`` raises noise of ``bump_scale``. ``bright`` is the specular level.
    """
    g = _Graph("stuff")
    s = g.shader.inputs
    s["Roughness"].default_value = rough
    s["Metallic"].default_value = metal
    s["Coat Weight"].default_value = coat
    s["Coat Roughness"].default_value = 0.08
    s["Sheen Weight"].default_value = sheen
    s["Subsurface Weight"].default_value = soft
    s["Subsurface Scale"].default_value = 0.15
    s["Transmission Weight"].default_value = clear
    s["IOR"].default_value = ior
    s["Specular IOR Level"].default_value = bright
    s["Base Color"].default_value = linear(colours[0])
    s["Emission Color"].default_value = linear(colours[0])
    s["Emission Strength"].default_value = glow
    if len(colours) > 1:
        grain = g.add("ShaderNodeTexNoise", Scale=scale, Detail=detail, Distortion=distort)
        ramp = g.ramp(colours, *contrast)
        g.wire(g.place(stretch), grain.inputs["Vector"])
        g.wire(grain.outputs[0], ramp.inputs[0])
        g.wire(ramp.outputs[0], s["Base Color"])
        if glow:
            g.wire(ramp.outputs[0], s["Emission Color"])
    if bump:
        relief = g.add("ShaderNodeTexNoise", Scale=bump_scale or scale * 3, Detail=5)
        lift = g.add("ShaderNodeBump", Strength=min(bump, 1.0), Distance=0.05 * max(bump, 1.0))
        g.wire(g.place(bump_stretch or stretch), relief.inputs["Vector"])
        g.wire(relief.outputs[0], lift.inputs["Height"])
        g.wire(lift.outputs[0], s["Normal"])
    if thin:
        _let_through(g, thin, s["Base Color"])
    if clear:
        _let_shadow_through(g, clear)
    return g.material


def _let_shadow_through(g, share) -> None:
    """Glass casts no black shadow on what lies under it."""
    ray, pane = g.nodes.new("ShaderNodeLightPath"), g.nodes.new("ShaderNodeBsdfTransparent")
    part = g.nodes.new("ShaderNodeMath")
    part.operation = "MULTIPLY"
    part.inputs[1].default_value = share
    mix = g.nodes.new("ShaderNodeMixShader")
    g.wire(ray.outputs["Is Shadow Ray"], part.inputs[0])
    g.wire(part.outputs[0], mix.inputs[0])
    g.wire(g.shader.outputs[0], mix.inputs[1])
    g.wire(pane.outputs[0], mix.inputs[2])
    g.wire(mix.outputs[0], g.surface)


def _let_through(g, share, colour) -> None:
    """Mix light that shines through from behind."""
    glow = g.add("ShaderNodeBsdfTranslucent", Color=colour.default_value)
    if colour.is_linked:
        g.wire(colour.links[0].from_socket, glow.inputs["Color"])
    mix = g.add("ShaderNodeMixShader", Fac=share)
    g.wire(g.shader.outputs[0], mix.inputs[1])
    g.wire(glow.outputs[0], mix.inputs[2])
    g.wire(mix.outputs[0], g.surface)


def painted(*, rough=0.6, bump=0.0, bump_scale=20.0, soft=0.0, coat=0.0, sheen=0.0, thin=0.0):
    """A surface with the colours that its mesh carries, vertex by vertex."""
    g = _Graph("painted")
    s = g.shader.inputs
    shade = g.nodes.new("ShaderNodeAttribute")
    shade.attribute_name = "shade"
    g.wire(shade.outputs["Color"], s["Base Color"])
    s["Roughness"].default_value = rough
    s["Coat Weight"].default_value = coat
    s["Sheen Weight"].default_value = sheen
    s["Subsurface Weight"].default_value = soft
    s["Subsurface Scale"].default_value = 0.1
    if bump:
        relief = g.add("ShaderNodeTexNoise", Scale=bump_scale, Detail=6)
        lift = g.add("ShaderNodeBump", Strength=bump, Distance=0.05)
        g.wire(g.place((1, 1, 1)), relief.inputs["Vector"])
        g.wire(relief.outputs[0], lift.inputs["Height"])
        g.wire(lift.outputs[0], s["Normal"])
    if thin:
        _let_through(g, thin, s["Base Color"])
    return g.material


def _load(picture: Image.Image, *, data=False):
    """Hand a Pillow image to the renderer."""
    pixels = np.asarray(picture.convert("RGBA"), dtype=np.float32)[::-1] / 255
    image = bpy.data.images.new("drawn", picture.width, picture.height, is_data=data)
    image.pixels.foreach_set(pixels.ravel())
    image.pack()
    return image


def drawn(picture: Image.Image, *, rough=0.5, coat=0.0, relief=None, depth=0.05, glow=0.0, repeat=1.0):
    """A surface with an image laid on by UV; ``relief`` is a grey image whose white stands up."""
    g = _Graph("drawn")
    s = g.shader.inputs
    s["Roughness"].default_value = rough
    s["Coat Weight"].default_value = coat
    s["Coat Roughness"].default_value = 0.06
    where = g.nodes.new("ShaderNodeTexCoord")
    mapping = g.add("ShaderNodeMapping", Scale=(repeat, repeat, 1))
    g.wire(where.outputs["UV"], mapping.inputs["Vector"])
    texture = g.nodes.new("ShaderNodeTexImage")
    texture.image = _load(picture)
    g.wire(mapping.outputs[0], texture.inputs["Vector"])
    g.wire(texture.outputs["Color"], s["Base Color"])
    if glow:
        g.wire(texture.outputs["Color"], s["Emission Color"])
        s["Emission Strength"].default_value = glow
    if relief is not None:
        heights = g.nodes.new("ShaderNodeTexImage")
        heights.image = _load(relief, data=True)
        lift = g.add("ShaderNodeBump", Strength=1.0, Distance=depth)
        g.wire(mapping.outputs[0], heights.inputs["Vector"])
        g.wire(heights.outputs["Color"], lift.inputs["Height"])
        g.wire(lift.outputs[0], s["Normal"])
    return g.material


def wood(light="#b98a5a", dark="#7a5230", *, rough=0.45, along="x", scale=1.0, bump=0.25, coat=0.0):
    """Planed wood whose fibres run along one axis."""
    stretch = {"x": (0.25, 4, 4), "y": (4, 0.25, 4), "z": (4, 4, 0.25)}[along]
    return stuff(
        dark,
        light,
        dark,
        light,
        rough=rough,
        scale=1.6 * scale,
        stretch=stretch,
        distort=0.6,
        detail=9,
        contrast=(0.25, 0.75),
        bump=bump,
        bump_scale=6 * scale,
        coat=coat,
    )


def glazed(*colours, bump=0.05):
    """Fired glaze: glass over colour."""
    return stuff(*colours, rough=0.25, coat=0.9, scale=1.6, distort=1.2, bump=bump, bump_scale=5)


def steel(rough=0.28, colour="#c9ccd0"):
    """Brushed steel."""
    return stuff(colour, rough=rough, metal=1.0, bump=0.06, bump_scale=30, bump_stretch=(1, 12, 12))
