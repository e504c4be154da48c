"""The API: who may call what, what it answers, and what that costs."""

from datetime import timedelta
from decimal import Decimal
from itertools import product

import pytest
from django.core.management import call_command
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from django.utils.dateparse import parse_datetime

from accounts.models import TokenScope, User
from accounts.tokens import make_token, revoke
from app.api import document
from core import api as core_api
from core.limits import Limit
from shop.models import Session
from shop.tests.factories import (
    ProjectFactory,
    SessionFactory,
    UserFactory,
    cart_with,
    member,
    order_for,
    paid_order_for,
)

pytestmark = pytest.mark.django_db
PROBLEM = "application/problem+json"


def with_token(user: User, scope: str = TokenScope.READ) -> Client:
    """A program that has a token of this user."""
    _token, secret = make_token(user, name="A program", scope=scope)
    return Client(headers={"Authorization": f"Bearer {secret}"}, raise_request_exception=False)


@pytest.fixture
def nobody() -> Client:
    return Client(raise_request_exception=False)


# Who may call what


OPEN = ["/api/v1/projects/", "/api/v1/sessions/"]
OWN = ["/api/v1/orders/", "/api/v1/users/me/"]


@pytest.mark.parametrize("path", OPEN)
def test_what_is_offered_is_open_to_everybody(path, nobody):
    assert nobody.get(path).status_code == 200


@pytest.mark.parametrize("path", OWN)
def test_what_is_ones_own_asks_for_a_token(path, nobody):
    answer = nobody.get(path)

    assert (answer.status_code, answer["Content-Type"]) == (401, PROBLEM)
    assert answer["WWW-Authenticate"] == 'Bearer realm="api"'


@pytest.mark.parametrize("path", OWN)
def test_being_signed_in_in_a_browser_is_no_token(path, nobody):
    nobody.force_login(UserFactory())

    assert nobody.get(path).status_code == 401


# What each scope opens: reading what is open, reading one's own, changing it.
SCOPES = {
    TokenScope.READ: (200, 200, 403),
    TokenScope.WRITE: (200, 200, 200),
    TokenScope.DOOR: (403, 403, 403),
}


@pytest.mark.parametrize(("scope", "is_staff"), list(product(SCOPES, [False, True])))
def test_a_token_does_what_its_scope_says(scope, is_staff):
    program = with_token(UserFactory(is_staff=is_staff), scope)
    reads, reads_own, changes = SCOPES[scope]

    assert {program.get(path).status_code for path in OPEN} == {reads}
    assert {program.get(path).status_code for path in OWN} == {reads_own}
    for method, path in product(["post", "put", "delete"], [*OPEN, *OWN]):
        assert getattr(program, method)(path).status_code == 405, (method, path)
    changed = program.patch("/api/v1/users/me/", {"first_name": "Bea"}, content_type="application/json")
    assert changed.status_code == changes
    assert User.objects.filter(first_name="Bea").exists() == (changes == 200)


@pytest.mark.parametrize("header", ["Bearer nonsense", "Bearer ", "Bearer", "bearer tnq_x y", "Bearer é"])
def test_a_wrong_token_is_refused_even_where_none_is_needed(header):
    program = Client(headers={"Authorization": header.encode().decode("latin-1")})

    answer = program.get("/api/v1/projects/")

    assert (answer.status_code, answer["Content-Type"]) == (401, PROBLEM)
    assert answer["WWW-Authenticate"] == 'Bearer realm="api", error="invalid_token"'


def test_a_revoked_token_is_refused():
    user = UserFactory()
    token, secret = make_token(user, name="Lost", scope=TokenScope.WRITE)
    program = Client(headers={"Authorization": f"Bearer {secret}"})
    assert program.get("/api/v1/orders/").status_code == 200

    revoke(token)

    answer = program.get("/api/v1/orders/")
    assert answer.status_code == 401
    assert "invalid_token" in answer["WWW-Authenticate"]


@pytest.mark.parametrize("who", ["stranger", "staff", "superuser"])
def test_orders_are_for_their_customer_alone(who):
    customer = UserFactory()
    order = paid_order_for((SessionFactory(), 1), user=customer)
    others = {
        "stranger": {},
        "staff": {"is_staff": True},
        "superuser": {"is_staff": True, "is_superuser": True},
    }
    other = with_token(UserFactory(**others[who]), TokenScope.WRITE)

    own = with_token(customer)
    assert [row["code"] for row in own.get("/api/v1/orders/").json()["results"]] == [order.code]
    assert own.get(f"/api/v1/orders/{order.code}/").json()["code"] == order.code
    assert other.get("/api/v1/orders/").json()["results"] == []
    assert other.get(f"/api/v1/orders/{order.code}/").status_code == 404


