"""Whoever reads the logs learns no secret link and nobody's address; programs read them, too."""

import json
import logging

import pytest
from django.conf import settings
from django.utils.module_loading import import_string

from core import request_id

FORMS = ("line", "json")


def formatter(form: str) -> logging.Formatter:
    options = dict(settings.LOGGING["formatters"][form])
    make = import_string(options.pop("()"))
    return make(**options)


def line_of(message: str, *args, exc_info=None, form: str = "line", **extra) -> str:
    record = logging.LogRecord("django.request", logging.WARNING, __file__, 1, message, args, exc_info)
    record.__dict__.update(extra)
    for name in settings.LOGGING["handlers"]["console"]["filters"]:
        import_string(settings.LOGGING["filters"][name]["()"])().filter(record)
    return formatter(form).format(record)


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize(
    "path",
    [
        "/orders/K7QF-2MXR-9TWB/EKJIP-oGvLIHMD4ms3IVDqqYarENtIfont19BFRb-54/pay/",
        "/account/confirm-email/EKJIP-oGvLIHMD4ms3IVDqqYarENtIfont19BFRb-54/",
        "/account/password/reset/key/3-EKJIP-oGvLIHMD4ms3IVDqqYarENtIfont19BFRb-54/",
        "/blog/drafts/12/EKJIP-oGvLIHMDmsIVDqqYarENtIfontBFRb-withoutdigits/",
        "/something/new/EKJIPoGvLIHMD4ms3IVDqqYarENtIfont19BFRb54",
        "/search/?EKJIP=ana",
    ],
)
def test_links_lose_their_secret(path, form):
    line = line_of("Forbidden: %s", path, form=form)

    assert "EKJIP" not in line
    assert path.split("EKJIP")[0].rstrip("3-") in line


@pytest.mark.parametrize("form", FORMS)
def test_tracebacks_too(form):
    try:
        raise ValueError("No page at /orders/K7QF-2MXR-9TWB/EKJIP-oGvLIHMD4ms3IVDqqYarENtIfont19BFRb-54/")
    except ValueError as error:
        line = line_of("It failed", exc_info=(type(error), error, error.__traceback__), form=form)

    assert "ValueError" in line
    assert "EKJIP" not in line


@pytest.mark.parametrize("form", FORMS)
def test_nobodys_mail_address_is_told_but_where_it_is(form):
    line = line_of("{'ana.muster@example.org': (550, b'no such mailbox')}", form=form)

    assert "ana" not in line
    assert "…@example.org" in line


def test_everything_else_stays():
    assert line_of("Payment %s: no answer from %s", 12, "/cart/").endswith(
        "WARNING django.request: Payment 12: no answer from /cart/"
    )


def test_for_programs_a_line_is_one_object_and_what_a_record_carries_its_fields():
    with request_id.belonging_to("a-request-of-ours"):
        line = line_of("Payment %s\nof %s", 12, "ana@example.org", form="json", payment=12, request=object())

    told = json.loads(line)
    assert "\n" not in line
    assert told.pop("time")
    assert told == {
        "level": "WARNING",
        "logger": "django.request",
        "message": "Payment 12\nof …@example.org",
        "request_id": "a-request-of-ours",
        "payment": 12,
    }
