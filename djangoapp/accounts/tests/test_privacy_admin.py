"""The page on which staff tells people what we know of them, and erases them."""

import io
import json
import zipfile

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from accounts import personal_data
from accounts.models import DataRequest, User
from accounts.tests.people import make_user
from core.mail import enqueue_mail, key_of_address
from core.models import Mail

pytestmark = pytest.mark.django_db
PAGE = reverse("admin:accounts_person")


@pytest.fixture
def owner() -> Client:
    client = Client()
    client.force_login(User.objects.create_superuser("owner@example.org", "x"))
    return client


@pytest.fixture
def ana() -> User:
    user = make_user("ana@example.org", first_name="Ana", last_name="Keller")
    enqueue_mail("account", to=user.email, dedupe_key="m", context={"subject": "x", "text": "y"})
    return user


def contents(response) -> dict[str, bytes]:
    archive = zipfile.ZipFile(io.BytesIO(b"".join(response.streaming_content)))
    return {name: archive.read(name) for name in archive.namelist()}


def test_a_person_is_found_by_any_of_their_addresses(owner, ana):
    response = owner.post(PAGE, {"email": " ANA@example.org"})

    assert response.context["person"].user == ana
    assert ("account", "mails", 1) in response.context["outline"]
    assert personal_data.find("nobody@example.org").user is None


def test_addresses_of_people_stay_out_of_addresses_of_pages(owner, ana):
    assert owner.get(f"{PAGE}?email=ana@example.org").context["person"] is None


def test_an_unknown_address_offers_nothing(owner):
    page = owner.post(PAGE, {"email": "nobody@example.org"}).content.decode()

    assert "We know nothing of this address" in page
    assert "Erase this person" not in page


def test_everything_comes_as_an_archive_and_that_is_noted(owner, ana):
    ana.profile.picture.save("me.webp", SimpleUploadedFile("me.webp", b"picture"))

    files = contents(owner.post(PAGE, {"email": ana.email, "export": "yes"}))

    assert json.loads(files["data.json"])["account"]["first_name"] == "Ana"
    assert files["picture.webp"] == b"picture"
    done = DataRequest.objects.get()
    assert (done.kind, done.by.email, done.address_key) == (
        "export",
        "owner@example.org",
        key_of_address(ana.email),
    )


def test_erasing_takes_the_account_its_mails_and_its_name_in_the_log(owner, ana):
    owner.post(reverse("admin:accounts_user_change", args=[ana.pk]), {"first_name": "Anna"})

    refused = owner.post(PAGE, {"email": ana.email, "erase": "yes"})
    assert refused.status_code == 422
    owner.post(PAGE, {"email": ana.email, "erase": "yes", "is_sure": "on"})

    done = DataRequest.objects.get()
    assert (done.kind, done.had_account, done.changed["mails"]) == ("erasure", True, 1)
    assert not User.objects.filter(email="ana@example.org").exists()
    assert not Mail.objects.filter(to="ana@example.org").exists()
    text = owner.get(reverse("admin:accounts_datarequest_change", args=[done.pk])).content.decode()
    assert "ana@example.org" not in text
    assert "ana@example.org" not in owner.get(reverse("admin:index")).content.decode()


def test_whoever_asks_later_finds_that_it_was_done(owner, ana):
    owner.post(PAGE, {"email": ana.email, "erase": "yes", "is_sure": "on"})

    assert "Erasure" in owner.post(PAGE, {"email": ana.email}).content.decode()


def test_staff_is_not_erased(owner, ana):
    User.objects.filter(pk=ana.pk).update(is_staff=True)

    response = owner.post(PAGE, {"email": ana.email, "erase": "yes", "is_sure": "on"})

    assert response.status_code == 409
    assert "account of the staff" in response.content.decode()
    assert not DataRequest.objects.exists()


def test_what_one_app_cannot_erase_undoes_the_whole(owner, ana, monkeypatch):
    def fails(person):
        raise RuntimeError("no")

    parts = dict(personal_data._parts) | {
        "z": personal_data.Part(lambda user: (), lambda user: None, erase=fails)
    }
    monkeypatch.setattr(personal_data, "_parts", parts)

    with pytest.raises(RuntimeError):
        owner.post(PAGE, {"email": ana.email, "erase": "yes", "is_sure": "on"})

    assert User.objects.filter(pk=ana.pk).exists()
    assert Mail.objects.filter(to=ana.email).exists()


def test_it_takes_a_right_of_its_own(ana):
    clerk = make_user("clerk@example.org", is_staff=True)
    client = Client()
    client.force_login(clerk)

    for sent in ({}, {"email": ana.email}, {"email": ana.email, "export": "yes"}):
        assert client.post(PAGE, sent).status_code == 403
    assert client.get(PAGE).status_code == 403
