"""The older attendance service: paths, shapes and refusals as its callers know them."""

import json
import tracemalloc
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.core import checks
from django.test import Client
from django.utils import timezone
from django.utils.dateparse import parse_datetime

from accounts.models import TokenScope
from accounts.tokens import make_token
from attendance.api.table import CHUNK
from attendance.models import Entry
from attendance.services import redeem, undo, walk_in
from attendance.tests.factories import door_staff, session_today, ticket_for
from attendance.tests.reading import needs, run
from shop.tests.factories import UserFactory

pytestmark = pytest.mark.django_db
ZURICH = ZoneInfo("Europe/Zurich")
ARVIN = {"firstname": "Arvin", "lastname": "Cudanin", "gate": "A"}


def program(user, scope: str = TokenScope.DOOR) -> Client:
    _token, secret = make_token(user, name="Gate A", scope=scope)
    return Client(headers={"Authorization": f"Bearer {secret}"}, raise_request_exception=False)


@pytest.fixture
def gate(db) -> Client:
    """A program with a token for the door."""
    return program(door_staff())


def create(client: Client, body: object = ARVIN, content_type: str = "application/json"):
    data = body if isinstance(body, str | bytes) else json.dumps(body)
    return client.post("/table/create", data, content_type=content_type)


def sheet(client: Client, day: str = "today") -> list[dict]:
    answer = client.get(f"/table/view/date:{day}")
    assert answer.status_code == 200
    return json.loads(b"".join(answer.streaming_content))


def came_at(instant: datetime, first_name: str = "Ana", **facts) -> Entry:
    return Entry.objects.create(
        first_name=first_name, last_name="Keller", arrived_at=instant, recorded_at=instant, **facts
    )


# The calls


def test_the_table_names_its_calls(client):
    answer = client.get("/table")

    assert (answer.status_code, answer["Content-Type"]) == (200, "text/plain; charset=utf-8")
    for call in ("GET  /table", "POST /table/create", "GET  /table/view/date:YYYYMMDD", "date:today"):
        assert call in answer.content.decode()


def test_somebody_is_noted(gate):
    answer = create(gate)

    told = answer.json()
    entry = Entry.objects.get()
    assert answer.status_code == 201
    assert list(told) == ["id", "login", "firstname", "lastname", "gate"]
    assert told == ARVIN | {"id": entry.pk, "login": entry.arrived_at.astimezone(ZURICH).isoformat()}
    assert parse_datetime(told["login"]) == entry.arrived_at
    assert abs(entry.arrived_at - timezone.now()) < timedelta(minutes=1)
    assert entry.recorded_by.first_name == "Dora"


def test_the_gate_may_be_left_out(gate):
    answer = create(gate, {"firstname": "Arvin", "lastname": "Cudanin"})

    assert (answer.status_code, answer.json()["gate"]) == (201, "")


@pytest.mark.parametrize("name", ["علي", "Žofie-Anne", "O’Brien", "陳", "<b>Bob</b>", "=1+1", "x" * 80])
def test_names_are_kept_as_they_are(gate, name):
    assert create(gate, ARVIN | {"firstname": name}).json()["firstname"] == name
    assert [row["firstname"] for row in sheet(gate)] == [name]


def test_blanks_around_names_are_set_right(gate):
    assert create(gate, ARVIN | {"firstname": "  Arvin  Jon "}).json()["firstname"] == "Arvin Jon"


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"firstname": None}, "firstname"),
        ({"firstname": ""}, "firstname"),
        ({"lastname": " \t "}, "lastname"),
        ({"lastname": 7}, "lastname"),
        ({"lastname": ["Cudanin"]}, "lastname"),
        ({"firstname": True}, "firstname"),
        ({"gate": 1}, "gate"),
        ({"gate": None}, "gate"),
        ({"gate": "x" * 41}, "gate"),
        ({"firstname": "x" * 81}, "firstname"),
        ({"firstname": "x" * 1_000_000}, "firstname"),
        ({"lastname": "nul\x00"}, "lastname"),
        ({"lastname": "\ud800"}, "lastname"),
    ],
)
def test_what_is_no_name_is_refused_by_its_field(gate, changes, field):
    answer = create(gate, ARVIN | changes)

    assert answer.status_code == 400
    assert list(answer.json()) == [field]
    assert not Entry.objects.exists()


def test_what_is_missing_is_named(gate):
    answer = create(gate, {})

    assert answer.status_code == 400
    assert set(answer.json()) == {"firstname", "lastname"}


@pytest.mark.parametrize(
    "body", ["", "{", "[]", '"Arvin"', "null", "NaN", b"\xff\xfe", "[" * 100_000, '{"firstname": "A",}']
)
def test_a_broken_body_is_refused(gate, body):
    answer = create(gate, body)

    assert answer.status_code == 400
    assert isinstance(answer.json(), dict)


