"""The mail table: the one way by which the shop writes to people.

``enqueue_mail`` writes a row in the caller's transaction, so a mail exists exactly when its cause does. The worker
claims rows by conditional update, renders them when it sends them, and tries again with growing pauses. Sending is
at-least-once (a worker may die between the mail server's "accepted" and our note of it); each mail therefore carries
a Message-ID of its own that stays the same, by which mail programs drop doubles.
"""

import hashlib
import logging
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import timedelta
from email.headerregistry import Address

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.db.models import Count, F
from django.utils import timezone
from django.utils.translation import gettext as _

from core import request_id
from core.exceptions import DomainError
from core.jobs import enqueue, in_time
from core.models import Mail, MailStatus

logger = logging.getLogger(__name__)

LEASE = timedelta(minutes=5)  # longer than any mail server takes to answer
PAUSES_MINUTES = (1, 5, 15, 60, 240, 720)  # then a person has to look
MOST_ATTEMPTS = len(PAUSES_MINUTES) + 1


@dataclass(frozen=True)
class Attachment:
    """A file that goes with a letter. ``note`` is a sentence by which the letter tells of it."""

    name: str
    content: bytes
    content_type: str
    note: str = ""


@dataclass(frozen=True)
class Letter:
    """What a renderer makes of a mail row."""

    subject: str
    text: str
    html: str = ""
    attachments: list[Attachment] = field(default_factory=list)
    stop_url: str = ""  # where the reader says that they want no more letters of this kind


Renderer = Callable[..., Letter]
_renderers: dict[str, Renderer] = {}
Attacher = Callable[..., Iterable[Attachment]]
_attachers: dict[str, list[Attacher]] = {}
_secret_kinds: set[str] = set()
_is_quiet: ContextVar[bool] = ContextVar("mail_is_quiet", default=False)


class NoLongerNeeded(Exception):
    """What a letter was to tell has been overtaken, says its renderer: it is not sent, and that is all right."""


class WorkerDied(Exception):
    """Nobody has said how the attempts ended: each took its worker with it."""


class MailWiped(DomainError):
    """What the mail was made from is gone, because it held a secret link."""

    def __init__(self) -> None:
        super().__init__(_("It held a secret link, which is not kept. The person has to ask for a new one."))


def mail_kind(kind: str, *, is_secret: bool = False) -> Callable[[Renderer], Renderer]:
    """Register the function that renders mails of this kind from their context.

    The context of a secret kind (a password reset link, say) is wiped from the table once the mail is sent.
    """

    def register(renderer: Renderer) -> Renderer:
        _renderers[kind] = renderer
        if is_secret:
            _secret_kinds.add(kind)
        return renderer

    return register


def attaches_to(kind: str) -> Callable[[Attacher], Attacher]:
    """Register a function of another app that adds files to mails of this kind, made from the same context."""

    def register(attacher: Attacher) -> Attacher:
        _attachers.setdefault(kind, []).append(attacher)
        return attacher

    return register


def attachments_for(kind: str, **context) -> list[Attachment]:
    """What other apps add to a mail; its renderer asks, puts them into the letter and tells of them by their notes.

    While mails are ``quiet`` there is nobody to send files to, and none are made.
    """
    if _is_quiet.get():
        return []
    return [file for attacher in _attachers.get(kind, []) for file in attacher(**context)]


def kinds() -> list[str]:
    """The kinds of mail that there are, by name."""
    return sorted(_renderers)


@contextmanager
def quiet() -> Iterator[None]:
    """Write mails as if they had been sent, and send none: for demo data, whose people do not exist."""
    before = _is_quiet.set(True)
    try:
        yield
    finally:
        _is_quiet.reset(before)


def enqueue_mail(kind: str, *, to: str, dedupe_key: str, context: dict | None = None) -> bool:
    """Write one mail in the present transaction; the worker sends it after the commit.

    ``context`` holds primary keys and plain values. Repeating the call with the same ``dedupe_key`` is harmless:
    the first mail stands. Returns whether this call wrote it.
    """
    if kind not in _renderers:
        raise LookupError(f"No renderer is registered for mails of the kind {kind!r}.")
    if Mail.objects.filter(dedupe_key=dedupe_key).exists():
        return False
    mail = Mail(kind=kind, to=to, dedupe_key=dedupe_key, context=context or {})
    # Should another transaction have been quicker this very moment, its mail stands, and is what we get.
    Mail.objects.bulk_create(
        [mail], update_conflicts=True, unique_fields=["dedupe_key"], update_fields=["dedupe_key"]
    )
    if _is_quiet.get():
        _become_sent(mail, _renderers[kind](**mail.context))
    else:
        enqueue("core.mail.deliver", mail.pk)
    return True


