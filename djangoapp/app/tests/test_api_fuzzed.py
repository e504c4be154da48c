"""Whatever the API's document allows, and a good deal that it does not: answers are documented, and no server error."""

from collections.abc import Callable, Iterator

import pytest
import schemathesis
from django.core.signals import request_finished, request_started
from django.core.wsgi import get_wsgi_application
from django.db import close_old_connections
from hypothesis import HealthCheck, Phase, given, seed
from hypothesis import settings as bounds
from schemathesis.generation import GenerationMode
from schemathesis.specs.openapi import checks

from accounts.models import TokenScope
from accounts.tokens import make_token
from app.api import document
from attendance.models import Ticket
from attendance.services import walk_in
from attendance.tests.factories import door_staff
from blog.tests.factories import PostFactory
from polls.tests.factories import PollFactory
from shop.tests.factories import SessionFactory, member, paid_order_for

EXAMPLES = 8
AT_DOOR = ("/api/v1/attendance/", "/api/v1/checkins/")
PLAIN = {"Accept-Encoding": "identity"}  # the caller does not unpack what is compressed
CHECKS = [
    schemathesis.checks.not_a_server_error,
    checks.status_code_conformance,
    checks.content_type_conformance,
    checks.response_headers_conformance,
    checks.response_schema_conformance,
    checks.unsupported_method,
]


def operations() -> Iterator[tuple[str, str, GenerationMode]]:
    """All operations, asked as documented, and asked wrongly where there is something to get wrong."""
    for path, item in document()["paths"].items():
        for method, operation in item.items():
            yield path, method, GenerationMode.POSITIVE
            has_query = any(parameter["in"] == "query" for parameter in operation.get("parameters", []))
            if has_query or "requestBody" in operation:
                yield path, method, GenerationMode.NEGATIVE


@pytest.fixture
def whole_app(db) -> Iterator[Callable]:
    """The application as a server calls it. It leaves the test's transaction open, as Django's own client does."""
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    yield get_wsgi_application()
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)


@pytest.fixture
def known(db, settings) -> dict:
    """Something at the addresses that are asked for, and a token. Limits are high, for one machine plays many."""
    settings.RATE_LIMIT_FACTOR = 1000
    user = member()
    session = SessionFactory()
    order = paid_order_for((session, 1), user=user)
    _token, secret = make_token(user, name="Schemathesis", scope=TokenScope.WRITE)
    _token, door_secret = make_token(door_staff(), name="Schemathesis", scope=TokenScope.DOOR)
    poll = PollFactory(slug="what-next")
    scan = {"session": session.slug, "nonce": "one"}
    return {
        "secret": secret,
        "door_secret": door_secret,
        "bodies": {
            "/api/v1/polls/{slug}/vote/": {"choices": [poll.choices.first().pk]},
            "/api/v1/checkins/": scan | {"code": Ticket.objects.get(line__order=order).code},
            "/api/v1/checkins/walk-ins/": scan | {"first_name": "Ana", "last_name": "Keller"},
        },
        "/api/v1/polls/{slug}/": {"slug": poll.slug},
        "/api/v1/polls/{slug}/vote/": {"slug": poll.slug},
        "/api/v1/projects/{slug}/": {"slug": session.project.slug},
        "/api/v1/sessions/{slug}/": {"slug": session.slug},
        "/api/v1/posts/{slug}/": {"slug": PostFactory(author=user).slug},
        "/api/v1/orders/{code}/": {"code": order.code},
        "/api/v1/checkins/{id}/undo/": {"id": walk_in(session, "Jon", "Bär").entry.pk},
    }


@pytest.mark.slow
@pytest.mark.parametrize(("path", "method", "mode"), list(operations()))
def test_an_operation_answers_as_documented(path, method, mode, known, whole_app):
    schema = schemathesis.openapi.from_dict(document())
    schema.app = whole_app
    operation = schema[path][method.upper()]
    answers = []

    @seed(20261120)
    @bounds(
        max_examples=EXAMPLES,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=operation.as_strategy(generation_mode=mode))
    def ask(case):
        is_at_door = path.startswith(AT_DOOR)
        token = {"Authorization": f"Bearer {known['door_secret' if is_at_door else 'secret']}"}
        for is_known in (False, True):
            if is_known:
                case.path_parameters |= known.get(path, {})
            if is_known and mode == GenerationMode.POSITIVE and path in known["bodies"] and method != "get":
                case.body = known["bodies"][path]
            answers.append(case.call_and_validate(headers=PLAIN | token, checks=CHECKS).status_code)
        answers.append(case.call_and_validate(headers=PLAIN, checks=CHECKS).status_code)

    ask()

    if mode == GenerationMode.POSITIVE:
        assert {200, 201, 204} & set(answers)
