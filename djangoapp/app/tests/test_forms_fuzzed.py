"""Whatever is typed, tampered with or sent twice: never a server's error, and nothing of somebody else's.

Forms are not listed here. They are found on the pages of ``audiences.py``, which knows every address; an address that
takes a form which no page shows is sent the fields of all others. ``test_api_fuzzed.py`` tries the bodies of the API.

``FUZZ_EXAMPLES=200`` asks that often for each address; ``FUZZ_SEED`` asks something else.
"""

import os
from collections import defaultdict
from collections.abc import Callable
from urllib.parse import urlencode, urlsplit

import pytest
from django.contrib import admin
from django.db import transaction
from django.http import HttpResponse
from django.test import Client
from django.urls import NoReverseMatch, Resolver404, resolve, reverse
from hypothesis import HealthCheck, Phase, given, seed
from hypothesis import settings as bounds
from hypothesis import strategies as st

from app.tests.audiences import AUDIENCES, POST
from app.tests.world import ANONYMOUS, CUSTOMER, EVERYBODY, OWNER, STAFF, STRANGER, World
from blog.tests.factories import draft
from shop.models import Order
from shop.tests.factories import UserFactory, paid_order_for
from shop.tests.queues import full_session, wait_for
from shop.tests.visiting import holding
from tests.support.forms import Form, forms_of
from todos.tests.factories import item_of, list_of

EXAMPLES = int(os.environ.get("FUZZ_EXAMPLES", "2"))
SEED = int(os.environ.get("FUZZ_SEED", "20261130"))
CANARY = "Kanarienvogel"  # stands in everything of somebody whom nobody here may read about
NASTY = st.one_of(
    st.sampled_from(
        [
            *(
                "",
                " ",
                "\x00",
                "a\x00b",
                "\x01",
                "\u202eevil",
                "\ufeff",
                "\u2028",
                "🧨" * 300,
                "ä" * 5000,
                "%s%n",
            ),
            *(
                "-1",
                "0",
                "1e400",
                "NaN",
                "Infinity",
                "-Infinity",
                "9" * 25,
                str(2**31),
                str(2**63),
                "１２",
                "1,5",
            ),
            *(
                "' OR 1=1 --",
                "<script>alert(1)</script>",
                "{{ 7*7 }}",
                "../../etc/passwd",
                "//example.org/",
                "\\",
            ),
            *(
                "2026-02-30",
                "0000-00-00",
                "99999-01-01",
                "24:00",
                "2026-03-29T02:30",
                "a@b",
                "a@" + "b" * 300,
            ),
            *("null", "[]", "{}", "true", "on"),
        ]
    ),
    st.text(st.characters(exclude_categories=["Cs"]), max_size=40),
    st.integers().map(str),
    st.floats().map(str),
)
LIMITS = {
    "database": None,
    "deadline": None,
    "phases": [Phase.generate],
    "suppress_health_check": list(HealthCheck),
}
Asked = Callable[[], HttpResponse]


class Stranger:
    """Somebody with an order, lists and a draft, and the names of all that: others know them, and may try."""

    def __init__(self, world: World) -> None:
        user = UserFactory(first_name=CANARY, last_name=CANARY, email=f"{CANARY.lower()}@example.org")
        order = paid_order_for((world.session, 1), user=user, email=user.email)
        order.lines.update(attendee_first_name=CANARY, attendee_last_name=CANARY)
        Order.objects.filter(pk=order.pk).update(billing_name=CANARY, billing_street=CANARY)
        todo_list = list_of(user, title=CANARY)
        item = item_of(todo_list, CANARY)
        post = draft(author=user, title=CANARY)
        entry = wait_for(full_session(), first_name=CANARY, last_name=CANARY, email=user.email)
        numbers = (
            user,
            order,
            order.cart,
            order.lines.get(),
            order.payments.get(),
            todo_list,
            item,
            post,
            entry,
        )
        self.names = [str(thing.pk) for thing in numbers] + [order.code, post.slug, user.email]


pytestmark = [pytest.mark.postgres, pytest.mark.slow]


@pytest.fixture
def world(db, settings, tmp_path) -> World:
    settings.RATE_LIMIT_FACTOR = 100_000
    settings.MEDIA_ROOT = tmp_path
    return World()


@pytest.fixture
def stranger(world) -> Stranger:
    return Stranger(world)


@pytest.fixture
def browsers(world) -> dict[str, Client]:
    """A browser for each visitor; whoever may have one has a cart."""
    browsers = {visitor: Client(raise_request_exception=False) for visitor in EVERYBODY}
    for visitor, person in world.people.items():
        browsers[visitor].force_login(person)
    for visitor in (ANONYMOUS, CUSTOMER):
        holding(browsers[visitor], (world.session, 1))
    return browsers


def visitor_of(door) -> str:
    """Who may open an address, and sees least of others there."""
    return next(
        (who for who in (CUSTOMER, ANONYMOUS, STRANGER, STAFF, OWNER) if who in door.visitors), CUSTOMER
    )


def path_of(name: str, arguments: tuple) -> str:
    return f"/{name}" if name.endswith("/") else reverse(name, args=arguments)


def undone(ask: Asked) -> HttpResponse:
    """Ask, and undo whatever the asking did."""
    with transaction.atomic():
        response = ask()
        transaction.set_rollback(True)
    return response


_shown: list[Form] = []


def shown_forms(world: World, browsers: dict[str, Client]) -> list[Form]:
    """All forms that pages show to whoever may see them; looked for once."""
    for name, door in AUDIENCES.items() if not _shown else ():
        for visitor in {visitor_of(door), ANONYMOUS, OWNER} & set(door.visitors):
            path = path_of(name, door.args(world))
            response = undone(lambda path=path, visitor=visitor: browsers[visitor].get(path))
            if "text/html" in response.get("Content-Type", "") and not response.streaming:
                _shown.extend(forms_of(path, response.content.decode()))
    return _shown


