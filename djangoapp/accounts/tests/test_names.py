"""Names are found by words and how they begin, with or without accents; on PostgreSQL by an index."""

import pytest
from django.db import connection

from accounts.models import User
from core.search import _ACCENTED, _PLAIN, MOST_WORDS, with_words, words_of

pytestmark = pytest.mark.django_db
is_postgres = connection.vendor == "postgresql"


@pytest.fixture
def people() -> None:
    for number, (first, last) in enumerate(
        [
            ("Ana Maria", "Keller"),
            ("Jürg", "Müller-Lüdi"),
            ("Siobhán", "O'Neill"),
            ("Łukasz", "Wiśniewski"),
            ("李", "小龍"),
            ("Moana", "Kāretu"),
            ("50%", "Off_Sale"),
        ]
    ):
        User.objects.create(email=f"person{number}@example.org", first_name=first, last_name=last)


def found(text: str) -> list[str]:
    rows = with_words(User.objects.order_by("pk"), text, "first_name", "last_name")
    return [user.first_name for user in rows]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("keller", ["Ana Maria"]),
        ("KELL", ["Ana Maria"]),
        ("maria", ["Ana Maria"]),
        ("ana keller", ["Ana Maria"]),
        ("keller, ana", ["Ana Maria"]),
        ("kel mar", ["Ana Maria"]),
        ("eller", []),
        ("keller jürg", []),
        ("jürg", ["Jürg"]),
        ("müller", ["Jürg"]),
        ("müller-lüdi", ["Jürg"]),
        ("neill", ["Siobhán"]),
        ("o'neill", ["Siobhán"]),
        ("李", ["李"]),
        ("", []),
        ("  ", []),
        ("'", []),
        ("& | !:*", []),
        ("%", []),
    ],
)
def test_each_word_begins_some_word_of_the_name(people, text, expected):
    assert found(text) == expected


@pytest.mark.skipif(not is_postgres, reason="SQLite knows no letters but those of English")
@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("muller", ["Jürg"]),
        ("LÜDI", ["Jürg"]),
        ("siobhan", ["Siobhán"]),
        ("lukasz wisniewski", ["Łukasz"]),
        ("karetu", ["Moana"]),
        ("Kāretu", ["Moana"]),
    ],
)
def test_accents_do_not_matter(people, text, expected):
    assert found(text) == expected


def test_every_accented_letter_has_a_plain_one():
    assert len(_ACCENTED) == len(_PLAIN) == len(set(_ACCENTED))
    assert _PLAIN.isascii()


def test_a_long_text_is_cut():
    assert words_of("a b c d e f g h i j") == list("abcdefghij")[:MOST_WORDS]


@pytest.mark.parametrize("nonsense", ["\x00", "x" * 10_000, "💥", "\\", "a\\:*", "((("])
def test_nothing_that_somebody_types_breaks_the_search(people, nonsense):
    assert isinstance(found(nonsense.replace("\x00", "")), list)
