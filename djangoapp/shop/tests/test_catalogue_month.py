"""The month as a calendar."""

from datetime import UTC, date, datetime, timedelta

import pytest
import time_machine

from accounts.models import Membership
from shop.models import Session
from shop.months import SHOWN_PER_DAY, Month, weeks_of
from shop.tests.factories import CategoryFactory, SessionFactory, UserFactory, member, paid_order_for

MONTH = "/sessions/?view=month"


@pytest.fixture(autouse=True)
def _friday_in_november():
    with time_machine.travel(datetime(2026, 11, 20, 12, 0, tzinfo=UTC), tick=False):
        yield


def session_at(starts_at: str, zone: str = "Europe/Zurich", **fields) -> Session:
    """A session at a wall-clock time of its zone."""
    session = Session(time_zone=zone)
    starts = datetime.fromisoformat(starts_at).replace(tzinfo=session.tz)
    return SessionFactory(starts_at=starts, ends_at=starts + timedelta(hours=2), time_zone=zone, **fields)


def days_of(response) -> dict[str, list[str]]:
    """The titles on each day that has any."""
    return {
        day.date.isoformat(): [card.session.title for card in day.entries]
        for week in response.context["weeks"]
        for day in week
        if day.entries
    }


# The layout, without any database


@pytest.mark.parametrize(
    ("month", "first", "last", "weeks"),
    [
        (Month(2026, 11), date(2026, 10, 26), date(2026, 12, 6), 6),
        (Month(2027, 2), date(2027, 2, 1), date(2027, 2, 28), 4),
        (Month(2028, 2), date(2028, 1, 31), date(2028, 3, 5), 5),
    ],
)
def test_a_month_is_whole_weeks_from_monday_to_sunday(month, first, last, weeks):
    table = weeks_of(month, [], today=date(2026, 11, 20), url_of=str)

    assert (table[0][0].date, table[-1][-1].date, len(table)) == (first, last, weeks)
    assert {len(week) for week in table} == {7}


def test_only_one_day_is_today():
    table = weeks_of(Month(2026, 11), [], today=date(2026, 11, 20), url_of=str)

    assert [day.date.day for week in table for day in week if day.is_today] == [20]


@pytest.mark.parametrize(
    ("text", "month"),
    [
        ("2026-12", Month(2026, 12)),
        ("2099-01", Month(2099, 1)),
        ("2026-13", None),
        ("2026-00", None),
        ("2026-1", None),
        ("0001-01", None),
        ("9999-12", None),
        ("abc", None),
        ("", None),
        ("２０２６-12", None),
        ("2026-12\n", None),
        ("2026-12-01", None),
    ],
)
def test_a_month_is_read_or_not(text, month):
    assert Month.read(text) == month


def test_months_follow_one_another_over_the_year():
    assert Month(2026, 12).next == Month(2027, 1)
    assert Month(2027, 1).previous == Month(2026, 12)
    assert str(Month(2027, 1)) == "2027-01"
    assert Month(2026, 12) < Month(2027, 1)


# The page


@pytest.mark.django_db
def test_the_present_month_comes_first(client):
    session_at("2026-11-28 09:30", project__title="Grafting")
    session_at("2026-12-01 09:30", project__title="Next month")
    session_at("2026-11-19 09:30", project__title="Yesterday")

    response = client.get(MONTH)

    assert response.context["month"] == Month(2026, 11)
    assert days_of(response) == {"2026-11-28": ["Grafting"]}


@pytest.mark.django_db
def test_another_month_is_one_address_away(client):
    session_at("2026-12-05 14:00", project__title="Bowls")

    response = client.get(f"{MONTH}&month=2026-12")

    assert days_of(response) == {"2026-12-05": ["Bowls"]}
    assert "<title>Calendar December 2026 ·" in response.content.decode()


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("starts_at", "zone"),
    [
        ("2026-12-01 00:15", "Pacific/Kiritimati"),  # the last of November in Zurich
        ("2026-12-31 23:30", "Pacific/Pago_Pago"),  # the first of January in Zurich
        ("2026-12-01 00:15", "Europe/Zurich"),
        ("2026-12-31 23:30", "Europe/Lisbon"),
    ],
)
def test_a_session_stands_on_the_day_of_its_own_place(client, settings, starts_at, zone):
    settings.TIME_ZONE = "Europe/Zurich"
    session_at(starts_at, zone)

    assert list(days_of(client.get(f"{MONTH}&month=2026-12"))) == [starts_at[:10]]
    assert days_of(client.get(f"{MONTH}&month=2027-01")) == {}


