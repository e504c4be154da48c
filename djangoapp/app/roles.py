"""What each role may do: the one table of it. The groups follow it after every ``migrate``.

A role is changed here. Whoever needs something else in one studio makes another group in the admin; that one is left
alone.
"""

from django.apps import AppConfig, apps
from django.contrib.auth.management import create_permissions
from django.contrib.auth.models import Permission
from django.db import DEFAULT_DB_ALIAS

from accounts import roles
from accounts.roles import Role

# The owner may do all that these apps know: whatever joins them is the owner's, too.
ALL_OF = ("core", "accounts", "shop", "attendance", "blog", "polls", "todos", "app")

MAY: dict[Role, tuple[str, ...]] = {
    # Row by row the admin shows a host their own sessions, and the people who come to them.
    Role.HOST: ("shop.lead_session", "shop.view_project"),
    Role.DOOR: ("attendance.work_at_door",),
    Role.ACCOUNTANT: (
        "shop.view_order",
        "shop.view_payment",
        "shop.view_refund",
        "shop.view_ledgerentry",
        "shop.view_invoice",
        "shop.view_finding",
        "shop.view_dispute",
        "shop.view_refundrequest",
        "shop.view_transition",
        "shop.view_coupon",
        "shop.view_couponredemption",
        "shop.view_project",
        "shop.view_session",
        "shop.view_taxrule",
    ),
}


def ensure_roles(using: str = DEFAULT_DB_ALIAS) -> None:
    """Bring the four groups in step with the table. Safe to repeat."""
    everything = Permission.objects.using(using).filter(content_type__app_label__in=ALL_OF)
    owners = [f"{app}.{name}" for app, name in everything.values_list("content_type__app_label", "codename")]
    for role, names in {Role.OWNER: owners, **MAY}.items():
        roles.ensure(role, names, using=using)


def after_migrations(sender: AppConfig, using: str, **kwargs) -> None:
    """Once the last app's tables are in step, every permission is there: this one's own by our asking."""
    if sender == [config for config in apps.get_app_configs() if config.models_module is not None][-1]:
        create_permissions(sender, verbosity=0, using=using)
        ensure_roles(using)
