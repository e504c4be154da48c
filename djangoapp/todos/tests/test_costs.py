"""What the pages ask of the database, and that no input breaks them."""

from datetime import date

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from accounts.models import User
from todos.models import TodoList
from todos.services import items
from todos.tests.factories import item_of, list_of, person, share_with
from todos.tests.support import HTMX, INDEX, signed_in, to

pytestmark = pytest.mark.django_db


def queries(client: Client, address: str) -> int:
    with CaptureQueriesContext(connection) as asked:
        assert client.get(address).status_code == 200
    return len(asked)


def test_pages_cost_the_same_for_one_row_and_for_many(client, ana):
    eva = person("eva")
    todo_list = list_of(ana)
    share_with(todo_list, eva)
    item_of(todo_list, days=0, assignee=eva)
    address = todo_list.get_absolute_url()
    pages = [INDEX, address, f"{address}?show=today", f"{address}?show=done", f"{address}?order=1"]
    pages += [to("people", todo_list), to("item_edit", todo_list.items.first())]
    few = {page: queries(client, page) for page in pages}

    for number in range(6):
        friend = person(f"friend{number}")
        share_with(todo_list, friend)
        other = list_of(friend, title=f"List {number}")
        share_with(other, ana)
        item_of(other, days=-1, assignee=ana)
        item_of(todo_list, f"No. {number}", days=0, assignee=friend, note="A note")
        items.set_done(item_of(todo_list, f"Done {number}"), True, by=friend)
    many = {page: queries(client, page) for page in pages}

    assert many == few
    assert many[INDEX] <= 8
    assert many[address] <= 8


def test_a_change_costs_the_same_in_a_short_and_in_a_long_list(client, ana):
    def cost(todo_list: TodoList) -> int:
        item = todo_list.items.first()
        with CaptureQueriesContext(connection) as asked:
            client.post(to("item_done", item), {"done": "1"}, headers=HTMX)
        return len(asked)

    short, long = list_of(ana, "One", "Two"), list_of(ana, *map(str, range(40)), title="Long")

    assert cost(short) == cost(long)


# Whatever is sent


FIELDS = (
    *("title", "note", "due_on", "due_time", "assignee", "email", "answer", "done"),
    *("direction", "before", "show", "order", "page", "undo", "undo_item", "back", "link"),
)
texts = st.text(max_size=300) | st.sampled_from(
    ["\x00", "\ud83d\ude00" * 3, "‮", "x" * 5000, "2026-11-28", "25:61"]
)


@hypothesis_settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    sent=st.dictionaries(
        st.sampled_from(FIELDS),
        texts,
    ),
    is_htmx=st.booleans(),
)
def test_no_input_is_an_error_of_ours(sent, is_htmx):
    ana = User.objects.filter(email="ana@example.org").first() or person()
    client = signed_in(ana)
    todo_list = TodoList.objects.living().filter(owner=ana).first() or list_of(ana, "Rake")
    item = todo_list.items.living().first() or item_of(todo_list)
    headers = HTMX if is_htmx else None
    sent = {name: text.encode("utf-8", "replace").decode() for name, text in sent.items()}

    for address in [
        reverse("todos:list_add"),
        to("list_rename", todo_list),
        to("people", todo_list),
        to("item_add", todo_list),
        to("item_edit", item),
        to("item_done", item),
        to("item_move", item),
        reverse("todos:reminders"),
        reverse("todos:feed_change"),
    ]:
        assert client.post(address, sent, headers=headers).status_code in {200, 302, 404, 422, 429}, address
    for address in (INDEX, todo_list.get_absolute_url(), to("item_edit", item)):
        assert client.get(address, sent, headers=headers).status_code == 200, address


def test_the_last_day_of_the_calendar_is_refused_before_it_hurts(client, garden):
    for year in (1969, 3000, 9999):
        response = client.post(to("item_add", garden), {"title": "x", "due_on": date(year, 12, 31)})
        assert response.status_code == 422
    response = client.post(to("item_add", garden), {"title": "x", "due_on": date(2999, 12, 31)})

    assert response.status_code == 302
