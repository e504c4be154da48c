"""Checklists of the studio, copied for each new session of a project: the to-dos know nothing of sessions.

A checklist is used for projects by references such as ``shop.project:12``; a list that was copied remembers its
session in the same way.
"""

from django.db.models.signals import post_save
from django.dispatch import receiver

from shop.models import Session
from todos.models import TodoList
from todos.services import checklists

PROJECT = "shop.project:"
SESSION = "shop.session:"


@receiver(post_save, sender=Session, dispatch_uid="app.checklists")
def on_session_saved(
    sender, instance: Session, created: bool, raw: bool, update_fields=None, **kwargs
) -> None:
    """Copy the project's checklist for a new session; of one that moved to another day, move the dates along."""
    if raw:
        return
    if created:
        copy_for(instance)
    elif update_fields is None or "starts_at" in update_fields:
        checklists.reschedule(f"{SESSION}{instance.pk}", instance.local_start.date())


def copy_for(session: Session) -> TodoList | None:
    """Copy the checklist of the session's project, if it has one. Safe to repeat."""
    template = checklists.template_for(f"{PROJECT}{session.project_id}")
    if template is None:
        return None
    return checklists.copy_template(
        template,
        reference=f"{SESSION}{session.pk}",
        title=f"{session.title}: {template.title}",
        happens_on=session.local_start.date(),
        people=[session.host] if session.host else [],
    )