@pytest.mark.django_db
def test_a_session_of_two_days_stands_on_both_and_is_found_by_either(client):
    session = session_at("2026-11-30T09:00", project__title="Bees")
    Session.objects.update(ends_at=session.ends_at + timedelta(days=1))

    november = client.get(MONTH)
    december = client.get(f"{MONTH}&month=2026-12")
    on_the_second_day = client.get("/sessions/?from=2026-12-01&to=2026-12-01")

    assert days_of(november) == {"2026-11-30": ["Bees"]}
    assert november.context["following"] == Month(2026, 12)
    assert days_of(december) == {"2026-12-01": ["Bees"]}
    assert "goes on" in december.text
    assert "Bees" in on_the_second_day.text
    assert "Bees" not in client.get("/sessions/?from=2026-12-02").text


@pytest.mark.django_db
@pytest.mark.parametrize("starts_at", ["2027-03-28 03:30", "2027-10-31 02:30"])
def test_the_nights_on_which_clocks_change_are_days_like_others(client, starts_at):
    session_at(starts_at)

    response = client.get(f"{MONTH}&month={starts_at[:7]}")

    assert list(days_of(response)) == [starts_at[:10]]
    assert starts_at[11:] in response.content.decode()


@pytest.mark.django_db
def test_a_clock_of_another_place_is_named(client):
    session_at("2026-12-05 18:30", "Europe/Lisbon")
    session_at("2026-12-06 14:00")

    page = client.get(f"{MONTH}&month=2026-12").content.decode()

    assert "<b>18:30 Lisbon time</b>" in page
    assert "<b>14:00</b>" in page


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("fields", "mark", "words"),
    [
        ({"seats_taken": 10}, "few", "14:00 · 2 left"),
        ({"seats_taken": 12}, "none", "14:00 · sold out"),
        ({"sales_start_at": datetime(2026, 12, 1, tzinfo=UTC)}, "none", "14:00 · on sale soon"),
        ({"sales_end_at": datetime(2026, 11, 1, tzinfo=UTC)}, "none", "14:00 · sales ended"),
        ({}, "", "<b>14:00</b>"),
    ],
)
def test_what_a_colour_says_is_said_in_words(client, fields, mark, words):
    session = session_at("2026-12-05 14:00", **fields)

    page = client.get(f"{MONTH}&month=2026-12").content.decode()

    assert f'<a class="{mark}" href="{session.get_absolute_url()}">' in page
    assert words in page


@pytest.mark.django_db
def test_a_full_day_leads_on_to_its_own_list(client):
    for hour in range(8, 8 + SHOWN_PER_DAY + 2):
        session_at(f"2026-12-05 {hour:02}:00", project__title=f"At {hour}")

    response = client.get(f"{MONTH}&month=2026-12&q=at")
    [day] = [day for week in response.context["weeks"] for day in week if day.entries]
    of_the_day = client.get(day.url)

    assert "and 2 more" in response.content.decode()
    assert day.url == "/sessions/?q=at&from=2026-12-05&to=2026-12-05"
    assert "At 12" not in response.content.decode()
    assert "At 12" in of_the_day.content.decode()


@pytest.mark.django_db
def test_the_table_tells_screen_readers_what_it_is(client):
    session_at("2026-12-05 14:00")

    page = client.get(f"{MONTH}&month=2026-12").content.decode()

    assert "Sessions in December 2026, each at the time of its own place</caption>" in page
    assert page.count('<th scope="col">') == 7
    assert '<th scope="col"><abbr title="Monday">Mon</abbr>' in page
    assert "Saturday 5 December, 1 session" in page


@pytest.mark.django_db
def test_today_is_marked(client):
    page = client.get(MONTH).content.decode()

    assert page.count('class="today"') == 1
    assert '<time datetime="2026-11-20">20</time><span class="visually-hidden"> today</span>' in page


@pytest.mark.django_db
def test_today_is_the_studio_s_day(client):
    with time_machine.travel(datetime(2026, 11, 30, 23, 30, tzinfo=UTC), tick=False):
        response = client.get(MONTH)

    assert response.context["month"] == Month(2026, 12)


