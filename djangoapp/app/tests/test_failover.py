"""Requests that the database leaves in the lurch, for real: a page is made once more, an order is whole or is not."""

import threading

import pytest
from django.db import Error, connection, transaction
from django.test import Client
from django.urls import reverse

from core import failover
from core.failover import is_away
from shop.models import Cart, CartLine, Order, Session
from shop.services import integrity
from shop.tests.factories import SessionFactory, UserFactory
from shop.tests.visiting import add, filled_in, holding
from tests.support.outages import become_read_only, end_my_connection, once_before
from tests.support.servers import free_port

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def visitor() -> Client:
    """A browser to which an error is an answer."""
    return Client(raise_request_exception=False)


@pytest.fixture
def session() -> Session:
    return SessionFactory(project__title="Bread", capacity=6)


@pytest.fixture
def stays_away(monkeypatch):
    """After its end nobody answers at the database's address, for as long as the test lasts."""
    nowhere = connection.get_connection_params() | {"host": "127.0.0.1", "port": free_port()}
    monkeypatch.setattr(failover, "PATIENCE_SECONDS", 0.2)

    def end() -> None:
        end_my_connection()
        monkeypatch.setattr(connection, "get_connection_params", lambda: nowhere)

    yield end
    monkeypatch.undo()


def expect_humane_refusal(response) -> None:
    assert response.status_code == 503
    assert response["Retry-After"] == "5"
    assert response["Cache-Control"] == "no-store"
    assert "Content-Security-Policy" in response


# Looking


@pytest.mark.parametrize("method", ["get", "head"])
def test_a_page_is_made_once_more_and_the_visitor_notices_nothing(method, visitor, session):
    with once_before('FROM "shop_session"'):
        response = getattr(visitor, method)("/sessions/")

    assert response.status_code == 200
    assert method == "head" or "Bread" in response.content.decode()


def test_who_is_signed_in_stays_so(visitor):
    user = UserFactory(first_name="Mira")
    visitor.force_login(user)

    with once_before('FROM "accounts_user"'):
        page = visitor.get(reverse("accounts:profile")).content.decode()

    assert "Mira" in page


def test_what_was_to_be_told_is_told_on_the_second_try(visitor, session):
    add(visitor, session)  # leaves a message for the next page

    with once_before('FROM "shop_cartline"'):
        response = visitor.get("/cart/")

    assert [str(message) for message in response.context["messages"]] != []


def test_the_api_is_made_once_more_too(visitor, session):
    with once_before('FROM "shop_session"'):
        response = visitor.get("/api/v1/sessions/")

    assert response.status_code == 200


def test_a_page_is_not_tried_for_ever(visitor, session, stays_away):
    with once_before('FROM "shop_session"', stays_away):
        response = visitor.get("/sessions/?q=bread")

    expect_humane_refusal(response)
    page = response.content.decode()
    assert 'href="/sessions/?q=bread"' in page
    assert "Your bookings and payments are safe." in page


def test_programs_are_told_in_their_own_form(visitor, session, stays_away):
    with once_before('FROM "shop_session"', stays_away):
        response = visitor.get("/api/v1/sessions/")

    expect_humane_refusal(response)
    assert response["Content-Type"] == "application/problem+json"
    assert response.json()["status"] == 503


def test_of_many_requests_a_few_wait_for_the_database_and_the_others_are_answered_at_once(
    visitor, session, stays_away, monkeypatch
):
    nobody_more = threading.BoundedSemaphore(1)
    nobody_more.acquire()
    monkeypatch.setattr(failover, "_waiting", nobody_more)
    monkeypatch.setattr(failover, "PATIENCE_SECONDS", 60)

    with once_before('FROM "shop_session"', stays_away):
        expect_humane_refusal(visitor.get("/sessions/"))


# Changing


def test_what_may_have_changed_something_is_not_done_twice(visitor, session):
    with once_before('INSERT INTO "shop_cartline"'):
        response = add(visitor, session)

    expect_humane_refusal(response)
    assert "Please look before you send it again." in response.content.decode()
    assert not CartLine.objects.exists()
    assert Session.objects.get().seats_taken == 0

    add(visitor, session)

    assert Session.objects.get().seats_taken == 1