# What it answers


def test_a_session_tells_places_left_and_prices(nobody):
    session = SessionFactory(capacity=5, member_price=Decimal("70"), sales_end_at=None)
    order_for((session, 2))

    [row] = nobody.get("/api/v1/sessions/").json()["results"]

    assert (row["capacity"], row["places_left"], row["availability"]) == (5, 3, "few")
    assert row["prices"] == {
        "base": "85.00",
        "member": "70.00",
        "nonprofit": None,
        "now": "85.00",
        "early_bird": None,
        "group": None,
        "currency": "CHF",
    }
    assert row["project"] == session.project.slug
    assert parse_datetime(row["starts_at"]) == session.starts_at
    assert nobody.get(f"/api/v1/sessions/{session.slug}/").json() == row


def test_places_whose_hold_lapsed_are_left_again(nobody):
    session = SessionFactory(capacity=2)
    cart = cart_with((session, 2))
    assert nobody.get(f"/api/v1/sessions/{session.slug}/").json()["availability"] == "full"

    cart.lines.update(held_until=timezone.now())

    assert nobody.get(f"/api/v1/sessions/{session.slug}/").json()["places_left"] == 2


def test_what_is_not_published_is_not_told(nobody):
    hidden = SessionFactory(is_published=False)
    of_hidden = SessionFactory(project__is_published=False)

    assert nobody.get("/api/v1/sessions/").json()["results"] == []
    for session in (hidden, of_hidden):
        assert nobody.get(f"/api/v1/sessions/{session.slug}/").status_code == 404
    assert nobody.get(f"/api/v1/projects/{of_hidden.project.slug}/").status_code == 404


def test_the_link_to_an_online_room_is_told_to_nobody(nobody):
    SessionFactory(place_name="", online_url="https://rooms.example.org/secret")

    answer = nobody.get("/api/v1/sessions/")

    assert answer.json()["results"][0]["is_online"] is True
    assert "rooms.example.org" not in answer.text


FILTERS = {
    "q=pruning": ["pruning"],
    "project=pruning": ["pruning"],
    "category=trees": ["pruning"],
    "where=online": ["talk"],
    "where=studio": ["pruning", "full"],
    "price=60": ["talk"],
    "price=75&membership=member": ["pruning", "talk"],
    "free=true": ["pruning", "talk"],
    "free=false": ["pruning", "talk", "full"],
    "from={tomorrow}": ["talk", "full"],
    "to={today}": ["pruning"],
    "": ["pruning", "talk", "full"],
}


@pytest.mark.parametrize("query", FILTERS)
def test_sessions_are_filtered_as_in_the_catalogue(query, nobody):
    start = timezone.now().replace(hour=9, minute=0) + timedelta(days=2)
    SessionFactory(
        project__slug="pruning", project__title="Pruning", project__category__slug="trees",
        starts_at=start, member_price=Decimal(70),
    )  # fmt: skip
    SessionFactory(
        project__slug="talk", starts_at=start + timedelta(days=1), place_name="",
        online_url="https://rooms.example.org", base_price=Decimal(60),
    )  # fmt: skip
    full = SessionFactory(project__slug="full", starts_at=start + timedelta(days=2), capacity=1)
    order_for((full, 1))
    query = query.format(today=start.date(), tomorrow=start.date() + timedelta(days=1))

    rows = nobody.get(f"/api/v1/sessions/?{query}").json()["results"]

    assert [row["project"] for row in rows] == FILTERS[next(k for k in FILTERS if _same(k, query, start))]


def _same(key: str, query: str, start) -> bool:
    return key.format(today=start.date(), tomorrow=start.date() + timedelta(days=1)) == query


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("/api/v1/sessions/?from=yesterday", "from"),
        ("/api/v1/sessions/?price=cheap", "price"),
        ("/api/v1/sessions/?category=none-such", "category"),
        ("/api/v1/sessions/?q=%00", "q"),
        ("/api/v1/sessions/?membership=gold", "membership"),
        ("/api/v1/sessions/?page=0", "page"),
        ("/api/v1/sessions/?page=two", "page"),
        ("/api/v1/sessions/?page=٢", "page"),
        ("/api/v1/sessions/?page=99999999999999999999", "page"),
        ("/api/v1/projects/?page_size=101", "page_size"),
        ("/api/v1/projects/?category=%20!", "category"),
    ],
)
def test_what_cannot_be_understood_is_told_by_name(path, name, nobody):
    answer = nobody.get(path)

    assert (answer.status_code, answer["Content-Type"]) == (400, PROBLEM)
    assert [problem["name"] for problem in answer.json()["errors"]] == [name]


