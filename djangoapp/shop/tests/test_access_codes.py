"""Codes that open hidden sessions and early sales: nothing shows before, everything works after."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import ValidationError
from django.core.signing import get_cookie_signer
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from shop.exceptions import NotBookable
from shop.models import NOTHING, AccessCode, CartLine, Opened, Order, Session
from shop.services import cart as carts
from shop.services import orders
from shop.tests.factories import CouponFactory, ProjectFactory, SessionFactory, cart_with, purchase_for
from shop.tests.staff import save, staff_with, whole_minutes
from shop.tests.visiting import HTMX, add, holding, submit, words_of

pytestmark = pytest.mark.django_db
USELESS = "This code is not valid. Please check how it is written."


@pytest.fixture
def hidden() -> Session:
    return SessionFactory(project__title="Grafting", needs_code=True, place_name="Secret garden")


@pytest.fixture
def code(hidden) -> AccessCode:
    return AccessCode.objects.create(code="GARDENGATE", session=hidden)


def unlock(client: Client, typed: str = "GARDENGATE", **more):
    return client.post("/unlock/", {"code": typed}, **more)


# Where a hidden session could show


def public_pages(session: Session) -> list[str]:
    return [
        "/",
        "/sessions/",
        "/sessions/?q=Secret",
        "/sessions/?free=1",
        f"/sessions/?view=month&month={session.local_start:%Y-%m}",
        f"/sessions/?category={session.project.category.slug}",
        "/sessions.ics",
        "/projects/",
        session.project.get_absolute_url(),
        "/search/?q=Secret",
        "/search/?q=garden",
        "/sitemap-sessions.xml",
        "/api/v1/sessions/",
        f"/api/v1/sessions/?project={session.project.slug}",
        "/unlock/",
    ]


def test_a_hidden_session_shows_nowhere(client, hidden, code):
    for address in public_pages(hidden):
        page = client.get(address)
        assert page.status_code == 200, address
        assert hidden.slug not in page.text, address
        assert "Secret garden" not in page.text, address
    for address in (
        hidden.get_absolute_url(),
        f"/sessions/{hidden.slug}.ics",
        f"/api/v1/sessions/{hidden.slug}/",
    ):
        assert client.get(address).status_code == 404
    assert add(client, hidden).status_code == 404


def test_other_dates_and_the_project_do_not_speak_of_it(client, hidden):
    shown = SessionFactory(project=hidden.project, base_price=200)
    Session.objects.filter(pk=hidden.pk).update(base_price=5)

    page = client.get(shown.get_absolute_url()).text
    project = client.get("/api/v1/projects/").json()["results"][0]

    assert hidden.slug not in page
    assert (project["upcoming_count"], project["lowest_price"]) == (1, "200.00")


def test_with_the_code_it_shows_on_the_pages_of_this_browser_alone(client, hidden, code):
    unlock(client)

    for address in ("/sessions/", "/sessions/?free=1", hidden.project.get_absolute_url(), "/unlock/"):
        assert hidden.slug in client.get(address).text, address
    assert client.get(f"/sessions/{hidden.slug}.ics").status_code == 200
    for address in ("/sessions.ics", "/sitemap-sessions.xml", "/api/v1/sessions/"):
        assert hidden.slug not in client.get(address).text, address
    assert hidden.slug not in Client().get("/sessions/").text


def test_nobody_else_is_given_the_calendar_file_that_the_code_opened(client, hidden, code):
    """A cache between the shop and its visitors keeps what is public, and hands it to anybody."""
    unlock(client)

    opened = client.get(f"/sessions/{hidden.slug}.ics")
    shown = client.get(f"/sessions/{SessionFactory().slug}.ics")

    assert set(opened["Cache-Control"].split(", ")) == {"private", "max-age=300"}
    assert "Cookie" in opened["Vary"]
    assert set(shown["Cache-Control"].split(", ")) == {"public", "max-age=300"}


def test_its_page_says_why_one_sees_it_and_is_kept_from_search_engines(client, hidden, code):
    SessionFactory(project=hidden.project)

    page = unlock(client, follow=True)

    assert page.redirect_chain[-1][0] == hidden.get_absolute_url()
    assert words_of(page) == ["The code GARDENGATE opens this for you."]
    assert "nobody else finds it" in page.text
    assert '<meta name="robots" content="noindex">' in page.text
    assert "application/ld+json" not in page.text


# Typing a code


@pytest.mark.parametrize("typed", ["GARDENGATE", " gardengate ", "GardenGate"])
def test_a_code_opens_however_it_is_typed(client, hidden, code, typed):
    assert unlock(client, typed).url == hidden.get_absolute_url()


@pytest.mark.parametrize(
    "changed",
    [
        {"is_active": False},
        {"valid_until": timezone.now() - timedelta(minutes=1)},
        {"valid_from": timezone.now() + timedelta(minutes=9)},
    ],
)
def test_a_code_out_of_force_is_answered_like_one_that_never_was(client, hidden, code, changed):
    AccessCode.objects.update(**changed)

    answers = [unlock(client, typed) for typed in ("GARDENGATE", "NOTHING99", "A" * 33, "GARDEN\x00GATE")]

    assert {answer.status_code for answer in answers} == {422}
    assert all(answer.context["form"].errors == {"code": [USELESS]} for answer in answers)
    assert "codes" not in client.cookies


def test_a_code_that_ends_closes_again(client, hidden, code):
    unlock(client)
    AccessCode.objects.update(is_active=False)

    assert client.get(hidden.get_absolute_url()).status_code == 404


def test_no_code_is_asked_for(client):
    assert unlock(client, " ").context["form"].errors == {"code": ["Type the code first."]}


def test_a_link_from_a_letter_fills_the_code_in_and_opens_nothing_by_itself(client, hidden, code):
    page = client.get("/unlock/?code=GARDENGATE")

    assert page.context["form"]["code"].value() == "GARDENGATE"
    assert client.get(hidden.get_absolute_url()).status_code == 404


@pytest.mark.parametrize("kept", ["forged", "1.2:forged", None])
def test_a_cookie_that_we_did_not_sign_opens_nothing(client, hidden, code, kept):
    signed_for_another_purpose = get_cookie_signer(salt="cartshop.cart").sign(str(code.pk))
    client.cookies["codes"] = kept or signed_for_another_purpose

    assert client.get(hidden.get_absolute_url()).status_code == 404


def test_several_codes_add_up_and_the_oldest_of_very_many_is_forgotten(client, hidden, code, settings):
    settings.RATE_LIMIT_FACTOR = 10
    unlock(client)
    for number in range(20):
        AccessCode.objects.create(code=f"OTHERCODE{number:02}", project=ProjectFactory())
        unlock(client, f"OTHERCODE{number:02}")
        is_kept = client.get(hidden.get_absolute_url()).status_code == 200
        assert is_kept == (number < 19)


@pytest.mark.parametrize("address", ["/unlock/", "/cart/coupon/"])
@pytest.mark.usefixtures("standing_clock")
def test_guessing_is_limited_for_both_kinds_of_codes_together(client, hidden, settings, address):
    settings.RATE_LIMIT_FACTOR = 1
    holding(client, (SessionFactory(), 1))
    other = "/cart/coupon/" if address == "/unlock/" else "/unlock/"
    for number in range(7):
        client.post(address, {"code": f"GUESS{number:03}"})
        client.post(other, {"code": f"GUESS{number:03}"})

    statuses = {client.post("/unlock/", {"code": "GUESS999"}).status_code for _try in range(2)}

    assert statuses == {422, 429}


# Both kinds of codes look alike to who was given one


@pytest.mark.parametrize("headers", [{}, HTMX])
def test_an_access_code_typed_as_a_coupon_opens_all_the_same(client, hidden, code, headers):
    holding(client, (SessionFactory(), 1))

    response = client.post("/cart/coupon/", {"code": "gardengate"}, headers=headers)

    assert response.headers.get("HX-Redirect", response.headers.get("Location")) == hidden.get_absolute_url()
    assert client.get(hidden.get_absolute_url()).status_code == 200


def test_a_coupon_typed_as_an_access_code_is_sent_to_the_cart(client):
    CouponFactory(code="WELCOME26")

    assert unlock(client, "WELCOME26").context["form"].errors == {
        "code": ["This code lowers the price: redeem it in your cart."]
    }


# Booking


def test_a_hidden_session_is_booked_like_any_other(client, hidden, code):
    unlock(client)
    add(client, hidden, 2)

    response = submit(client)

    order = Order.objects.get()
    assert response.url == order.get_absolute_url()
    assert order.lines.filter(session=hidden).count() == 2
    page = client.get(order.get_absolute_url()).text
    assert "Grafting" in page
    assert hidden.get_absolute_url() not in page  # who has not the code could not open it
    assert hidden.slug not in client.get(f"{order.get_absolute_url()}calendar.ics").text


def test_the_cart_goes_on_knowing_the_code_on_another_device(hidden, code):
    cart = carts.open_cart(AnonymousUser())
    carts.add_places(cart, hidden, 1, opened=Opened((code,)))

    carts.set_places(cart, hidden, 2)
    carts.extend_hold(cart)
    order = orders.place_order(cart, purchase_for(cart))

    assert order.lines.count() == 2


def test_without_a_code_no_service_sells_a_hidden_session(hidden, code):
    other = AccessCode.objects.create(code="OTHERCODE", project=ProjectFactory())
    for opened in (NOTHING, Opened((other,))):
        with pytest.raises(NotBookable, match="not on sale"):
            carts.begin_cart(AnonymousUser(), hidden, 1, opened=opened)


def test_a_code_that_ended_meanwhile_does_not_buy_any_more(hidden, code):
    cart = carts.open_cart(AnonymousUser())
    carts.add_places(cart, hidden, 1, opened=Opened((code,)))
    AccessCode.objects.update(valid_until=timezone.now() - timedelta(seconds=1))

    for refused in (
        lambda: orders.place_order(cart, purchase_for(cart)),
        lambda: carts.set_places(cart, hidden, 2),
    ):
        with pytest.raises(NotBookable):
            refused()
    assert carts.extend_hold(cart) == [hidden]


def test_a_code_that_is_deleted_leaves_the_cart_without_it(client, hidden, code):
    unlock(client)
    add(client, hidden)
    code.delete()

    assert CartLine.objects.get().access_code is None
    assert "This session is not on sale." in client.get("/cart/").text


# Sales that have not begun


@pytest.fixture
def presale() -> Session:
    return SessionFactory(sales_start_at=timezone.now() + timedelta(days=3))


def test_a_code_opens_sales_before_they_begin(client, presale):
    AccessCode.objects.create(code="EARLYSOWER", project=presale.project)
    assert "I have a code for the pre-sale" in client.get(presale.get_absolute_url()).text
    assert add(client, presale).url == presale.get_absolute_url()

    unlock(client, "EARLYSOWER")
    page = client.get(presale.get_absolute_url()).text
    add(client, presale)

    assert "Your code lets you book before sales begin" in page
    assert presale.slug in client.get("/sessions/?free=1").text
    assert submit(client).status_code == 303


@pytest.mark.parametrize(
    "closed", [{"sales_end_at": timezone.now() - timedelta(minutes=1)}, {"is_published": False}]
)
def test_a_code_opens_neither_ended_sales_nor_drafts(closed):
    session = SessionFactory(needs_code=True, **closed)
    code = AccessCode.objects.create(code="GARDENGATE", session=session)
    cart = carts.open_cart(AnonymousUser())

    with pytest.raises(NotBookable):
        carts.add_places(cart, session, 1, opened=Opened((code,)))


# Cost


def test_who_has_no_code_pays_nothing_for_codes(client, django_assert_num_queries):
    shown = SessionFactory()
    client.get("/sessions/")
    with django_assert_num_queries(2):
        client.get("/sessions/")
    with django_assert_num_queries(2):
        client.get(shown.get_absolute_url())


# Staff


@pytest.fixture
def keeper() -> Client:
    return staff_with(
        "add_accesscode", "change_accesscode", "view_accesscode", "view_session", "view_project"
    )


def test_staff_makes_a_code_and_gets_the_address_for_a_letter(keeper, hidden):
    response = keeper.post(
        reverse("admin:shop_accesscode_add"),
        {"code": "gardengate", "session": hidden.pk, "is_active": "on", "note": "Newsletter"},
    )

    made = AccessCode.objects.get()
    assert (made.code, made.session) == ("GARDENGATE", hidden)
    assert response.status_code == 302
    page = keeper.get(reverse("admin:shop_accesscode_change", args=[made.pk])).text
    assert "/unlock/?code=GARDENGATE" in page


@pytest.mark.parametrize("wrong", [{}, {"session": "both", "project": "both"}, {"code": "SHORT"}])
def test_a_code_opens_one_thing_and_is_long_enough(keeper, hidden, wrong):
    chosen = {"session": hidden.pk, "project": hidden.project_id}
    data = {"code": "GARDENGATE", "is_active": "on"} | {
        name: chosen[name] if value == "both" else value for name, value in wrong.items()
    }

    assert keeper.post(reverse("admin:shop_accesscode_add"), data).status_code == 200
    assert not AccessCode.objects.exists()


def test_a_code_ends_after_it_begins(hidden):
    now = timezone.now()

    with pytest.raises(ValidationError, match="ends after it begins"):
        AccessCode(code="GARDENGATE", session=hidden, valid_from=now, valid_until=now).full_clean()


def test_staff_hides_a_session_and_sees_which_codes_open_it(owner):
    session = whole_minutes()
    AccessCode.objects.create(code="GARDENGATE", project=session.project)

    save(owner, session, needs_code="on")

    session.refresh_from_db()
    assert session.needs_code
    assert "GARDENGATE" in owner.get(reverse("admin:shop_session_change", args=[session.pk])).text
    assert "With a code" in owner.get(reverse("admin:shop_session_changelist"), {"when": "all"}).text
    looker = staff_with("view_session")
    assert "GARDENGATE" not in looker.get(reverse("admin:shop_session_change", args=[session.pk])).text


def test_a_session_in_a_cart_is_told_apart_by_its_own_code(hidden, code):
    other = AccessCode.objects.create(code="OTHERCODE", project=hidden.project)
    cart = cart_with()
    carts.add_places(cart, hidden, 1, opened=Opened((other, code)))

    assert CartLine.objects.get().access_code == other


def test_the_page_for_codes_shows_what_they_open_and_not_what_everybody_sees(client, hidden):
    shown = SessionFactory(project=hidden.project)
    early = SessionFactory(project=hidden.project, sales_start_at=timezone.now() + timedelta(days=1))
    AccessCode.objects.create(code="GARDENGATE", project=hidden.project)

    page = unlock(client, follow=True)

    assert [card.session for card in page.context["cards"]] == [hidden, early]
    assert shown.slug not in page.text
