"""Staff's pages about people: who works here, who may decide that, and memberships that wait for an answer."""

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.auth.models import Permission
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models import ApprovalStatus, Membership, User
from accounts.services import apply_for_membership
from accounts.tests.people import PASSWORD, is_signed_in, make_user, sign_in
from core.models import Mail

pytestmark = pytest.mark.django_db
USERS = "admin:accounts_user_changelist"
PROFILES = "admin:accounts_profile_changelist"


@pytest.fixture
def owner(client) -> Client:
    client.force_login(User.objects.create_superuser("owner@example.org", PASSWORD))
    return client


@pytest.fixture
def colleague() -> Client:
    """Somebody of the staff who looks after the accounts, but is no superuser."""
    user = make_user("colleague@example.org", is_staff=True)
    names = ["add_user", "change_user", "view_user", "delete_user", "change_profile"]
    user.user_permissions.set(Permission.objects.filter(codename__in=names))
    client = Client()
    client.force_login(user)
    return client


def change_page(user: User) -> str:
    return reverse("admin:accounts_user_change", args=[user.pk])


def filled_in(user: User, **changes) -> dict:
    """What the page of a user sends when nothing but ``changes`` was touched."""
    boxes = {name: "on" for name in ("is_active", "is_staff", "is_superuser") if getattr(user, name)}
    names = {"email": user.email, "first_name": user.first_name, "last_name": user.last_name}
    inline = {
        "profile-TOTAL_FORMS": 1,
        "profile-INITIAL_FORMS": 1,
        "profile-0-id": user.profile.pk,
        "profile-0-user": user.pk,
    }
    return names | boxes | inline | changes


def applicant(email: str = "ana@example.org", membership: str = Membership.MEMBER) -> User:
    user = make_user(email, first_name="Ana", last_name="Keller")
    apply_for_membership(user.profile, membership)
    return user


def act(client: Client, action: str, *users: User, address: str = PROFILES):
    data = {"action": action, "_selected_action": [user.profile.pk for user in users]}
    return client.post(reverse(address) + "?applications=all", data, follow=True)


# Accounts


def test_an_account_is_added_by_address_alone_and_in_small_letters(owner):
    response = owner.post(
        reverse("admin:accounts_user_add"),
        {"email": "New.Person@Example.org", "usable_password": "false", "first_name": "", "last_name": ""},
    )

    assert response.status_code == 302
    user = User.objects.get(email="new.person@example.org")
    assert not user.has_usable_password()
    assert user.profile.membership == Membership.BUSINESS


def test_an_address_belongs_to_one_account_in_any_case(owner):
    make_user("ana@example.org")

    response = owner.post(
        reverse("admin:accounts_user_add"), {"email": "ANA@example.org", "usable_password": "false"}
    )

    assert response.status_code == 200
    assert "already exists" in response.text


def test_an_address_that_staff_changed_is_confirmed_by_the_person(owner):
    user = make_user("old@example.org")

    owner.post(change_page(user), filled_in(user, email="new@example.org"))

    user.refresh_from_db()
    assert user.email == "new@example.org"
    address = EmailAddress.objects.get(user=user)
    assert (address.email, address.primary, address.verified) == ("new@example.org", True, False)
    visitor = Client()
    sign_in(visitor, "new@example.org")
    assert not is_signed_in(visitor)


def test_a_change_of_something_else_leaves_the_confirmed_address(owner):
    user = make_user()

    owner.post(change_page(user), filled_in(user, first_name="Anna"))

    user.refresh_from_db()
    assert user.first_name == "Anna"
    assert EmailAddress.objects.get(user=user).verified


@pytest.mark.parametrize(
    ("term", "found"), [("ana@example.org", 1), ("ana@", 1), ("kel", 2), ("ana keller", 1), ("nobody", 0)]
)
def test_people_are_found_by_address_and_by_how_their_names_begin(owner, term, found):
    make_user("ana@example.org", first_name="Ana", last_name="Keller")
    make_user("jonas@example.org", first_name="Jonas", last_name="Keller")

    assert owner.get(reverse(USERS), {"q": term}).context["cl"].result_count == found


def test_only_superusers_say_who_works_here(colleague):
    user = make_user()

    response = colleague.post(
        change_page(user), filled_in(user, first_name="Anna", is_staff="on", is_superuser="on")
    )

    assert response.status_code == 302
    user.refresh_from_db()
    assert (user.first_name, user.is_staff, user.is_superuser) == ("Anna", False, False)


@pytest.mark.parametrize("rights", [{"is_staff": True}, {"is_staff": True, "is_superuser": True}])
def test_a_colleagues_account_is_out_of_reach(colleague, rights):
    other = make_user("other@example.org", **rights)

    changed = colleague.post(change_page(other), filled_in(other, email="mine@example.org"))
    password = colleague.get(reverse("admin:auth_user_password_change", args=[other.pk]))

    assert (changed.status_code, password.status_code) == (403, 403)
    other.refresh_from_db()
    assert other.email == "other@example.org"