def test_a_project_tells_what_comes_next(nobody):
    project = ProjectFactory()
    later = SessionFactory(
        project=project, base_price=Decimal(50), starts_at=timezone.now() + timedelta(days=20)
    )
    soon = SessionFactory(project=project)
    ProjectFactory(title="Without a date")

    first, last = nobody.get("/api/v1/projects/").json()["results"]

    assert parse_datetime(first["next_starts_at"]) == soon.starts_at
    assert (first["upcoming_count"], first["lowest_price"]) == (2, f"{later.base_price:.2f}")
    assert (last["next_starts_at"], last["upcoming_count"], last["lowest_price"]) == (None, 0, None)
    detail = nobody.get(f"/api/v1/projects/{project.slug}/").json()
    assert detail == {**first, "description": project.description}


def test_an_order_tells_what_was_booked_and_keeps_its_link_to_itself():
    customer = UserFactory()
    order = order_for((SessionFactory(), 2), user=customer)

    answer = with_token(customer).get(f"/api/v1/orders/{order.code}/")

    told = answer.json()
    assert (told["status"], told["total"], told["currency"]) == ("pending", "170.00", "CHF")
    assert [line["attendee_last_name"] for line in told["lines"]] == ["Keller 0", "Keller 1"]
    assert order.token not in answer.text
    assert "no-store" in answer["Cache-Control"]


def test_orders_are_found_by_their_state():
    customer = UserFactory()
    session = SessionFactory()
    order_for((session, 1), user=customer)
    paid = paid_order_for((session, 1), user=customer)
    program = with_token(customer)

    assert [row["code"] for row in program.get("/api/v1/orders/?status=paid").json()["results"]] == [
        paid.code
    ]
    assert program.get("/api/v1/orders/?status=lost").status_code == 400


def test_a_program_changes_the_name_and_nothing_that_is_not_its_to_change():
    user = member(email="ana@example.org")
    program = with_token(user, TokenScope.WRITE)
    told = {"last_name": "Frei", "email": "eve@example.org", "membership": "nonprofit", "is_staff": True}

    answer = program.patch("/api/v1/users/me/", told, content_type="application/json")

    user.refresh_from_db()
    assert answer.json()["last_name"] == user.last_name == "Frei"
    assert (user.first_name, user.email, user.is_staff) == ("Ana", "ana@example.org", False)
    assert answer.json()["membership"] == "member"


@pytest.mark.parametrize("zone", ["Mars/Olympus", "x" * 65, 7, None, ["Europe/Zurich"]])
def test_a_time_zone_that_is_none_is_refused(zone):
    program = with_token(UserFactory(), TokenScope.WRITE)

    answer = program.patch("/api/v1/users/me/", {"time_zone": zone}, content_type="application/json")

    assert answer.status_code == 400
    assert [problem["name"] for problem in answer.json()["errors"]] == ["time_zone"]


# Pages


def test_pages_lead_to_one_another(nobody):
    for _ in range(5):
        SessionFactory()
    seen, address = [], "/api/v1/sessions/?page_size=2&where=studio"
    while address:
        page = nobody.get(address).json()
        seen += [row["slug"] for row in page["results"]]
        address = page["next"]

    assert seen == list(Session.objects.upcoming().values_list("slug", flat=True))
    assert page["previous"].endswith("page=2")
    assert "where=studio" in page["previous"]


@pytest.mark.parametrize("path", [*OPEN, "/api/v1/orders/"])
def test_a_long_list_costs_no_more_than_a_short_one(path):
    customer = UserFactory()
    program = with_token(customer)
    paid_order_for((SessionFactory(), 1), user=customer)
    program.get(path)  # notes the day of use
    statements = {}
    for rows in (1, 30):
        while Session.objects.count() < rows:
            paid_order_for((SessionFactory(), 1), user=customer)
        with CaptureQueriesContext(connection) as captured:
            answer = program.get(path)
        assert len(answer.json()["results"]) == rows
        assert not [query for query in captured if "COUNT(*)" in query["sql"] and "LIMIT" not in query["sql"]]
        statements[rows] = len(captured)

    assert statements[1] == statements[30] <= 6, statements


