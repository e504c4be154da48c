"""Tables for spreadsheets, written while they are read, so that their length does not matter."""

import csv
import tempfile
from collections.abc import Iterable, Iterator
from datetime import date, datetime
from decimal import Decimal
from typing import IO, TYPE_CHECKING, Any

from django.http import FileResponse, StreamingHttpResponse
from django.utils.timezone import is_aware, localtime

if TYPE_CHECKING:
    import xlsxwriter

FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
ROWS_OF_A_SHEET = 1_048_576  # what Excel can open; further rows go on a sheet of their own


class _Echo:
    """A file that hands back what is written to it."""

    def write(self, text: str) -> str:
        return text


def harmless(value: Any) -> Any:
    """Keep a spreadsheet from running a text as a formula: an apostrophe goes before whatever could be one."""
    if isinstance(value, str) and value.startswith(FORMULA_STARTS):
        return f"'{value}"
    return value


def lines(rows: Iterable[Iterable[Any]]) -> Iterator[str]:
    """Write rows as CSV, line by line, behind the mark by which spreadsheets recognise UTF-8."""
    writer = csv.writer(_Echo())
    yield "\ufeff"
    for row in rows:
        yield writer.writerow([harmless(value) for value in row])


def download(name: str, rows: Iterable[Iterable[Any]]) -> StreamingHttpResponse:
    """Answer with a file of these rows; nothing is gathered in memory."""
    response = StreamingHttpResponse(lines(rows), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


def workbook(rows: Iterable[Iterable[Any]], *, sheet: str = "") -> IO[bytes]:
    """Write rows into a temporary XLSX file, the first of them as its heading, and return it, open at its beginning.

    Numbers, days and times arrive as such, times on the clock of the active time zone. A text is marked as text, so
    none is ever a formula; the same mark as in CSV goes before it all the same, for sheets are saved as CSV, too.
    """
    file = tempfile.TemporaryFile(suffix=".xlsx")  # noqa: SIM115 - whoever takes it closes it
    try:
        # constant_memory keeps one row at a time; what is written waits in the folder for temporary files.
        import xlsxwriter  # at first use: most processes write no workbook

        book = xlsxwriter.Workbook(file, {"constant_memory": True, "default_date_format": "yyyy-mm-dd"})
        _Sheets(book, sheet).write(rows)
        book.close()
    except BaseException:
        file.close()
        raise
    file.seek(0)
    return file


def download_workbook(name: str, rows: Iterable[Iterable[Any]], *, sheet: str = "") -> FileResponse:
    """Answer with an XLSX file of these rows, read from the disk while it is sent and gone afterwards."""
    return FileResponse(workbook(rows, sheet=sheet), as_attachment=True, filename=name, content_type=XLSX)


class _Sheets:
    """The sheets of one workbook, filled row by row."""

    COLUMN_WIDTH = 18

    def __init__(self, book: "xlsxwriter.Workbook", name: str) -> None:
        self.book = book
        self.name = name
        self.head_format = book.add_format({"bold": True})
        self.time_format = book.add_format({"num_format": "yyyy-mm-dd hh:mm:ss"})
        self.money_format = book.add_format({"num_format": "0.00"})

    def write(self, rows: Iterable[Iterable[Any]]) -> None:
        rows = iter(rows)
        head = list(next(rows, []))
        sheet = self._add_sheet(self.name, head)
        number = 1
        for row in rows:
            if number == ROWS_OF_A_SHEET:
                sheet = self._add_sheet("", head)
                number = 1
            for column, value in enumerate(row):
                self._write_cell(sheet, number, column, value)
            number += 1

    def _add_sheet(self, name: str, head: list[Any]) -> "xlsxwriter.worksheet.Worksheet":
        sheet = self.book.add_worksheet(name or None)
        if head:
            sheet.set_column(0, len(head) - 1, self.COLUMN_WIDTH)
            sheet.freeze_panes(1, 0)
        for column, value in enumerate(head):
            sheet.write_string(0, column, str(harmless(value)), self.head_format)
        return sheet

    def _write_cell(self, sheet: "xlsxwriter.worksheet.Worksheet", row: int, column: int, value: Any) -> None:
        if value is None or value == "":
            return
        if isinstance(value, bool):
            sheet.write_boolean(row, column, value)
        elif isinstance(value, Decimal):
            sheet.write_number(row, column, value, self.money_format)
        elif isinstance(value, int | float):
            sheet.write_number(row, column, value)
        elif isinstance(value, datetime):
            # A spreadsheet knows no zones.
            local = localtime(value).replace(tzinfo=None) if is_aware(value) else value
            sheet.write_datetime(row, column, local, self.time_format)
        elif isinstance(value, date):
            sheet.write_datetime(row, column, value)
        else:
            sheet.write_string(row, column, str(harmless(str(value))))
