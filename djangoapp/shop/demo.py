"""Turn the demo's story into rows, by the same services that staff and buyers use.

Everything has a natural key (slug, code, e-mail address), so loading again on the same day changes nothing. On a later
day it adds the sessions that have come into sight since: the story's six weeks repeat, counted from the first day.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from django.core.files import File
from django.db import transaction
from django.db.models import F
from django.utils import timezone

from accounts import demo as people
from accounts import roles
from accounts.models import User
from accounts.roles import Role
from core import mail
from core.models import Mail
from core.wallclock import instant_of
from shop import demo_history, demo_statement
from shop import demo_story as story
from shop.demo_sales import Till
from shop.enums import Subject
from shop.models import (
    AccessCode,
    CancellationPolicy,
    Category,
    Coupon,
    Order,
    Project,
    Session,
    TaxRule,
    Transition,
    WaitingEntry,
)
from shop.services import invoices, ledger, waiting
from shop.services.waiting import Wish

MEDIA = Path(__file__).parent / "demo_media"
ZONE = ZoneInfo(story.STUDIO.time_zone)
ROUND_DAYS = 42  # whole weeks, so that Saturdays stay Saturdays
OWNER = next(person.email for person in story.PEOPLE if person.role == "owner")

# What each of the staff is; ``app.roles`` says what that allows.
ROLES = {"owner": Role.OWNER, "host": Role.HOST, "door": Role.DOOR, "accountant": Role.ACCOUNTANT}
WHAT_THEY_ARE = {
    "owner": "the owner: runs the whole shop from the admin",
    "host": "a host: sees the sessions they lead, and who comes",
    "door": "at the door: checks people in",
    "accountant": "the accountant: reads and exports orders, payments and refunds",
}

Say = Callable[[str], None]


@dataclass(frozen=True)
class Calendar:
    """Which days the story's days are. ``first_day`` is the day of the first loading."""

    now: datetime
    first_day: date
    is_first: bool

    @classmethod
    def as_of_now(cls) -> "Calendar":
        now = timezone.now()
        joined_at = User.objects.filter(email=OWNER).values_list("date_joined", flat=True).first()
        return cls(now, (joined_at or now).astimezone(ZONE).date(), is_first=joined_at is None)

    @property
    def today(self) -> date:
        return self.now.astimezone(ZONE).date()

    def rounds(self) -> Iterator[date]:
        """The first days of the story's repetitions that have begun to come into sight."""
        day = self.first_day
        while day < self.today + timedelta(days=ROUND_DAYS):
            yield day
            day += timedelta(days=ROUND_DAYS)

    def is_in_sight(self, starts_at: datetime) -> bool:
        """Whether a session that is missing should be there: later loadings add what is to come, not what is past."""
        horizon = self.today + timedelta(days=ROUND_DAYS)
        return self.is_first or (starts_at > self.now and starts_at.astimezone(ZONE).date() < horizon)


def accounts() -> list[tuple[str, str]]:
    """The addresses with which one can sign in, each with what it is good for."""
    told = []
    for person in story.PEOPLE:
        what = WHAT_THEY_ARE.get(person.role)
        if what is None:
            waiting = ", waiting for approval" if person.membership_status == "pending" else ""
            what = f"buys as {person.membership_type}{waiting}"
        told.append((person.email, f"{person.first_name} {person.last_name}, {what}"))
    return told


@transaction.atomic
def load(say: Say) -> None:
    """Load the shop's demo data, all or nothing. Nobody gets a mail of it."""
    with mail.quiet():
        calendar = Calendar.as_of_now()
        users = _load_people()
        say(f"{len(users)} people")
        projects = _load_projects(users)
        say(f"{len(projects)} projects")
        coupons = _load_coupons(projects, calendar)
        for told in story.ACCESS_CODES:
            AccessCode.objects.get_or_create(
                code=told.code, defaults={"project": projects[told.project_slug], "note": told.note}
            )
        till = Till(users, cashier=users[OWNER], coupons=coupons)
        sessions = _load_sessions(projects, users, calendar, till)
        say(f"{sessions} new sessions, and now their orders: a few seconds")
        past = _load_history(projects, users, calendar, till) if calendar.is_first else []
        if calendar.is_first:
            till.plan_exceptions()
        placed = till.make_sales()
        say(f"{len(past)} orders of the past, {len(placed)} new orders")
        say(f"{_keep_books([*past, *placed])} invoices")
        if calendar.is_first:
            say(f"{demo_statement.load()} movements on the payment service’s account")
            till.return_a_mail()
            say(f"{_load_waiting_lists()} people on waiting lists")


