"""Copies of what is offered, so that nobody types a session twice. A copy is never published by itself."""

from datetime import UTC, datetime

from django.db import models, transaction
from django.db.models.fields.files import FieldFile
from django.utils import timezone
from django.utils.text import slugify
from django.utils.translation import gettext as _

from core.wallclock import days_later
from shop.models import Project, Session

# What a session takes over from the one it is copied from, or, in a form, from the project's latest one.
COPIED = (
    "time_zone",
    "host",
    "place_name",
    "place_address",
    "online_url",
    "capacity",
    "base_price",
    "member_price",
    "nonprofit_price",
    "early_price",
    "early_places",
    "group_price",
    "group_places",
    "most_per_buyer",
    "needs_code",
)
# Moments that lie before or about the start, and move along with it.
MOMENTS = ("sales_start_at", "sales_end_at", "early_until_at")


def copy_session(session: Session, *, project: Project | None = None) -> Session:
    """Make an unpublished copy a week later, at the same time of its own clock; sales window and early bird move along.

    Raises ``NoSuchTime`` or ``TimeComesTwice`` when that time falls into the night of a change of the clocks.
    """
    return Session.objects.create(
        project=project or session.project,
        starts_at=_next_week(session, session.starts_at),
        ends_at=_next_week(session, session.ends_at),
        **{name: _next_week(session, getattr(session, name)) for name in MOMENTS},
        **{name: getattr(session, name) for name in COPIED},
    )


class Take(models.TextChoices):
    """Which sessions the copy of a project takes along."""

    NONE = "none"
    NEXT = "next"  # or else the last one
    UPCOMING = "upcoming"


@transaction.atomic
def copy_project(project: Project, *, take: Take = Take.NEXT) -> Project:
    """Make an unpublished copy of a project, with some of its sessions, each a week later and unpublished.

    Raises as ``copy_session``; then there is no copy.
    """
    title = _("%(title)s (copy)") % {"title": project.title[:110]}
    copy = Project.objects.create(
        title=title,
        slug=_free_slug(title),
        summary=project.summary,
        description=project.description,
        picture=project.picture.name,
        picture_width=project.picture_width,
        picture_height=project.picture_height,
        picture_alt=project.picture_alt,
        category_id=project.category_id,
        tax_rule_id=project.tax_rule_id,
        policy_id=project.policy_id,
        publisher_id=project.publisher_id,
    )
    for session in _taken_along(project, take):
        copy_session(session, project=copy)
    return copy


def _taken_along(project: Project, take: Take) -> list[Session]:
    if take == Take.NONE:
        return []
    if take == Take.UPCOMING:
        to_come = project.sessions.filter(starts_at__gt=timezone.now(), cancelled_at__isnull=True)
        return list(to_come.select_related("project", "host").order_by("starts_at", "pk"))
    session = next_or_last_session(project)
    return [session] if session is not None else []


def forget_picture(picture: FieldFile) -> None:
    """Delete a project's former picture after the commit, unless a copy of the project still shows it."""
    name, storage = picture.name, picture.storage
    if name and not Project.objects.filter(picture=name).exists():
        transaction.on_commit(lambda: storage.delete(name), robust=True)


def next_or_last_session(project: Project) -> Session | None:
    """The session that tells best what the next one will be like."""
    sessions = project.sessions.select_related("project", "host")
    upcoming = sessions.filter(starts_at__gt=timezone.now()).order_by("starts_at", "pk")
    return upcoming.first() or sessions.order_by("starts_at", "pk").last()


def latest_session(project: Project) -> Session | None:
    """The project's last session so far; what staff adds next is usually like it."""
    return project.sessions.select_related("host").order_by("starts_at", "pk").last()


def moved_along(session: Session, moment: datetime | None, *, to: datetime) -> datetime | None:
    """A moment of a session, as early before another start as it was before its own, on the session's clock.

    Where the clocks have no such time, or have it twice, it is the first instant that fits.
    """
    if moment is None:
        return None
    start, end = session.local_start.replace(tzinfo=None), to.astimezone(session.tz).replace(tzinfo=None)
    local = moment.astimezone(session.tz).replace(tzinfo=None) + (end - start)
    return local.replace(tzinfo=session.tz).astimezone(UTC)


def _next_week(session: Session, instant: datetime | None) -> datetime | None:
    return days_later(instant, 7, session.tz) if instant is not None else None


def _free_slug(title: str) -> str:
    slug = slugify(title)[:110] or "project"
    taken = set(Project.objects.filter(slug__startswith=slug).values_list("slug", flat=True))
    number = 1
    candidate = slug
    while candidate in taken:
        number += 1
        candidate = f"{slug}-{number}"
    return candidate