def test_deleting_an_account_lets_the_person_go(owner):
    user = make_user()

    owner.post(reverse("admin:accounts_user_delete", args=[user.pk]), {"post": "yes"})

    assert not User.objects.filter(pk=user.pk).exists()
    assert not EmailAddress.objects.filter(email=user.email).exists()


def test_staff_is_not_deleted(owner):
    user = make_user(is_staff=True)

    assert (
        owner.post(reverse("admin:accounts_user_delete", args=[user.pk]), {"post": "yes"}).status_code == 403
    )
    assert "delete_selected" not in owner.get(reverse(USERS)).text


def test_nor_is_a_former_colleague_with_whom_the_log_of_what_they_did_would_go(owner):
    user = make_user()
    LogEntry.objects.create(user=user, object_repr="A price", action_flag=CHANGE)

    owner.post(reverse("admin:accounts_user_delete", args=[user.pk]), {"post": "yes"})

    assert LogEntry.objects.get(object_repr="A price").user == user


@pytest.mark.parametrize("model", [Authenticator, EmailAddress])
def test_second_factors_and_addresses_are_for_superusers(owner, colleague, model):
    address = reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist")

    assert owner.get(address).status_code == 200
    assert colleague.get(address).status_code == 403


# Memberships


def test_the_list_begins_with_what_waits(owner):
    applicant("waiting@example.org")
    make_user("content@example.org")

    waiting = owner.get(reverse(PROFILES))
    everybody = owner.get(reverse(PROFILES), {"applications": "all"})

    assert waiting.context["cl"].result_count == 1
    assert "waiting@example.org" in waiting.text
    assert everybody.context["cl"].result_count == 3


def test_approving_changes_the_price_and_tells_the_applicant(owner):
    user = applicant()

    response = act(owner, "approve", user)

    user.profile.refresh_from_db()
    assert user.profile.membership == Membership.MEMBER
    assert user.profile.membership_decided_by.email == "owner@example.org"
    assert "Ana Keller: approved" in response.text
    assert [letter.to for letter in Mail.objects.filter(kind="membership_decided")] == ["ana@example.org"]


@pytest.mark.parametrize(
    ("action", "says"), [("approve", "membership is approved"), ("decline", "could not approve")]
)
def test_the_letter_says_how_it_ended(owner, mailoutbox, django_capture_on_commit_callbacks, action, says):
    user = applicant()

    with django_capture_on_commit_callbacks(execute=True):
        act(owner, action, user)

    [letter] = mailoutbox
    html = letter.alternatives[0].content
    assert "member membership" in letter.subject
    assert says in letter.body
    assert says in html
    assert "{{" not in letter.body + html


def test_declining_keeps_the_base_price(owner):
    user = applicant()

    act(owner, "decline", user)

    user.profile.refresh_from_db()
    assert user.profile.membership_status == ApprovalStatus.DECLINED
    assert user.profile.membership == Membership.BUSINESS


def test_staff_may_think_again_of_what_it_declined(owner):
    user = applicant()
    act(owner, "decline", user)

    act(owner, "approve", user)

    user.profile.refresh_from_db()
    assert user.profile.membership == Membership.MEMBER


def test_what_is_decided_is_not_decided_twice(owner):
    user = applicant()
    act(owner, "approve", user)

    response = act(owner, "decline", user)

    assert "no application to decide" in response.text
    user.profile.refresh_from_db()
    assert user.profile.membership == Membership.MEMBER
    assert Mail.objects.filter(kind="membership_decided").count() == 1


def test_a_membership_ends(owner):
    user = applicant()
    act(owner, "approve", user)

    act(owner, "end_membership", user)

    user.profile.refresh_from_db()
    assert user.profile.membership_type == Membership.BUSINESS


def test_memberships_are_not_typed(owner):
    user = applicant()

    response = owner.post(
        reverse("admin:accounts_profile_change", args=[user.profile.pk]),
        {"membership_type": "member", "membership_status": "approved"},
    )

    assert response.status_code == 403
    user.profile.refresh_from_db()
    assert user.profile.membership_status == ApprovalStatus.PENDING


def test_who_may_only_look_decides_nothing():
    looker = make_user("looker@example.org", is_staff=True)
    looker.user_permissions.set(Permission.objects.filter(codename="view_profile"))
    client = Client()
    client.force_login(looker)
    user = applicant()

    response = act(client, "approve", user)

    assert response.status_code == 200
    user.profile.refresh_from_db()
    assert user.profile.membership_status == ApprovalStatus.PENDING


# However many


@pytest.mark.parametrize(("address", "queries"), [(USERS, 4), (PROFILES, 4)])
@pytest.mark.parametrize("count", [1, 30])
def test_lists_ask_the_same_of_the_database_however_long_they_are(owner, address, queries, count):
    for number in range(count):
        applicant(f"person{number}@example.org")
    owner.get(reverse(address))

    with CaptureQueriesContext(connection) as asked:
        owner.get(reverse(address))

    assert len(asked) == queries