@pytest.mark.parametrize(
    "kind", ["text/plain", "application/x-www-form-urlencoded", "application/xml", "nonsense"]
)
def test_another_media_type_is_refused(gate, kind):
    answer = create(gate, content_type=kind)

    assert answer.status_code == 415
    assert isinstance(answer.json(), dict)


@pytest.mark.parametrize(
    ("path", "method", "allowed"),
    [
        ("/table", "post", {"GET", "HEAD"}),
        ("/table/create", "get", {"POST"}),
        ("/table/create", "put", {"POST"}),
        ("/table/create", "options", {"POST"}),
        ("/table/view/date:today", "post", {"GET", "HEAD"}),
        ("/table/view/date:today", "delete", {"GET", "HEAD"}),
    ],
)
def test_other_methods_are_told_which_are_allowed(gate, path, method, allowed):
    answer = getattr(gate, method)(path)

    assert answer.status_code == 405
    assert allowed <= set(answer["Allow"].split(", ")) <= allowed | {"OPTIONS"}


# The sheet of a day


def test_the_sheet_is_complete_and_in_order_of_arrival(gate):
    session = session_today()
    now = timezone.now()
    late = redeem(ticket_for(session).code, session=session, gate="B", by=None, nonce=None).entry
    Entry.objects.filter(pk=late.pk).update(arrived_at=now)
    early = walk_in(session, "Arvin", "Cudanin", "A").entry
    Entry.objects.filter(pk=early.pk).update(arrived_at=now - timedelta(seconds=30))
    undo(walk_in(session, "By", "Mistake").entry, by=None)
    came_at(now, "Conflict", ticket=late.ticket, is_conflict=True)

    with time_machine.travel(now):
        rows = sheet(gate)

    assert rows == [
        {
            "id": early.pk,
            "login": (now - timedelta(seconds=30)).astimezone(ZURICH).isoformat(),
            "firstname": "Arvin",
            "lastname": "Cudanin",
            "gate": "A",
        },
        {
            "id": late.pk,
            "login": now.astimezone(ZURICH).isoformat(),
            "firstname": "Ana",
            "lastname": "Keller 0",
            "gate": "B",
        },
    ]


@pytest.mark.parametrize(
    ("day", "hours"),
    [("20261128", 24), ("20260329", 23), ("20261025", 25)],
    ids=["a usual day", "clocks go forward", "clocks go back"],
)
def test_a_day_is_the_studios_day_however_long_it_is(gate, day, hours):
    begins = datetime.strptime(day, "%Y%m%d").replace(tzinfo=ZURICH).astimezone(UTC)
    ends = begins + timedelta(hours=hours)
    moment = timedelta(microseconds=1)
    for name, instant in (
        ("Before", begins - moment),
        ("First", begins),
        ("Last", ends - moment),
        ("After", ends),
    ):
        came_at(instant, name)

    rows = sheet(gate, day)

    assert [row["firstname"] for row in rows] == ["First", "Last"]
    assert all(row["login"].startswith(f"{day[:4]}-{day[4:6]}-{day[6:]}T") for row in rows)


def test_today_is_today_in_the_studio(gate):
    came_at(datetime(2026, 11, 28, 23, 30, tzinfo=UTC), "Night owl")

    with time_machine.travel(datetime(2026, 11, 28, 23, 40, tzinfo=UTC)):
        assert [row["firstname"] for row in sheet(gate)] == ["Night owl"]
    assert sheet(gate, "20261129") != []
    assert sheet(gate, "20261128") == []


@pytest.mark.parametrize("day", ["00010101", "99991231", "19000101", "20240229"])
def test_a_day_on_which_nobody_came_is_an_empty_list(gate, day):
    assert sheet(gate, day) == []


@pytest.mark.parametrize(
    "day",
    [
        "20261301",
        "20260230",
        "20250229",
        "00000000",
        "2026112",
        "202611288",
        "2026-11-28",
        "",
        "Today",
        "٢٠٢٦١١٢٨",
        "%00",
        "tomorrow",
    ],
)
def test_an_impossible_day_says_what_to_use(gate, day):
    answer = gate.get(f"/table/view/date:{day}")

    assert answer.status_code == 400
    assert "Use YYYYMMDD" in answer.content.decode()
    assert isinstance(answer.json(), dict)


@pytest.mark.parametrize("number", [0, 1, 199, 200, 201, 400])
def test_a_list_of_any_length_is_one_list(gate, number):
    now = timezone.now()
    Entry.objects.bulk_create(
        Entry(first_name=f"{one}", last_name="K", arrived_at=now + timedelta(microseconds=one))
        for one in range(number)
    )
    with time_machine.travel(now):
        assert [row["firstname"] for row in sheet(gate)] == [str(one) for one in range(number)]


