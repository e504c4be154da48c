"""Writing to everybody of a session: of another time or place, or in words of the studio."""

import uuid
from datetime import timedelta

import pytest
from django.utils import timezone

from core.mail import send_due_mails
from core.models import Mail
from shop.calendars import order_calendar
from shop.exceptions import NobodyToTell
from shop.models import Session, SessionLetter
from shop.services import cancelling, letters, orders
from shop.session_mails import changes_of
from shop.tests.factories import SessionFactory, order_for, paid_order_for

pytestmark = pytest.mark.django_db


def move(session: Session, by: timedelta = timedelta(days=1), **fields) -> Session:
    """Staff saves the session a day later, or what is told."""
    session = Session.objects.get(pk=session.pk)
    if not fields:
        fields = {"starts_at": session.starts_at + by, "ends_at": session.ends_at + by}
    for name, value in fields.items():
        setattr(session, name, value)
    session.save()
    return session


def tell(session: Session, **more) -> SessionLetter:
    letter = letters.announce_change(session, **more)
    letters.post(letter.pk)
    letter.refresh_from_db()
    return letter


def write(session: Session, **more) -> SessionLetter:
    told = {"subject": "Bring gloves", "text": "It will be *cold*.", "nonce": str(uuid.uuid4())} | more
    letter = letters.write_to_all(session, **told)
    letters.post(letter.pk)
    letter.refresh_from_db()
    return letter


def written_to() -> list[str]:
    mails = Mail.objects.filter(kind__in=["session_change", "session_words"])
    return list(mails.order_by("pk").values_list("to", flat=True))


@pytest.mark.parametrize(
    "change",
    [
        {"starts_at": timezone.now() + timedelta(days=9)},
        {"ends_at": timezone.now() + timedelta(days=12)},
        {"time_zone": "Europe/Lisbon"},
        {"place_name": "Workshop 3"},
        {"place_address": "Baumweg 4"},
        {"online_url": "https://meet.example.org/x"},
    ],
)
def test_time_and_place_are_what_counts(change):
    session = move(SessionFactory(), **change)

    assert session.is_move_untold
    assert session.sequence == 1


@pytest.mark.parametrize("change", [{"capacity": 20}, {"base_price": 1}, {"is_published": False}])
def test_nothing_else_does(change):
    session = move(SessionFactory(), **change)

    assert not session.is_move_untold
    assert session.sequence == 0


def test_texts_of_the_project_are_no_change():
    session = SessionFactory()
    session.project.summary = "Three trees now."
    session.project.save()

    assert not Session.objects.get(pk=session.pk).is_move_untold


def test_saving_some_fields_notices_the_move_as_well():
    session = SessionFactory()
    session.place_name = "Garden house"
    session.save(update_fields=["place_name"])

    session.refresh_from_db()
    assert (session.sequence, session.told_as["place_name"]) == (1, "Workshop 2")


def test_a_session_moved_back_in_time_leaves_nothing_to_tell():
    session = SessionFactory()
    paid_order_for((session, 1))
    move(session)
    back = move(session, timedelta(days=-1))

    assert not back.is_move_untold
    assert back.sequence == 2  # whoever fetched the calendar in between must hear of it
    with pytest.raises(NobodyToTell):
        letters.announce_change(back)


def test_everybody_is_told_once_for_each_change(mailoutbox):
    session = SessionFactory()
    paid_order_for((session, 2), email="a@example.org")
    order_for((session, 1), email="b@example.org")  # to be paid at the desk
    moved = move(session)

    letter = tell(moved, text="The hall was taken.")
    letters.post(letter.pk)
    with pytest.raises(NobodyToTell):
        letters.announce_change(moved)
    again = tell(move(moved))

    assert (letter.recipients, again.recipients) == (2, 2)
    assert sorted(written_to()) == ["a@example.org"] * 2 + ["b@example.org"] * 2
    send_due_mails()
    mail = next(mail for mail in mailoutbox if mail.subject.startswith("Please note"))
    assert "not any more" in mail.body
    assert "The hall was taken." in mail.body


