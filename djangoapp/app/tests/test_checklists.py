"""Checklists meet sessions: each new session of a project gets its list, and the apps do not know each other."""

from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from app import demo
from app.checklists import PROJECT, SESSION, copy_for
from shop.models import Session
from shop.services.catalogue import copy_session
from shop.tests.factories import ProjectFactory, SessionFactory, UserFactory
from todos.demo import CHECKLIST
from todos.models import ChecklistTemplate, TodoList
from todos.services import checklists
from todos.tests.factories import checklist

pytestmark = pytest.mark.django_db

EVENING = datetime(2026, 11, 28, 22, 30, tzinfo=UTC)  # 23:30 in Zürich, the next morning in Tokyo


@pytest.fixture
def project():
    return ProjectFactory(title="Grafting apple trees")


@pytest.fixture
def template(project) -> ChecklistTemplate:
    template = checklist(UserFactory(is_staff=True), **{"Name tags": 1, "Projector": 0})
    checklists.use_for(template, [f"{PROJECT}{project.pk}"], kind=PROJECT)
    return template


def at(starts_at: datetime, **fields) -> dict:
    return {"starts_at": starts_at, "ends_at": starts_at + timedelta(hours=2), **fields}


def dates(todo_list: TodoList) -> list[str]:
    return [str(day) for day in todo_list.items.order_by("position").values_list("due_on", flat=True)]


def test_a_new_session_gets_its_project_s_checklist(template, project):
    host = UserFactory()

    session = SessionFactory(project=project, host=host, **at(EVENING))

    todo_list = TodoList.objects.get()
    assert todo_list.title == "Grafting apple trees: Before the session"
    assert todo_list.reference == f"{SESSION}{session.pk}"
    assert todo_list.owner == template.owner
    assert [share.user for share in todo_list.shares.all()] == [host]
    assert dates(todo_list) == ["2026-11-27", "2026-11-28"]


def test_the_day_is_that_of_the_session_s_own_clock(template, project):
    SessionFactory(project=project, **at(EVENING, time_zone="Asia/Tokyo"))

    assert dates(TodoList.objects.get()) == ["2026-11-28", "2026-11-29"]


def test_a_session_without_a_host_or_of_another_project_is_fine(template, project):
    SessionFactory(project=project)
    SessionFactory()

    assert TodoList.objects.count() == 1


def test_a_copied_session_is_a_new_one(template, project):
    session = SessionFactory(project=project, **at(EVENING))

    copy_session(session)

    assert [dates(one) for one in TodoList.objects.order_by("pk")] == [
        ["2026-11-27", "2026-11-28"],
        ["2026-12-04", "2026-12-05"],
    ]


def test_a_session_that_moves_takes_its_dates_along(template, project):
    session = SessionFactory(project=project, **at(EVENING))

    session.starts_at += timedelta(days=3)
    session.ends_at += timedelta(days=3)
    session.save()

    assert dates(TodoList.objects.get()) == ["2026-11-30", "2026-12-01"]


def test_selling_a_place_asks_nothing_about_checklists(template, project):
    session = SessionFactory(project=project)

    with CaptureQueriesContext(connection) as asked:
        session.save(update_fields=["seats_taken"])

    assert not [query for query in asked if "todos_" in query["sql"]]


def test_sessions_that_were_there_before_stay_without_one(project):
    SessionFactory(project=project)
    template = checklist(UserFactory(is_staff=True))

    checklists.use_for(template, [f"{PROJECT}{project.pk}"], kind=PROJECT)

    assert not TodoList.objects.exists()


def test_a_session_can_be_deleted_and_its_list_stays_with_its_people(template, project):
    session = SessionFactory(project=project)

    session.delete()

    assert TodoList.objects.count() == 1


# The admin


@pytest.fixture
def owner() -> Client:
    client = Client()
    client.force_login(UserFactory(is_staff=True, is_superuser=True))
    return client


def filled(keeper, *projects, **changes) -> dict:
    data = {
        "title": "Before the session",
        "owner": keeper.pk,
        "projects": [project.pk for project in projects],
        "items-TOTAL_FORMS": "1",
        "items-INITIAL_FORMS": "0",
        "items-0-title": "Name tags",
        "items-0-position": "0",
        "items-0-days_before": "2",
    }
    return data | changes


def test_staff_writes_a_checklist_for_projects(owner, project):
    other, keeper = ProjectFactory(), UserFactory(is_staff=True)

    response = owner.post(reverse("admin:todos_checklisttemplate_add"), filled(keeper, project, other))

    assert response.status_code == 302
    template = ChecklistTemplate.objects.get()
    assert checklists.template_for(f"{PROJECT}{project.pk}") == template
    assert checklists.template_for(f"{PROJECT}{other.pk}") == template
    page = owner.get(reverse("admin:todos_checklisttemplate_change", args=[template.pk]))
    assert set(page.context["adminform"].form.initial["projects"]) == {project.pk, other.pk}


def test_a_project_moves_to_the_checklist_where_it_was_chosen_last(owner, template, project):
    keeper = UserFactory(is_staff=True)

    owner.post(reverse("admin:todos_checklisttemplate_add"), filled(keeper, project, title="New"))
    page = owner.get(reverse("admin:todos_checklisttemplate_change", args=[template.pk]))

    assert checklists.template_for(f"{PROJECT}{project.pk}").title == "New"
    assert page.context["adminform"].form.initial["projects"] == []


def test_only_staff_keeps_checklists_and_days_are_sensible(owner, project):
    customer, keeper = UserFactory(), UserFactory(is_staff=True)

    for sent in (filled(customer, project), filled(keeper, **{"items-0-days_before": "4000"})):
        assert owner.post(reverse("admin:todos_checklisttemplate_add"), sent).status_code == 200

    assert not ChecklistTemplate.objects.exists()


def test_the_list_of_checklists_costs_the_same_for_one_and_for_many(owner, template):
    address = reverse("admin:todos_checklisttemplate_changelist")

    def queries() -> int:
        with CaptureQueriesContext(connection) as asked:
            assert owner.get(address).status_code == 200
        return len(asked)

    queries()
    few = queries()
    for _one in range(4):
        checklist(UserFactory(is_staff=True))

    assert queries() == few


# The demo


def test_the_demo_uses_its_checklist_for_what_comes_next_once():
    template = checklist(UserFactory(is_staff=True))
    template.title = CHECKLIST
    template.save()
    for days in (3, 1, 5, 2):
        SessionFactory(**at(datetime.now(tz=UTC) + timedelta(days=days)))
    said = []

    demo.load(said.append)
    demo.load(said.append)

    nearest = Session.objects.order_by("starts_at")[: demo.PROJECTS]
    assert said == ["3 checklists for the next sessions", "0 things that do not add up"]
    assert {one.reference for one in TodoList.objects.all()} == {f"{SESSION}{one.pk}" for one in nearest}
    assert copy_for(Session.objects.order_by("starts_at").last()) is None
