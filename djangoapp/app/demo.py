"""What the demo puts together of several apps: a checklist for the sessions that come next, and a look at it all."""

from collections.abc import Callable

from django.db import transaction

from app.checklists import PROJECT, copy_for
from shop.models import Session
from shop.services import inspection
from todos.demo import CHECKLIST
from todos.models import ChecklistTemplate
from todos.services import checklists

PROJECTS = 3


def load(say: Callable[[str], None]) -> None:
    """Put the apps' demos together, and look for the first time whether everything adds up. Safe to repeat."""
    _use_checklist(say)
    if inspection.latest() is None:
        say(f"{len(inspection.inspect())} things that do not add up")


@transaction.atomic
def _use_checklist(say: Callable[[str], None]) -> None:
    """Use the demo's checklist for the projects that come next, unless somebody has chosen already."""
    template = ChecklistTemplate.objects.filter(title=CHECKLIST).first()
    if template is None or template.uses.exists():
        return
    upcoming = Session.objects.upcoming().select_related("project", "host")
    next_of_each = {session.project_id: session for session in reversed(upcoming[:50])}
    chosen = sorted(next_of_each.values(), key=lambda session: session.starts_at)[:PROJECTS]
    checklists.use_for(template, [f"{PROJECT}{session.project_id}" for session in chosen], kind=PROJECT)
    copied = [copy_for(session) for session in chosen]
    say(f"{len(copied)} checklists for the next sessions")
