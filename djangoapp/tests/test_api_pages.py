"""The pages about the API: its handbook on the site, and the tokens of one's account."""

import pytest

from accounts.tests.people import make_user
from tests.support.browser import DESKTOP, PHONE
from tests.support.pages import assert_accessible, assert_fits

pytestmark = pytest.mark.browser


@pytest.mark.parametrize("device", [PHONE, DESKTOP.dark()], ids=str)
@pytest.mark.parametrize("address", ["/api/docs/", "/account/tokens/", "/account/tokens/new/"])
def test_every_page_about_the_api_is_accessible(device, address, open_page, transactional_db):
    page = open_page(device, user=make_user())

    page.goto(address)

    assert_accessible(page)
    assert_fits(page)
