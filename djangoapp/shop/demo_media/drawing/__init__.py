"""The scenes of the demo pictures, by the name of their file."""

from . import bench, clay, garden, meadow, portraits, tables, wooden

SCENES = {
    "grafting": garden.grafting,
    "winter-buds": garden.winter_buds,
    "bees": meadow.bees,
    "mushroom-logs": meadow.mushroom_logs,
    "green-wood-bowl": wooden.green_wood_bowl,
    "willow-basket": wooden.willow_basket,
    "wheel-bowls": clay.wheel_bowls,
    "azulejos": clay.azulejos,
    "sourdough": tables.sourdough,
    "notebook": tables.notebook,
    "lino-print": tables.lino_print,
    "natural-dyes": tables.natural_dyes,
    "night-light": bench.night_light,
    "open-bench": bench.open_bench,
    "portrait-mira": portraits.mira,
    "portrait-tomasz": portraits.tomasz,
    "portrait-ines": portraits.ines,
    "portrait-yuki": portraits.yuki,
    "portrait-seun": portraits.seun,
}