def _load_people() -> dict[str, User]:
    users = {}
    for person in story.PEOPLE:
        user, is_new = people.make_account(
            person.email,
            first_name=person.first_name,
            last_name=person.last_name,
        )
        users[person.email] = user
        if not is_new:
            continue
        if person.role in ROLES:
            roles.give(user, ROLES[person.role])
        if person.portrait:
            people.give_portrait(user, MEDIA / person.portrait)
        if person.membership_type:
            is_approved = person.membership_status == "approved"
            people.give_membership(
                user, person.membership_type, approved_by=users[OWNER] if is_approved else None
            )
    return users


def _load_projects(users: dict[str, User]) -> dict[str, Project]:
    categories = {}
    for position, shelf in enumerate(story.CATEGORIES):
        categories[shelf.slug], _is_new = Category.objects.get_or_create(
            slug=shelf.slug, defaults={"name": shelf.name, "position": position}
        )
    rules = {}
    for rule in story.TAX_RULES:
        rules[rule.name], _is_new = TaxRule.objects.get_or_create(
            name=rule.name, defaults={"rate": rule.rate}
        )
    policies = {}
    for policy in story.POLICIES:
        rest = {name: value for name, value in vars(policy).items() if name != "name"}
        policies[policy], _is_new = CancellationPolicy.objects.get_or_create(name=policy.name, defaults=rest)
    projects = {}
    for told in story.PROJECTS:
        project = Project.objects.filter(slug=told.slug).first()
        if project is None:
            project = Project(
                slug=told.slug,
                title=told.title,
                summary=told.summary,
                description=told.description,
                picture_alt=told.picture_alt,
                category=categories[told.category.slug],
                tax_rule=rules[told.tax_rule.name],
                policy=policies.get(told.policy),
                publisher=users[told.publisher],
                is_published=True,
            )
            with (MEDIA / told.picture).open("rb") as file:
                project.picture.save(told.picture, File(file), save=True)
        projects[told.slug] = project
    return projects


def _load_coupons(projects: dict[str, Project], calendar: Calendar) -> dict[str, int]:
    """Returns how often each new coupon is to be used."""
    uses = {}
    for told in story.COUPONS:
        coupon, is_new = Coupon.objects.get_or_create(
            code=told.code,
            defaults={
                "kind": told.kind,
                "value": told.value,
                "valid_from": _midnight(calendar.first_day, told.valid_from_day, ZONE),
                "valid_until": _midnight(calendar.first_day, _after(told.valid_until_day), ZONE),
                "max_uses": told.max_uses,
                "project": projects[told.project_slug] if told.project_slug else None,
                "min_total": told.min_total or 0,
            },
        )
        if is_new:
            uses[coupon.code] = told.uses
    return uses


def _load_sessions(
    projects: dict[str, Project], users: dict[str, User], calendar: Calendar, till: Till
) -> int:
    """Add the sessions that are missing, and plan what is sold of each. Returns how many there were."""
    known = set(Session.objects.filter(project__in=projects.values()).values_list("slug", flat=True))
    added = 0
    for told in story.PROJECTS:
        for first_day in calendar.rounds():
            for date_told in told.sessions:
                session = _session(told, date_told, first_day, calendar)
                if session is None or session.slug in known or not calendar.is_in_sight(session.starts_at):
                    continue
                session.project = projects[told.slug]
                session.host = users[told.host]
                session.save()
                till.plan_sales(session, date_told.sold)
                added += 1
    return added


def _load_history(
    projects: dict[str, Project], users: dict[str, User], calendar: Calendar, till: Till
) -> list[int]:
    def make_session(told: story.DemoProject, date_told: story.DemoSession, first_day: date) -> Session:
        session = _session(told, date_told, first_day, calendar)
        session.project, session.host = projects[told.slug], users[told.host]
        return session

    return demo_history.load(calendar.first_day, [*till.regulars, *till.guests], make_session)


