"""Every address states its audience in ``audiences.py`` and keeps to it, for every visitor and method."""

import re
from collections.abc import Iterator
from itertools import product
from urllib.parse import urlsplit

import pytest
from django.conf import settings as django_settings
from django.contrib import admin
from django.db import transaction
from django.http import HttpResponse
from django.test import Client
from django.urls import URLPattern, get_resolver, reverse

from app.tests.audiences import AUDIENCES, TO_SIGN_IN
from app.tests.world import ANONYMOUS, CUSTOMER, EVERYBODY, OWNER, STAFF, World

pytestmark = pytest.mark.once

METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE")
ADMIN = django_settings.ADMIN_URL


def addresses(resolver=None, route: str = "", namespace: str = "") -> Iterator[tuple[str, str]]:
    """All addresses of the project: what each is called (its route, where it has no name), and its route."""
    for pattern in (resolver or get_resolver()).url_patterns:
        whole_route = route + str(pattern.pattern)
        if isinstance(pattern, URLPattern):
            yield (namespace + pattern.name if pattern.name else whole_route), whole_route
        else:
            inner = f"{namespace}{pattern.namespace}:" if pattern.namespace else namespace
            yield from addresses(pattern, whole_route, inner)


def path_of(name: str, arguments: tuple) -> str:
    return f"/{name}" if name.endswith("/") else reverse(name, args=arguments)


def leads_to_sign_in(response: HttpResponse) -> bool:
    return response.status_code == 302 and urlsplit(response["Location"]).path == reverse("account_login")


@pytest.fixture
def world(db) -> World:
    return World()


@pytest.fixture
def browsers(world) -> dict[str, Client]:
    """A browser for each visitor. A server's error is an answer here, which no line allows."""
    browsers = {visitor: Client(raise_request_exception=False) for visitor in EVERYBODY}
    for visitor, person in world.people.items():
        browsers[visitor].force_login(person)
    return browsers


def answer(browser: Client, method: str, path: str) -> HttpResponse:
    """Ask, and undo whatever the asking did."""
    cookies = browser.cookies.copy()
    with transaction.atomic():
        response = browser.generic(method, path)
        transaction.set_rollback(True)
    browser.cookies = cookies
    return response


def test_every_address_states_its_audience():
    stated = set(AUDIENCES)
    known = {name for name, route in addresses() if not route.startswith(ADMIN)}

    assert known - stated == set(), "say in audiences.py who may open these"
    assert stated - known == set(), "audiences.py speaks of addresses that are gone"


@pytest.mark.parametrize("name", AUDIENCES)
def test_an_address_opens_for_its_audience_alone(name, world, browsers):
    door = AUDIENCES[name]
    path = path_of(name, door.args(world))
    wrong = []
    for visitor, browser in browsers.items():
        for method in METHODS:
            response = answer(browser, method, path)
            if problem := door_problem(door, visitor, method, response):
                wrong.append(f"{visitor} {method}: {response.status_code}, {problem}")
    assert not wrong, f"{name} ({path})\n" + "\n".join(wrong)


def door_problem(door, visitor: str, method: str, response: HttpResponse) -> str:
    """What is wrong with an answer, or nothing."""
    status = response.status_code
    if status >= 500:
        return "a server's error"
    is_known = method in door.methods or (method == "HEAD" and "GET" in door.methods)
    if visitor not in door.visitors:
        refusal = door.refusal(visitor)
        is_refused = leads_to_sign_in(response) if refusal == TO_SIGN_IN else status == refusal
        return "" if is_refused or (status == 405 and not is_known) else "should have been refused"
    if not is_known:
        return "" if door.is_library or status == 405 else "should not know this method"
    stated = door.shows if method in ("GET", "HEAD") else door.takes
    if status not in stated:
        return f"should have answered one of {stated}"
    if leads_to_sign_in(response) and set(door.visitors) != set(EVERYBODY):
        return "should have opened"
    return ""


@pytest.mark.parametrize("name", [name for name, door in AUDIENCES.items() if door.forged])
def test_a_forged_link_opens_for_nobody(name, world, browsers):
    door = AUDIENCES[name]
    path = path_of(name, door.forged(world))

    answers = {
        (visitor, method): answer(browser, method, path).status_code
        for visitor, browser in browsers.items()
        for method in door.methods
    }

    assert set(answers.values()) == {404}, answers


def admin_paths() -> list[str]:
    """Every address of the admin, with something for each of its arguments."""
    routes = {route for _name, route in addresses() if route.startswith(ADMIN)}
    return sorted("/" + re.sub(r"<[^>]+>", "1", route.replace("(?P<url>.*)$", "1")) for route in routes)


def test_the_admin_is_closed_to_all_but_staff(browsers):
    # The last is where the admin sends whoever signs out of it without being in.
    doors = (reverse("admin:login"), reverse("account_login"), reverse("admin:index"))
    wrong = []
    for path, visitor, method in product(admin_paths(), (ANONYMOUS, CUSTOMER), ("GET", "POST")):
        response = answer(browsers[visitor], method, path)
        is_led_away = response.status_code == 302 and urlsplit(response["Location"]).path in doors
        if not is_led_away and response.status_code not in (403, 404, 405):
            wrong.append(f"{visitor} {method} {path}: {response.status_code}")
    assert not wrong, "\n".join(wrong)


def test_no_address_of_the_admin_breaks(browsers):
    answers = {
        (method, path): answer(browsers[OWNER], method, path).status_code
        for path, method in product(admin_paths(), ("GET", "POST"))
    }

    assert not {asked: status for asked, status in answers.items() if status >= 500}


def test_staff_without_permissions_opens_no_page_of_a_model(browsers):
    apps = tuple(f"/{ADMIN}{model._meta.app_label}/" for model in admin.site._registry)
    pages = [path for path in admin_paths() if path.startswith(apps)]
    assert len(pages) > 50

    opened = {
        (method, path): status
        for path, method in product(pages, ("GET", "POST"))
        if (status := answer(browsers[STAFF], method, path).status_code) not in (302, 403, 404, 405)
    }

    assert not opened


def test_staff_pages_open_behind_a_second_factor_only(world, browsers, settings):
    settings.ACCOUNTS_STAFF_NEED_SECOND_FACTOR = True
    staff_doors = [item for item in AUDIENCES.items() if set(item[1].visitors) == {STAFF, OWNER}]
    paths = admin_paths() + [path_of(name, door.args(world)) for name, door in staff_doors]

    for path, method in product(paths, ("GET", "POST")):
        response = answer(browsers[OWNER], method, path)
        assert (response.status_code, response["Location"]) == (302, reverse("mfa_activate_totp")), path
    assert leads_to_sign_in(answer(browsers[ANONYMOUS], "GET", reverse("admin:login")))


@pytest.mark.parametrize("number", [2**63, 10**40])
def test_a_number_that_no_key_can_be_is_no_error(browsers, number):
    """Databases differ in what they say to it; visitors read that there is no such page."""
    routes = {route for _name, route in addresses() if "<int:" in route and "<path:" not in route}
    assert len(routes) > 30

    paths = [re.sub(r"<\w+:\w+>", "x", re.sub(r"<int:\w+>", str(number), route)) for route in routes]
    failed = [
        (method, path)
        for method, path in product(["GET", "POST"], paths)
        if answer(browsers[OWNER], method, f"/{path}").status_code >= 500
    ]
    assert failed == []
