"""A mail exists exactly when its cause does, and is sent once, by a real mail server if possible."""

from datetime import timedelta

import pytest
import time_machine
from django.db import transaction
from django.utils import timezone

from core import mail, request_id
from core.mail import Attachment, Letter, deliver, enqueue_mail, send_due_mails
from core.models import Mail, MailStatus

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def greeting(monkeypatch):
    """A kind of mail to test with."""
    monkeypatch.setattr(mail, "_renderers", dict(mail._renderers))
    monkeypatch.setattr(mail, "_secret_kinds", set(mail._secret_kinds))

    @mail.mail_kind("greeting")
    def render(name: str) -> Letter:
        note = Attachment("note.txt", b"a note", "text/plain")
        return Letter(f"Grüezi {name}", f"Dear {name}", f"<p>Dear {name}</p>", [note])

    @mail.mail_kind("secret", is_secret=True)
    def render_secret(link: str) -> Letter:
        return Letter("Your link", link)


def queue(kind: str = "greeting", key: str = "greeting:1", **context) -> Mail:
    enqueue_mail(kind, to="ana@example.org", dedupe_key=key, context=context or {"name": "Ana"})
    return Mail.objects.get(dedupe_key=key)


def test_a_mail_is_rendered_and_sent_with_both_versions_and_its_attachment(smtp_server):
    letter = queue()

    assert deliver(letter.pk)

    sent = smtp_server.messages[0]
    assert sent["Subject"] == "Grüezi Ana"
    assert sent.get_body(("plain",)).get_content().strip() == "Dear Ana"
    assert sent.get_body(("html",)).get_content().strip() == "<p>Dear Ana</p>"
    assert [part.get_filename() for part in sent.iter_attachments()] == ["note.txt"]


def test_a_mail_names_the_request_that_wrote_it(smtp_server):
    with request_id.belonging_to("a-request-of-ours"):
        letter = queue()

    deliver(letter.pk)

    assert smtp_server.messages[0]["X-Request-ID"] == "a-request-of-ours"


def test_a_mail_sent_twice_carries_the_same_message_id(smtp_server):
    letter = queue()
    deliver(letter.pk)
    Mail.objects.update(status=MailStatus.QUEUED)  # as if we had died before we noted that it was taken

    deliver(letter.pk)

    first, second = smtp_server.messages
    assert first["Message-ID"] == second["Message-ID"]


def test_the_second_mail_of_one_cause_is_never_written():
    assert enqueue_mail("greeting", to="a@example.org", dedupe_key="paid:1", context={"name": "A"})
    assert not enqueue_mail("greeting", to="a@example.org", dedupe_key="paid:1", context={"name": "B"})

    assert Mail.objects.get().context == {"name": "A"}


@pytest.mark.django_db(transaction=True)
def test_a_cause_that_is_undone_leaves_no_mail(mailoutbox):
    def fail() -> None:
        with transaction.atomic():
            queue()
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail()

    assert (Mail.objects.count(), mailoutbox) == (0, [])


@pytest.mark.django_db(transaction=True)
def test_a_mail_leaves_when_its_cause_is_committed(mailoutbox):
    with transaction.atomic():
        queue()
        assert mailoutbox == []

    assert len(mailoutbox) == 1
    assert Mail.objects.get().status == MailStatus.SENT


def test_a_mail_server_that_refuses_is_asked_again_with_growing_pauses(smtp_server):
    smtp_server.answer = "451 Try again later"
    letter = queue()
    start = timezone.now()

    with time_machine.travel(start, tick=False) as clock:
        waits = []
        while letter.status != MailStatus.FAILED:
            deliver(letter.pk)
            letter.refresh_from_db()
            waits.append(letter.next_attempt_at - timezone.now())
            assert not deliver(letter.pk)  # not before its time
            clock.move_to(max(letter.next_attempt_at, timezone.now()))

    assert waits[:-1] == [timedelta(minutes=minutes) for minutes in mail.PAUSES_MINUTES]
    assert "451" in letter.error
    assert list(Mail.objects.stuck()) == [letter]


