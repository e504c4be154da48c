"""What the database counts and works out for each session of a list, beside its columns.

Every page that shows sessions asks for these. Written out, Django has them ready in a fraction of the time that it
takes to put the same subqueries together anew from querysets. So what they say is told twice, and
``tests/test_expressions.py`` holds both to the same answers.
"""

from datetime import datetime

from django.db import models
from django.db.models import Value
from django.utils import timezone


class LocalDay(models.Func):
    """The day of an instant on the clocks of a time zone: ``LocalDay("starts_at", "time_zone")``."""

    output_field = models.DateField()

    def as_sqlite(self, compiler, connection, **extra):
        template = f"django_datetime_cast_date(%(expressions)s, '{connection.timezone_name}')"
        return self.as_sql(compiler, connection, template=template, **extra)

    def as_postgresql(self, compiler, connection, **extra):
        return self.as_sql(
            compiler, connection, template="(%(expressions)s)::date", arg_joiner=" AT TIME ZONE ", **extra
        )


class WrittenOut(models.Func):
    """An expression whose template names its parts by their place: ``{0}``, ``{1}`` and so on."""

    output_field = models.IntegerField()
    order: tuple[int, ...]  # in which the template names them

    def as_sql(self, compiler, connection, **extra):
        parts = [compiler.compile(part) for part in self.get_source_expressions()]
        sql = self.template.format(*(part for part, _params in parts))
        return sql, [param for place in self.order for param in parts[place][1]]


# Of the session {0} until the instant {1}: the rows of CartLine.objects.lapsed() and WaitingEntry.objects.lapsed().
LAPSED_LINES = (
    "FROM shop_cartline lapsed_line "
    "WHERE lapsed_line.session_id = {0} AND lapsed_line.is_held AND lapsed_line.held_until <= {1}"
)
LAPSED_OFFERS = (
    "FROM shop_waitingentry lapsed_offer "
    "WHERE lapsed_offer.session_id = {0} AND lapsed_offer.status = 'offered' AND lapsed_offer.offer_until <= {1}"
)


class LapsedPlaces(WrittenOut):
    """Of the session with this key, at this instant, while so many places are wanted by its waiting list."""

    template = (
        "CASE WHEN {2} = 0 THEN "
        f"COALESCE((SELECT SUM(lapsed_line.quantity) {LAPSED_LINES}), 0) + "
        f"COALESCE((SELECT SUM(lapsed_offer.offered) {LAPSED_OFFERS}), 0) ELSE 0 END"
    )
    order = (2, 0, 1, 0, 1)


class HasLapsed(WrittenOut):
    """Whether any hold or offer of the session with this key has run out at this instant, and is not swept up."""

    output_field = models.BooleanField()
    template = f"(EXISTS (SELECT 1 {LAPSED_LINES}) OR EXISTS (SELECT 1 {LAPSED_OFFERS}))"
    order = (0, 1, 0, 1)


class PlacesSold(WrittenOut):
    """Of the session with this key, and this number of places at the early bird's price."""

    template = (
        "CASE WHEN {1} IS NOT NULL THEN (SELECT COUNT(*) FROM shop_orderline sold_line "
        "INNER JOIN shop_order sold_order ON sold_order.id = sold_line.order_id "
        "WHERE sold_line.session_id = {0} AND sold_line.cancelled_at IS NULL "
        "AND sold_order.status IN ('pending', 'paid')) END"
    )
    order = (1, 0)


def lapsed_places(session: str = "") -> LapsedPlaces:
    """Places of the session whose hold has run out but that nobody has swept up yet.

    Where people wait there are none: whoever sweeps them up offers them to the list at once. ``session`` leads to the
    session, as in ``session__``.
    """
    return LapsedPlaces(f"{session}pk", Value(timezone.now()), f"{session}seats_wanted")


def has_lapsed(at: datetime) -> HasLapsed:
    """Whether something of the session had run out by then that nobody has swept up yet."""
    return HasLapsed("pk", Value(at))


def places_sold(session: str = "") -> PlacesSold:
    """How many places orders keep in a session, where its early bird counts them; elsewhere nothing is asked.

    ``session`` leads to the session, as in ``session__``. The rows are those of ``OrderLine.objects.places()``.
    """
    return PlacesSold(f"{session}pk", f"{session}early_places")
