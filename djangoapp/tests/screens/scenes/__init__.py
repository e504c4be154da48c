"""The pages to look at: which, by whom, and in which states of the shop."""

from tests.screens.scenes import others, people, shop
from tests.screens.scenes.kinds import Scene

SCENES: list[Scene] = [*shop.SCENES, *people.SCENES, *others.SCENES]
