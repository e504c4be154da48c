"""Printed documents write any name, and break where they must."""

import io
from decimal import Decimal
from pathlib import Path

import pytest
from pypdf import PdfReader

from core.money import display
from core.pdf import UNPRINTABLE, Paper
from tests.support.pdf import pages_of

NOTO = Path("/usr/share/fonts/truetype/noto/NotoSansDevanagari-Regular.ttf")


@pytest.fixture
def paper() -> Paper:
    paper = Paper("Paper")
    paper.add_page()
    return paper


@pytest.mark.parametrize(
    "name",
    [
        "Žofie Ødegård",
        "Nguyễn Thị Hồng",
        "Иван Щёкин",
        "Αλέξανδρος Ωνάσης",
        "Անի Հովհաննիսյան",
        "ნინო ბერიძე",
        "שרה לוי",
        "عبدالله",
        "O’Brien – “Süß” & <b>",
    ],
)
def test_names_in_many_scripts_come_out(paper, name):
    paper.heading(name)
    paper.words(name)

    [text] = pages_of(paper.content())

    # Scripts from right to left are laid out as they are seen, and letters joined; none is missing.
    letters = sorted(name.replace(" ", ""))
    written = "".join(text.split()).removeprefix("TreesN’QsTreesN’Qs,Baumweg3,8004Zürich").removesuffix("1/1")
    assert sorted(written) == sorted(letters * 2)


def test_what_no_font_has_becomes_a_mark_and_what_nobody_sees_is_left_out(paper):
    assert paper.plain("陳 \U0001f469\U0001f33e\ufe0f") == f"{UNPRINTABLE} {UNPRINTABLE * 2}"
    assert paper.plain("A\x00n\x1b[2Ja\u202e ylimaF") == "An[2Ja ylimaF"
    assert paper.plain("one\n\ttwo") == "one\n two"


@pytest.mark.skipif(not NOTO.exists(), reason="the Debian package fonts-noto-core is not installed")
def test_more_fonts_write_more_scripts(settings, tmp_path):
    (tmp_path / NOTO.name).symlink_to(NOTO)
    settings.PDF_FONTS = str(tmp_path)
    paper = Paper("Paper")
    paper.add_page()

    paper.words("देव and Ana")

    [text] = pages_of(paper.content())
    assert paper.plain("देव") == "देव"
    assert "देव" in text


def test_long_tables_repeat_their_head_and_amounts_stay_together(paper):
    rows = [(f"Place {number} " + "and much to say " * 5, display(Decimal("85.50"))) for number in range(60)]

    paper.table(["What", "Price"], rows, widths=(4, 1), align="LR")
    paper.amounts([("Subtotal", Decimal(5130))], total=("Total", Decimal("5130.50")))

    pages = pages_of(paper.content())
    assert len(pages) > 2
    assert all("Price" in page for page in pages)
    assert all(f"{number} / {len(pages)}" in page for number, page in enumerate(pages, start=1))
    assert "CHF\N{NO-BREAK SPACE}5,130.50" in pages[-1]
    assert sum(page.count("85.50") for page in pages) == 60


def test_facts_without_a_value_are_left_out(paper):
    paper.facts([("Company", ""), ("Order", "K7QF"), ("Note", "word " * 60), ("Town", "Zürich")])

    [text] = pages_of(paper.content())
    assert "Company" not in text
    assert "K7QF" in text
    assert text.count("word") == 60


@pytest.mark.parametrize("word", ["x" * 400, "ع" * 400, "a\u0301" * 200])
def test_words_without_end_are_broken(paper, word):
    paper.heading(word)
    paper.table(["What", "Price"], [[word, "CHF 1"]], widths=(1, 1), align="LR")

    assert len(pages_of(paper.content())) >= 1


def test_a_document_tells_its_title_and_studio():
    meta = PdfReader(io.BytesIO(Paper("Tickets of order K7QF").content())).metadata

    assert (meta.title, meta.author) == ("Tickets of order K7QF", "TreesN’Qs")