@pytest.mark.django_db
def test_one_leafs_on_only_where_there_is_something(client):
    session_at("2026-11-28 09:30")
    session_at("2027-01-09 09:30")

    november, december, january = (
        client.get(f"{MONTH}&month={month}") for month in ("2026-11", "2026-12", "2027-01")
    )

    assert (november.context["previous"], november.context["next_url"]) == (
        None,
        "/sessions/?view=month&month=2026-12",
    )
    assert december.context["following"] == Month(2027, 1)
    assert "Nothing is planned for this month" in december.content.decode()
    assert 'href="/sessions/?view=month&amp;month=2027-01"' in december.content.decode()
    assert (january.context["previous"], january.context["next_url"]) == (Month(2026, 12), "")


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("month", "words"),
    [
        ("abc", "We do not know that month"),
        ("2026-13", "We do not know that month"),
        ("\x00", "We do not know that month"),
        ("9" * 5000, "We do not know that month"),
        ("2026-10", "That month is over"),
        ("2000-01", "That month is over"),
    ],
)
def test_a_month_that_cannot_be_shown_gives_way_to_the_present_one(client, month, words):
    response = client.get("/sessions/", {"view": "month", "month": month})

    assert response.status_code == 200
    assert response.context["month"] == Month(2026, 11)
    assert words in response.content.decode()


@pytest.mark.django_db
def test_the_farthest_month_has_none_behind_it(client):
    response = client.get(f"{MONTH}&month=2099-12")

    assert (response.status_code, response.context["next_url"]) == (200, "")


@pytest.mark.django_db
def test_filters_go_along_and_days_do_not(client):
    clay = CategoryFactory(name="Clay", slug="clay")
    session_at("2026-12-05 14:00", project__title="Bowls", project__category=clay)
    session_at("2026-12-06 14:00", project__title="Grafting")

    listed = client.get("/sessions/?category=clay&from=2026-12-01&to=2026-12-03")
    month = client.get(listed.context["month_url"])

    assert listed.context["month_url"] == "/sessions/?category=clay&view=month&month=2026-12"
    assert days_of(month) == {"2026-12-05": ["Bowls"]}
    assert [chip.url for chip in month.context["chips"]] == ["/sessions/?view=month&month=2026-12"]
    assert month.context["list_url"] == "/sessions/?category=clay"
    assert month.context["feed_address"].endswith("/sessions.ics?category=clay")


@pytest.mark.django_db
def test_nothing_that_fits_says_what_to_do(client):
    session_at("2026-12-05 14:00")

    page = client.get(f"{MONTH}&month=2026-12&q=submarine").content.decode()

    assert "No session fits these filters this month" in page
    assert 'href="/sessions/?view=month&amp;month=2026-12"' in page


@pytest.mark.django_db
def test_the_price_below_the_month_is_this_visitor_s(client):
    session_at("2026-12-05 14:00", member_price=70)
    client.force_login(member(Membership.MEMBER))

    page = client.get(f"{MONTH}&month=2026-12").content.decode()

    assert "CHF\xa070" in page
    assert "Member price" in page


@pytest.mark.django_db
@pytest.mark.parametrize("many", [1, 30])
def test_the_month_costs_three_queries_whatever_was_booked(client, django_assert_num_queries, many):
    for number in range(many):
        session = session_at(f"2026-12-{number % 28 + 1:02} 14:00", host=UserFactory())
        paid_order_for((session, 2))

    with django_assert_num_queries(3):  # kinds, sessions, whether anything follows
        response = client.get(f"{MONTH}&month=2026-12")

    assert response.context["count"] == many


@pytest.mark.django_db
def test_a_month_beyond_measure_is_cut_and_says_so(client, monkeypatch):
    monkeypatch.setattr("shop.views.catalogue.SESSIONS_PER_MONTH", 2)
    for day in (5, 6, 7):
        session_at(f"2026-12-0{day} 14:00")

    response = client.get(f"{MONTH}&month=2026-12")

    assert len(days_of(response)) == 2
    assert "There is more in this month than fits here" in response.content.decode()


@pytest.mark.django_db
def test_htmx_gets_the_month_alone(client):
    session_at("2026-12-05 14:00", project__title="Bowls")

    response = client.get(f"{MONTH}&month=2026-12&q=bowls&where=", headers={"HX-Request": "true"})

    assert response["HX-Push-Url"] == "/sessions/?q=bowls&view=month&month=2026-12"
    assert "1 session in December 2026" in response.content.decode()
    assert "<html" not in response.content.decode()