def test_staff_sends_a_failed_mail_again(smtp_server, django_capture_on_commit_callbacks):
    letter = queue()
    Mail.objects.update(status=MailStatus.FAILED, attempts=7)

    with django_capture_on_commit_callbacks(execute=True):
        mail.resend(letter)

    letter.refresh_from_db()
    assert (letter.status, letter.attempts, len(smtp_server.messages)) == (MailStatus.SENT, 1, 1)


def test_a_letter_that_kills_its_worker_is_given_up_at_last(monkeypatch):
    letter = queue()
    monkeypatch.setattr(mail, "_send", lambda *_: (_ for _ in ()).throw(SystemExit("killed")))

    for hours in range(mail.MOST_ATTEMPTS):
        with time_machine.travel(timezone.now() + timedelta(hours=hours)), pytest.raises(SystemExit):
            send_due_mails()
    with time_machine.travel(timezone.now() + timedelta(days=1)):
        send_due_mails()

    letter.refresh_from_db()
    assert (letter.status, letter.error[:10]) == (MailStatus.FAILED, "WorkerDied")


def test_a_run_ends_before_the_worker_is_stopped(monkeypatch):
    for number in range(30):
        queue(key=f"greeting:{number}")
    clock = [0]
    monkeypatch.setattr("core.jobs.monotonic", lambda: clock[0])
    monkeypatch.setattr(mail, "_send", lambda *_: clock.__setitem__(0, clock[0] + 4))

    assert send_due_mails() < 30

    assert clock[0] < 30
    assert Mail.objects.due().exists()


def test_what_a_dead_worker_left_behind_is_sent_by_the_periodic_job(mailoutbox):
    letter = queue()
    Mail.objects.update(status=MailStatus.SENDING, leased_until=timezone.now() + mail.LEASE)
    assert send_due_mails() == 0

    with time_machine.travel(timezone.now() + mail.LEASE + timedelta(seconds=1)):
        assert send_due_mails() == 1

    letter.refresh_from_db()
    assert letter.status == MailStatus.SENT


def test_one_bad_mail_does_not_stop_the_others(mailoutbox):
    queue(key="bad", nonsense="x")
    queue(key="good")

    assert send_due_mails() == 1

    assert Mail.objects.get(dedupe_key="bad").error.startswith("TypeError")


def test_the_context_of_a_secret_mail_is_wiped_once_it_is_sent(mailoutbox):
    letter = queue("secret", "secret:1", link="https://shop.example.org/reset/abc")

    deliver(letter.pk)

    letter.refresh_from_db()
    assert "abc" in mailoutbox[0].body
    assert letter.context == {}


def test_an_unknown_kind_is_a_mistake_at_once():
    with pytest.raises(LookupError):
        enqueue_mail("nonsense", to="a@example.org", dedupe_key="x")


def test_failures_are_logged_without_addresses(caplog, smtp_server):
    smtp_server.answer = "550 No such mailbox"
    letter = queue()

    deliver(letter.pk)

    ours = [
        record.getMessage() for record in caplog.records if record.name != "mail.log"
    ]  # the test's server
    assert ours == [f"Mail {letter.pk} (greeting) failed on attempt 1: SMTPDataError"]


def test_a_letter_that_was_overtaken_is_dropped_and_not_tried_again(mailoutbox):
    @mail.mail_kind("overtaken")
    def overtaken(name: str) -> Letter:
        raise mail.NoLongerNeeded("It has rained anyway.")

    row = queue("overtaken")

    assert (send_due_mails(), send_due_mails()) == (0, 0)
    row.refresh_from_db()
    assert (row.status, row.attempts, row.error) == (MailStatus.DROPPED, 1, "It has rained anyway.")
    assert not mailoutbox
