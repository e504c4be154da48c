"""What people who work here are: roles, each a group of the same name. ``app.roles`` says what each may do."""

from collections.abc import Iterable

from django.contrib.auth.models import Group, Permission
from django.db import models, transaction
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models import User


class Role(models.TextChoices):
    """The values are the groups' names. Somebody may have several roles, and then may do what any of them may."""

    OWNER = "Owner", _("Owner: runs the shop, and decides who works here")
    HOST = "Host", _("Host: sees the sessions they lead, and who comes")
    DOOR = "Door", _("Door: checks people in")
    ACCOUNTANT = "Accountant", _("Accountant: reads and exports what money did")


def give(user: User, role: Role) -> None:
    """Let somebody work here in a role. Safe to repeat."""
    user.groups.add(Group.objects.get(name=role))
    if not user.is_staff:
        user.is_staff = True
        user.save(update_fields=["is_staff"])


@transaction.atomic
def ensure(role: Role, permissions: Iterable[str], *, using: str) -> None:
    """Make the role's group, with exactly these permissions (``shop.view_order``), however it was before.

    Those whose tables are not there yet are passed over; the call is repeated when they are.
    """
    group, _is_new = Group.objects.using(using).get_or_create(name=role)
    by_app: dict[str, list[str]] = {}
    for name in permissions:
        app, _dot, codename = name.partition(".")
        by_app.setdefault(app, []).append(codename)
    named = Q(pk__in=())
    for app, codenames in by_app.items():
        named |= Q(content_type__app_label=app, codename__in=codenames)
    group.permissions.set(Permission.objects.using(using).filter(named))


def those_within_the_rights_of(user: User) -> list[Group]:
    """The groups that this user may put others into: those that may do nothing that the user may not."""
    if user.is_superuser:
        return list(Group.objects.all())
    mine = user.get_all_permissions()
    groups = Group.objects.prefetch_related("permissions__content_type")
    return [group for group in groups if mine.issuperset(map(_name_of, group.permissions.all()))]


def _name_of(permission: Permission) -> str:
    return f"{permission.content_type.app_label}.{permission.codename}"
