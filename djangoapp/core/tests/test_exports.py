"""Workbooks, as a spreadsheet program reads them. CSV has its tests beside the admin's."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from openpyxl import load_workbook

from core import exports


def read(rows: list, **options) -> list[tuple]:
    with exports.workbook(rows, **options) as file:
        book = load_workbook(file)
        return [row for sheet in book for row in sheet.iter_rows(values_only=True)]


def test_values_keep_their_kind():
    noon = datetime(2030, 7, 1, 12, 0, 30, tzinfo=UTC)

    head, row = read(
        [
            ["name", "places", "price", "day", "arrived", "paid", "note"],
            ["Ana Bär 安娜", 3, Decimal("85.50"), date(2030, 7, 1), noon, True, None],
        ]
    )

    assert head == ("name", "places", "price", "day", "arrived", "paid", "note")
    assert row[:3] == ("Ana Bär 安娜", 3, 85.5)
    assert row[3] == datetime(2030, 7, 1)  # noqa: DTZ001 - a spreadsheet's own day
    assert row[4] == datetime(2030, 7, 1, 14, 0, 30)  # noqa: DTZ001 - the studio's clock
    assert row[5:] == (True, None)


@pytest.mark.parametrize("text", ["=1+1", "+41 44", "-1", "@SUM(A1)", "\t=1", "{=1}", "https://example.org"])
def test_no_text_is_a_formula_or_a_link(text):
    with exports.workbook([[text], [text]]) as file:
        sheet = load_workbook(file).active
        cells = [sheet["A1"], sheet["A2"]]

    assert {cell.data_type for cell in cells} == {"s"}
    assert {cell.value for cell in cells} == {exports.harmless(text)}
    assert not any(cell.hyperlink for cell in cells)


@pytest.mark.django_db  # closing an answer looks at the connections that earlier tests have left
def test_a_workbook_is_a_download_and_its_file_is_gone_when_it_was_sent(tmp_path, monkeypatch):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))

    response = exports.download_workbook("people.xlsx", iter([["name"], ["Ana"]]), sheet="People")
    body = b"".join(response.streaming_content)
    response.close()

    assert body.startswith(b"PK")
    assert response["Content-Type"] == exports.XLSX
    assert response["Content-Disposition"] == 'attachment; filename="people.xlsx"'
    assert list(tmp_path.iterdir()) == []


def test_rows_beyond_a_sheet_go_on_another_with_the_same_heading(monkeypatch):
    monkeypatch.setattr(exports, "ROWS_OF_A_SHEET", 3)

    assert read([["n"], *([number] for number in range(5))]) == [
        ("n",), (0,), (1,), ("n",), (2,), (3,), ("n",), (4,),
    ]  # fmt: skip


def test_rows_are_not_gathered_while_they_are_written(monkeypatch):
    """The source is read as it is written: were the rows kept, the thousandth would be asked for before any was."""
    asked, written = [], []
    write = exports._Sheets._write_cell
    monkeypatch.setattr(
        exports._Sheets, "_write_cell", lambda *args: (written.append(len(asked)), write(*args))
    )

    def rows():
        for number in range(1000):
            asked.append(number)
            yield [number]

    exports.workbook(rows()).close()

    assert written == list(range(2, 1001))
