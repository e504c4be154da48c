"""The tests' own tools keep their promises."""

import smtplib
import socket
import urllib.request

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import storages
from django.core.mail import send_mail

from tests.support.browser import EVERY_DEVICE, PHONE, PageProblems, on_devices
from tests.support.network import NetworkForbidden
from tests.support.pages import assert_accessible, assert_fits


def test_tests_cannot_leave_this_machine():
    with pytest.raises(NetworkForbidden):
        urllib.request.urlopen("http://example.org/")
    with pytest.raises(NetworkForbidden):
        socket.create_connection(("192.0.2.1", 80))


def test_mail_arrives_at_a_real_server(smtp_server):
    send_mail("Grüezi", "Your places are booked.", "shop@example.org", ["reto@example.org"])

    assert smtp_server.messages[0]["Subject"] == "Grüezi"
    assert smtp_server.envelopes[0].rcpt_tos == ["reto@example.org"]


def test_the_mail_server_can_refuse(smtp_server):
    smtp_server.answer = "451 Try again later"

    with pytest.raises(smtplib.SMTPDataError):
        send_mail("Grüezi", "Your places are booked.", "shop@example.org", ["reto@example.org"])

    assert smtp_server.messages == []


@pytest.mark.parametrize("run", ["first", "second"])
def test_each_test_finds_empty_object_storage(s3_server, settings, run):
    bucket = s3_server.make_bucket("media")
    settings.STORAGES = settings.STORAGES | {"default": s3_server.storage(bucket)}

    storages["default"].save("picture.txt", ContentFile(run.encode()))

    stored = s3_server.client().list_objects_v2(Bucket=bucket)["Contents"]
    assert [entry["Key"] for entry in stored] == ["picture.txt"]


PLAIN_PAGE = """<!doctype html><html lang="en"><title>Hello</title>
<meta name="viewport" content="width=device-width">
<main><h1>Hello</h1>{content}</main></html>"""


def show(page, content):
    """Open a small page with this content under an address of the shop."""
    answer = {"content_type": "text/html; charset=utf-8", "body": PLAIN_PAGE.format(content=content)}
    page.route("**/hello/", lambda route: route.fulfill(**answer))
    page.goto("/hello/")


@pytest.mark.browser
@on_devices(*EVERY_DEVICE)
def test_a_page_without_faults_passes_every_look(page):
    show(page, "<p>Welcome.</p>")

    assert_accessible(page)
    assert_fits(page)


@pytest.mark.browser
@on_devices(PHONE, PHONE.without_javascript())
@pytest.mark.parametrize(
    ("look", "content"),
    [
        (assert_accessible, '<img src="data:,">'),
        (assert_fits, "<p style='width: 900px'>Too wide</p>"),
        (assert_fits, "<button>x</button>"),
    ],
    ids=["picture without text", "too wide", "too small to press"],
)
def test_a_page_with_a_fault_is_refused(page, look, content):
    show(page, content)

    with pytest.raises(AssertionError):
        look(page)


@pytest.mark.browser
def test_what_a_page_complains_about_is_noticed(browser, live_shop):
    problems = PageProblems()
    with browser.new_context() as context:
        tab = context.new_page()
        problems.watch(tab)
        tab.set_content("<script>undefined_function()</script><script>console.error('oh')</script>")

    with pytest.raises(AssertionError, match="undefined_function"):
        problems.check()
    problems.expect("undefined_function")
    problems.expect("oh")
    problems.check()


def test_a_complaint_that_was_expected_must_come():
    problems = PageProblems()
    problems.expect("status of 404")

    with pytest.raises(AssertionError, match="did not come"):
        problems.check()
