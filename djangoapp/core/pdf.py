"""Printed documents: one look, fonts for many scripts, QR codes. What stands in them belongs to the apps above.

    paper = Paper(_("Invoice"), size="A4")
    paper.add_page()
    paper.heading("Invoice 2026-0012")
    paper.facts([(_("Date"), "28 November 2026"), (_("Order"), order.code)])
    paper.table([_("Place"), _("Price")], rows, widths=(3, 1), align="LR")
    paper.amounts([(_("Subtotal"), order.subtotal)], total=(_("Total"), order.total))
    return paper.content()

Lengths are millimetres, sizes of letters points. Text may hold anything: scripts from right to left are shaped, what
no font has becomes a question mark in a box, and control characters are left out.
"""

import unicodedata
from collections.abc import Iterable, Sequence
from decimal import Decimal
from functools import cache
from pathlib import Path

import segno
from django.conf import settings
from django.contrib.staticfiles import finders
from django.utils import timezone
from fpdf import FPDF
from fpdf.enums import TableBordersLayout, XPos, YPos
from fpdf.fonts import FontFace

from core.money import display

FONTS = Path(__file__).parent / "fonts"
# The studio's colours, as static/css/tokens.css has them for light pages.
INK, SOFT, LINE, LEAF, SHADE = (28, 36, 32), (88, 98, 92), (227, 223, 212), (31, 90, 65), (242, 238, 228)
SIZES = {"A4": (210, 297), "A6": (105, 148)}  # upright
UNPRINTABLE = "\N{REPLACEMENT CHARACTER}"
# What turns the direction of all that follows has no place within a name.
_TURNING = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


@cache
def _more_fonts(folder: str) -> list[Path]:
    return sorted(path for path in Path(folder).iterdir() if path.suffix.lower() in (".ttf", ".otf"))


