"""Limits count per visitor and for all processes together, with Redis, without it, and when it is away."""

import threading
from datetime import UTC, datetime

import pytest
import time_machine
from django.core.cache import caches
from django.db import connection
from django.http import HttpResponse
from django.test import RequestFactory

from core.caches import SharedRedisCache
from core.limits import Limit, LimitReached, enforce, enforce_all, forget_old_counts, limited, network_of
from core.models import CacheEntry, RateCount
from tests.support.servers import free_port

LIMIT = Limit("tries", times=3, minutes=10)
NOON = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)


def use_redis(settings, port: int) -> None:
    settings.CACHES = settings.CACHES | {
        "default": {
            "BACKEND": "core.caches.SharedRedisCache",
            "LOCATION": f"redis://127.0.0.1:{port}/0",
            "OPTIONS": {"socket_connect_timeout": 1, "socket_timeout": 1},
        }
    }
    settings.RATE_COUNTS_IN_CACHE = True


@pytest.fixture(params=["table", "redis", "redis that is away"])
def store(request, settings) -> str:
    """Every way of counting gives the same answers."""
    if request.param == "table":
        request.getfixturevalue("db")
    elif request.param == "redis":
        use_redis(settings, request.getfixturevalue("redis_port"))
    else:
        use_redis(settings, free_port())
        caches["default"].clear()
    return request.param


def allowed(tries: int, who: str = "192.0.2.1", **options) -> int:
    """How many of so many tries are accepted."""
    accepted = 0
    for _try in range(tries):
        try:
            enforce(LIMIT, who, **options)
        except LimitReached:
            continue
        accepted += 1
    return accepted


def test_so_many_times_and_no_more(store):
    assert allowed(5) == 3
    assert allowed(5, "192.0.2.2") == 3


def test_what_costs_more_is_allowed_less_often(store):
    assert allowed(5, cost=2) == 1


def test_the_next_window_begins_anew_and_the_refusal_says_when(store):
    with time_machine.travel(NOON, tick=False) as clock:
        assert allowed(4) == 3
        clock.shift(150)
        with pytest.raises(LimitReached) as refusal:
            enforce(LIMIT, "192.0.2.1")
        assert refusal.value.retry_after_seconds == 450
        clock.shift(450)
        assert allowed(4) == 3


def test_redis_that_comes_back_counts_again(settings, redis_port):
    use_redis(settings, free_port())
    cache = caches["default"]
    assert cache.add("key", 1)
    cache._servers = [f"redis://127.0.0.1:{redis_port}/0"]
    del cache.__dict__["_cache"]

    assert cache.get("key") == 1, "memory stands in for a while"
    cache._rests_until = 0
    assert cache.get("key") is None
    cache.set("key", 7)
    assert cache.incr("key") == 8


def test_the_password_of_redis_is_not_logged(settings, caplog):
    cache = SharedRedisCache(f"redis://:secret-word@127.0.0.1:{free_port()}/0", {})

    cache.set("key", "value")

    assert cache.get("key") == "value"
    assert "Redis does not answer" in caplog.text
    assert "secret-word" not in caplog.text


def test_two_limits_count_together_and_each_for_itself(store):
    other = Limit("others", times=2, minutes=5)
    for _time in range(2):
        enforce_all([(LIMIT, "192.0.2.1"), (other, "ana@example.org")])

    with pytest.raises(LimitReached, match="others"):
        enforce_all([(LIMIT, "192.0.2.1"), (other, "ana@example.org")])
    enforce_all([(other, "bea@example.org")])
    with pytest.raises(LimitReached, match="tries"):
        enforce_all([(LIMIT, "192.0.2.1"), (other, "bea@example.org")])


@pytest.mark.django_db
def test_one_statement_counts(django_assert_num_queries):
    with django_assert_num_queries(1):
        enforce_all([(LIMIT, "192.0.2.1"), (LIMIT, "ana@example.org")])


@pytest.mark.django_db
def test_the_table_does_not_tell_who_it_was():
    enforce(LIMIT, "192.0.2.1")

    assert "192.0.2.1" not in RateCount.objects.get().key


@pytest.mark.django_db
def test_counts_are_forgotten_once_their_window_is_over():
    with time_machine.travel(NOON, tick=False) as clock:
        enforce(LIMIT, "192.0.2.1")
        assert forget_old_counts() == 0
        clock.shift(601)
        assert forget_old_counts() == 1


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_the_table_loses_no_count_between_threads():
    def count(results: list[int]) -> None:
        results += [RateCount.objects.add({"key": NOON}, 1)["key"] for _time in range(20)]
        connection.close()

    results: list[int] = []
    threads = [threading.Thread(target=count, args=(results,)) for _number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(results) == list(range(1, 161))


@pytest.mark.django_db
def test_django_can_cache_in_the_table(settings):
    settings.CACHES = settings.CACHES | {
        "default": {"BACKEND": "django.core.cache.backends.db.DatabaseCache", "LOCATION": "core_cache"}
    }
    caches["default"].set("key", {"some": "thing"})

    assert caches["default"].get("key") == {"some": "thing"}
    assert CacheEntry.objects.count() == 1


@limited(LIMIT)
def view(request) -> HttpResponse:
    return HttpResponse("fine")


def ask(method: str = "post", forwarded: str = "", address: str = "192.0.2.1") -> HttpResponse:
    headers = {"X-Forwarded-For": forwarded} if forwarded else {}
    return view(getattr(RequestFactory(), method)("/", headers=headers, REMOTE_ADDR=address))


@pytest.mark.django_db
def test_a_view_answers_429_and_says_when_to_come_back():
    with time_machine.travel(NOON, tick=False):
        answers = [ask() for _time in range(4)]

    assert [answer.status_code for answer in answers] == [200, 200, 200, 429]
    assert answers[-1].headers["Retry-After"] == "600"
    assert b"A little slower, please" in answers[-1].content
    assert b"Try again" not in answers[-1].content, "a link would not send what was sent"


@pytest.mark.django_db
def test_looking_is_not_counted():
    assert {ask("get").status_code for _time in range(5)} == {200}


@pytest.mark.django_db
@pytest.mark.usefixtures("standing_clock")
def test_two_visitors_behind_our_proxy_do_not_share_a_limit(settings):
    settings.TRUSTED_PROXY_COUNT = 1
    first = [ask(forwarded="198.51.100.9, 203.0.113.1", address="10.0.0.1") for _time in range(4)]
    second = ask(forwarded="203.0.113.2", address="10.0.0.1")

    assert [answer.status_code for answer in first] == [200, 200, 200, 429]
    assert second.status_code == 200


@pytest.mark.django_db
@pytest.mark.usefixtures("standing_clock")
def test_writing_another_address_into_the_header_does_not_help(settings):
    settings.TRUSTED_PROXY_COUNT = 1
    answers = [ask(forwarded=f"198.51.100.{number}, 203.0.113.1") for number in range(4)]

    assert answers[-1].status_code == 429


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("192.0.2.1", "192.0.2.1"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("::ffff:192.0.2.1", "192.0.2.1"),
        ("no address", "0.0.0.0"),
    ],
)
def test_one_household_is_one_visitor(address, network):
    assert network_of(RequestFactory().post("/", REMOTE_ADDR=address)) == network
