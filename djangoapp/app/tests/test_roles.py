"""What each role may see and do in the admin: one table, tried page by page, and the roles' coming into being."""

from dataclasses import dataclass
from io import StringIO

import pytest
from django.apps import apps
from django.contrib import admin
from django.contrib.auth.models import Group, Permission
from django.contrib.contenttypes.models import ContentType
from django.core.management import call_command
from django.http import HttpRequest
from django.test import Client
from django.urls import reverse

from accounts import roles
from accounts.models import User
from accounts.roles import Role
from app.roles import ALL_OF, MAY, ensure_roles
from shop.tests.factories import SessionFactory, UserFactory, order_for, paid_order_for

pytestmark = pytest.mark.django_db

# Beside what the owner may: nothing, unless it is said here. Doings are those of the admin: view, add, change, delete.
TABLE: dict[Role, dict[str, set[str]]] = {
    Role.HOST: {
        "shop.session": {"view"},  # their own: see shop/tests/test_admin_hosts.py
        "shop.project": {"view"},
    },
    Role.DOOR: {},
    Role.ACCOUNTANT: {
        "shop.order": {"view", "export_csv"},
        "shop.payment": {"view"},
        "shop.refund": {"view"},
        "shop.invoice": {"view", "export_csv", "export_xlsx"},
        "shop.ledgerentry": {"view", "export_csv", "export_xlsx"},
        "shop.dispute": {"view"},
        "shop.refundrequest": {"view"},
        "shop.transition": {"view"},
        "shop.coupon": {"view", "export_csv"},
        "shop.couponredemption": {"view"},
        "shop.project": {"view"},
        "shop.session": {"view"},
        "shop.taxrule": {"view"},
    },
}
NOT_THE_OWNERS = {"djstripe", "django_q", "auth", "account", "mfa", "socialaccount"}
DOINGS = ("view", "add", "change", "delete")


def name_of(model: type) -> str:
    return f"{model._meta.app_label}.{model._meta.model_name}"


MODELS = {name_of(model): page for model, page in admin.site._registry.items()}


@dataclass
class Somebody:
    user: User
    browser: Client

    @classmethod
    def working_as(cls, role: Role) -> "Somebody":
        user = UserFactory()
        roles.give(user, role)
        user = User.objects.get(pk=user.pk)  # permissions are remembered
        browser = Client()
        browser.force_login(user)
        return cls(user, browser)

    def doings(self, page: admin.ModelAdmin) -> set[str]:
        """What the admin lets this person do with rows of a model, its actions among it."""
        request = HttpRequest()
        request.user, request.method = self.user, "GET"
        may = {doing for doing in DOINGS if getattr(page, f"has_{doing}_permission")(request)}
        return may | set(page.get_actions(request)) if "view" in may else may


@pytest.mark.parametrize("role", [Role.HOST, Role.DOOR, Role.ACCOUNTANT])
def test_a_role_may_do_what_the_table_says_and_nothing_else(role):
    somebody = Somebody.working_as(role)

    found = {name: doings for name, page in MODELS.items() if (doings := somebody.doings(page))}

    assert found == TABLE[role]


@pytest.mark.parametrize("role", [Role.HOST, Role.DOOR, Role.ACCOUNTANT])
def test_the_pages_themselves_keep_to_the_table(role):
    somebody = Somebody.working_as(role)
    for name, page in MODELS.items():
        may = TABLE[role].get(name, set())
        address = f"admin:{page.opts.app_label}_{page.opts.model_name}"

        assert somebody.browser.get(reverse(f"{address}_changelist")).status_code == (
            200 if "view" in may else 403
        ), name
        assert somebody.browser.get(reverse(f"{address}_add")).status_code == (
            200 if "add" in may else 403
        ), name


def test_the_owner_may_do_in_the_studio_what_a_superuser_may():
    owner = Somebody.working_as(Role.OWNER)
    superuser = Somebody(UserFactory(is_staff=True, is_superuser=True), Client())

    for name, page in MODELS.items():
        expected = set() if page.opts.app_label in NOT_THE_OWNERS else superuser.doings(page)
        assert owner.doings(page) == expected, name


@pytest.mark.parametrize("role", Role)
def test_every_role_finds_its_way_into_the_admin(role):
    assert Somebody.working_as(role).browser.get(reverse("admin:index")).status_code == 200


@pytest.mark.parametrize("role", Role)
def test_no_role_is_led_by_a_shortcut_to_the_page_of_somebody_elses_order(role):
    order = order_for((SessionFactory(), 1))
    kind = ContentType.objects.get_for_model(order)

    answer = Somebody.working_as(role).browser.get(reverse("admin:view_on_site", args=[kind.pk, order.pk]))

    assert answer.status_code == 404


def test_no_page_of_the_admin_offers_that_shortcut():
    offering = [
        name
        for name, page in MODELS.items()
        if hasattr(page.model, "get_absolute_url") and page.view_on_site is True
    ]

    assert offering == []


@pytest.mark.parametrize(("role", "sees"), [(Role.OWNER, True), (Role.ACCOUNTANT, False)])
def test_the_buyers_own_page_is_for_those_who_may_act_on_the_order(role, sees):
    order = paid_order_for((SessionFactory(), 1))

    page = Somebody.working_as(role).browser.get(reverse("admin:shop_order_change", args=[order.pk]))

    assert page.status_code == 200
    assert (order.token in page.text) == sees


# How the groups come into being


def permissions_of(role: Role) -> set[str]:
    return {
        f"{permission.content_type.app_label}.{permission.codename}"
        for permission in Group.objects.get(name=role).permissions.select_related("content_type")
    }


def test_every_permission_of_the_table_exists():
    for role, names in MAY.items():
        assert permissions_of(role) == {name for name in names if apps.is_installed(name.partition(".")[0])}


def test_the_owner_has_every_permission_of_our_apps():
    ours = Permission.objects.filter(content_type__app_label__in=ALL_OF)

    assert len(permissions_of(Role.OWNER)) == ours.count() > 50
    assert {config.label for config in apps.get_app_configs() if "/djangoapp/" in config.path} - {
        *ALL_OF,
        "payments",
    } == set()


def test_migrating_again_brings_roles_back_and_leaves_other_groups_alone():
    door, helpers = Group.objects.get(name=Role.DOOR), Group.objects.create(name="Helpers")
    view_mail = Permission.objects.get(codename="view_mail")
    for group in (door, helpers):
        group.permissions.add(view_mail)
    Group.objects.get(name=Role.HOST).delete()

    call_command("migrate", verbosity=0, stdout=StringIO())

    assert "core.view_mail" not in permissions_of(Role.DOOR)
    assert list(helpers.permissions.all()) == [view_mail]
    assert "shop.lead_session" in permissions_of(Role.HOST)


def test_bringing_roles_in_step_changes_nothing_the_second_time(django_assert_max_num_queries):
    before = {role: permissions_of(role) for role in Role}

    with django_assert_max_num_queries(21):
        ensure_roles()

    assert {role: permissions_of(role) for role in Role} == before