class Paper(FPDF):
    """A document in the studio's look. Each page begins with the studio's name and address.

    ``size`` is one of ``SIZES``. ``content()`` returns the bytes of the file.
    """

    def __init__(self, title: str, *, size: str = "A4", margin: float = 18) -> None:
        super().__init__(format=SIZES[size])
        self.is_small = self.w < 150
        # A document that is kept says what they were when it was written.
        self.studio_name, self.studio_address = settings.SITE_NAME, settings.SHOP_STUDIO_ADDRESS
        self.add_font("DejaVu", fname=FONTS / "DejaVuSans.ttf")
        self.add_font("DejaVu", style="B", fname=FONTS / "DejaVuSans-Bold.ttf")
        more = _more_fonts(settings.PDF_FONTS) if settings.PDF_FONTS else []
        for number, path in enumerate(more):
            self.add_font(f"More{number}", fname=path)
        self.set_fallback_fonts([f"More{number}" for number in range(len(more))], exact_match=False)
        self.set_text_shaping(True)
        self._known = frozenset(letter for font in self.fonts.values() for letter in font.cmap)
        self.set_margin(margin)
        self.set_auto_page_break(True, margin)
        self.set_title(self.plain(title))
        self.set_author(settings.SITE_NAME)
        self.set_creator(settings.SITE_NAME)
        self.set_creation_date(timezone.now())
        self.set_lang(settings.LANGUAGE_CODE)

    def header(self) -> None:
        """The studio's sign, name and address; called for each page."""
        top = self.t_margin - (3 if self.is_small else 4)
        sign = 7 if self.is_small else 10
        self.image(finders.find("img/mark.svg"), x=self.l_margin, y=top, h=sign)
        self.set_xy(self.l_margin + sign + 2, top)
        self._style(11 if self.is_small else 14, bold=True)
        self.cell(0, sign, self.plain(self.studio_name))
        if not self.is_small:
            self.set_xy(self.l_margin, top)
            self._style(8, colour=SOFT)
            self.cell(0, sign, self.plain(self.studio_address), align="R")
        below = top + sign + 2.5
        self.set_draw_color(*LINE)
        self.line(self.l_margin, below, self.w - self.r_margin, below)
        self.set_xy(self.l_margin, below + (4 if self.is_small else 8))

    def footer(self) -> None:
        """The number of the page; a document of one page needs none, nor do pages that stand alone."""
        if self.is_small:
            return
        self.set_y(-self.b_margin + 4)
        self._style(8, colour=SOFT)
        self.cell(0, 4, f"{self.page_no()} / {{nb}}", align="R")

    # Parts

    def plain(self, text: object) -> str:
        """Leave out control characters and marks that turn the direction; what no font has becomes a mark."""
        return "".join(filter(None, map(self._letter, str(text).replace("\t", " "))))

    def _letter(self, letter: str) -> str:
        if letter == "\n" or (ord(letter) in self._known and letter not in _TURNING):
            return letter
        # Controls, joiners and selectors are not seen, and accents no more than hinted at.
        return "" if unicodedata.category(letter)[0] in "CM" else UNPRINTABLE

    def heading(self, text: str, *, size: float = 16) -> None:
        self.words(text, size=size, bold=True)
        self.ln(2)

    def words(
        self, text: object, *, size: float = 10, bold: bool = False, soft: bool = False, align: str = "L"
    ) -> None:
        """Write a paragraph over the whole width; lines break where they must."""
        self._style(size, bold=bold, colour=SOFT if soft else INK)
        self.multi_cell(
            0,
            size * 0.5,
            self.plain(text),
            align=align,
            new_x=XPos.LMARGIN,
            new_y=YPos.NEXT,
        )

    def facts(self, rows: Iterable[tuple[object, object]], *, label_width: float = 38) -> None:
        """Write labels with their values beside them; rows without a value are left out."""
        for label, value in rows:
            if value in (None, ""):
                continue
            self._keep_together()
            top = self.y
            self._style(9, colour=SOFT)
            self.multi_cell(label_width, 5, self.plain(label), align="L", new_x=XPos.LMARGIN, new_y=YPos.NEXT)
            below_label = self.y
            self.set_xy(self.l_margin + label_width + 2, top)
            self._style(10)
            self.multi_cell(0, 5, self.plain(value), align="L", new_x=XPos.LMARGIN, new_y=YPos.NEXT)
            self.set_y(max(self.y, below_label) + 1)

    def table(
        self,
        heads: Sequence[object],
        rows: Iterable[Sequence[object]],
        *,
        widths: Sequence[float],
        align: str,
        size: float = 9,
    ) -> None:
        """Write a table; its head is repeated on each page. ``align`` has one of L, C, R for each column.

        ``widths`` share out the page's width. Amounts of money are given as ``display`` writes them.
        """
        self._style(size)
        self.set_draw_color(*LINE)
        with self.table_of(
            col_widths=tuple(widths),
            text_align=tuple({"L": "LEFT", "C": "CENTER", "R": "RIGHT"}[letter] for letter in align),
            borders_layout=TableBordersLayout.HORIZONTAL_LINES,
            headings_style=FontFace(emphasis="BOLD", color=INK, fill_color=SHADE),
            line_height=size * 0.55,
            padding=1.2,
        ) as table:
            for cells in (heads, *rows):
                row = table.row()
                for cell in cells:
                    row.cell(self.plain(cell))
        self.set_x(self.l_margin)

    # The library calls it ``table``; ours has the studio's look.
    table_of = FPDF.table

    def amounts(
        self,
        rows: Iterable[tuple[object, Decimal]],
        *,
        total: tuple[object, Decimal] | None = None,
        currency: str | None = None,
        width: float = 80,
    ) -> None:
        """Write amounts of money below one another at the right margin, and their total in bold below a line.

        All have their cents, so that they stand below one another.
        """
        for label, amount in rows:
            self._amount(label, amount, currency, width)
        if total is not None:
            self._keep_together()
            self.set_draw_color(*INK)
            right = self.w - self.r_margin
            self.line(right - width, self.y + 0.5, right, self.y + 0.5)
            self.ln(1.5)
            self._amount(*total, currency, width, bold=True)

    def qr(self, text: str, *, x: float, y: float, size: float) -> None:
        """Draw a QR code as wide and high as ``size``, its quiet margin within. It does not move the pen."""
        rows = list(segno.make(text, error="m", micro=False).matrix_iter(border=4))
        dot = size / len(rows)
        self.set_fill_color(255)
        self.rect(x, y, size, size, style="F")
        self.set_fill_color(0)
        for row, dots in enumerate(rows):
            start = None
            for column, is_dark in enumerate([*dots, 0]):  # what lies side by side is drawn as one
                if is_dark and start is None:
                    start = column
                elif not is_dark and start is not None:
                    self.rect(x + start * dot, y + row * dot, (column - start) * dot, dot, style="F")
                    start = None

    def content(self) -> bytes:
        """Close the document and return it."""
        return bytes(self.output())

    def _amount(
        self, label: object, amount: Decimal, currency: str | None, width: float, *, bold: bool = False
    ) -> None:
        self._keep_together()
        self._style(11 if bold else 10, bold=bold)
        top, right = self.y, self.w - self.r_margin
        self.set_x(right - width)
        self.multi_cell(width - 32, 5.5, self.plain(label), align="L", new_x=XPos.LMARGIN, new_y=YPos.NEXT)
        below_label = self.y
        self.set_xy(right - 32, top)
        self.cell(
            32, 5.5, display(amount, currency, is_exact=True), align="R", new_x=XPos.LMARGIN, new_y=YPos.NEXT
        )
        self.set_y(max(self.y, below_label))

    def _keep_together(self, height: float = 15) -> None:
        """Begin a new page where this one has no room for so much."""
        if self.will_page_break(height):
            self.add_page()

    def _style(self, size: float, *, bold: bool = False, colour: tuple[int, int, int] = INK) -> None:
        self.set_font("DejaVu", style="B" if bold else "", size=size)
        self.set_text_color(*colour)