def test_a_big_day_is_streamed_in_constant_memory(gate):
    """Twice as long a sheet needs no more memory: it is as little as a chunk of rows takes."""

    def peak_for(day: str) -> int:
        tracemalloc.start()
        try:
            answer = gate.get(f"/table/view/date:{day}")
            size = sum(len(piece) for piece in answer.streaming_content)
            assert size > 1_000_000
            return tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()

    for day, number in ((1, 3 * CHUNK), (2, 6 * CHUNK)):
        at = datetime(2026, 3, day, 12, tzinfo=UTC)
        Entry.objects.bulk_create(
            [
                Entry(first_name="Maximiliane" * 5, last_name="K" * 20, arrived_at=at)
                for _one in range(number)
            ],
            batch_size=1000,
        )
    peak_for("20260301")  # what is imported and remembered on the way counts for neither

    small, big = peak_for("20260301"), peak_for("20260302")

    assert big < small * 1.3
    assert big < 6_000_000


@pytest.mark.parametrize("number", [1, 50])
def test_a_sheet_costs_the_same_however_many_came(gate, number, django_assert_max_num_queries):
    now = timezone.now()
    Entry.objects.bulk_create(Entry(first_name="A", last_name="K", arrived_at=now) for _one in range(number))

    with django_assert_max_num_queries(6), time_machine.travel(now):
        assert len(sheet(gate)) == number


# Who may call


@pytest.mark.parametrize("scope", [TokenScope.READ, TokenScope.WRITE])
def test_a_token_of_another_scope_opens_nothing(scope):
    other = program(door_staff(), scope)

    assert create(other).status_code == 403
    assert other.get("/table/view/date:today").status_code == 403


@pytest.mark.parametrize("fields", [{}, {"is_staff": True}])
def test_a_token_of_who_no_longer_works_at_the_door_opens_nothing(fields):
    other = program(UserFactory(**fields))

    assert create(other).status_code == 403
    assert other.get("/table/view/date:today").status_code == 403
    assert not Entry.objects.exists()


def test_without_a_token_nothing_opens(client):
    for answer in (create(client), client.get("/table/view/date:today")):
        assert answer.status_code == 401
        assert answer["WWW-Authenticate"].startswith("Bearer")


def test_an_open_installation_asks_for_no_token(client, settings):
    settings.ATTENDANCE_OPEN = True

    assert create(client).status_code == 201
    assert [row["firstname"] for row in sheet(client)] == ["Arvin"]
    assert Entry.objects.get().recorded_by is None


def test_an_open_installation_is_warned_of(settings):
    assert checks.run_checks(tags=["attendance"]) == []

    settings.ATTENDANCE_OPEN = True

    [warning] = checks.run_checks(tags=["attendance"])
    assert warning.id == "attendance.W001"
    assert "DJANGOAPP_ATTENDANCE_OPEN" in warning.msg


# With curl, as its callers do


@pytest.mark.django_db(transaction=True)
def test_curl_notes_somebody_and_reads_the_sheet(live_server):
    needs("curl")
    _token, secret = make_token(door_staff(), name="Gate A", scope=TokenScope.DOOR)

    def curl(*arguments: str, token: str = secret) -> tuple[int, str]:
        token_sent = ("--header", f"Authorization: Bearer {token}")
        printed = run("curl", "-sS", *token_sent, "--write-out", "\n%{http_code}", *arguments)
        body, _newline, status = printed.rpartition("\n")
        return int(status), body

    def post(body: str, *arguments: str) -> tuple[int, str]:
        kind = ("--header", "Content-Type: application/json")
        return curl("--data", body, *(arguments or kind), f"{live_server}/table/create")

    assert curl(f"{live_server}/table")[0] == 200
    status, body = post('{"firstname":"Arvin","lastname":"Cudanin","gate":"A"}')
    assert status == 201
    created = json.loads(body)
    assert post('{"firstname":"Ada","lastname":"Lovelace"}')[0] == 201
    assert post('{"firstname":"","lastname":"Cudanin"}') == (400, '{"firstname":["This may not be blank."]}')
    assert post("firstname=Arvin", "--header", "Content-Type: text/plain")[0] == 415
    assert curl("--request", "DELETE", f"{live_server}/table/create")[0] == 405

    status, body = curl(f"{live_server}/table/view/date:today")
    today = timezone.localdate().strftime("%Y%m%d")
    assert status == 200
    assert json.loads(body)[0] == created
    assert [row["firstname"] for row in json.loads(body)] == ["Arvin", "Ada"]
    assert curl(f"{live_server}/table/view/date:{today}") == (200, body)
    assert curl(f"{live_server}/table/view/date:20261301") == (400, '{"date":["Use YYYYMMDD"]}')
    assert curl(f"{live_server}/table/view/date:today", token="nonsense")[0] == 401
