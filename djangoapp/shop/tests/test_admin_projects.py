"""Staff writes down projects with their sessions as rows, copies and publishes them."""

import io
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
import time_machine
from django.conf import settings as django_settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from PIL import Image

from shop.models import Project, Session
from shop.tests.factories import ProjectFactory, SessionFactory, UserFactory, order_for
from shop.tests.staff import act, errors_of, page_of, project_data, row_of, whole_minutes

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def autumn():
    with time_machine.travel("2026-10-01 12:00 +0000", tick=True):
        yield


# Sessions as rows of their project


def test_a_project_is_created_together_with_its_first_session(owner):
    owner.post(reverse("admin:shop_project_add"), project_data(rows=[row_of()]))

    session = Project.objects.get(slug="mushroom-logs").sessions.get()
    assert session.starts_at == datetime(2026, 12, 5, 9, 0, tzinfo=UTC)
    assert (session.time_zone, session.host.email) == (django_settings.TIME_ZONE, "owner@example.org")
    assert not session.is_published


def test_a_new_row_takes_over_what_it_does_not_show(owner):
    latest = whole_minutes(
        time_zone="Europe/Lisbon",
        host=UserFactory(),
        member_price=Decimal(70),
        online_url="https://a.example/",
    )

    owner.post(page_of(latest.project), project_data(latest.project, [row_of(latest), row_of()]))

    new = latest.project.sessions.exclude(pk=latest.pk).get()
    assert new.local_start.hour == 10
    assert (new.time_zone, new.host, new.member_price, new.online_url) == (
        "Europe/Lisbon",
        latest.host,
        Decimal(70),
        "https://a.example/",
    )


def test_a_new_row_is_saved_even_if_everything_in_it_was_right_from_the_beginning(owner):
    latest = whole_minutes()
    page = owner.get(page_of(latest.project))
    empty = page.context["inline_admin_formsets"][0].formset.empty_form
    begin = {name: empty[name].value() for name in empty.fields if name in row_of()}
    begin |= {name: f"{begin[name]:%Y-%m-%dT%H:%M}" for name in ("starts_at", "ends_at")}

    owner.post(page_of(latest.project), project_data(latest.project, [row_of(latest), begin]))

    new = latest.project.sessions.exclude(pk=latest.pk).get()
    assert new.starts_at == latest.starts_at + timedelta(days=7)


def test_rows_of_a_project_obey_the_same_rules(owner):
    session = whole_minutes(capacity=12)
    order_for((session, 2))
    project = session.project

    refused = owner.post(page_of(project), project_data(project, [row_of(session, capacity=1)]))
    skipped = owner.post(
        page_of(project), project_data(project, [row_of(session, starts_at="2027-03-28T02:30")])
    )
    warned = owner.post(page_of(project), project_data(project, [row_of(session, capacity=4)]), follow=True)

    assert "2 places are booked or held" in refused.text
    assert "there is no 02:30" in skipped.text
    assert "The capacity is now 4 instead of 12; 2 places are left" in warned.text
    session.refresh_from_db()
    assert (session.capacity, session.seats_taken) == (4, 2)


def test_a_row_that_has_ended_meanwhile_is_still_the_one_that_was_shown(owner):
    noon = datetime(2026, 10, 1, 12, 30, tzinfo=UTC)
    session = whole_minutes(starts_at=noon, ends_at=noon + timedelta(hours=1))
    project = session.project
    data = project_data(project, [row_of(session, capacity=9)])
    with time_machine.travel("2026-10-01 15:00 +0000"):
        owner.post(page_of(project), data)

    session.refresh_from_db()
    assert session.capacity == 9


def test_a_row_of_another_project_is_not_taken(owner):
    mine, other = whole_minutes(), whole_minutes()

    owner.post(page_of(mine.project), project_data(mine.project, [row_of(other, capacity=1)]))

    other.refresh_from_db()
    assert other.capacity == 12
    assert Session.objects.count() == 2


@pytest.mark.parametrize("pk", ["", "x", "-1", "9" * 30, "1e3"])
def test_rows_with_nonsense_for_a_key_are_refused_politely(owner, pk):
    project = whole_minutes().project

    response = owner.post(page_of(project), project_data(project, [row_of(id=pk)]))

    assert response.status_code == 200
    assert project.sessions.count() == 1


# Pictures


def photograph(size=(3000, 3000), kind="PNG") -> SimpleUploadedFile:
    out = io.BytesIO()
    Image.new("RGB", size, "green").save(out, kind)
    return SimpleUploadedFile(f"Holiday in Rome.{kind.lower()}", out.getvalue(), f"image/{kind.lower()}")


