"""Pages of lists, and the small things beside them: addresses and data blocks."""

import json

import pytest

from core.addresses import absolute, with_query
from core.models import Mail
from core.pages import LAST_PAGE, page_number, page_of
from core.templatetags.json_ld import json_ld


def write_rows(many: int) -> None:
    Mail.objects.bulk_create(
        Mail(kind="test", to="ana@example.org", dedupe_key=f"row-{number}") for number in range(many)
    )


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("1", 1),
        ("7", 7),
        (str(LAST_PAGE), LAST_PAGE),
        ("999", LAST_PAGE),
        (None, 1),
        ("", 1),
        ("0", 1),
        ("-3", 1),
        ("abc", 1),
        ("1.5", 1),
        ("99999999999", 1),
        ("٣", 1),
        ("²", 1),
        ("\x00", 1),
        ("1" * 5000, 1),
    ],
)
def test_whatever_is_no_page_is_the_first(text, number):
    assert page_number(text) == number


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("number", "rows", "earlier", "later"),
    [(1, 2, None, 2), (2, 2, 1, 3), (3, 1, 2, None), (4, 0, 3, None)],
)
def test_a_page_knows_its_neighbours_in_one_query(django_assert_num_queries, number, rows, earlier, later):
    write_rows(5)

    with django_assert_num_queries(1):
        page = page_of(Mail.objects.order_by("pk"), number, size=2)

    assert (len(page.rows), page.earlier, page.later) == (rows, earlier, later)
    assert page.is_beyond_the_end == (number == 4)


@pytest.mark.django_db
def test_the_last_page_that_is_shown_has_none_behind_it():
    write_rows(LAST_PAGE + 5)

    assert page_of(Mail.objects.order_by("pk"), LAST_PAGE, size=1).later is None


@pytest.mark.django_db
def test_no_rows_at_all_is_not_the_end_of_anything():
    page = page_of(Mail.objects.order_by("pk"), 1, size=2)

    assert (page.rows, page.later, page.is_beyond_the_end, page.parameter) == ([], None, False, None)


def test_a_path_becomes_a_whole_address_and_a_whole_address_stays(settings):
    settings.SITE_URL = "https://shop.example"

    assert absolute("/sessions/") == "https://shop.example/sessions/"
    assert absolute("https://media.example/bowl.jpg") == "https://media.example/bowl.jpg"


def test_parameters_without_a_value_stay_away():
    assert with_query("/sessions/", {"q": "wet & dry", "page": None}) == "/sessions/?q=wet+%26+dry"
    assert with_query("/sessions/", {"page": None}) == "/sessions/"


def test_no_text_can_end_the_data_block():
    nasty = {"name": "</script><script>alert(1)</script> <!-- & Zürich"}

    block = json_ld(nasty)

    assert block.startswith('<script type="application/ld+json">')
    assert block.count("<") == 2
    assert json.loads(block[block.index("{") : block.rindex("}") + 1]) == nasty


def test_no_data_makes_no_block():
    assert json_ld(None) == ""
