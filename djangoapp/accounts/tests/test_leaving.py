"""Taking one's data along, and leaving."""

import json

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.sessions.models import Session
from django.core.files.storage import default_storage
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django.asserts import assertContains, assertRedirects

from accounts import personal_data, services, sessions
from accounts.models import Profile, User
from accounts.tests.people import PASSWORD, is_signed_in, make_user, picture_file, sign_in
from core.mail import enqueue_mail
from core.models import Mail

pytestmark = pytest.mark.django_db
commits = pytest.mark.django_db(transaction=True)  # for mails and files, which wait for the commit


@pytest.fixture
def ana():
    return make_user(first_name="Ana", last_name="Keller")


@pytest.fixture
def signed_in(client, ana):
    sign_in(client, ana.email)
    return client


def leave(client: Client, **answers):
    """Prove who one is, and confirm."""
    asked = client.get(reverse("accounts:delete"))
    client.post(asked.url, {"password": PASSWORD, "next": reverse("accounts:delete")})
    return client.post(reverse("accounts:delete"), {"is_sure": "on"} | answers)


def my_data(client: Client) -> dict:
    response = client.get(reverse("accounts:data"))
    assert response.streaming
    assert response["Content-Disposition"].startswith('attachment; filename="my-data-')
    assert "no-store" in response["Cache-Control"]
    return json.loads(response.getvalue())


@commits
def test_leaving_takes_everything_about_the_person_along(signed_in, ana):
    elsewhere = Client()
    sign_in(elsewhere, ana.email)
    signed_in.post(reverse("accounts:profile"), {"picture": picture_file()})
    picture = Profile.objects.get().picture.name
    Authenticator.objects.create(user=ana, type="totp", data={"secret": "sealed"})
    enqueue_mail("account", to=ana.email, dedupe_key="x", context={"subject": "Hello", "text": "Ana"})
    staying = make_user("eva@example.org")
    with_eva = Client()
    sign_in(with_eva, staying.email)

    response = leave(signed_in)

    assert response.url == "/"
    assert list(User.objects.all()) == [staying]
    assert list(Profile.objects.values_list("user", flat=True)) == [staying.pk]
    assert list(EmailAddress.objects.values_list("email", flat=True)) == [staying.email]
    assert not Authenticator.objects.exists()
    assert not Mail.objects.filter(to=ana.email).exists()
    assert not default_storage.exists(picture)
    assert not is_signed_in(signed_in)
    assert not is_signed_in(elsewhere)
    assert is_signed_in(with_eva)
    left = [session.get_decoded() for session in Session.objects.all()]
    assert [session.get("_auth_user_id") for session in left] == [str(staying.pk)]


def test_leaving_takes_nothing_of_whoever_owns_an_address_that_was_never_confirmed(signed_in, ana):
    """Anybody may ask to change to any address; the row stays until somebody confirms it."""
    EmailAddress.objects.create(user=ana, email="eva@example.org", verified=False)
    enqueue_mail("account", to="eva@example.org", dedupe_key="x", context={"subject": "Hello", "text": "Eva"})

    told = my_data(signed_in)["account"]["email_addresses"]
    leave(signed_in)

    assert {"email": "eva@example.org", "verified": False, "primary": False} in told
    assert not User.objects.filter(pk=ana.pk).exists()
    assert Mail.objects.filter(to="eva@example.org").exists()


def test_leaving_asks_for_the_password_first(signed_in, ana):
    for method in (signed_in.get, signed_in.post):
        response = method(reverse("accounts:delete"), {"is_sure": "on"})

        assert response.url.startswith(reverse("account_reauthenticate"))
    signed_in.post(response.url, {"password": "not hers", "next": reverse("accounts:delete")})

    assert User.objects.filter(pk=ana.pk).exists()


def test_leaving_wants_a_clear_yes(signed_in, ana):
    response = leave(signed_in, is_sure="")

    assertContains(response, "Please tick the box if you are sure.")
    assert User.objects.filter(pk=ana.pk).exists()


def test_staff_does_not_leave_by_a_button(signed_in, ana):
    User.objects.filter(pk=ana.pk).update(is_staff=True)

    response = leave(signed_in)

    assertRedirects(response, reverse("accounts:profile"))
    assert User.objects.filter(pk=ana.pk).exists()


def test_a_former_colleague_does_not_take_the_log_of_what_they_did_along(signed_in, ana):
    LogEntry.objects.create(user=ana, object_repr="A price", action_flag=CHANGE)

    response = leave(signed_in)

    assertRedirects(response, reverse("accounts:profile"))
    assert LogEntry.objects.get().user == ana
    assert "the log stays" in personal_data.reasons_to_keep(personal_data.find(ana.email))[0]


def test_a_mail_on_its_way_does_not_fail_for_somebody_who_left(ana):
    services.apply_for_membership(ana.profile, "member")
    services.decide_membership(ana.profile, "approved", by=make_user("staff@example.org"))

    services.delete_account(ana)

    assert not Mail.objects.exists()


def test_the_data_can_be_taken_along(signed_in, ana):
    signed_in.post(
        reverse("accounts:profile"), {"first_name": "Anna", "last_name": "Keller", "time_zone": "Lisbon"}
    )

    account = my_data(signed_in)["account"]

    assert account["email"] == "ana@example.org"
    assert account["first_name"] == "Anna"
    assert account["time_zone"] == "Europe/Lisbon"
    assert account["membership_type"] == "business"
    assert account["email_addresses"] == [{"email": "ana@example.org", "verified": True, "primary": True}]
    assert account["joined_at"].startswith(str(timezone.now().year))


def test_the_data_hold_no_secret_and_nobody_else(signed_in, ana):
    Authenticator.objects.create(user=ana, type="totp", data={"secret": "sealed-secret"})
    enqueue_mail("account", to=ana.email, dedupe_key="x", context={"subject": "Reset", "text": "/reset/key"})
    make_user("eva@example.org")

    data = json.dumps(my_data(signed_in))

    assert '"type": "totp"' in data
    for secret in ("sealed-secret", "/reset/key", "eva@example.org", ana.password):
        assert secret not in data


def test_apps_above_tell_their_part_without_being_known(signed_in, ana, monkeypatch):
    monkeypatch.setattr(personal_data, "_parts", dict(personal_data._parts))
    forgotten = []

    def tell_polls(user):
        yield "votes", ({"number": number, "quote": 'a "quoted"\nword'} for number in range(3))
        yield "nothing", iter(())
        yield "count", 3

    personal_data.register("polls", tell_polls, forget=lambda user: forgotten.append(user.pk))

    told = my_data(signed_in)["polls"]
    services.delete_account(ana)

    assert [vote["number"] for vote in told["votes"]] == [0, 1, 2]
    assert (told["nothing"], told["count"]) == ([], 3)
    assert len(forgotten) == 1


def test_what_an_app_cannot_forget_undoes_the_whole(ana, monkeypatch):
    def refuse(user):
        raise RuntimeError("no")

    monkeypatch.setattr(personal_data, "_parts", {"polls": personal_data.Part(lambda user: [], refuse)})

    with pytest.raises(RuntimeError):
        services.delete_account(ana)

    assert User.objects.filter(pk=ana.pk).exists()


def test_sessions_that_are_over_are_forgotten(signed_in):
    Session.objects.create(session_key="over", session_data="x", expire_date=timezone.now())

    sessions.forget_expired()

    assert not Session.objects.filter(session_key="over").exists()
    assert is_signed_in(signed_in)