def _keep_books(orders: list[int]) -> int:
    """Book what was sold, and issue the invoices, all in the order of their days. Returns how many invoices."""
    placed = Order.objects.filter(pk__in=orders)
    ledger.catch_up(placed.prefetch_related("lines", "payments__refunds"))
    return invoices.catch_up(placed)


def _load_waiting_lists() -> int:
    """Let guests who came too late wait for the next sessions that are full. Returns how many."""
    full = Session.objects.on_sale().filter(seats_taken=F("capacity"))
    wishes = [(1, False), (2, False), (2, True), (1, False)]
    joined = 0
    for number, session in enumerate(full[:3]):
        booked = set(session.order_lines.values_list("order__email", flat=True))
        guests = [guest for guest in story.GUESTS if guest.email not in booked]
        for guest, (quantity, takes_fewer) in zip(guests, wishes[number:], strict=False):
            wish = Wish(guest.email, guest.first_name, guest.last_name, quantity, takes_fewer)
            entry = waiting.join(session, wish)
            joined += 1
            _let_wait(entry, timedelta(hours=40) - timedelta(minutes=47) * joined)
    return joined


def _let_wait(entry: WaitingEntry, since: timedelta) -> None:
    """Move what is written down about a new entry into the past."""
    at = entry.created_at - since
    WaitingEntry.objects.filter(pk=entry.pk).update(created_at=at)
    Transition.objects.filter(subject=Subject.WAITING, subject_id=entry.pk).update(at=at)
    Mail.objects.filter(kind="waiting_joined", context__entry_id=entry.pk).update(created_at=at, sent_at=at)


def _session(told: story.DemoProject, date_told: story.DemoSession, first_day: date, calendar: Calendar):
    """A session of the story as a row that is not saved yet; ``None`` if this round has it not."""
    zone = ZoneInfo(date_told.time_zone)
    if first_day != calendar.first_day and date_told.day < 0:
        return (
            None  # only the first round has a past; in later ones these days are the end of the round before
        )
    if date_told.minutes_from_now is None:
        day = first_day + timedelta(days=date_told.day)
        starts_at = instant_of(datetime.combine(day, time.fromisoformat(date_told.start)), zone)
        name = f"{day}-{date_told.start.replace(':', '')}"
    elif calendar.is_first and first_day == calendar.first_day:
        minute = calendar.now.replace(minute=calendar.now.minute // 5 * 5, second=0, microsecond=0)
        starts_at = minute + timedelta(minutes=date_told.minutes_from_now)
        name = f"{first_day}-now"
    else:
        return None
    prices = date_told.prices or told.prices
    return Session(
        slug=f"{told.slug[:115]}-{name}",
        starts_at=starts_at,
        ends_at=starts_at + timedelta(minutes=date_told.minutes),
        time_zone=date_told.time_zone,
        place_name=date_told.place.name if date_told.place else "",
        place_address=date_told.place.address if date_told.place else "",
        online_url=date_told.online_url,
        capacity=date_told.capacity,
        sales_start_at=_midnight(first_day, date_told.sales_start_day, zone),
        sales_end_at=_midnight(first_day, _after(date_told.sales_end_day), zone),
        is_published=date_told.is_published,
        needs_code=date_told.needs_code,
        base_price=prices.base,
        member_price=prices.member,
        nonprofit_price=prices.nonprofit,
        early_price=date_told.offers.early,
        early_until_at=_midnight(first_day, _after(date_told.offers.early_until_day), zone),
        early_places=date_told.offers.early_places,
        group_price=date_told.offers.group,
        group_places=date_told.offers.group_places,
        most_per_buyer=date_told.offers.most_per_buyer,
    )


def _after(day: int | None) -> int | None:
    """The day that begins when this one ends."""
    return None if day is None else day + 1


def _midnight(first_day: date, day: int | None, zone: ZoneInfo) -> datetime | None:
    if day is None:
        return None
    return instant_of(datetime.combine(first_day + timedelta(days=day), time.min), zone)
