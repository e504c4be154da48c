"""The demo data: what the story tells, made by the shop's own services, as often as one likes."""

import io
from collections import Counter
from datetime import datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.core.management import call_command
from django.db import transaction
from django.db.models import Count, F, Q, Sum
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.demo import PASSWORD
from accounts.models import Membership, User
from core import mail
from core.models import Mail, MailStatus
from shop import demo_story as story
from shop.enums import OrderStatus, PaymentStatus, RequestStatus, Subject
from shop.models import (
    Cart,
    CartLine,
    Coupon,
    CouponRedemption,
    LedgerEntry,
    Order,
    OrderLine,
    Payment,
    Project,
    Refund,
    RefundRequest,
    Session,
    Transition,
)
from shop.services.integrity import problems

pytestmark = pytest.mark.once

# A Friday in November; the first day of the demo.
FIRST_DAY = datetime(2026, 11, 20, 15, 2, tzinfo=ZoneInfo("Europe/Zurich"))
TABLES = (
    Project,
    Session,
    Coupon,
    Order,
    OrderLine,
    Payment,
    Refund,
    CouponRedemption,
    Transition,
    Cart,
    Mail,
)


def load() -> str:
    out = io.StringIO()
    call_command("load_demo", stdout=out)
    return out.getvalue()


@pytest.fixture(scope="module")
def loaded(django_db_setup, django_db_blocker):
    """The demo data, loaded once for all tests here and taken back afterwards."""
    with django_db_blocker.unblock(), transaction.atomic():
        with time_machine.travel(FIRST_DAY, tick=True):
            told = load()
        yield told
        transaction.set_rollback(True)


@pytest.fixture
def shop(loaded, db):
    """The loaded shop on its first day; what a test changes in it is forgotten."""
    with time_machine.travel(FIRST_DAY + timedelta(minutes=5), tick=True):
        yield loaded


def rows() -> dict[str, int]:
    return {table.__name__: table.objects.count() for table in TABLES}


def told_sessions() -> list[tuple[story.DemoProject, story.DemoSession]]:
    return [(project, session) for project in story.PROJECTS for session in project.sessions]


def starts_of(session: story.DemoSession) -> datetime:
    zone = ZoneInfo(session.time_zone)
    if session.minutes_from_now is not None:
        return FIRST_DAY.replace(minute=0) + timedelta(minutes=session.minutes_from_now)
    day = FIRST_DAY.date() + timedelta(days=session.day)
    return datetime.combine(day, time.fromisoformat(session.start), zone)


def test_every_session_of_the_story_is_there_at_its_time_and_as_full_as_told(shop):
    for project, told in told_sessions():
        session = Session.objects.get(project__slug=project.slug, starts_at=starts_of(told))
        # Whoever changes something after the sale comes with one more, or has left.
        assert abs(session.seats_taken - told.sold) <= 3, session
        assert (session.capacity, session.is_published) == (told.capacity, told.is_published)
        assert session.ends_at - session.starts_at == timedelta(minutes=told.minutes)
        assert session.host.email == project.host
        session.full_clean()
    assert Session.objects.count() == len(told_sessions())


def test_places_taken_are_those_of_orders(shop):
    held = Q(
        order_lines__order__status__in=[OrderStatus.PENDING, OrderStatus.PAID], order_lines__cancelled_at=None
    )
    sessions = Session.objects.annotate(sold=Count("order_lines", filter=held))

    assert not sessions.exclude(seats_taken=F("sold"))
    assert not CartLine.objects.filter(is_held=True)


def test_projects_have_their_texts_and_pictures(shop):
    for told in story.PROJECTS:
        project = Project.objects.get(slug=told.slug)
        assert (project.title, project.summary, project.is_published) == (told.title, told.summary, True)
        assert (project.picture_width, project.picture_height) == (1200, 800)
        assert project.picture_alt
        project.full_clean()


def test_windows_of_sales_follow_the_story(shop):
    closed = [session for _project, session in told_sessions() if (session.sales_end_day or 0) < 0]
    to_come = [session for _project, session in told_sessions() if (session.sales_start_day or 0) > 0]

    reasons = Counter(
        session.why_not_bookable() for session in Session.objects.filter(starts_at__gt=timezone.now())
    )

    assert reasons["Sales for this session have ended."] == len(closed)
    assert reasons["Sales for this session have not started yet."] == len(to_come)


