"""Charts drawn by the server: what to draw is worked out here, ``includes/chart.html`` draws it.

The drawing is as wide as its place and keeps the size of its letters on every screen: across, positions are shares of
the width, down, they are pixels. The same values always give the same drawing. Classes of ``staff.css`` give colours.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal

from django.utils.translation import gettext as _

Number = int | float | Decimal

HEIGHT = 240  # pixels, as in staff.css
_TOP, _BOTTOM = 24, 212  # where the highest and the lowest value stand
_LEFT = 12.0  # percent of the width that the scale takes
_ROOM = 100 - _LEFT
_WIDEST_BAR = 8.0
_CURVE_UNITS = 1000  # the width of the field of curves, which is stretched to its place
_RULES = 4
_LABELS, _LABELS_ON_A_PHONE = 10, 5
_FEW_ENOUGH_FOR_VALUES = 7


@dataclass(frozen=True)
class Series:
    """Values under one name. ``kind`` is the colour: leaf, or ``b`` sky, ``c`` honey, ``d`` brick."""

    name: str
    values: Sequence[Number]
    kind: str = ""


@dataclass(frozen=True)
class Rule:
    y: str
    text: str
    is_zero: bool


@dataclass(frozen=True)
class Label:
    """A word under the drawing. There is no room for those that are ``is_wide`` on a phone."""

    x: str
    text: str
    is_wide: bool


@dataclass(frozen=True)
class Bar:
    x: str
    y: str
    width: str
    height: str
    kind: str
    words: str


@dataclass(frozen=True)
class Value:
    x: str
    y: str
    text: str


@dataclass(frozen=True)
class Curve:
    points: str
    kind: str
    area: str = ""


@dataclass(frozen=True)
class Chart:
    """A drawing, and the same numbers as a table. ``name`` must be the only one of its kind on its page."""

    name: str
    title: str
    summary: str
    series: Sequence[Series]
    head: list[str]
    rows: list[list[str]]
    rules: list[Rule] = field(default_factory=list)
    labels: list[Label] = field(default_factory=list)
    bars: list[Bar] = field(default_factory=list)
    values: list[Value] = field(default_factory=list)
    curves: list[Curve] = field(default_factory=list)

    @property
    def is_empty(self) -> bool:
        return not self.rows


def columns(
    name: str,
    title: str,
    labels: Sequence[str],
    series: Sequence[Series],
    *,
    along: str = "",
    write: Callable[[Number], str] = str,
) -> Chart:
    """A column for each label, one behind the other in the order given; several series stand on each other.

    ``along`` names what the labels are, for the table; ``write`` says a value in words. What is below zero hangs down.
    """
    heights = [sum(max(one.values[i], 0) for one in series) for i in range(len(labels))]
    depths = [sum(min(one.values[i], 0) for one in series) for i in range(len(labels))]
    scale = _Scale([*heights, *depths], is_whole=_are_whole(series))
    slot = _ROOM / max(len(labels), 1)
    width = min(slot * 0.72, _WIDEST_BAR)
    bars, values = [], []
    for i, label in enumerate(labels):
        middle = _LEFT + slot * (i + 0.5)
        up = down = 0
        for one in series:
            value = one.values[i]
            if not value:
                continue
            base = up if value > 0 else down
            words = f"{label}: {write(value)}" if len(series) == 1 else f"{label}, {one.name}: {write(value)}"
            bars.append(_bar(middle - width / 2, width, scale, base, base + value, one.kind, words))
            if value > 0:
                up += value
            else:
                down += value
        if len(labels) <= _FEW_ENOUGH_FOR_VALUES and (up or down):
            values.append(Value(_percent(middle), _pixels(scale.y(up) - 6), compact(up + down)))
    return Chart(
        name,
        title,
        _summary(labels, [sum(one.values[i] for one in series) for i in range(len(labels))], write),
        series,
        [along, *(one.name for one in series)],
        [[label, *(write(one.values[i]) for one in series)] for i, label in enumerate(labels)],
        rules=scale.rules(),
        labels=_labels([_LEFT + slot * (i + 0.5) for i in range(len(labels))], labels),
        bars=bars,
        values=values,
    )


def curves(
    name: str,
    title: str,
    instants: Sequence[datetime],
    series: Sequence[Series],
    *,
    label: Callable[[datetime], str],
    along: str = "",
    write: Callable[[Number], str] = str,
) -> Chart:
    """A line over time for each series, through the values at these ascending instants. The first one is filled.

    ``label`` says an instant in a few letters; ``along`` and ``write`` as with ``columns``.
    """
    labels = [label(instant) for instant in instants]
    scale = _Scale([value for one in series for value in one.values], is_whole=_are_whole(series))
    places = _places(instants)
    zero = _pixels(scale.y(0) - _TOP)
    lines = []
    for number, one in enumerate(series):
        points = [
            f"{_plain(place * _CURVE_UNITS)},{_pixels(scale.y(value) - _TOP)}"
            for place, value in zip(places, one.values, strict=True)
        ]
        area = ""
        if points and not number:
            ends = [_plain(place * _CURVE_UNITS) for place in (places[0], places[-1])]
            area = " ".join([f"{ends[0]},{zero}", *points, f"{ends[1]},{zero}"])
        lines.append(Curve(" ".join(points), one.kind, area))
    return Chart(
        name,
        title,
        _summary(labels, series[0].values if series else [], write),
        series,
        [along, *(one.name for one in series)],
        [[text, *(write(one.values[i]) for one in series)] for i, text in enumerate(labels)],
        rules=scale.rules(),
        labels=_labels([_LEFT + _ROOM * place for place in places], labels),
        curves=lines,
    )


@dataclass(frozen=True)
class Part:
    """A share of a whole; ``kind`` as with a series."""

    name: str
    value: Number
    kind: str = ""


@dataclass(frozen=True)
class Segment:
    x: str
    width: str
    kind: str


@dataclass(frozen=True)
class Shares:
    """A flat bar of parts, for a line of a table: ``includes/shares.html`` draws it."""

    segments: list[Segment]
    words: str


def shares(
    parts: Sequence[Part], *, whole: Number | None = None, write: Callable[[Number], str] = str
) -> Shares:
    """Parts one behind the other. Of a larger ``whole`` the rest stays empty: that makes a bar that fills."""
    total = max(sum(part.value for part in parts), whole or 0)
    segments, start = [], 0
    for part in parts:
        if total and part.value > 0:
            width = float(100 * part.value / total)
            segments.append(Segment(_percent(float(100 * start / total)), _percent(width), part.kind))
            start += part.value
    words = ", ".join(f"{part.name}: {write(part.value)}" for part in parts)
    if whole is not None:
        words = _("%(parts)s of %(whole)s") % {"parts": words, "whole": write(whole)}
    return Shares(segments, words)


def compact(value: Number) -> str:
    """A number in at most a handful of letters: ``950``, ``1.2k``, ``34k``, ``1.5M``."""
    number = float(value)
    for unit, sign in ((1e9, "G"), (1e6, "M"), (1e3, "k")):
        if abs(number) >= unit:
            return f"{_short(number / unit)}{sign}".replace("-", "−")
    return _short(number).replace("-", "−")


def _short(number: float) -> str:
    return f"{number:.0f}" if abs(number) >= 100 or number == int(number) else f"{number:.3g}"


class _Scale:
    """From values to pixels, between two round numbers, with zero in it."""

    def __init__(self, values: Sequence[Number], *, is_whole: bool) -> None:
        exact = [Decimal(str(value)) for value in values]
        lowest, highest = min([*exact, Decimal(0)]), max([*exact, Decimal(0)])
        self.step = _round_step((highest - lowest) / _RULES)
        if is_whole:
            self.step = max(self.step, Decimal(1))
        self.low = math.floor(lowest / self.step) * self.step
        self.high = math.ceil(highest / self.step) * self.step or self.step

    def y(self, value: Number) -> float:
        share = (Decimal(str(value)) - self.low) / (self.high - self.low)
        return float(_BOTTOM - share * (_BOTTOM - _TOP))

    def rules(self) -> list[Rule]:
        count = int((self.high - self.low) / self.step)
        marks = [self.low + self.step * i for i in range(count + 1)]
        return [Rule(_pixels(self.y(mark)), compact(mark), is_zero=not mark) for mark in marks]


def _round_step(least: Decimal) -> Decimal:
    """The smallest of 1, 2, 5, 10, 20, 50 … that is at least this."""
    if not least:
        return Decimal(1)
    unit = Decimal(10) ** least.adjusted()
    return next(unit * factor for factor in (1, 2, 5, 10) if unit * factor >= least)


def _are_whole(series: Sequence[Series]) -> bool:
    return all(value == int(value) for one in series for value in one.values)


def _bar(x: float, width: float, scale: _Scale, start: Number, end: Number, kind: str, words: str) -> Bar:
    top, bottom = sorted((scale.y(start), scale.y(end)))
    return Bar(_percent(x), _pixels(top), _percent(width), _pixels(max(bottom - top, 1)), kind, words)


def _places(instants: Sequence[datetime]) -> list[float]:
    """Where each instant lies between the first and the last one, from 0 to 1."""
    if not instants:
        return []
    length = (instants[-1] - instants[0]).total_seconds()
    return [(instant - instants[0]).total_seconds() / length if length else 0.5 for instant in instants]


def _labels(places: Sequence[float], texts: Sequence[str]) -> list[Label]:
    """As many words as there is room for, evenly chosen."""
    step = max(1, math.ceil(len(texts) / _LABELS))
    step_on_a_phone = step * max(1, math.ceil(len(texts) / _LABELS_ON_A_PHONE / step))
    return [
        Label(_percent(places[i]), texts[i], is_wide=bool(i % step_on_a_phone))
        for i in range(0, len(texts), step)
    ]


def _summary(labels: Sequence[str], values: Sequence[Number], write: Callable[[Number], str]) -> str:
    if not labels:
        return _("No data.")
    highest = max(range(len(values)), key=lambda i: values[i])
    lowest = min(range(len(values)), key=lambda i: values[i])
    return _("From %(first)s to %(last)s. Highest: %(highest)s (%(high)s). Lowest: %(lowest)s (%(low)s).") % {
        "first": labels[0],
        "last": labels[-1],
        "highest": write(values[highest]),
        "high": labels[highest],
        "lowest": write(values[lowest]),
        "low": labels[lowest],
    }


def _plain(number: float) -> str:
    return f"{number:.2f}".rstrip("0").rstrip(".")


_pixels = _plain


def _percent(number: float) -> str:
    return f"{_plain(number)}%"