def test_a_projects_picture_is_cut_to_shape_and_the_former_one_goes(
    owner, django_capture_on_commit_callbacks
):
    project = ProjectFactory()
    with django_capture_on_commit_callbacks(execute=True):
        owner.post(page_of(project), project_data(project, picture=photograph()))
    project.refresh_from_db()
    first = project.picture.name

    with django_capture_on_commit_callbacks(execute=True):
        owner.post(page_of(project), project_data(project, picture=photograph((900, 1800), "JPEG")))

    project.refresh_from_db()
    assert (project.picture_width, project.picture_height) == (1200, 800)
    assert project.picture.name.endswith(".webp")
    assert "Rome" not in first
    assert not project.picture.storage.exists(first)
    assert project.picture.storage.exists(project.picture.name)


def test_a_picture_that_a_copy_shows_stays(owner, django_capture_on_commit_callbacks):
    project = ProjectFactory()
    owner.post(page_of(project), project_data(project, picture=photograph()))
    act(owner, "copy", project)
    project.refresh_from_db()

    with django_capture_on_commit_callbacks(execute=True):
        owner.post(page_of(project), project_data(project, **{"picture-clear": "on"}))

    copy = Project.objects.exclude(pk=project.pk).get()
    project.refresh_from_db()
    assert not project.picture
    assert copy.picture.storage.exists(copy.picture.name)
    assert (copy.picture_width, copy.picture_height) == (1200, 800)


def test_a_file_that_is_no_picture_is_refused(owner):
    project = ProjectFactory()

    response = owner.post(
        page_of(project), project_data(project, picture=SimpleUploadedFile("x.png", b"<script>", "image/png"))
    )

    assert "picture" in errors_of(response)


# Copies and publishing


def test_a_copy_of_a_session_is_a_week_later_by_its_clock_and_hidden(owner):
    saturday = datetime(2026, 10, 24, 16, 0, tzinfo=UTC)  # 18:00 in Zürich, the last evening of summer time
    session = SessionFactory(
        starts_at=saturday,
        ends_at=saturday + timedelta(hours=2),
        sales_end_at=saturday - timedelta(days=1),
        member_price=Decimal(70),
        host=UserFactory(),
    )
    order_for((session, 2))

    response = act(owner, "copy", session)

    copy = Session.objects.exclude(pk=session.pk).get()
    assert response.redirect_chain[-1][0] == page_of(copy)
    assert f"{copy.local_start:%Y-%m-%d %H:%M}" == "2026-10-31 18:00"
    assert f"{copy.sales_end_at.astimezone(copy.tz):%Y-%m-%d %H:%M}" == "2026-10-30 18:00"
    assert (copy.is_published, copy.seats_taken, copy.member_price, copy.host) == (
        False,
        0,
        Decimal(70),
        session.host,
    )


def test_a_copy_that_would_fall_into_the_gap_is_refused_and_the_others_are_made(owner):
    night = datetime(2027, 3, 21, 1, 30, tzinfo=UTC)  # 02:30 in Zürich
    gap = SessionFactory(starts_at=night, ends_at=night + timedelta(hours=1))
    fine = whole_minutes()

    response = act(owner, "copy", gap, fine)

    assert "there is no 02:30" in response.text
    assert Session.objects.count() == 3


def test_a_copy_of_a_project_has_its_next_session(owner):
    session = whole_minutes()
    SessionFactory(project=session.project, starts_at=session.starts_at + timedelta(days=30))

    act(owner, "copy", session.project)
    act(owner, "copy", session.project)

    first, second = Project.objects.filter(title__endswith="(copy)").order_by("pk")
    assert first.slug != second.slug
    assert not first.is_published
    copied = first.sessions.get()
    assert copied.starts_at == session.starts_at + timedelta(days=7)
    assert not copied.is_published


def test_a_copy_of_a_project_without_sessions_has_none(owner):
    project = ProjectFactory(title="x" * 120)

    act(owner, "copy", project)

    copy = Project.objects.exclude(pk=project.pk).get()
    assert not copy.sessions.exists()
    copy.full_clean()


def test_publishing_and_hiding(owner):
    session = whole_minutes(is_published=False)

    act(owner, "publish", session)
    session.refresh_from_db()
    assert session.is_published

    act(owner, "unpublish", session)
    session.refresh_from_db()
    assert not session.is_published


def test_sessions_that_somebody_has_a_place_in_are_not_deleted(owner):
    booked, empty = whole_minutes(), whole_minutes()
    order_for((booked, 1))
    delete = "admin:shop_session_delete"

    assert owner.post(reverse(delete, args=[booked.pk]), {"post": "yes"}).status_code == 403
    assert owner.post(reverse(delete, args=[empty.pk]), {"post": "yes"}).status_code == 302
    assert (
        owner.post(
            reverse("admin:shop_project_delete", args=[booked.project_id]), {"post": "yes"}
        ).status_code
        == 403
    )
    assert list(Session.objects.all()) == [booked]