@pytest.mark.parametrize(
    "moment",
    [
        'FROM "shop_cart"',
        'FROM "shop_session"',
        'INSERT INTO "shop_order"',
        'INSERT INTO "shop_orderline"',
        'INSERT INTO "shop_payment"',
        'UPDATE "shop_cart"',
    ],
)
@pytest.mark.parametrize("happens", [end_my_connection, become_read_only])
def test_an_order_is_placed_as_a_whole_or_not_at_all(moment, happens, visitor, session):
    cart = holding(visitor, (session, 2))
    form = filled_in(visitor)

    with once_before(moment, happens):
        response = visitor.post("/checkout/", form)

    expect_humane_refusal(response)
    assert not Order.objects.exists()
    assert Cart.objects.get().status == "open"
    assert [line.quantity for line in cart.lines.all()] == [2]
    assert integrity.problems() == []

    assert visitor.post("/checkout/", form).status_code == 303

    assert Order.objects.get().lines.count() == 2
    assert integrity.problems() == []


def test_when_the_end_comes_with_the_commit_there_is_no_order(visitor, session, monkeypatch):
    holding(visitor, (session, 2))
    form = filled_in(visitor)
    commit = connection._commit

    def end_first():
        monkeypatch.undo()
        end_my_connection()
        commit()

    monkeypatch.setattr(connection, "_commit", end_first)
    expect_humane_refusal(visitor.post("/checkout/", form))

    assert not Order.objects.exists()


def test_when_only_the_word_of_the_commit_is_lost_there_is_one_order_however_often_it_is_sent(
    visitor, session, monkeypatch
):
    holding(visitor, (session, 2))
    form = filled_in(visitor)
    commit = connection._commit

    def end_afterwards():
        monkeypatch.undo()
        commit()
        end_my_connection()
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")

    monkeypatch.setattr(connection, "_commit", end_afterwards)
    expect_humane_refusal(visitor.post("/checkout/", form))
    assert Order.objects.count() == 1

    visitor.post("/checkout/", form)

    assert Order.objects.count() == 1
    assert integrity.problems() == []


# Telling one error from another


def error_of(*statements: str) -> Error:
    """What Django raises for the last of these statements."""
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            for statement in statements:
                cursor.execute(statement)
    except Error as error:
        return error
    finally:
        connection.close()
    raise AssertionError("the database took all of it")


@pytest.mark.parametrize(
    "statements",
    [
        ("SELECT pg_terminate_backend(pg_backend_pid())",),
        ("SET TRANSACTION READ ONLY", "DELETE FROM shop_cart"),
    ],
    ids=["ended", "read-only"],
)
def test_a_database_that_is_away_says_so(statements):
    assert is_away(error_of(*statements))


@pytest.mark.parametrize(
    "statements",
    [
        ("SELECT 1 / 0",),
        ("SELECT * FROM nothing",),
        ("SET LOCAL statement_timeout = 10", "SELECT pg_sleep(1)"),
        ("INSERT INTO core_ratecount VALUES ('a', 1, now())",) * 2,
    ],
    ids=["nonsense", "no table", "too slow", "twice"],
)
def test_a_database_that_refuses_is_not_away(statements):
    assert not is_away(error_of(*statements))


def test_an_error_that_came_of_it_counts_and_any_other_does_not():
    consequence = ValueError("no session")
    assert not is_away(consequence)

    consequence.__context__ = error_of("SELECT pg_terminate_backend(pg_backend_pid())")

    assert is_away(consequence)


def test_a_mistake_of_ours_is_not_made_twice(visitor, session, monkeypatch):
    tries = []

    def broken(*_args):
        tries.append(1)
        raise ValueError("a mistake")

    with once_before('FROM "shop_session"', broken):
        response = visitor.get("/sessions/")

    assert (response.status_code, len(tries)) == (500, 1)
