"""Staff repeats sessions by a rule, copies projects, and sets sales windows of many sessions at once."""

from datetime import date, datetime, timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from shop.models import Session
from shop.services.catalogue import Take, copy_project
from shop.services.sales import SalesWindow, WindowUpsideDown, set_window
from shop.tests.factories import SessionFactory
from shop.tests.staff import act, staff_with
from shop.tests.test_schedule import clock_of, on_saturday, told

pytestmark = pytest.mark.django_db
clock = datetime.fromisoformat


@pytest.fixture
def saturday() -> Session:
    return on_saturday()


# The page


def page(session: Session) -> str:
    return reverse("admin:shop_session_repeat", args=[session.pk])


def test_staff_looks_at_the_dates_and_then_makes_them(owner, saturday):
    assert page(saturday) in owner.get(reverse("admin:shop_session_change", args=[saturday.pk])).text
    begun = owner.get(page(saturday)).context["form"]
    assert begun["first"].value() == date(2027, 3, 6)
    assert begun["starts"].value() == "09:30"

    looked = owner.post(page(saturday), told(exceptions="2027-03-13"))
    assert Session.objects.count() == 1
    assert "4 dates can be made" in looked.text
    assert looked.text.count("CEST") == 1

    ticked = ["2027-03-06", "2027-03-20", "2027-04-03"]
    made = owner.post(
        page(saturday), told(exceptions="2027-03-13", make="yes", publish="on", day=ticked), follow=True
    )
    assert "3 sessions are new.</li>" in made.text
    assert Session.objects.filter(is_published=True).count() == 4
    again = owner.post(page(saturday), told(exceptions="2027-03-13", make="yes", day=ticked), follow=True)
    assert "Nothing was made" in again.text
    assert Session.objects.count() == 4


def test_dates_on_which_something_else_takes_place_are_not_ticked(owner, saturday):
    Session.objects.filter(pk=saturday.pk).update(place_name="Workshop 2")
    SessionFactory(
        starts_at=saturday.starts_at + timedelta(days=14),
        ends_at=saturday.ends_at + timedelta(days=14),
        place_name="Workshop 2",
    )

    looked = owner.post(page(saturday), told()).text

    assert 'value="2027-03-13">' in looked
    assert 'value="2027-03-20" checked>' in looked


def test_what_is_made_hidden_says_so_and_leads_to_publishing(owner, saturday):
    made = owner.post(page(saturday), told(make="yes", day=["2027-03-20"]), follow=True)

    assert "1 session is new. Nobody sees what is new before it is published." in made.text
    assert "is_published__exact=0" in made.text
    hidden = owner.get(
        f"{reverse('admin:shop_session_changelist')}?project__id__exact={saturday.project_id}&is_published__exact=0"
    )
    assert hidden.context["cl"].result_count == 1


def test_a_rule_without_dates_says_so(owner, saturday):
    assert (
        "This rule gives no date."
        in owner.post(page(saturday), told(last="2027-03-06", first="2027-03-06", weekdays=["0"])).text
    )
    assert owner.post(page(saturday), told(weekdays=[])).status_code == 422


@pytest.mark.parametrize("nonsense", ["", "2027-02-31", "x" * 99, "2027-03-06\x00"])
def test_ticks_that_nobody_could_have_set_make_nothing(owner, saturday, nonsense):
    owner.post(page(saturday), told(make="yes", day=[nonsense]))

    assert Session.objects.count() == 1


def test_repeating_is_for_who_may_add_sessions_and_publishing_for_who_may_change_them(saturday):
    assert staff_with("view_session", "change_session").get(page(saturday)).status_code == 403
    adder = staff_with("view_session", "add_session")

    adder.post(page(saturday), told(make="yes", publish="on", day=["2027-03-06"]))

    assert not Session.objects.latest("pk").is_published


# Copies of projects


@pytest.mark.parametrize(("take", "expected"), [(Take.NONE, 0), (Take.NEXT, 1), (Take.UPCOMING, 2)])
def test_the_copy_of_a_project_takes_along_what_it_is_told(take, expected):
    first = SessionFactory()
    for fields in (
        {"starts_at": timezone.now() + timedelta(days=20)},
        {"starts_at": timezone.now() - timedelta(days=20)},
        {"starts_at": timezone.now() + timedelta(days=9), "cancelled_at": timezone.now()},
    ):
        SessionFactory(project=first.project, **fields)

    copy = copy_project(first.project, take=take)

    assert copy.sessions.count() == expected
    assert not copy.sessions.filter(is_published=True).exists()


@pytest.mark.parametrize(("action", "expected"), [("copy_without", 0), ("copy", 1), ("copy_with_all", 2)])
def test_staff_copies_a_project_with_or_without_its_sessions(owner, action, expected):
    first = SessionFactory()
    SessionFactory(project=first.project)

    act(owner, action, first.project)

    assert Session.objects.exclude(project=first.project).count() == expected


# Sales windows


def windowed(session: Session, **fields) -> list[str]:
    set_window(session, SalesWindow(**fields))
    session.refresh_from_db()
    return [
        clock_of(session, name) if getattr(session, name) else ""
        for name in ("sales_start_at", "sales_end_at")
    ]


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({}, ["", ""]),
        ({"starts_days_before": 30}, ["01-28 00:00", ""]),
        ({"starts_days_before": 0, "ends_hours_before": 2}, ["02-27 00:00", "02-27 07:30"]),
        ({"starts": clock("2027-01-01 08:00")}, ["01-01 08:00", ""]),
        ({"ends": clock("2027-02-20 18:00")}, ["", "02-20 18:00"]),
    ],
)
def test_a_window_stands_on_the_clock_of_the_session(saturday, fields, expected):
    assert windowed(saturday, **fields) == expected


@pytest.mark.parametrize(
    "fields",
    [
        {"starts": clock("2027-02-27 09:30")},
        {"starts_days_before": 1, "ends_hours_before": 48},
        {"starts": clock("2027-02-01 00:00"), "ends": clock("2027-01-01 00:00")},
    ],
)
def test_sales_end_after_they_start(saturday, fields):
    with pytest.raises(WindowUpsideDown):
        windowed(saturday, **fields)


def test_staff_sets_the_window_of_many_sessions_at_once(owner, saturday):
    other = SessionFactory(time_zone="Europe/Lisbon")
    asked = act(owner, "set_sales_window", saturday, other)
    assert "or so many days before each session" in asked.text

    address = reverse("admin:shop_session_changelist") + "?when=all"
    data = {
        "action": "set_sales_window",
        "_selected_action": [saturday.pk, other.pk],
        "confirmed": "yes",
        "starts_days_before": "14",
        "ends_hours_before": "1",
    }
    wrong = owner.post(address, data | {"starts": "2027-01-01T08:00"})
    assert "Give one of the two." in wrong.text
    done = owner.post(address, data, follow=True)

    assert "on sale from 13 Feb 2027, 00:00 (Zurich time) to 27 Feb 2027, 08:30 (Zurich time)" in done.text
    for session in (saturday, other):
        session.refresh_from_db()
        assert f"{session.sales_start_at.astimezone(session.tz):%H:%M}" == "00:00"
        assert session.starts_at - session.sales_end_at == timedelta(hours=1)


def test_who_may_not_change_sessions_sets_no_window(saturday):
    page = act(staff_with("view_session"), "set_sales_window", saturday)

    assert "When are these sessions on sale?" not in page.text
