"""Writing to everybody who has places in a session: of another time or place, or whatever the studio has to say.

Deciding to write is one transaction that leaves a record. The mails are written in the background, in batches; each
address gets one, however often the work is interrupted and taken up again.
"""

from datetime import timedelta

from django.db import transaction
from django.db.models import Max, QuerySet
from django.utils import timezone

from core.jobs import enqueue
from core.mail import enqueue_mail, key_of_address
from shop.enums import HOLDING
from shop.exceptions import NobodyToTell
from shop.models import Order, Session, SessionLetter
from shop.models.letters import LetterKind
from shop.services import places

BATCH = 50
IDLE = timedelta(minutes=2)


def people_of(session: Session, *, booked_before=None) -> QuerySet[Order]:
    """One order of each address that has places in the session, the latest; paid, or waiting to be paid at the desk.

    ``booked_before`` leaves out those who booked later.
    """
    concerned = Order.objects.filter(status__in=HOLDING, pk__in=_orders_of(session))
    if booked_before is not None:
        concerned = concerned.filter(created_at__lt=booked_before)
    latest = concerned.order_by().values("email").annotate(latest=Max("pk")).values("latest")
    return Order.objects.filter(pk__in=latest).order_by("pk")


def untold_people_of(session: Session) -> QuerySet[Order]:
    """Who has places in a session and does not know yet when or where it takes place now."""
    if not session.is_move_untold:
        return Order.objects.none()
    return people_of(session, booked_before=session.moved_at)


@transaction.atomic
def announce_change(session: Session, *, text: str = "", by=None) -> SessionLetter:
    """Tell everybody of the session's present time and place, once for each change. Raises ``NobodyToTell``.

    Those who booked after the change know already.
    """
    session = places.lock([session.pk], at=timezone.now())[session.pk]
    if session.is_cancelled or not untold_people_of(session).exists():
        raise NobodyToTell
    letter = SessionLetter.objects.create(
        session=session,
        kind=LetterKind.CHANGE,
        text=text,
        before=session.told_as,
        sequence=session.sequence,
        booked_before=session.moved_at,
        nonce=f"change-{session.pk}-{session.sequence}",
        by=by,
    )
    session.told_as = None
    session.save(update_fields=["told_as", "updated_at"])
    enqueue("shop.services.letters.post", letter.pk)
    return letter


@transaction.atomic
def write_to_all(session: Session, *, subject: str, text: str, nonce: str, by=None) -> SessionLetter:
    """Write to everybody who has places in the session. Repeating it with the same ``nonce`` writes once.

    Raises ``NobodyToTell``.
    """
    # Two clicks at the same moment wait for one another here.
    session = Session.objects.select_for_update(of=("self",), no_key=True).get(pk=session.pk)
    known = SessionLetter.objects.filter(nonce=nonce, session=session).first()
    if known is not None:
        return known
    if not people_of(session).exists():
        raise NobodyToTell
    letter = SessionLetter.objects.create(
        session=session, kind=LetterKind.WORDS, subject=subject, text=text, nonce=nonce, by=by
    )
    enqueue("shop.services.letters.post", letter.pk)
    return letter


def post(letter_id: int) -> int:
    """Write the mails of a letter. Safe to repeat and to run in several workers at once. Returns to how many."""
    letter = SessionLetter.objects.select_related("session").get(pk=letter_id)
    if letter.written_at:
        return letter.recipients
    people = list(people_of(letter.session, booked_before=letter.booked_before).values_list("pk", "email"))
    for start in range(0, len(people), BATCH):
        with transaction.atomic():
            for order_id, email in people[start : start + BATCH]:
                _write(letter, order_id, email)
    SessionLetter.objects.filter(pk=letter.pk).update(written_at=timezone.now(), recipients=len(people))
    return len(people)


def resume() -> int:
    """Take up letters that a worker left half written. Returns how many there were."""
    left = SessionLetter.objects.filter(written_at__isnull=True, created_at__lt=timezone.now() - IDLE)
    ids = list(left.order_by("pk").values_list("pk", flat=True))
    for letter_id in ids:
        post(letter_id)
    return len(ids)


def _write(letter: SessionLetter, order_id: int, email: str) -> None:
    # The address decides, not the order: a person may order again while the work is interrupted.
    enqueue_mail(
        f"session_{letter.kind}",
        to=email,
        dedupe_key=f"{letter.occasion}{key_of_address(email)}",
        context={"letter_id": letter.pk, "order_id": order_id},
    )


def _orders_of(session: Session) -> QuerySet:
    return session.order_lines.places().order_by().values("order")
