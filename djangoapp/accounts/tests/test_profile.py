"""The profile page."""

from datetime import datetime
from types import SimpleNamespace
from zoneinfo import ZoneInfo

import pytest
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.template import Context, Template
from django.urls import reverse
from pytest_django.asserts import assertContains, assertNotContains, assertRedirects

from accounts import services
from accounts.models import ApprovalStatus, Membership, Profile, User
from accounts.tests.people import make_user, picture_file
from core.models import Mail

pytestmark = pytest.mark.django_db
commits = pytest.mark.django_db(transaction=True)  # for mails and files, which wait for the commit
PAGE = "/account/"


@pytest.fixture
def ana():
    return make_user(first_name="Ana", last_name="Keller")


@pytest.fixture
def signed_in(client, ana):
    client.force_login(ana)
    return client


def save(client, **told):
    return client.post(PAGE, {"first_name": "Ana", "last_name": "Keller", "time_zone": "", **told})


def test_the_profile_is_ones_own(client):
    assertRedirects(client.get(PAGE), f"{reverse('account_login')}?next={PAGE}")


def test_saying_who_one_is(signed_in, ana):
    response = save(signed_in, first_name="Anna-Lena", last_name="O’Connell", time_zone="New York")

    assertRedirects(response, PAGE)
    ana.refresh_from_db()
    assert ana.get_full_name() == "Anna-Lena O’Connell"
    assert ana.profile.time_zone == "America/New_York"


def test_a_name_is_one_line(signed_in, ana):
    """It stands in the subjects of letters to others."""
    save(signed_in, first_name="Your parcel is held\r\n\nDear customer\x0b,\x1f pay", last_name=" Keller\n")

    ana.refresh_from_db()
    assert (ana.first_name, ana.last_name) == ("Your parcel is held Dear customer , pay", "Keller")


@commits
def test_a_picture_is_kept_replaced_and_removed_without_orphans(signed_in, ana):
    save(signed_in, picture=picture_file(color="green"))
    first = Profile.objects.get(user=ana).picture.name
    assert default_storage.exists(first)
    assert "portrait" not in first

    save(signed_in)
    assert Profile.objects.get(user=ana).picture.name == first, "saving without a picture lost it"

    save(signed_in, picture=picture_file(color="blue"))
    second = Profile.objects.get(user=ana).picture.name
    assert second != first
    assert not default_storage.exists(first)
    assert default_storage.exists(second)

    save(signed_in, **{"picture-clear": "on"})
    assert not Profile.objects.get(user=ana).picture
    assert not default_storage.exists(second)


@commits
def test_deleting_an_account_in_the_admin_leaves_no_orphan_either(ana):
    services.update_profile(
        ana, first_name="", last_name="", time_zone="", picture=services.ContentFile(b"x", name="x.webp")
    )
    name = Profile.objects.get(user=ana).picture.name

    User.objects.filter(pk=ana.pk).delete()

    assert not default_storage.exists(name)


def test_a_refused_picture_is_explained_beside_its_field_and_nothing_typed_is_lost(signed_in, ana):
    response = save(
        signed_in, first_name="Anna", picture=SimpleUploadedFile("me.jpg", b"MZ\x90", "image/jpeg")
    )

    assertContains(response, "This file is not a picture that we can read")
    assertContains(response, 'value="Anna"')
    assert response.context["form"].errors.keys() == {"picture"}
    assert not Profile.objects.get(user=ana).picture


@pytest.mark.parametrize(
    ("typed", "zone"),
    [
        ("Zurich, Europe", "Europe/Zurich"),
        ("europe/zurich", "Europe/Zurich"),
        (" zurich ", "Europe/Zurich"),
        ("Buenos Aires, Argentina, America", "America/Argentina/Buenos_Aires"),
        ("", ""),
    ],
)
def test_a_time_zone_is_found_by_its_city(signed_in, ana, typed, zone):
    save(signed_in, time_zone=typed)

    assert Profile.objects.get(user=ana).time_zone == zone


@pytest.mark.parametrize("typed", ["Atlantis", "../../etc/passwd", "UTC+1", "Europe/"])
def test_an_unknown_time_zone_is_asked_for_again(signed_in, ana, typed):
    response = save(signed_in, time_zone=typed)

    assertContains(response, "We do not know this time zone")
    assertContains(response, f'value="{typed}"')


def test_the_common_zones_come_first(signed_in):
    zones = signed_in.get(PAGE).content.decode().partition("<datalist")[2]

    assert zones.index("Zurich, Europe") < zones.index("Abidjan, Africa")


