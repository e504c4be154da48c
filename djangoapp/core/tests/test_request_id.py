"""One id leads from the proxy through every log line to what the request set in motion."""

import logging

import pytest
from django_q.signals import pre_enqueue, pre_execute

from core import request_id


def test_the_proxys_id_is_taken_up_and_returned(client):
    answer = client.get("/robots.txt", headers={"X-Request-ID": "4bf92f3577b34da6-a3ce929d0e0e4736"})

    assert answer["X-Request-ID"] == "4bf92f3577b34da6-a3ce929d0e0e4736"


@pytest.mark.parametrize(
    "told", ["", "short", "x" * 65, "with spaces in it", "<script>alert(1)</script>", "a\nb" * 9]
)
def test_anything_else_is_replaced(told, client):
    answer = client.get("/robots.txt", headers={"X-Request-ID": told})

    assert request_id.ACCEPTED.fullmatch(answer["X-Request-ID"])
    assert answer["X-Request-ID"] != told


def test_each_request_has_its_own(client):
    assert client.get("/livez")["X-Request-ID"] != client.get("/livez")["X-Request-ID"]


def test_what_django_logs_at_the_very_end_still_belongs_to_the_request(client, monkeypatch):
    seen = []
    monkeypatch.setattr(
        logging.getLogger("django.request"), "handle", lambda record: seen.append(request_id.current())
    )

    answer = client.get("/nothing-here/")

    assert seen == [answer["X-Request-ID"]]


def packed(task: dict) -> dict:
    """The task as the worker gets it."""
    pre_enqueue.send("test", task=task)
    return task


def test_background_work_belongs_to_the_request_that_asked_for_it():
    with request_id.belonging_to("a-request-of-ours"):
        task = packed({"id": "0a1b2c3d"})

    with request_id.belonging_to(""):
        pre_execute.send("test", func=None, task=task)
        assert request_id.current() == "a-request-of-ours"


def test_work_that_nobody_asked_for_has_an_id_of_its_own():
    with request_id.belonging_to(""):
        pre_execute.send("test", func=None, task=packed({"id": "0a1b2c3d"}))
        assert request_id.current() == "0a1b2c3d"


def test_after_a_request_the_thread_is_free(client):
    client.get("/robots.txt")

    assert request_id.current() == ""