def test_changes_that_pile_up_are_told_from_what_people_knew():
    session = SessionFactory()
    paid_order_for((session, 1))
    moved = move(move(session), place_name="Garden house")

    changes = {change.label: (change.before, change.after) for change in changes_of(moved, moved.told_as)}

    assert changes.keys() == {"When", "Where"}
    assert changes["Where"] == ("Workshop 2, Baumweg 3, Zürich", "Garden house, Baumweg 3, Zürich")
    assert changes["When"][0] != changes["When"][1]


def test_who_booked_after_the_change_knows_already():
    session = SessionFactory()
    paid_order_for((session, 1), email="early@example.org")
    moved = move(session)
    paid_order_for((moved, 1), email="late@example.org")

    tell(moved)

    assert written_to() == ["early@example.org"]


def test_the_calendar_file_moves_the_event():
    session = SessionFactory()
    order = paid_order_for((session, 1))
    before = order_calendar(order)
    move(session)

    after = order_calendar(order)

    def field(calendar: bytes, name: bytes) -> bytes:
        return next(line for line in calendar.splitlines() if line.startswith(name))

    assert field(before, b"UID") == field(after, b"UID")
    assert (field(before, b"SEQUENCE"), field(after, b"SEQUENCE")) == (b"SEQUENCE:0", b"SEQUENCE:1")
    assert field(before, b"LAST-MODIFIED") <= field(after, b"LAST-MODIFIED")
    assert field(before, b"DTSTART;TZID") != field(after, b"DTSTART;TZID")


def test_nobody_is_told_that_a_cancelled_session_moved():
    session = SessionFactory()
    paid_order_for((session, 1))
    moved = move(session)
    cancelling.begin(moved)

    with pytest.raises(NobodyToTell):
        letters.announce_change(moved)


def test_a_letter_goes_once_to_each_address(mailoutbox):
    session = SessionFactory(capacity=20)
    paid_order_for((session, 1), email="a@example.org")
    paid_order_for((session, 2), email="a@example.org")
    paid_order_for((session, 1), email="b@example.org")
    orders.cancel(paid_order_for((session, 1), email="gone@example.org"))
    paid_order_for((SessionFactory(), 1), email="elsewhere@example.org")

    letter = write(session)

    assert letter.recipients == 2
    assert sorted(written_to()) == ["a@example.org", "b@example.org"]
    send_due_mails()
    mail = next(mail for mail in mailoutbox if mail.subject == "Bring gloves")
    assert "It will be *cold*." in mail.body
    assert "<em>cold</em>" in mail.alternatives[0][0]


def test_a_form_sent_twice_writes_once():
    session = SessionFactory()
    paid_order_for((session, 1))
    nonce = str(uuid.uuid4())

    assert write(session, nonce=nonce) == write(session, nonce=nonce)
    assert len(written_to()) == 1


def test_a_letter_left_half_written_is_taken_up(monkeypatch):
    session = SessionFactory(capacity=20)
    for number in range(6):
        paid_order_for((session, 1), email=f"{number}@example.org")
    monkeypatch.setattr(letters, "BATCH", 2)
    write_one, written = letters._write, []

    def dies_at_the_fourth(letter, order_id, email):
        written.append(email)
        if len(written) == 4:
            raise KeyboardInterrupt
        write_one(letter, order_id, email)

    monkeypatch.setattr(letters, "_write", dies_at_the_fourth)
    with pytest.raises(KeyboardInterrupt):
        write(session)
    assert len(written_to()) == 2  # the batch that was whole
    # The first one orders again meanwhile: the address has its letter all the same.
    paid_order_for((session, 1), email="0@example.org")
    SessionLetter.objects.update(created_at=timezone.now() - timedelta(minutes=5))

    assert letters.resume() == 1
    assert letters.resume() == 0
    assert sorted(written_to()) == [f"{number}@example.org" for number in range(6)]


def test_nobody_is_written_to_where_nobody_booked():
    with pytest.raises(NobodyToTell):
        write(SessionFactory())


def test_a_letter_to_many_costs_a_fixed_number_of_statements_a_head(django_assert_max_num_queries):
    session = SessionFactory(capacity=20)
    for number in range(10):
        paid_order_for((session, 1), email=f"{number}@example.org")
    letter = letters.write_to_all(session, subject="x", text="y", nonce="z")

    with django_assert_max_num_queries(4 + 2 * 10 + 2):
        letters.post(letter.pk)
