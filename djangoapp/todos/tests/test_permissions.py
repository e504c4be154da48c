"""Whose lists these are: tried address by address, method by method, for everybody who has no business there."""

import pytest
from django.contrib.auth.models import Permission
from django.test import Client
from django.urls import reverse
from pytest_django.asserts import assertNotContains

from accounts.models import User
from todos.models import Share, TodoItem, TodoList
from todos.services import items, lists, sharing
from todos.tests.factories import item_of, list_of, person, share_with
from todos.tests.support import HTMX, INDEX, signed_in, to

pytestmark = pytest.mark.django_db


def test_a_person_who_shares_a_list_does_everything_but_own_it(garden):
    eva = person("eva")
    share_with(garden, eva)
    client = signed_in(eva)
    rake = garden.items.get(title="Rake leaves")

    for name, thing, sent in [
        ("item_add", garden, {"title": "Eva’s"}),
        ("item_edit", rake, {"title": "Rake"}),
        ("item_move", rake, {"direction": "down"}),
        ("item_done", rake, {"done": "1"}),
        ("item_delete", rake, {}),
        ("item_restore", rake, {}),
    ]:
        assert client.post(to(name, thing), sent).status_code == 302
    for name in ("list_rename", "list_delete"):
        assert client.post(to(name, garden), {"title": "Eva’s now"}).status_code == 404
    assert client.post(to("people", garden), {"email": "tom@example.org"}).status_code == 404
    share = Share.objects.get()
    assert client.post(reverse("todos:share_remove", args=[garden.pk, share.pk])).status_code == 404
    assertNotContains(client.get(garden.get_absolute_url()), "Delete the list")


def strangers() -> dict[str, User]:
    invited = person("invited")
    boss = person("boss", is_staff=True, is_superuser=True)
    staff = person("staff", is_staff=True)
    staff.user_permissions.set(Permission.objects.filter(content_type__app_label="todos"))
    return {"stranger": person("stranger"), "invited": invited, "staff": staff, "boss": boss}


def test_nobody_else_sees_or_changes_anything_address_by_address(garden, ana):
    """Not the merely invited, not staff, not the owner of the shop."""
    rake = garden.items.get(title="Rake leaves")
    gone = item_of(garden, "Gone")
    items.delete_item(gone)
    thrown_away = list_of(ana, title="Thrown away")
    lists.delete_list(thrown_away)
    share = share_with(garden, person("eva"))
    visitors = strangers()
    sharing.invite(garden, visitors["invited"].email)
    before = list(TodoItem.objects.order_by("pk").values()), list(TodoList.objects.order_by("pk").values())
    asked = [
        ("get", garden.get_absolute_url(), {}),
        ("get", f"{garden.get_absolute_url()}?show=done", {}),
        ("get", to("list_rename", garden), {}),
        ("post", to("list_rename", garden), {"title": "Mine"}),
        ("post", to("list_delete", garden), {}),
        ("post", to("list_restore", thrown_away), {}),
        ("get", to("people", garden), {}),
        ("post", to("people", garden), {"email": "x@example.org"}),
        ("post", reverse("todos:share_remove", args=[garden.pk, share.pk]), {}),
        ("post", to("leave", garden), {}),
        ("post", to("item_add", garden), {"title": "Mine"}),
        ("get", to("item_edit", rake), {}),
        ("post", to("item_edit", rake), {"title": "Mine"}),
        ("post", to("item_done", rake), {"done": "1"}),
        ("post", to("item_move", rake), {"direction": "down"}),
        ("post", to("item_move", rake), {"before": ""}),
        ("post", to("item_delete", rake), {}),
        ("post", to("item_restore", gone), {}),
    ]

    for name, visitor in visitors.items():
        for headers in (None, HTMX):
            client = signed_in(visitor)
            answers = {
                (method, address): getattr(client, method)(address, sent, headers=headers).status_code
                for method, address, sent in asked
            }
            assert set(answers.values()) == {404}, (name, answers)
    for method, address, sent in asked:
        response = getattr(Client(), method)(address, sent)
        assert response.url.startswith(reverse("account_login"))

    after = list(TodoItem.objects.order_by("pk").values()), list(TodoList.objects.order_by("pk").values())
    assert after == before


def test_lists_are_not_in_the_admin(client):
    boss = signed_in(person("boss", is_staff=True, is_superuser=True))

    response = boss.get(reverse("admin:app_list", args=["todos"]))

    assert [model["object_name"] for model in response.context["app_list"][0]["models"]] == [
        "ChecklistTemplate"
    ]


def test_an_item_of_somebody_else_is_no_way_to_undo_through_one_s_own_list(client, garden):
    hers = item_of(list_of(person("eva"), title="Eva’s"), "Secret")
    items.delete_item(hers)

    for address in (f"{garden.get_absolute_url()}?undo={hers.pk}", f"{INDEX}?undo_item={hers.pk}"):
        assertNotContains(client.get(address), "Secret")


def test_changes_need_the_page_s_own_form(garden, ana):
    client = Client(enforce_csrf_checks=True)
    client.force_login(ana)

    assert client.post(to("item_add", garden), {"title": "Forged"}).status_code == 403


@pytest.mark.usefixtures("standing_clock")
def test_changes_have_a_limit(client, garden, settings):
    settings.RATE_LIMIT_FACTOR = 0  # the limit is then none at all

    assert client.post(to("item_add", garden), {"title": "Sweep"}).status_code == 429
    assert client.get(garden.get_absolute_url()).status_code == 200
