"""Finding people by words of their names, among very many: by how each word begins, whatever its accents.

PostgreSQL finds them by an index of words that it knows by itself, without an extension; a model that is searched has
a ``WordsIndex`` over the same columns. SQLite, which is for laptops, reads through the rows.
"""

import re

from django.contrib.postgres.indexes import GinIndex
from django.db import connections, models
from django.db.models import Q, QuerySet, Value
from django.db.models.functions import Concat, Lower
from django.db.models.lookups import IContains

MOST_WORDS = 6  # that one search looks for
MOST_FOUND = 1_000  # rows that a search by names gives, the newest ones
BEFORE_A_WORD = " -'’"

# Letters that count as another one, capitals too: not every database knows their small ones. The index is made with
# them, so they do not change.
_ACCENTED = (
    "àáâãäåçèéêëìíîïñòóôõöùúûüýÿāăąćĉċčďēĕėęěĝğġģĥĩīĭįĵķĺļľńņňōŏőŕŗřśŝşšţťũūŭůűųŵŷźżžơưǎǐǒǔǖǘǚǜǟǡǧǩǫǭǰǵǹǻ"
    "ȁȃȅȇȉȋȍȏȑȓȕȗșțȟȧȩȫȭȯȱȳøłđħıŧÀÁÂÃÄÅÇÈÉÊËÌÍÎÏÑÒÓÔÕÖÙÚÛÜÝŸĀĂĄĆĈĊČĎĒĔĖĘĚĜĞĠĢĤĨĪĬĮĴĶĹĻĽŃŅŇŌŎŐŔŖŘŚŜŞŠŢŤŨŪŬ"
    "ŮŰŲŴŶŹŻŽƠƯǍǏǑǓǕǗǙǛǞǠǦǨǪǬǴǸǺȀȂȄȆȈȊȌȎȐȒȔȖȘȚȞȦȨȪȬȮȰȲØŁĐĦŦ"
)
_PLAIN = (
    "aaaaaaceeeeiiiinooooouuuuyyaaaccccdeeeeegggghiiiijklllnnnooorrrssssttuuuuuuwyzzzouaiouuuuuaagkoojgna"
    "aaeeiioorruusthaeooooyoldhitaaaaaaceeeeiiiinooooouuuuyyaaaccccdeeeeegggghiiiijklllnnnooorrrssssttuuu"
    "uuuwyzzzouaiouuuuuaagkoognaaaeeiioorruusthaeooooyoldht"
)
_SPELLED = str.maketrans(_ACCENTED, _PLAIN)


class Words(models.Func):
    """The words of some text columns, as PostgreSQL looks them up."""

    output_field = models.TextField()

    def as_sql(self, compiler, connection, **extra):
        # Where there is no index of words, its place is taken by one that is at least harmless.
        return compiler.compile(Lower(self.source_expressions[0]))

    def as_postgresql(self, compiler, connection, **extra):
        parts, params = [], []
        for expression in self.source_expressions:
            sql, more = compiler.compile(expression)
            parts.append(sql)
            params += more
        text = " || ' ' || ".join(parts)
        return f"to_tsvector('simple', translate(lower({text}), '{_ACCENTED}', '{_PLAIN}'))", params


class _Match(models.Func):
    """Whether words (PostgreSQL's) are all among some columns."""

    output_field = models.BooleanField()
    conditional = True
    template = "%(expressions)s"
    arg_joiner = " @@ "

    def __init__(self, words: Words, query: str) -> None:
        super().__init__(words, models.Func(Value(query), template="to_tsquery('simple', %(expressions)s)"))


class WordsIndex(GinIndex):
    """Serves ``with_words`` on these columns."""

    def __init__(self, *columns: str, name: str) -> None:
        super().__init__(Words(*columns), name=name)
        self.columns = columns

    def deconstruct(self) -> tuple:
        return f"{type(self).__module__}.{type(self).__name__}", self.columns, {"name": self.name}


def with_words(queryset: QuerySet, text: str, *columns: str) -> QuerySet:
    """The rows in whose columns each word of the text begins some word. Finds nothing where there is no word."""
    words = words_of(text)
    if not words:
        return queryset.none()
    if _is_postgres(queryset):
        return queryset.filter(_Match(Words(*columns), " & ".join(f"{word}:*" for word in words)))
    # Most rows have the word nowhere, which is seen soonest; only then it matters where it begins.
    spaces = [part for column in columns for part in (Value(" "), column)]
    text_of_row = Concat(*spaces, output_field=models.TextField())
    found = queryset
    for word in words_of(text, is_spelled_out=False):
        somewhere, begins = Q(), Q()
        for column in columns:
            somewhere |= Q(**{f"{column}__icontains": word})
        for before in BEFORE_A_WORD:
            begins |= Q(IContains(text_of_row, before + word))
        found = found.filter(somewhere).filter(begins)
    return found


def newest(*found: QuerySet) -> list[int]:
    """The largest of the keys that several searches give, each with one column; at most ``MOST_FOUND`` of them.

    Asked for at once, so that a list then takes its rows by their keys: planners expect more of a word than there is.
    """
    first, *others = found
    return list(first.union(*others).order_by("-pk").values_list("pk", flat=True)[:MOST_FOUND])


def words_of(text: str, *, is_spelled_out: bool = True) -> list[str]:
    """The words of a text in small letters, without accents unless they shall stay."""
    lowered = text.lower()
    found = re.findall(r"\w+", lowered.translate(_SPELLED) if is_spelled_out else lowered)
    return found[:MOST_WORDS]


def _is_postgres(queryset: QuerySet) -> bool:
    return connections[queryset.db].vendor == "postgresql"
