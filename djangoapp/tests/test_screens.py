"""Every page of the project is on the list of those to photograph, or says why it is not."""

from django.urls import URLPattern, URLResolver, get_resolver

from tests.screens.scenes import SCENES
from tests.screens.scenes.without import WITHOUT_PICTURE


def spaces(known: set[str]) -> tuple[str, ...]:
    """Those that mean a whole namespace, as "api:" does."""
    return tuple(name for name in known if name.endswith(":"))


def names(resolver: URLResolver, prefix: str = "") -> set[str]:
    """The names of all addresses, the admin's apart: Django draws those pages."""
    found = set()
    for pattern in resolver.url_patterns:
        if isinstance(pattern, URLPattern):
            found |= {f"{prefix}{pattern.name}"} if pattern.name else set()
        elif pattern.namespace != "admin":
            found |= names(pattern, f"{prefix}{pattern.namespace}:" if pattern.namespace else prefix)
    return found


def test_every_address_has_a_scene_or_a_reason_to_have_none():
    pictured = {scene.view for scene in SCENES if scene.view and not scene.view.startswith("admin:")}
    excused = set().union(*WITHOUT_PICTURE.values())

    known = {name for name in names(get_resolver()) if not name.startswith(spaces(excused))}

    assert pictured | excused == known | set(spaces(excused))
    assert not pictured & excused


def test_every_picture_has_a_name_of_its_own():
    pictures = [scene.picture for scene in SCENES]

    assert len(set(pictures)) == len(pictures)
