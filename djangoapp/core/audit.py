"""Who of the staff changed what: beside each object, field by field.

django-auditlog writes the entries; here is what it watches, who is told as the one who did it, and how the entries
read. It watches only while staff sends something to a page of theirs, and outside of requests (commands, jobs):
visitors cost nothing. Entries hold no names and addresses of people, and no secrets: such fields say only that they
changed.
"""

from collections.abc import Callable, Iterable
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal

from auditlog.context import auditlog_disabled, disable_auditlog
from auditlog.models import LogEntry
from auditlog.registry import auditlog
from django.conf import settings
from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import FieldDoesNotExist
from django.db import models
from django.db.models import Model, signals
from django.dispatch import receiver
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.text import Truncator, capfirst
from django.utils.translation import gettext as _

from core import request_id

__all__ = ["Step", "disable_auditlog", "is_watched", "trail_of", "watch"]

HIDDEN = "…"
LONGEST_VALUE = 160
LOOKING = ("GET", "HEAD", "OPTIONS")

_actor: ContextVar = ContextVar("audit_actor", default=None)
_nameless: set[type[Model]] = set()


def watch(
    model: type[Model],
    fields: Iterable[str],
    *,
    hidden: Iterable[str] = (),
    many: Iterable[str] = (),
    is_nameless: bool = False,
) -> None:
    """Keep a trail of these fields. Of ``hidden`` ones only that they changed; ``many`` are many-to-many.

    The name of an object stays with its trail, unless it ``is_nameless``: a person, or a secret.
    """
    for name in (*fields, *hidden, *many):
        model._meta.get_field(name)  # a misspelt field stops the start instead of leaving no trail
    auditlog.register(
        model,
        include_fields=[*fields, *hidden],
        mask_fields=[*hidden],
        mask_callable="core.audit.hide",
        m2m_fields={*many},
    )
    if is_nameless:
        _nameless.add(model)


def is_watched(model: type[Model]) -> bool:
    return auditlog.contains(model)


def hide(_value: str) -> str:
    return HIDDEN


class AuditMiddleware:
    """Watch what staff sends to the pages of theirs, and nothing else."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        is_by_staff = (
            request.method not in LOOKING
            and request.path.startswith(tuple(settings.ACCOUNTS_STAFF_PATHS))
            and request.user.is_staff
        )
        disabled = auditlog_disabled.set(not is_by_staff)
        actor = _actor.set(request.user if is_by_staff else None)
        try:
            return self.get_response(request)
        finally:
            _actor.reset(actor)
            auditlog_disabled.reset(disabled)


@receiver(signals.pre_save, sender=LogEntry)
def complete_entry(sender: type[LogEntry], instance: LogEntry, **kwargs) -> None:
    """Say who did it and in which request, and leave the names of people out."""
    instance.actor = _actor.get()
    instance.cid = request_id.current() or None
    model = instance.content_type.model_class()
    if model in _nameless:
        instance.object_repr = f"{model._meta.verbose_name} {instance.object_pk}"


@dataclass(frozen=True)
class Difference:
    """One field: what it was and what it became. Both are empty for a field whose values are not kept."""

    label: str
    before: str
    after: str
    is_hidden: bool = False


@dataclass(frozen=True)
class Step:
    """What somebody did to an object at one moment."""

    at: datetime
    who: str
    did: str
    differences: list[Difference]


def trail_of(thing: Model, most: int = 30) -> list[Step]:
    """The latest steps of an object, in two queries and one for each kind of thing that its fields point to."""
    kind = ContentType.objects.get_for_model(thing)
    entries = LogEntry.objects.filter(content_type=kind, object_id=thing.pk).select_related("actor")
    entries = list(entries.order_by("-timestamp", "-pk")[:most])
    names = _names_in(type(thing), entries)
    return [
        Step(
            at=entry.timestamp,
            who=str(entry.actor) if entry.actor else _("the shop itself"),
            did=_DEEDS[entry.action](),
            differences=[
                _difference(type(thing), name, change, names)
                for name, change in sorted((entry.changes or {}).items())
                if entry.action == LogEntry.Action.UPDATE and not _is_same(_field(type(thing), name), change)
            ],
        )
        for entry in entries
    ]


_DEEDS = {
    LogEntry.Action.CREATE: lambda: _("created it"),
    LogEntry.Action.UPDATE: lambda: _("changed"),
    LogEntry.Action.DELETE: lambda: _("deleted it"),
    LogEntry.Action.ACCESS: lambda: _("looked"),
}


def _field(model: type[Model], name: str) -> models.Field | None:
    try:
        return model._meta.get_field(name)
    except FieldDoesNotExist:  # a field of an earlier release
        return None


def _is_same(field: models.Field | None, change) -> bool:
    """Whether nothing but the writing of an amount changed: 85 is 85.00."""
    if not isinstance(field, models.DecimalField) or "None" in change:
        return False
    before, after = change
    return Decimal(before) == Decimal(after)


def _names_in(model: type[Model], entries: list[LogEntry]) -> dict[str, dict[str, str]]:
    """How the things are called today that foreign keys in these entries point to, by field and key."""
    keys: dict[str, set[str]] = {}
    for entry in entries:
        for name, change in (entry.changes or {}).items():
            if isinstance(_field(model, name), models.ForeignKey) and isinstance(change, list):
                keys.setdefault(name, set()).update(value for value in change if value.isdecimal())
    return {
        name: {
            str(pk): str(thing)
            for pk, thing in _field(model, name).related_model._base_manager.in_bulk(found).items()
        }
        for name, found in keys.items()
    }


def _difference(model: type[Model], name: str, change, names: dict[str, dict[str, str]]) -> Difference:
    field = _field(model, name)
    label = capfirst(str(field.verbose_name)) if field is not None else name
    if isinstance(change, dict):  # many to many
        objects = ", ".join(change["objects"])
        is_added = change["operation"] == "add"
        return Difference(label, "" if is_added else objects, objects if is_added else "")
    before, after = change
    if HIDDEN in (before, after):
        return Difference(label, "", "", is_hidden=True)
    return Difference(label, _words(field, before, names.get(name)), _words(field, after, names.get(name)))


def _words(field: models.Field | None, value: str, names: dict[str, str] | None) -> str:
    if value in ("None", ""):
        return ""
    if names is not None:
        return names.get(value, f"#{value}")
    if isinstance(field, models.BooleanField):
        return _("yes") if value == "True" else _("no")
    if isinstance(field, models.DateTimeField) and (instant := parse_datetime(value)):
        local = timezone.localtime(instant.replace(tzinfo=UTC))
        return f"{local:%Y-%m-%d %H:%M} {local.tzname()}"
    if field is not None and field.choices:
        value = str(dict(field.flatchoices).get(value, value))
    return Truncator(value).chars(LONGEST_VALUE)
