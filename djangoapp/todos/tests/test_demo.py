"""The demo's to-dos: of people who are there, and nothing new when loaded again."""

import pytest
from django.core import mail as django_mail

from todos import demo
from todos.models import ChecklistTemplate, Share, TodoItem, TodoList
from todos.tests.factories import person

pytestmark = pytest.mark.django_db(transaction=True)


def test_the_demo_fills_lists_and_a_checklist_and_writes_to_nobody():
    for name in ("annelies", "mira", "jonas", "yuki"):
        person(name)

    demo.load(lambda line: None)

    assert TodoList.objects.count() == 3
    assert ChecklistTemplate.objects.get().items.count() == len(demo.LINES)
    assert Share.objects.filter(user__isnull=False).count() == 2
    assert TodoItem.objects.filter(done_at__isnull=False).count() == 2
    assert django_mail.outbox == []


def test_loading_it_again_changes_nothing_and_nobody_is_needed():
    demo.load(lambda line: None)
    assert not TodoList.objects.exists()
    person("annelies")
    demo.load(lambda line: None)
    before = list(TodoItem.objects.values()), list(ChecklistTemplate.objects.values())

    demo.load(lambda line: None)

    assert (list(TodoItem.objects.values()), list(ChecklistTemplate.objects.values())) == before