def deliver(mail_pk: int) -> bool:
    """Send one mail if it is due. Safe to repeat and to run in several workers at once.

    Returns whether the mail was sent by this call. A failure is noted on the row and tried again later.
    """
    now = timezone.now()
    claimed = (
        Mail.objects.due()
        .filter(pk=mail_pk)
        .update(
            status=MailStatus.SENDING,
            leased_until=now + LEASE,
            attempts=F("attempts") + 1,
            updated_at=now,
        )
    )
    if not claimed:
        return False
    mail = Mail.objects.get(pk=mail_pk)
    if mail.attempts > MOST_ATTEMPTS:
        _note_failure(mail, WorkerDied("no attempt came to its end"))
        return False
    with request_id.belonging_to(mail.request_id):
        try:
            letter = _renderers[mail.kind](**mail.context)
            _send(mail, letter)
        except NoLongerNeeded as reason:
            _drop(mail, reason)
            return False
        except Exception as error:  # whatever the cause, it belongs on the row where staff sees it
            _note_failure(mail, error)
            return False
        _become_sent(mail, letter)
    return True


def send_due_mails(limit: int = 500) -> int:
    """Send what waits, oldest first; heals whatever a dead worker left behind. Returns how many were sent.

    What its time is too short for is left to the next run: a worker that is stopped in the middle of a letter cannot
    note that it was sent, and it would go out twice.
    """
    waiting = Mail.objects.due().order_by("next_attempt_at").values_list("pk", flat=True)[:limit]
    return sum(deliver(pk) for pk in in_time(list(waiting)))


@dataclass(frozen=True)
class Delivery:
    """How many mails of one occasion were sent, wait, and have failed."""

    sent: int = 0
    waiting: int = 0
    failed: int = 0

    @property
    def total(self) -> int:
        return self.sent + self.waiting + self.failed


def delivery_of(occasion: str) -> Delivery:
    """Count the mails whose ``dedupe_key`` begins like this."""
    found = Mail.objects.filter(dedupe_key__startswith=occasion).order_by().values_list("status")
    counts = dict(found.annotate(many=Count("pk")))
    waiting = counts.get(MailStatus.QUEUED, 0) + counts.get(MailStatus.SENDING, 0)
    return Delivery(counts.get(MailStatus.SENT, 0), waiting, counts.get(MailStatus.FAILED, 0))


def resend(mail: Mail) -> None:
    """Queue a mail once more, as staff asks for it; its Message-ID stays.

    Raises ``MailWiped`` for one whose context was wiped when it was sent.
    """
    if mail.kind in _secret_kinds and not mail.context:
        raise MailWiped
    mail.status = MailStatus.QUEUED
    mail.attempts = 0
    mail.next_attempt_at = timezone.now()
    mail.save(update_fields=["status", "attempts", "next_attempt_at", "updated_at"])
    enqueue("core.mail.deliver", mail.pk)


def _become_sent(mail: Mail, letter: Letter) -> None:
    mail.status = MailStatus.SENT
    mail.subject = letter.subject[:200]
    mail.sent_at = timezone.now()
    mail.error = ""
    if mail.kind in _secret_kinds:
        mail.context = {}
    mail.save(update_fields=["status", "subject", "sent_at", "error", "context", "updated_at"])


def _send(mail: Mail, letter: Letter) -> None:
    headers = {request_id.HEADER: mail.request_id} if mail.request_id else {}
    if letter.stop_url:  # mail programs show a button of their own, which sends a form there (RFC 8058)
        headers["List-Unsubscribe"] = f"<{letter.stop_url}>"
        headers["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    domain = Address(addr_spec=_plain_address(settings.DEFAULT_FROM_EMAIL)).domain
    message = EmailMultiAlternatives(
        subject=letter.subject,
        body=letter.text,
        to=[mail.to],
        headers={"Message-ID": f"<mail.{mail.pk}.{mail.created_at:%Y%m%d%H%M%S%f}@{domain}>", **headers},
    )
    if letter.html:
        message.attach_alternative(letter.html, "text/html")
    for attachment in letter.attachments:
        message.attach(attachment.name, attachment.content, attachment.content_type)
    message.send()


def key_of_address(address: str) -> str:
    """A name for an address that does not tell it, for keys and for lists of those who want no letters."""
    return hashlib.sha256(address.strip().lower().encode()).hexdigest()[:24]


def _plain_address(sender: str) -> str:
    """Return ``shop@example.org`` of ``The shop <shop@example.org>``."""
    return sender.rpartition("<")[2].rstrip(">")


def _drop(mail: Mail, reason: NoLongerNeeded) -> None:
    mail.status = MailStatus.DROPPED
    mail.error = str(reason)[:300]
    mail.leased_until = None
    mail.save(update_fields=["status", "error", "leased_until", "updated_at"])


def _note_failure(mail: Mail, error: Exception) -> None:
    given_up = mail.attempts >= MOST_ATTEMPTS
    mail.status = MailStatus.FAILED if given_up else MailStatus.QUEUED
    if not given_up:
        pause = timedelta(minutes=PAUSES_MINUTES[mail.attempts - 1])
        mail.next_attempt_at = timezone.now() + pause
    mail.error = f"{type(error).__name__}: {error}"[:300]
    mail.leased_until = None
    mail.save(update_fields=["status", "next_attempt_at", "error", "leased_until", "updated_at"])
    logger.warning(
        "Mail %s (%s) failed on attempt %s: %s", mail.pk, mail.kind, mail.attempts, type(error).__name__
    )
