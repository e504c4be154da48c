"""What was measured, as a table, and where it goes: between two marks of the document, whose own words stay."""

import os
import platform
from collections.abc import Iterable
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from statistics import median

BEGIN = "<!-- Measured: written by `make bench`, from here -->"
END = "<!-- to here -->"


@dataclass(frozen=True)
class Row:
    """One line of the table. ``is_met`` is ``None`` where there is no goal."""

    work: str
    figure: str
    spread: str = ""
    against: str = ""
    goal: str = ""
    is_met: bool | None = None

    @property
    def cells(self) -> tuple[str, ...]:
        met = {True: "yes", False: "**no**", None: ""}[self.is_met]
        return (self.work, self.figure, self.spread, self.against, self.goal, met)


HEAD = ("work", "median", "spread", "beside it", "goal", "met")


def number(value: float) -> str:
    """Three digits that say something, and no more."""
    if value >= 100:
        return f"{value:.0f}"
    return f"{value:.1f}" if value >= 10 else f"{value:.2f}"


def spread(values: Iterable[float]) -> str:
    values = sorted(values)
    return f"{number(values[0])} – {number(values[-1])}"


def middle(values: Iterable[float]) -> str:
    return number(median(values))


def table(rows: list[Row]) -> str:
    lines = [HEAD, tuple("---" for _ in HEAD), *(row.cells for row in rows)]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)


def machine(postgres: str) -> str:
    """What it ran on, without a name."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    return (
        f"{os.cpu_count()} cores, {memory:.0f} GB of memory, Python {platform.python_version()}, "
        f"Django {version('django')}, gunicorn {version('gunicorn')}, PostgreSQL {postgres}."
    )


def write(document: Path, measured: str) -> None:
    """Put what was measured into the document, in the place of what was there. Raises ``ValueError`` without marks."""
    text = document.read_text()
    before, found, rest = text.partition(BEGIN)
    _old, also_found, after = rest.partition(END)
    if not (found and also_found):
        raise ValueError(f"{document.name} does not say where the table goes.")
    document.write_text(f"{before}{BEGIN}\n\n{measured.strip()}\n\n{END}{after}")