def claim(client, membership: str):
    return client.post(reverse("accounts:membership"), {"membership_type": membership})


def test_a_claimed_membership_waits_for_staff(signed_in, ana):
    claim(signed_in, "member")

    profile = Profile.objects.get(user=ana)
    assert (profile.membership_type, profile.membership_status) == ("member", "pending")
    assert profile.membership == Membership.BUSINESS
    assertContains(signed_in.get(PAGE), "until then you pay the usual price")


@pytest.mark.parametrize(
    ("status", "words"),
    [
        (ApprovalStatus.APPROVED, "pay its price wherever a session has one"),
        (ApprovalStatus.DECLINED, "We could not confirm"),
    ],
)
def test_the_decision_is_told_in_words(signed_in, ana, status, words):
    claim(signed_in, "nonprofit")

    services.decide_membership(Profile.objects.get(user=ana), status, by=make_user("staff@example.org"))

    assertContains(signed_in.get(PAGE), words)
    assertContains(signed_in.get(PAGE), "Nonprofit")


def test_going_back_to_business_needs_nobody(signed_in, ana):
    claim(signed_in, "member")
    claim(signed_in, "business")

    assert Profile.objects.get(user=ana).membership_status == ApprovalStatus.APPROVED
    assertContains(signed_in.get(PAGE), "You pay the usual price.")


def test_saving_an_approved_membership_again_changes_nothing(signed_in, ana):
    claim(signed_in, "member")
    services.decide_membership(Profile.objects.get(user=ana), ApprovalStatus.APPROVED, by=ana)

    claim(signed_in, "member")

    assert Profile.objects.get(user=ana).membership == Membership.MEMBER


def test_a_declined_application_may_be_sent_again(signed_in, ana):
    claim(signed_in, "member")
    services.decide_membership(Profile.objects.get(user=ana), ApprovalStatus.DECLINED, by=ana)

    claim(signed_in, "member")

    profile = Profile.objects.get(user=ana)
    assert profile.membership_status == ApprovalStatus.PENDING
    assert (profile.membership_decided_at, profile.membership_decided_by) == (None, None)


def test_an_unknown_membership_is_refused(signed_in, ana):
    response = claim(signed_in, "emperor")

    assert response.context["membership_form"].errors
    assertContains(response, 'value="Keller"')
    assert Profile.objects.get(user=ana).membership_type == "business"


def test_staff_decides_only_on_what_it_saw(ana):
    services.apply_for_membership(ana.profile, "member")
    seen_by_staff = Profile.objects.get(user=ana)
    services.apply_for_membership(Profile.objects.get(user=ana), "nonprofit")

    is_decided = services.decide_membership(seen_by_staff, ApprovalStatus.APPROVED, by=ana)

    assert not is_decided
    assert Profile.objects.get(user=ana).membership_status == ApprovalStatus.PENDING
    assert not Mail.objects.filter(kind="membership_decided").exists()


@pytest.mark.parametrize(
    ("zone", "told"), [("America/New_York", True), ("Europe/Berlin", False), ("", False)]
)
def test_your_time_is_told_where_it_differs(ana, zone, told):
    Profile.objects.filter(user=ana).update(time_zone=zone)
    zurich = ZoneInfo("Europe/Zurich")
    session = SimpleNamespace(
        local_start=datetime(2026, 11, 28, 2, 30, tzinfo=zurich),
        local_end=datetime(2026, 11, 28, 5, 30, tzinfo=zurich),
    )
    template = Template("{% load your_time %}{% your_time session %}")

    text = template.render(Context({"user": User.objects.get(), "session": session}))

    assert text == (
        '<span class="local-time">Friday 27 November, 20:30 – 23:30 your time</span>' if told else ""
    )


@pytest.mark.parametrize("has_picture", [False, True])
def test_the_page_asks_the_database_little(signed_in, ana, has_picture, django_assert_num_queries):
    if has_picture:
        save(signed_in, picture=picture_file())
    signed_in.get(PAGE)

    with django_assert_num_queries(5):
        signed_in.get(PAGE)


def test_google_is_offered_on_the_profile_only_when_it_is_configured(signed_in, settings):
    assertContains(signed_in.get(PAGE), reverse("socialaccount_connections"))

    settings.SOCIALACCOUNT_PROVIDERS = {}
    assertNotContains(signed_in.get(PAGE), reverse("socialaccount_connections"))