@pytest.mark.parametrize("person", story.PEOPLE, ids=lambda person: person.email)
def test_everybody_can_sign_in_at_once(shop, person):
    client = Client()

    client.post(reverse("account_login"), {"login": person.email, "password": PASSWORD})

    assert client.get(reverse("accounts:profile")).status_code == 200
    assert f"{person.email} " in shop
    assert PASSWORD in shop


@pytest.mark.parametrize("person", story.PEOPLE, ids=lambda person: person.email)
def test_staff_finds_its_way_into_the_admin_and_buyers_do_not(shop, person):
    client = Client()
    client.force_login(User.objects.get(email=person.email))

    opened = client.get(reverse("admin:index"))

    assert (opened.status_code == 200) == (person.role != "buyer")
    if person.role not in {"buyer", "door"}:  # whoever works at the door has pages elsewhere
        assert "permission to view or edit anything" not in opened.text


def test_the_accountant_sees_orders_and_changes_nothing(shop):
    client = Client()
    client.force_login(User.objects.get(email="beatrice@example.org"))

    page = client.get(reverse("admin:shop_order_change", args=[Order.objects.first().pk]))

    assert page.status_code == 200
    assert page.context["deeds"] == []
    assert client.get(reverse("admin:accounts_user_changelist")).status_code == 403


def test_memberships_are_as_told(shop):
    memberships = {user.email: user.profile for user in User.objects.select_related("profile")}

    assert memberships["yuki@example.org"].membership == Membership.MEMBER
    assert memberships["seun@example.org"].membership == Membership.NONPROFIT
    assert memberships["fatou@example.org"].membership == Membership.BUSINESS
    assert memberships["fatou@example.org"].membership_status == "pending"
    assert memberships["yuki@example.org"].picture.name.endswith(".webp")


def test_buyers_with_an_account_have_bookings_at_their_own_price(shop):
    for person in story.PEOPLE:
        if person.role == "buyer":
            assert Order.objects.filter(customer__email=person.email, status=OrderStatus.PAID).count() >= 3
    lines = OrderLine.objects.filter(order__customer__email="yuki@example.org", session__member_price__gt=0)
    assert lines.exists()
    assert not lines.exclude(list_price=F("unit_price"), price_reason="").exclude(price_reason="Member price")


def test_every_state_of_an_order_can_be_seen(shop):
    states = Counter(Order.objects.values_list("status", flat=True))

    assert states[OrderStatus.PAID] > 100
    assert states[OrderStatus.PENDING] >= 4
    assert states[OrderStatus.EXPIRED] >= 2
    assert states[OrderStatus.CANCELLED] >= 2
    assert states[OrderStatus.REFUNDED] == 1


def test_money_adds_up(shop):
    for order in Order.objects.prefetch_related("payments__refunds", "lines"):
        received = sum(payment.received_amount for payment in order.payments.all())
        assert sum(line.price for line in order.lines.all() if not line.moved_from_id) == order.total
        if order.status in {OrderStatus.PAID, OrderStatus.REFUNDED}:
            assert received == order.total
        elif order.status != OrderStatus.CANCELLED:
            assert received == 0
    refunded = Order.objects.get(status=OrderStatus.REFUNDED)
    assert (
        Refund.objects.filter(payment__order=refunded).aggregate(sum=Sum("amount"))["sum"] == refunded.total
    )


def test_what_buyers_change_after_the_sale_can_be_seen(shop):
    lines = OrderLine.objects.filter(order__status=OrderStatus.PAID)

    assert RefundRequest.objects.open().count() == 1
    assert RefundRequest.objects.filter(status=RequestStatus.ACCEPTED, granted__gt=0).count() == 1
    assert lines.filter(moved_from__isnull=False).exists()
    assert lines.filter(cancelled_at__isnull=False, moved_to=None).exists()
    assert Refund.objects.at_desk().exists()
    assert Transition.objects.filter(note="Another name").exists()
    assert not OrderLine.objects.filter(policy=None).exists()


def test_the_books_agree_and_tell_when_it_happened(shop):
    booked = list(LedgerEntry.objects.order_by("pk").values_list("booked_at", flat=True))

    assert problems() == []
    assert booked == sorted(booked)
    assert not LedgerEntry.objects.filter(booked_at__lt=F("order__created_at")).exists()
    assert set(LedgerEntry.objects.values_list("kind", flat=True)) >= {
        "sale",
        "cancellation",
        "payment",
        "refund",
    }


