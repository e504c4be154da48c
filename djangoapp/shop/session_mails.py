"""The mails to people of one session, each rendered at the moment it is sent."""

from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.db.models import Sum
from django.urls import reverse
from django.utils import formats, timezone
from django.utils.translation import gettext as _

from core.addresses import absolute
from core.letters import letter
from core.mail import Attachment, Letter, NoLongerNeeded, mail_kind
from core.money import ZERO
from core.templatetags.when import when_text
from shop.calendars import CONTENT_TYPE, order_calendar
from shop.enums import RefundStatus
from shop.mails import waiting_facts
from shop.models import Order, OrderLine, RefundShare, Session, SessionCancellation, SessionLetter
from shop.models.told import read_told
from shop.services.balance import balance_of
from shop.services.reminders import lines_of_person, reminder_due_at, wants_no_thanks

NEXT_DATES = 3  # that a letter names


@mail_kind("session_cancelled")
def session_cancelled(cancellation_id: int, order_id: int) -> Letter:
    """The session does not take place, and what becomes of the money; with the calendar file that crosses it out."""
    cancellation = SessionCancellation.objects.select_related("session__project").get(pk=cancellation_id)
    session = cancellation.session
    order = Order.objects.get(pk=order_id)
    given_up = order.lines.filter(session=session, cancelled_at__gte=cancellation.created_at)
    lines = list(given_up.filter(moved_to__isnull=True))
    # What went back before, for a cheaper date or out of goodwill, was told when it did.
    shares = RefundShare.objects.filter(line__in=lines, refund__created_at__gte=cancellation.created_at)
    shares = shares.exclude(refund__status=RefundStatus.FAILED)
    refunds = [share.refund for share in shares.select_related("refund__payment")]
    context = {
        **_order_facts(order, session, lines),
        "words": cancellation.words,
        "was_paid": order.paid_at is not None,
        "going_back": shares.aggregate(amount=Sum("amount"))["amount"] or ZERO,
        "is_at_desk": any(refund.is_at_desk for refund in refunds),
        "is_owed": _is_owed(order, lines) and not refunds,
        "next_dates": next_dates(session),
    }
    calendar = _calendar(order, _("The attached file takes the session out of your calendar."))
    return letter("shop/email/session_cancelled", context, [calendar])


@mail_kind("session_change")
def session_change(letter_id: int, order_id: int) -> Letter:
    """The session takes place at another time or place; with the calendar file that moves it."""
    written = SessionLetter.objects.select_related("session__project").get(pk=letter_id)
    order = Order.objects.get(pk=order_id)
    context = {
        **_order_facts(order, written.session, list(order.lines.kept().filter(session=written.session))),
        "words": written.text,
        "changes": changes_of(written.session, written.before),
    }
    calendar = _calendar(order, _("The attached file moves the session in your calendar."))
    return letter("shop/email/session_change", context, [calendar])


@mail_kind("session_words")
def session_words(letter_id: int, order_id: int) -> Letter:
    """What the studio has to say to everybody of a session."""
    written = SessionLetter.objects.select_related("session__project").get(pk=letter_id)
    order = Order.objects.get(pk=order_id)
    context = {
        **_order_facts(order, written.session, []),
        "subject_line": written.subject,
        "words": written.text,
    }
    return letter("shop/email/session_words", context)


@dataclass(frozen=True)
class Change:
    """What is other than it was, in words."""

    label: str
    before: str
    after: str


def changes_of(session: Session, told: dict[str, str] | None) -> list[Change]:
    """What changed of time and place since people were told."""
    if told is None:
        return []
    before = Session(**read_told(told))
    pairs = [
        (_("When"), when_text(before), when_text(session)),
        (_("Where"), before.where, session.where),
        (_("Link"), before.online_url, session.online_url),
    ]
    return [Change(label, was, now) for label, was, now in pairs if was != now]


@mail_kind("session_reminder")
def session_reminder(session_id: int, order_id: int) -> Letter:
    """The session is near: which day that is, seen from the day on which the letter is sent."""
    session = Session.objects.select_related("project").get(pk=session_id)
    order = Order.objects.get(pk=order_id)
    lines = list(lines_of_person(session, order.email))
    now = timezone.now()
    if not lines or session.is_cancelled:
        raise NoLongerNeeded("There is no place to come to any more.")
    if session.starts_at <= now or reminder_due_at(session) > now:
        raise NoLongerNeeded("The session has begun, or has moved to a later day.")
    context = {
        **_order_facts(order, session, lines),
        "booked": {"lines": lines},
        "day": day_in_words(session.local_start, now.astimezone(session.tz)),
        "link": session.online_url if session.is_online else "",
    }
    return letter("shop/email/session_reminder", context)


@mail_kind("session_thanks")
def session_thanks(session_id: int, order_id: int) -> Letter:
    """Thanks, and when we meet again. It asks for nothing."""
    session = Session.objects.select_related("project").get(pk=session_id)
    order = Order.objects.get(pk=order_id)
    if wants_no_thanks(order.email):
        raise NoLongerNeeded("This address wants no such letters.")
    dates = next_dates(session)
    context = {
        **_order_facts(order, session, []),
        "next_dates": dates or next_dates_of_all(),
        "is_same_project": bool(dates),
    }
    stop_url = absolute(reverse("shop:order_letters", args=[order.code, order.token]))
    return letter("shop/email/session_thanks", context, stop_url=stop_url)


def day_in_words(start: datetime, now: datetime) -> str:
    """``today``, ``tomorrow``, ``on Friday``, or the whole date when that is far; both on the same clock."""
    days = (start.date() - now.date()).days
    if days == 0:
        return _("today")
    if days == 1:
        return _("tomorrow")
    if days < 7:
        return _("on %(weekday)s") % {"weekday": formats.date_format(start, "l")}
    return _("on %(day)s") % {"day": formats.date_format(start, "l j F")}


@mail_kind("waiting_cancelled")
def waiting_cancelled(entry_id: int) -> Letter:
    """What somebody waited for does not take place."""
    facts = waiting_facts(entry_id)
    return letter("shop/email/waiting_cancelled", facts | {"next_dates": next_dates(facts["session"])})


def next_dates(session: Session) -> list[Session]:
    """Other dates of the same project that one can book."""
    others = Session.objects.bookable().filter(project=session.project_id).exclude(pk=session.pk)
    return list(others.select_related("project")[:NEXT_DATES])


def next_dates_of_all() -> list[Session]:
    """What comes next in the studio, whatever it is about."""
    return list(Session.objects.bookable().select_related("project")[:NEXT_DATES])


def _order_facts(order: Order, session: Session, lines: list[OrderLine]) -> dict:
    return {
        "order": order,
        "session": session,
        "lines": lines,
        "order_url": absolute(order.get_absolute_url()),
        "project_url": absolute(session.project.get_absolute_url()),
        "contact_email": settings.SHOP_CONTACT_EMAIL,
        "studio_address": settings.SHOP_STUDIO_ADDRESS,
    }


def _is_owed(order: Order, lines: list[OrderLine]) -> bool:
    balance = balance_of(order)
    return any(balance.of(line).owed for line in lines)


def _calendar(order: Order, note: str) -> Attachment:
    return Attachment(f"{order.code}.ics", order_calendar(order), CONTENT_TYPE, note=note)
