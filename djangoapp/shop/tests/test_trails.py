"""Who changed what, beside each object: readable, complete, and without anybody's name or secret."""

from datetime import timedelta

import pytest
import time_machine
from auditlog.context import auditlog_disabled
from auditlog.models import LogEntry
from django.contrib.auth.models import Group
from django.db import connection
from django.test import RequestFactory
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from accounts.tests.people import make_user
from core import retention
from core.audit import AuditMiddleware, trail_of
from shop.models import Order, Session
from shop.tests.factories import CouponFactory, ProjectFactory, SessionFactory, UserFactory, order_for
from shop.tests.staff import page_of, project_data, save, staff_with
from shop.tests.visiting import filled_in, holding

pytestmark = pytest.mark.django_db


@pytest.fixture
def session() -> Session:
    starts_at = (timezone.now() + timedelta(days=20)).replace(second=0, microsecond=0)
    return SessionFactory(starts_at=starts_at, online_url="https://meet.example.org/secret-room")


def told(thing) -> dict[str, tuple[str, str]]:
    """The differences of the latest step."""
    step = trail_of(thing)[0]
    return {difference.label: (difference.before, difference.after) for difference in step.differences}


def test_a_change_of_a_session_is_told_from_what_to_what(owner, session):
    save(owner, session, capacity=20, base_price="90.00")

    step = trail_of(session)[0]
    assert step.who == "Olga"
    assert told(session) == {"Capacity": ("12", "20"), "Price": ("85.00", "90.00")}
    page = owner.get(page_of(session)).content.decode()
    assert "Who changed what: one step" in page
    assert "<del>12</del> → <ins>20</ins>" in page


def test_an_amount_written_otherwise_is_the_same_amount(owner, session):
    save(owner, session, base_price="85", capacity=20)

    assert told(session) == {"Capacity": ("12", "20")}


def test_saving_without_a_change_leaves_no_step(owner, session):
    save(owner, session)

    assert trail_of(session) == []
    assert "Who changed what" not in owner.get(page_of(session)).content.decode()


def test_instants_keys_and_choices_are_words(owner, session):
    mira = UserFactory(first_name="Mira", last_name="Lind")
    later = session.local_start + timedelta(days=1)
    save(
        owner,
        session,
        starts_at=f"{later:%Y-%m-%dT%H:%M}",
        ends_at=f"{later + timedelta(hours=3):%Y-%m-%dT%H:%M}",
        host=mira.pk,
        is_published="",
    )

    changes = told(session)
    assert changes["Starts"][1] == f"{later:%Y-%m-%d %H:%M} CET"
    assert changes["Host"] == ("", "Mira Lind")
    assert changes["Published"] == ("yes", "no")
    assert "Mira" not in str(LogEntry.objects.values_list("changes", flat=True))  # the key alone is kept


def test_secrets_and_addresses_say_only_that_they_changed(owner, session):
    save(owner, session, online_url="https://meet.example.org/other-secret")

    [difference] = trail_of(session)[0].differences
    assert (difference.is_hidden, difference.before, difference.after) == (True, "", "")
    assert "secret" not in str(list(LogEntry.objects.values()))
    assert "its values are not kept" in owner.get(page_of(session)).content.decode()


def test_projects_and_coupons_have_a_trail(owner):
    project, coupon = ProjectFactory(), CouponFactory()
    owner.post(page_of(project), project_data(project, title="Grafting pears"))
    page = page_of(coupon)
    form = owner.get(page).context["adminform"].form
    data = {name: value for name, value in form.initial.items() if value is not None} | {"value": "20.00"}
    owner.post(page, data | {"valid_from": "", "valid_until": ""})

    assert told(project)["Title"] == (project.title, "Grafting pears")
    assert told(coupon)["Value"] == ("10.00", "20.00")


def test_roles_given_and_taken_are_told_without_a_name(owner):
    ana = make_user("ana.muster@example.org", first_name="Ana", last_name="Muster")
    role = Group.objects.get(name="Host")
    page = reverse("admin:accounts_user_change", args=[ana.pk])
    who = {"email": ana.email, "first_name": "Ana", "last_name": "Muster", "is_active": "on"}
    inline = {"profile-TOTAL_FORMS": 0, "profile-INITIAL_FORMS": 0}

    owner.post(page, who | inline | {"is_staff": "on", "groups": [role.pk]})
    owner.post(page, who | inline)

    seen = [
        (difference.label, difference.before, difference.after)
        for step in trail_of(ana)
        for difference in step.differences
    ]
    assert ("Groups", "", "Host") in seen
    assert ("Groups", "Host", "") in seen
    assert ("Staff status", "no", "yes") in seen
    kept = str(list(LogEntry.objects.values("object_repr", "changes", "actor_email", "remote_addr")))
    for word in ("Ana", "Muster", "@", "127.0.0.1"):
        assert word not in kept


def test_deleting_is_remembered(owner):
    coupon = CouponFactory()
    page = reverse("admin:shop_coupon_delete", args=[coupon.pk])
    owner.post(page, {"post": "yes"})

    entry = LogEntry.objects.latest("pk")
    assert (entry.action, entry.object_repr, entry.actor.email) == (2, coupon.code, "owner@example.org")


def test_only_who_may_change_it_sees_its_trail(owner, session):
    save(owner, session, capacity=20)
    client = staff_with("view_session")

    assert "Who changed what" not in client.get(page_of(session)).content.decode()


def test_visitors_cost_the_trail_nothing(client):
    session = SessionFactory()
    holding(client, (session, 1))
    filled = filled_in(client)

    with CaptureQueriesContext(connection) as queries:
        client.get(session.get_absolute_url())
        client.post("/checkout/", filled)

    assert Order.objects.count() == 1
    assert not [query for query in queries if "auditlog" in query["sql"]]
    assert not LogEntry.objects.exists()


@pytest.mark.parametrize(("method", "path"), [("get", "/"), ("post", "/cart/add/"), ("get", "/admin/")])
def test_nobody_is_asked_who_they_are_for_the_trails_sake(method, path):
    class Request:
        def __init__(self, request):
            self.method, self.path = request.method, request.path

        @property
        def user(self):
            raise AssertionError("the user was asked for")

    request = Request(getattr(RequestFactory(), method)(path))

    assert AuditMiddleware(lambda request: "answered")(request) == "answered"


def test_what_customers_do_on_their_own_leaves_no_trail(client):
    user = UserFactory()
    client.force_login(user)
    order = order_for((SessionFactory(), 1), user=user)

    client.post(f"{order.get_absolute_url()}cancel/")

    assert not LogEntry.objects.exists()


def test_a_superuser_made_by_a_command_is_remembered():
    token = auditlog_disabled.set(False)  # as outside of tests
    try:
        boss = User.objects.create_superuser("boss@example.org", "x")
    finally:
        auditlog_disabled.reset(token)

    assert trail_of(boss)[0].who == "the shop itself"


def test_a_long_trail_costs_a_fixed_number_of_queries(owner, session, django_assert_num_queries):
    for capacity in range(13, 18):
        save(owner, session, capacity=capacity, host=UserFactory().pk)

    with django_assert_num_queries(2):
        steps = trail_of(session)
    assert len(steps) == 5


def test_old_trails_are_forgotten(owner, session):
    save(owner, session, capacity=20)

    with time_machine.travel(timezone.now() + timedelta(days=1097)):
        retention.forget_what_is_old()

    assert not LogEntry.objects.exists()
