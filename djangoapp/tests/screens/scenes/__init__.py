"""The pages to look at: which, by whom, and in which states of the shop."""

from tests.screens.scenes import door, others, people, shop
from tests.screens.scenes.kinds import Scene

SCENES: list[Scene] = [*shop.SCENES, *people.SCENES, *door.SCENES, *others.SCENES]