def test_orders_were_placed_one_after_the_other_in_the_past(shop):
    placed = list(Order.objects.order_by("pk").values_list("created_at", flat=True))

    assert placed == sorted(placed)
    assert placed[0] < timezone.now() - timedelta(days=10)
    assert placed[-1] < timezone.now()
    assert not Transition.objects.filter(at__gte=timezone.now() - timedelta(minutes=30))


def test_nobody_booked_after_a_session_began(shop):
    begun = OrderLine.objects.filter(session__starts_at__lt=timezone.now())

    assert begun.exists()
    assert not begun.filter(order__created_at__gte=F("session__starts_at"))
    for line in begun.select_related("session__project"):
        assert line.description == line.session.as_sold


def test_an_orders_story_is_told_in_order(shop):
    for order in Order.objects.exclude(status=OrderStatus.PAID).prefetch_related("history"):
        moves = [row.at for row in order.history.all()]
        assert moves == sorted(moves)
        assert moves[0] >= order.created_at - timedelta(seconds=5)
        if order.is_pending:
            assert order.expires_at > timezone.now()
        else:
            assert order.closed_at > order.created_at + timedelta(hours=1)


def test_coupons_are_used_as_often_as_told(shop):
    for told in story.COUPONS:
        coupon = Coupon.objects.get(code=told.code)
        assert coupon.uses == coupon.redemptions.filter(released_at=None).count() == told.uses
        coupon.full_clean()


def test_nobody_gets_a_mail_and_staff_sees_one_that_came_back(shop, mailoutbox):
    states = Counter(Mail.objects.values_list("status", flat=True))

    assert not mailoutbox
    assert states[MailStatus.FAILED] == 1
    assert set(states) == {MailStatus.SENT, MailStatus.FAILED}
    assert not Mail.objects.filter(Q(subject="") | Q(subject__contains="{{"))
    assert mail.send_due_mails() == 0


def test_loading_again_on_the_same_day_changes_nothing(shop):
    before = rows()
    changed_at = Session.objects.order_by("-updated_at").values_list("updated_at", flat=True).first()

    load()

    assert rows() == before
    assert Session.objects.order_by("-updated_at").values_list("updated_at", flat=True).first() == changed_at


def test_what_staff_changed_stays(shop):
    Project.objects.filter(slug="bees").update(title="Bees!")
    project = Project.objects.first()
    Project.objects.filter(pk=project.pk).update(title="Another title", is_published=False)
    session = Session.objects.upcoming().first()
    Session.objects.filter(pk=session.pk).update(starts_at=F("starts_at") + timedelta(hours=1))
    before = rows()

    load()

    project.refresh_from_db()
    assert (project.title, project.is_published) == ("Another title", False)
    assert rows() == before


@pytest.mark.parametrize("days", [1, 7, 100])
def test_later_loadings_add_what_has_come_into_sight(shop, days):
    past = set(Session.objects.values_list("pk", flat=True))
    with time_machine.travel(FIRST_DAY + timedelta(days=days), tick=True):
        load()
        new = Session.objects.exclude(pk__in=past)
        after = rows()
        load()

        assert rows() == after
        assert all(session.starts_at > timezone.now() for session in new)
        assert all(session.starts_at < timezone.now() + timedelta(days=43) for session in new)
        # The story repeats in whole weeks, so that a Saturday's session is held on a Saturday.
        weekdays = {
            (project.slug, starts_of(session).weekday(), starts_of(session).strftime("%H:%M"))
            for project, session in told_sessions()
        }
        for session in new.select_related("project"):
            start = session.local_start
            assert (session.project.slug, start.weekday(), f"{start:%H:%M}") in weekdays
        assert 45 <= Session.objects.filter(starts_at__gt=timezone.now()).count() <= 75


def test_no_room_is_used_twice_when_the_story_repeats(shop):
    with time_machine.travel(FIRST_DAY + timedelta(days=30), tick=True):
        load()
    by_room: dict[str, list[Session]] = {}
    timed = Session.objects.exclude(place_name="").exclude(slug__endswith="-now")
    for session in timed.order_by("starts_at"):
        by_room.setdefault(session.place_name, []).append(session)

    for sessions in by_room.values():
        for first, second in pairwise(sessions):
            assert first.ends_at <= second.starts_at


def test_history_tells_who_took_the_money(shop):
    order = Order.objects.filter(status=OrderStatus.PAID, total__gt=0).first()

    assert order.payments.get().status == PaymentStatus.PAID
    assert order.history.filter(subject=Subject.PAYMENT).exists()
