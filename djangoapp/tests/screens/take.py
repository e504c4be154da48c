"""Open every scene on a phone and on a desktop, by day and by night, and photograph it.

Not collected with the tests: ``make screens`` names this file. What a page complains about fails it
all the same, after the last picture.
"""

import shutil
from pathlib import Path

import pytest
from django.http import HttpResponse
from django.urls import resolve
from playwright.sync_api import Page

from shop.views.visitor import remember_cart
from tests.screens import PICTURES
from tests.screens.scenes import SCENES
from tests.screens.states import STATES, Shop
from tests.support.browser import DESKTOP, PHONE

TALLEST_PIXELS = 6000


@pytest.mark.parametrize("state", STATES)
def test_every_page_has_its_picture(state, live_shop, open_page, page_problems, settings):
    settings.ACCOUNTS_STAFF_NEED_SECOND_FACTOR = False
    shop = STATES[state]()
    folder = PICTURES / state
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    tabs = {
        (device, visitor): tab
        for device in (PHONE, DESKTOP)
        for visitor, tab in (
            ("guest", with_cart(open_page(device), shop, live_shop.url)),
            ("buyer", open_page(device, user=shop.buyer)),
            ("owner", open_page(device, user=shop.owner)),
        )
    }
    led_on = []
    for scene in SCENES:
        if state not in scene.states:
            continue
        if scene.complaint:
            page_problems.expect(scene.complaint)
        for device in (PHONE, DESKTOP):
            tab = tabs[device, scene.visitor]
            address = scene.address(shop)
            if scene.view:
                assert resolve(address.partition("?")[0]).view_name == scene.view
            tab.goto(address)
            if not tab.url.endswith(address):
                led_on.append(f"{address} leads on to {tab.url}")
            photograph(tab, folder / f"{scene.picture}-{device}")
    assert not led_on, "\n".join(led_on)


def with_cart(tab: Page, shop: Shop, url: str) -> Page:
    """Give a guest's browser the cookie of the cart."""
    if shop.guest_cart:
        [cookie] = remember_cart(HttpResponse(), shop.guest_cart).cookies.values()
        tab.context.add_cookies([{"name": cookie.key, "value": cookie.value, "url": url}])
    return tab


def photograph(tab: Page, stem: Path) -> None:
    """Leave a picture of the open page by day and one by night."""
    load_lazy_pictures(tab)
    width = tab.viewport_size["width"]
    for color_scheme in ("light", "dark"):
        tab.emulate_media(color_scheme=color_scheme)
        # Colours may fade over; endless movements (a spinner) are not waited for.
        tab.evaluate(
            """() => Promise.all(document.getAnimations()
                 .filter((movement) => movement.effect.getComputedTiming().endTime < 2000)
                 .map((movement) => movement.finished.catch(() => {})))"""
        )
        height = min(tab.evaluate("document.documentElement.scrollHeight"), TALLEST_PIXELS)
        tab.screenshot(
            path=f"{stem}-{color_scheme}.png",
            full_page=True,
            clip={"x": 0, "y": 0, "width": width, "height": height},
        )
    tab.emulate_media(color_scheme="light")


def load_lazy_pictures(tab: Page) -> None:
    """Bring every picture into view once, so that those loaded late are there."""
    for picture in tab.locator("img[loading=lazy]").all():
        picture.scroll_into_view_if_needed()
    tab.evaluate("scrollTo(0, 0)")
    tab.evaluate(
        """() => Promise.all([...document.images].map((image) => image.complete || new Promise(
             (done) => { image.onload = image.onerror = done; })))"""
    )
