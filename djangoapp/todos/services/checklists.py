"""Checklists: copied into a list for each of what they are used for. What that is, only an app above knows."""

import logging
from collections.abc import Iterable
from datetime import date, timedelta

from django.db import transaction

from accounts.models import User
from todos.models import ChecklistTemplate, ChecklistUse, Share, TodoItem, TodoList

logger = logging.getLogger(__name__)


def template_for(reference: str) -> ChecklistTemplate | None:
    """The checklist that is used for this, if there is one."""
    return ChecklistTemplate.objects.filter(uses__reference=reference).first()


@transaction.atomic
def use_for(template: ChecklistTemplate, references: Iterable[str], *, kind: str) -> None:
    """Use a checklist for these and no others of their kind (the beginning of a reference, such as ``shop.project:``).

    What another checklist was used for is this one's from now on.
    """
    wanted = set(references)
    template.uses.filter(reference__startswith=kind).exclude(reference__in=wanted).delete()
    for reference in sorted(wanted):
        ChecklistUse.objects.update_or_create(reference=reference, defaults={"template": template})


@transaction.atomic
def copy_template(
    template: ChecklistTemplate,
    *,
    reference: str,
    title: str,
    happens_on: date,
    people: Iterable[User] = (),
) -> TodoList | None:
    """Make a list of a checklist, its dates counted back from a day, shared with ``people`` and the checklist's own.

    Repeating the call for the same reference changes nothing and returns the list that is there. Returns ``None``
    when there is nobody to keep the list.
    """
    everybody = [template.owner, *people, *template.people.all()]
    keepers = list(dict.fromkeys(person for person in everybody if person is not None and person.is_active))
    if not keepers:
        logger.warning("Checklist %s was not copied for %s: nobody keeps it.", template.pk, reference)
        return None
    owner, *others = keepers
    todo_list, is_new = TodoList.objects.get_or_create(
        reference=reference,
        defaults={"owner": owner, "title": title[:120], "happens_on": happens_on},
    )
    if not is_new:
        return todo_list
    Share.objects.bulk_create(
        Share(todo_list=todo_list, email=person.email.lower(), user=person) for person in others
    )
    TodoItem.objects.bulk_create(
        TodoItem(
            todo_list=todo_list,
            position=position,
            title=line.title,
            note=line.note,
            days_before=line.days_before,
            due_on=happens_on - timedelta(days=line.days_before),
        )
        for position, line in enumerate(template.items.all())
    )
    return todo_list


@transaction.atomic
def reschedule(reference: str, happens_on: date) -> bool:
    """Move the dates of a copied list along when its day moves: of what is open and has kept its checklist's date.

    Returns whether there was something to move.
    """
    lists = (
        TodoList.objects.select_for_update(no_key=True)
        .filter(reference=reference)
        .exclude(happens_on=happens_on)
    )
    todo_list = lists.first()
    if todo_list is None:
        return False
    todo_list.happens_on = happens_on
    todo_list.save(update_fields=["happens_on", "updated_at"])
    moved = list(todo_list.items.open().filter(days_before__isnull=False))
    for item in moved:
        item.due_on = happens_on - timedelta(days=item.days_before)
    TodoItem.objects.bulk_update(moved, ["due_on"])
    return True