def name_of(path: str) -> str:
    try:
        return resolve(urlsplit(path).path).view_name
    except Resolver404:
        return ""


def tampered(fields: dict[str, str], others: list[str]) -> st.SearchStrategy[dict[str, object]]:
    """The fields as they are, some of them with something nasty, somebody else's or nothing in their place."""
    something = NASTY | st.sampled_from(others) | st.lists(NASTY, min_size=2, max_size=3)
    known = st.fixed_dictionaries(
        {}, optional={name: st.just(value) | something for name, value in fields.items()}
    )
    some = st.dictionaries(st.sampled_from(sorted(fields) or ["q"]), something, max_size=3)
    return st.tuples(st.just(fields) | known, some).map(lambda both: {**both[0], **both[1]})


def try_all(strategy: st.SearchStrategy, ask: Callable[[object], None], examples: int = EXAMPLES) -> None:
    @seed(SEED)
    @bounds(max_examples=examples, **LIMITS)
    @given(strategy)
    def once(sent) -> None:
        ask(sent)

    once()


def problem_of(response: HttpResponse, visitor: str) -> str:
    """What must not be, whatever was sent."""
    if response.status_code >= 500 and response.status_code != 503:
        return f"answered {response.status_code}"
    shown = b"".join(response) if response.streaming else response.content
    if visitor not in (STAFF, OWNER) and CANARY.encode() in shown.replace(b"&#x27;", b"'"):
        return "showed what is somebody else’s"
    return ""


def test_no_form_breaks_or_gives_away_what_is_somebody_elses(world, browsers, stranger):
    known: dict[str, dict[str, str]] = defaultdict(dict)
    for form in shown_forms(world, browsers):
        if form.method == "post":
            known[name_of(form.action)] |= form.fields
    all_fields = {name: value for fields in known.values() for name, value in fields.items()}
    assert len(all_fields) > 50, "pages show fewer forms than they should"
    wrong = []

    for name, door in AUDIENCES.items():
        if POST not in door.methods or name.startswith("api:"):
            continue
        visitor, path = visitor_of(door), path_of(name, door.args(world))
        browser = browsers[visitor]

        def ask(drawn, *, visitor=visitor, path=path, browser=browser) -> None:
            sent, headers = drawn
            cookies = browser.cookies.copy()
            with transaction.atomic():
                answers = [browser.post(path, sent, headers=headers) for _time in range(2)]
                problems = {problem_of(answer, visitor) for answer in answers} - {""}
                transaction.set_rollback(True)
            browser.cookies = cookies
            wrong.extend(f"{visitor} POST {path} {sent!r} {headers}: {problem}" for problem in problems)

        fields = tampered(known[name] or all_fields, stranger.names)
        try_all(
            st.tuples(fields, st.sampled_from([{}, {"HX-Request": "true"}, {"Accept": "application/json"}])),
            ask,
        )

    assert not wrong, "\n".join(wrong[:20])


def test_no_question_in_an_address_breaks_a_page_or_gives_away_what_is_somebody_elses(
    world, browsers, stranger
):
    asked: dict[str, str] = {"page": "1", "next": "/"}
    for form in shown_forms(world, browsers):
        if form.method == "get":
            asked |= form.fields
    asked |= dict.fromkeys(
        ("view", "month", "category", "code", "session", "date", "gate", "since", "p", "tab"), ""
    )
    wrong = []

    for name, door in AUDIENCES.items():
        visitor, arguments = visitor_of(door), door.args(world)
        of_others = [st.sampled_from(stranger.names) | st.just(argument) for argument in arguments]

        def ask(sent, *, visitor=visitor, name=name, arguments=arguments) -> None:
            question, others = sent
            try:
                path = path_of(name, others)
            except NoReverseMatch:
                path = path_of(name, arguments)
            address = f"{path}?{urlencode(question, doseq=True)}"
            response = undone(lambda: browsers[visitor].get(address))
            if problem := problem_of(response, visitor):
                wrong.append(f"{visitor} GET {address}: {problem}")

        try_all(st.tuples(tampered(asked, stranger.names), st.tuples(*of_others)), ask)

    assert not wrong, "\n".join(wrong[:20])


def test_no_form_of_the_admin_breaks(world, browsers, stranger):
    owner, wrong, tried = browsers[OWNER], [], 0
    _made = world.order, world.invoice, world.ticket, world.token, world.poll, world.todo_list
    for model in admin.site._registry:
        route = f"admin:{model._meta.app_label}_{model._meta.model_name}"
        thing = model._default_manager.order_by("pk").first()
        pages = [reverse(f"{route}_changelist"), reverse(f"{route}_add")]
        pages += [reverse(f"{route}_change", args=[thing.pk])] if thing else []
        for path in pages:
            response = undone(lambda path=path: owner.get(path))
            assert response.status_code < 500, path
            forms = forms_of(path, response.content.decode()) if response.status_code == 200 else ()
            for form in [form for form in forms if form.method == "post" and form.action == path]:
                tried += 1

                def ask(sent, *, path=path) -> None:
                    answer = undone(lambda: owner.post(path, sent))
                    if problem := problem_of(answer, OWNER):
                        wrong.append(f"{path} {sent!r}: {problem}")

                try_all(tampered(form.fields, stranger.names), ask, max(1, EXAMPLES // 2))

    assert tried > 20, "the admin shows fewer forms than it should"
    assert not wrong, "\n".join(wrong[:20])
