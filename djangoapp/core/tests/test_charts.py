"""Charts: where things stand, what is said to those who do not see them, and that nothing odd breaks them."""

import re
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from django.template.loader import render_to_string

from core import charts
from core.charts import Part, Series
from core.tests.test_look import INLINE

NINE = datetime(2030, 5, 4, 9, tzinfo=UTC)


def drawn(chart: charts.Chart) -> str:
    return render_to_string("includes/chart.html", {"chart": chart})


def heights(chart: charts.Chart) -> list[float]:
    return [float(bar.height) for bar in chart.bars]


def test_columns_are_as_high_as_their_values():
    chart = charts.columns("sold", "Sold", ["Mon", "Tue", "Wed"], [Series("Places", [10, 20, 0])])

    assert heights(chart) == [94, 188]  # of 188 pixels for 20; nothing is drawn for nothing
    assert [rule.text for rule in chart.rules] == ["0", "5", "10", "15", "20"]
    assert [value.text for value in chart.values] == ["10", "20"]


def test_series_stand_on_each_other_and_hang_below_zero():
    chart = charts.columns(
        "money",
        "Money",
        ["May"],
        [Series("Cards", [30]), Series("Desk", [10], "b"), Series("Back", [-40], "d")],
    )

    cards, desk, back = chart.bars
    assert float(desk.y) + float(desk.height) == float(cards.y)
    assert float(back.y) == float(cards.y) + float(cards.height)
    assert [rule.text for rule in chart.rules if rule.is_zero] == ["0"]
    assert chart.rules[0].text == "−40"
    assert "May, Desk: 10" in drawn(chart)


@pytest.mark.parametrize(
    ("values", "scale"),
    [
        ([0], ["0", "1"]),
        ([1], ["0", "1"]),
        ([3], ["0", "1", "2", "3"]),
        ([7], ["0", "2", "4", "6", "8"]),
        ([Decimal("0.3")], ["0", "0.1", "0.2", "0.3"]),
        ([123456], ["0", "50k", "100k", "150k"]),
        ([3_000_000_000], ["0", "1G", "2G", "3G"]),
    ],
)
def test_a_scale_has_round_numbers_and_counts_stay_whole(values, scale):
    chart = charts.columns("x", "X", ["one"], [Series("X", values)])

    assert [rule.text for rule in chart.rules] == scale


def test_a_curve_keeps_the_distances_between_its_instants():
    instants = [NINE, NINE + timedelta(minutes=30), NINE + timedelta(hours=2)]

    chart = charts.curves(
        "arrivals", "Arrivals", instants, [Series("Arrived", [0, 5, 10])], label=lambda at: f"{at:%H:%M}"
    )

    assert chart.curves[0].points == "0,188 250,94 1000,0"
    assert chart.curves[0].area.startswith("0,188 0,188")
    assert [label.text for label in chart.labels] == ["09:00", "09:30", "11:00"]


def test_one_instant_stands_in_the_middle():
    chart = charts.curves("one", "One", [NINE], [Series("X", [4])], label=str)

    assert chart.curves[0].points == "500,0"


@pytest.mark.parametrize(
    "chart",
    [
        charts.columns("none", "None", [], [Series("X", [])]),
        charts.columns("none", "None", [], []),
        charts.curves("none", "None", [], [Series("X", [])], label=str),
    ],
)
def test_without_data_there_are_words_instead_of_an_empty_frame(chart):
    assert "There is nothing to draw yet." in drawn(chart)
    assert "<svg" not in drawn(chart)


def test_a_phone_gets_fewer_labels_than_a_desk():
    days = [f"day {number}" for number in range(365)]

    chart = charts.columns("days", "Days", days, [Series("X", [1] * 365)])

    assert len(chart.labels) == 10
    assert [label.text for label in chart.labels if not label.is_wide] == [
        f"day {n}" for n in (0, 74, 148, 222, 296)
    ]


def test_who_does_not_see_the_drawing_hears_its_gist_and_reads_its_numbers():
    chart = charts.columns(
        "sold",
        "Sold <b>",
        ["Mon & Tue", "Wed"],
        [Series("Places", [3, 12])],
        along="Day",
        write=lambda n: f"{n} pcs",
    )

    html = drawn(chart)

    assert 'role="img" aria-labelledby="chart-sold-title chart-sold-words"' in html
    assert "From Mon &amp; Tue to Wed. Highest: 12 pcs (Wed). Lowest: 3 pcs (Mon &amp; Tue).</desc>" in html
    assert '<th scope="row">Mon &amp; Tue</th><td class="number">3 pcs</td>' in html
    assert "Sold <b>" not in html
    assert not INLINE.search(html)


def test_the_same_values_give_the_same_drawing():
    def again() -> str:
        values = [Decimal("10.10"), Decimal("1") / 3, 5]
        return drawn(charts.columns("x", "X", ["a", "b", "c"], [Series("X", values)]))

    assert again() == again()
    assert not re.search(r'="[^"]*\.\d{3}', again())  # no more digits than a screen can show


@pytest.mark.parametrize(
    ("value", "text"),
    [(0, "0"), (950, "950"), (1234, "1.23k"), (-2000, "−2k"), (Decimal("0.5"), "0.5"), (34_000, "34k")],
)
def test_compact_numbers(value, text):
    assert charts.compact(value) == text


def test_shares_fill_a_bar():
    bar = charts.shares([Part("Came", 30), Part("Stayed away", 10, "d")])

    assert [(segment.x, segment.width) for segment in bar.segments] == [("0%", "75%"), ("75%", "25%")]
    assert bar.words == "Came: 30, Stayed away: 10"


def test_of_a_larger_whole_a_bar_leaves_the_rest_empty():
    bar = charts.shares([Part("Came", 30)], whole=40)

    html = render_to_string("includes/shares.html", {"shares": bar})

    assert 'width="75%"' in html
    assert 'aria-label="Came: 30 of 40"' in html


@pytest.mark.parametrize("whole", [None, 0])
def test_a_bar_of_nothing_is_empty(whole):
    assert charts.shares([Part("Came", 0)], whole=whole).segments == []
