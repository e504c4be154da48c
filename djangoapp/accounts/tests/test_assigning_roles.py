"""Who decides who works here: owners, as far as their own rights go."""

import pytest
from django.contrib.auth.models import Group, Permission
from django.test import Client
from django.urls import reverse

from accounts import roles
from accounts.models import User
from accounts.roles import Role
from accounts.tests.people import make_user
from accounts.tests.test_admin import change_page, filled_in

pytestmark = pytest.mark.django_db


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def working_as(role: Role, email: str) -> User:
    user = make_user(email)
    roles.give(user, role)
    return User.objects.get(pk=user.pk)


@pytest.fixture
def boss() -> User:
    return working_as(Role.OWNER, "boss@example.org")


def group(role: Role) -> Group:
    return Group.objects.get(name=role)


def test_an_owner_lets_somebody_work_here(boss):
    mira = make_user("mira@example.org")

    signed_in(boss).post(
        change_page(mira), filled_in(mira, is_staff="on", groups=[group(Role.HOST).pk, group(Role.DOOR).pk])
    )

    mira = User.objects.get(pk=mira.pk)
    assert mira.is_staff
    assert mira.has_perm("shop.lead_session")
    assert not mira.has_perm("shop.view_order")


def test_an_owner_ends_a_colleagues_work_without_being_able_to_act_as_them(boss):
    mira = working_as(Role.ACCOUNTANT, "mira@example.org")
    browser = signed_in(boss)
    page = browser.get(change_page(mira)).text

    browser.post(
        change_page(mira),
        filled_in(mira, is_staff="", groups=[], email="mine@example.org", is_superuser="on"),
    )

    mira = User.objects.get(pk=mira.pk)
    assert not mira.is_staff
    assert not mira.groups.exists()
    assert mira.email == "mira@example.org"
    assert not mira.is_superuser
    assert "../password/" not in page
    assert mira.password not in page


def test_a_colleagues_password_is_for_superusers(boss):
    mira = working_as(Role.HOST, "mira@example.org")
    address = reverse("admin:auth_user_password_change", args=[mira.pk])
    root = User.objects.create_superuser("root@example.org")

    assert signed_in(boss).get(address).status_code == 403
    assert signed_in(root).get(address).status_code == 200
    assert signed_in(boss).get(reverse("admin:auth_user_password_change", args=[root.pk])).status_code == 403


def test_a_superuser_is_out_of_an_owners_reach(boss):
    root = User.objects.create_superuser("root@example.org")

    assert signed_in(boss).post(change_page(root), filled_in(root, is_active="")).status_code == 403


def test_nobody_changes_their_own_role(boss):
    signed_in(boss).post(change_page(boss), filled_in(boss, is_superuser="on", groups=[]))

    boss.refresh_from_db()
    assert list(boss.groups.all()) == [group(Role.OWNER)]
    assert not boss.is_superuser


def test_nobody_gives_more_than_they_have():
    clerk = make_user("clerk@example.org", is_staff=True)
    names = ["assign_roles", "change_user", "view_user", "lead_session", "view_project"]
    clerk.user_permissions.set(Permission.objects.filter(codename__in=names))
    friend = make_user("friend@example.org")
    browser = signed_in(clerk)

    refused = browser.post(change_page(friend), filled_in(friend, groups=[group(Role.OWNER).pk]))
    browser.post(change_page(friend), filled_in(friend, is_staff="on", groups=[group(Role.HOST).pk]))

    assert "not one of the available choices" in refused.text
    assert list(friend.groups.all()) == [group(Role.HOST)]


def test_a_role_that_one_could_not_give_one_does_not_take_either():
    clerk = make_user("clerk@example.org", is_staff=True)
    clerk.user_permissions.set(
        Permission.objects.filter(codename__in=["assign_roles", "change_user", "view_user"])
    )
    mira = working_as(Role.ACCOUNTANT, "mira@example.org")

    signed_in(clerk).post(change_page(mira), filled_in(mira, is_staff="", groups=[]))

    mira.refresh_from_db()
    assert mira.is_staff
    assert list(mira.groups.all()) == [group(Role.ACCOUNTANT)]


def test_who_may_change_accounts_does_not_thereby_decide_on_roles():
    clerk = make_user("clerk@example.org", is_staff=True)
    clerk.user_permissions.set(Permission.objects.filter(codename__in=["change_user", "view_user"]))
    friend = make_user("friend@example.org")

    signed_in(clerk).post(change_page(friend), filled_in(friend, is_staff="on", groups=[group(Role.HOST).pk]))

    friend.refresh_from_db()
    assert not friend.is_staff
    assert not friend.groups.exists()
