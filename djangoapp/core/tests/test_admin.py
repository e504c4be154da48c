"""What all pages of the admin share: bounded lists, tables for spreadsheets, and the outbox."""

import csv
import io

import pytest
from django.contrib import admin
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Permission
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django_q.models import Schedule

from core import exports, mail
from core.mail import Letter
from core.models import Mail, MailStatus
from core.pagination import BoundedPaginator

pytestmark = pytest.mark.django_db
OUTBOX = "admin:core_mail_changelist"


@pytest.fixture(autouse=True)
def kinds(monkeypatch):
    """Two kinds of mail to test with."""
    monkeypatch.setattr(mail, "_renderers", dict(mail._renderers))
    monkeypatch.setattr(mail, "_secret_kinds", set(mail._secret_kinds))
    mail.mail_kind("greeting")(lambda name: Letter(f"Hello {name}", "Hello"))
    mail.mail_kind("secret", is_secret=True)(lambda link: Letter("Your link", link))


@pytest.fixture
def owner(client) -> Client:
    client.force_login(get_user_model().objects.create_superuser("owner@example.org", "x"))
    return client


def staff_with(*permissions: str):
    user = get_user_model().objects.create_user("staff@example.org", "x", is_staff=True)
    user.user_permissions.set(Permission.objects.filter(codename__in=permissions))
    client = Client()
    client.force_login(user)
    return client


def write_mail(number: int = 1, kind: str = "greeting", **fields) -> Mail:
    return Mail.objects.create(
        **{"kind": kind, "to": f"ana{number}@example.org", "dedupe_key": f"{kind}:{number}"}
        | {"context": {"name": "Ana"}}
        | fields
    )


def queries_of(client: Client, address: str) -> list[str]:
    with CaptureQueriesContext(connection) as queries:
        assert client.get(address).status_code == 200
    return [query["sql"] for query in queries]


def test_the_outbox_shows_states_and_errors_and_never_what_a_mail_is_made_from(owner):
    failed = write_mail(
        status=MailStatus.FAILED, error="SMTPError: 550 no such mailbox", context={"name": "a secret name"}
    )

    listed = owner.get(reverse(OUTBOX))
    shown = owner.get(reverse("admin:core_mail_change", args=[failed.pk]))

    assert "550 no such mailbox" in listed.text
    for page in (listed.text, shown.text):
        assert "Failed" in page
        assert "a secret name" not in page


@pytest.mark.parametrize("count", [1, 30])
def test_the_outbox_asks_the_same_of_the_database_however_long_it_is(owner, count):
    for number in range(count):
        write_mail(number)
    owner.get(reverse(OUTBOX))

    assert len(queries_of(owner, reverse(OUTBOX))) == 4


def test_lists_count_no_further_than_a_bound(owner, monkeypatch):
    monkeypatch.setattr(BoundedPaginator, "MOST", 60)
    Mail.objects.bulk_create(
        Mail(kind="greeting", to="ana@example.org", dedupe_key=f"many:{number}") for number in range(70)
    )

    counts = [sql for sql in queries_of(owner, reverse(OUTBOX)) if "COUNT(" in sql]

    assert counts
    assert all("LIMIT 60" in sql for sql in counts)
    assert "The first 60 mails" in owner.get(reverse(OUTBOX)).text


@pytest.mark.parametrize(("term", "found"), [("ana7@example.org", 1), ("ana1", 4), ("bob", 0)])
def test_mails_are_found_by_address_or_its_beginning(owner, term, found):
    for number in (1, 7, 10, 11, 12):
        write_mail(number)

    response = owner.get(reverse(OUTBOX), {"q": term})

    assert response.context["cl"].result_count == found


def send_again(client: Client, *mails: Mail, follow: bool = True):
    data = {"action": "send_again", "_selected_action": [letter.pk for letter in mails]}
    return client.post(reverse(OUTBOX), data, follow=follow)


def test_a_failed_mail_is_sent_again(owner, mailoutbox, django_capture_on_commit_callbacks):
    failed = write_mail(status=MailStatus.FAILED, attempts=7)

    with django_capture_on_commit_callbacks(execute=True):
        response = send_again(owner, failed)

    assert "on its way again" in response.text
    assert [letter.subject for letter in mailoutbox] == ["Hello Ana"]
    failed.refresh_from_db()
    assert (failed.status, failed.attempts) == (MailStatus.SENT, 1)


def test_a_mail_whose_link_was_wiped_is_not_sent_again(owner):
    wiped = write_mail(kind="secret", status=MailStatus.SENT, context={})

    response = send_again(owner, wiped)

    assert "held a secret link" in response.text
    wiped.refresh_from_db()
    assert wiped.status == MailStatus.SENT


def test_too_many_at_a_time_are_refused_and_nothing_happens(owner):
    mails = [write_mail(number, status=MailStatus.FAILED) for number in range(51)]

    response = send_again(owner, *mails)

    assert "at most 50 at a time" in response.text
    assert Mail.objects.filter(status=MailStatus.FAILED).count() == 51


def test_who_may_only_look_may_not_send_again():
    failed = write_mail(status=MailStatus.FAILED)
    client = staff_with("view_mail")

    response = send_again(client, failed)

    assert client.get(reverse(OUTBOX)).status_code == 200
    assert "on its way again" not in response.text
    failed.refresh_from_db()
    assert failed.status == MailStatus.FAILED


@pytest.mark.parametrize("path", ["add/", "{pk}/delete/"])
def test_mails_are_neither_written_nor_deleted_by_hand(owner, path):
    letter = write_mail()

    assert owner.get(reverse(OUTBOX) + path.format(pk=letter.pk)).status_code == 403


def test_pages_of_libraries_are_for_superusers_only(owner):
    page = reverse("admin:django_q_schedule_changelist")

    assert owner.get(page).status_code == 200
    assert staff_with("view_schedule", "change_schedule").get(page).status_code == 403


def test_hidden_pages_keep_the_refusals_of_their_own(rf):
    request = rf.get("/")
    request.user = get_user_model()(is_active=True, is_superuser=True, is_staff=True)

    queued = next(page for page in admin.site._registry.values() if page.opts.model_name == "ormq")
    schedule = admin.site.get_model_admin(Schedule)

    assert not queued.has_add_permission(request)
    assert schedule.has_add_permission(request)


def test_quiet_mails_count_as_sent_and_reach_nobody(mailoutbox, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks() as callbacks, mail.quiet():
        mail.enqueue_mail("greeting", to="ana@example.org", dedupe_key="quiet", context={"name": "Ana"})

    letter = Mail.objects.get()
    assert (letter.status, letter.subject) == (MailStatus.SENT, "Hello Ana")
    assert not callbacks
    assert not mailoutbox


def test_quiet_mails_keep_no_secret():
    with mail.quiet():
        mail.enqueue_mail("secret", to="ana@example.org", dedupe_key="quiet", context={"link": "x"})

    assert Mail.objects.get().context == {}


@pytest.mark.parametrize(
    "text", ["=1+1", "+41 44 123 45 67", "-1", "@SUM(A1)", "\t=1", "\r=1"]
)  # what spreadsheets take for a formula
def test_no_text_of_a_table_runs_as_a_formula(text):
    response = exports.download("people.csv", [["name", "sum"], [text, -5]])

    body = b"".join(response.streaming_content).decode("utf-8-sig")
    rows = list(csv.reader(io.StringIO(body, newline="")))
    assert rows[1] == [f"'{text}", "-5"]
    assert response["Content-Disposition"] == 'attachment; filename="people.csv"'
