"""Copies of a pattern's rows: other keys, other instants, another buyer, another session; else the same."""

import random
import secrets
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

from django.db.models import DateTimeField, ForeignKey, Model
from django.utils import timezone

from app.large_set.patterns import Pattern
from attendance.models import CODE_LENGTH, Ticket
from core import bulk
from core.models import Mail
from shop import demo_story as story
from shop.enums import Subject
from shop.models import (
    Cart,
    Invoice,
    LedgerEntry,
    Order,
    OrderLine,
    Payment,
    Refund,
    Session,
    Transition,
)
from shop.models.orders import CODE_ALPHABET
from shop.services import invoices

# Of which model the row is that a row of the history, or a letter, is about.
SUBJECTS = {
    Subject.CART: Cart,
    Subject.ORDER: Order,
    Subject.LINE: OrderLine,
    Subject.PAYMENT: Payment,
    Subject.REFUND: Refund,
}
LETTER_KEYS = {"order-paid": Order, "order-reserved": Payment}

Row = dict[str, Any]  # a model's values by the names of its attributes
Ids = dict[tuple[type[Model], int], int]  # the key of the copy by the key of the pattern's row

_dice = random.Random()  # noqa: S311 - demo data keep no secrets


@dataclass(frozen=True)
class Booked:
    """The session that a copy is about. ``text`` is what its lines say, ``policy`` what was promised."""

    pk: int
    text: str
    policy: dict


class Copy:
    """One booking to be written after its pattern."""

    def __init__(self, pattern: Pattern, number: int, booked_at: datetime, session: Booked) -> None:
        self.pattern = pattern
        self.session = session
        self.shift = booked_at - pattern.order.created_at
        self.code = "-".join(_letters(4) for _part in range(3))
        self.email = f"large-set-{number:07}@example.org"
        self.people = [_dice.choice(story.GUESTS) for _place in range(pattern.places)]

    def name_of(self, position: int) -> str:
        person = self.people[position - 1]
        return f"{person.first_name} {person.last_name}"


def write(copies: list[Copy]) -> Counter:
    """Write all rows of these bookings in the present transaction. Returns how many there are of each model."""
    many = Counter(type(row) for copy in copies for row in copy.pattern.rows)
    free = {model: iter(bulk.reserve(model, number)) for model, number in many.items()}
    rows: dict[type[Model], list[Row]] = defaultdict(list)
    for copy in copies:
        for model, row in _rows_of(copy, free):
            rows[model].append(row)
    _number(rows[Invoice])
    for model, of_model in rows.items():
        bulk.write(model, (list(row.values()) for row in of_model))
    return many


def _rows_of(copy: Copy, free: dict[type[Model], Iterator[int]]) -> Iterator[tuple[type[Model], Row]]:
    ids: Ids = {(type(row), row.pk): next(free[type(row)]) for row in copy.pattern.rows}
    ids[Session, copy.pattern.session.pk] = copy.session.pk
    for original in copy.pattern.rows:
        model = type(original)
        names, instants, links = _columns(model)
        row = {name: getattr(original, name) for name in names}
        row["id"] = ids[model, original.pk]
        for name in instants:
            if row[name] is not None:
                row[name] += copy.shift
        for name, target in links:
            row[name] = ids.get((target, row[name]), row[name])
        if differs := DIFFERS.get(model):
            differs(row, copy, ids)
        yield model, row


@cache
def _columns(model: type[Model]) -> tuple[list[str], list[str], list[tuple[str, type[Model]]]]:
    """The names of a model's attributes; which are instants; which are keys of rows of which model."""
    fields = model._meta.concrete_fields
    return (
        [field.attname for field in fields],
        [field.attname for field in fields if isinstance(field, DateTimeField)],
        [(field.attname, field.related_model) for field in fields if isinstance(field, ForeignKey)],
    )


# What differs of a row beside its keys and instants


def _cart(row: Row, copy: Copy, ids: Ids) -> None:
    row["token"] = secrets.token_urlsafe(18)


def _order(row: Row, copy: Copy, ids: Ids) -> None:
    row["code"] = copy.code
    row["email"] = copy.email
    row["billing_name"] = copy.name_of(1)


def _line(row: Row, copy: Copy, ids: Ids) -> None:
    person = copy.people[row["position"] - 1]
    row["attendee_first_name"] = person.first_name
    row["attendee_last_name"] = person.last_name
    row["description"] = copy.session.text
    row["policy"] = copy.session.policy


def _payment(row: Row, copy: Copy, ids: Ids) -> None:
    row["idempotency_key"] = f"order-{copy.code}-attempt-{row['attempt']}"
    row["reference"] = row["reference"] and f"{row['provider']}-{row['id']}"


def _refund(row: Row, copy: Copy, ids: Ids) -> None:
    row["idempotency_key"] = f"refund-order-{copy.code}-attempt-1-1"
    row["reference"] = row["reference"] and f"{row['provider']}-{row['id']}"


def _transition(row: Row, copy: Copy, ids: Ids) -> None:
    row["subject_id"] = ids[SUBJECTS[row["subject"]], row["subject_id"]]


def _entry(row: Row, copy: Copy, ids: Ids) -> None:
    fact = row["key"].partition(":")[0]
    row["key"] = f"{fact}:{row['refund_id'] or row['payment_id'] or row['line_id']}"


def _invoice(row: Row, copy: Copy, ids: Ids) -> None:
    content, order = row["content"], copy.pattern.order
    row["covers"] = ids[LedgerEntry, row["covers"]]
    row["content"] = content | {
        "order": copy.code,
        "buyer": content["buyer"] | {"name": copy.name_of(1)},
        "ordered_on": invoices.day_of(order.created_at + copy.shift),
        "paid_on": invoices.day_of(order.paid_at + copy.shift),
        "lines": [
            line
            | {
                "line": ids[OrderLine, line["line"]],
                "text": copy.session.text,
                "attendee": copy.name_of(line["position"]),
            }
            for line in content["lines"]
        ],
    }


def _mail(row: Row, copy: Copy, ids: Ids) -> None:
    occasion, _, of_pattern = row["dedupe_key"].partition(":")
    order_pk = ids[Order, row["context"]["order_id"]]
    row["to"] = copy.email
    row["context"] = {"order_id": order_pk}
    row["dedupe_key"] = f"{occasion}:{ids[LETTER_KEYS[occasion], int(of_pattern)]}"


def _ticket(row: Row, copy: Copy, ids: Ids) -> None:
    row["code"] = _letters(CODE_LENGTH)


DIFFERS: dict[type[Model], Callable[[Row, Copy, Ids], None]] = {
    Cart: _cart,
    Order: _order,
    OrderLine: _line,
    Payment: _payment,
    Refund: _refund,
    Transition: _transition,
    LedgerEntry: _entry,
    Invoice: _invoice,
    Mail: _mail,
    Ticket: _ticket,
}


def _number(rows: Iterable[Row]) -> None:
    """Number invoices without a gap, in the order of their days."""
    by_year: dict[int, list[Row]] = defaultdict(list)
    for row in sorted(rows, key=lambda row: row["issued_at"]):
        by_year[timezone.localtime(row["issued_at"]).year].append(row)
    for year, of_year in by_year.items():
        for row, sequence in zip(of_year, invoices.take_numbers(year, len(of_year)), strict=True):
            row["year"], row["sequence"] = year, sequence
            row["number"] = invoices.number_of(year, sequence)


def _letters(many: int) -> str:
    return "".join(_dice.choices(CODE_ALPHABET, k=many))