# Errors


@pytest.mark.parametrize(
    ("method", "path", "content_type", "body", "status"),
    [
        ("GET", "/api/v1/nonsense/", None, "", 404),
        ("GET", "/api/nonsense", None, "", 404),
        ("GET", "/api/v1/sessions/none-such/", None, "", 404),
        ("DELETE", "/api/v1/sessions/", None, "", 405),
        ("OPTIONS", "/api/v1/sessions/", None, "", 405),
        ("TRACE", "/api/v1/sessions/", None, "", 405),
        ("PATCH", "/api/v1/users/me/", "text/plain", "Bea", 415),
        ("PATCH", "/api/v1/users/me/", "application/json", "{", 400),
        ("PATCH", "/api/v1/users/me/", "application/json", "[]", 400),
        ("PATCH", "/api/v1/users/me/", "application/json", '{"first_name": NaN}', 400),
        ("PATCH", "/api/v1/users/me/", "application/json", '{"first_name": "\\ud800"}', 400),
        ("PATCH", "/api/v1/users/me/", "application/json", '{"first_name": "\\u0000"}', 400),
        ("PATCH", "/api/v1/users/me/", "application/json", '"' + "x" * 2_200_000 + '"', 413),
    ],
)
def test_every_error_is_a_problem_detail(method, path, content_type, body, status):
    program = with_token(UserFactory(), TokenScope.WRITE)

    answer = program.generic(method, path, body, content_type=content_type or "application/json")

    problem = answer.json()
    assert (answer.status_code, answer["Content-Type"]) == (status, PROBLEM)
    assert (problem["type"], problem["status"]) == ("about:blank", status)
    assert problem["title"]
    assert problem["detail"]


def test_other_kinds_of_answers_are_not_to_be_had(nobody):
    answer = nobody.get("/api/v1/projects/", headers={"Accept": "text/html"})

    assert (answer.status_code, answer["Content-Type"]) == (406, PROBLEM)


@pytest.mark.usefixtures("standing_clock")
def test_too_many_calls_are_told_to_wait_whoever_makes_them(nobody, monkeypatch):
    monkeypatch.setattr(core_api.CallThrottle, "limit", Limit("api", times=3, minutes=1))
    guesses = [nobody.get("/api/v1/orders/", headers={"Authorization": f"Bearer {n}"}) for n in range(3)]
    assert {answer.status_code for answer in guesses} == {401}

    answer = nobody.get("/api/v1/projects/")

    assert (answer.status_code, answer["Content-Type"]) == (429, PROBLEM)
    assert 1 <= int(answer["Retry-After"]) <= 60
    elsewhere = nobody.get("/api/v1/projects/", REMOTE_ADDR="192.0.2.7")
    assert elsewhere.status_code == 200


def test_our_own_errors_tell_callers_nothing_and_the_log_everything(nobody, monkeypatch, caplog):
    def broken(*_args):
        raise RuntimeError("the secret of the cellar")

    monkeypatch.setattr("shop.api.SessionSerializer.get_places_left", broken)
    SessionFactory()

    answer = nobody.get("/api/v1/sessions/")

    assert (answer.status_code, answer["Content-Type"]) == (500, PROBLEM)
    assert "cellar" not in answer.text
    assert "the secret of the cellar" in caplog.text
    with pytest.raises(RuntimeError):  # Django's own signal tells tests, and whoever else listens
        Client().get("/api/v1/sessions/")


# The document and its page


def test_the_document_is_valid_and_complete(tmp_path):
    call_command("spectacular", validate=True, fail_on_warn=True, file=str(tmp_path / "schema.yml"))

    assert (tmp_path / "schema.yml").stat().st_size > 1000


def test_the_document_is_served(nobody):
    answer = nobody.get("/api/schema/")

    assert answer["Content-Type"] == "application/json"
    assert answer.json()["openapi"].startswith("3.")
    assert answer.json() == document()


def test_the_page_shows_every_operation(nobody):
    page = nobody.get("/api/docs/").text

    operations = [operation for item in document()["paths"].values() for operation in item.values()]
    assert len(operations) >= 8
    for operation in operations:
        assert f'id="{operation["operationId"]}"' in page
        assert operation["summary"] in page
    assert "<script>" not in page
    assert "style=" not in page.partition("<main")[2].partition("</main>")[0]
