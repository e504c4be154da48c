"""The older attendance service, whose callers go on as before: who came, name by name, and the sheet of a day.

Its shapes are not those of the API at ``/api/v1/``: they stay as they are, and nothing is added to them.
"""

import json
import re
from collections.abc import Iterable, Iterator
from datetime import date, datetime
from zoneinfo import ZoneInfo

from django.conf import settings
from django.http import HttpResponse, StreamingHttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from rest_framework import exceptions
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView, exception_handler

from attendance.api.access import DoorEndpoint
from attendance.exceptions import NameUnfit
from attendance.models import Entry
from attendance.services import walk_in

CALLS = """\
Attendance. The calls:

GET  /table                        this text
POST /table/create                 {"firstname": "Arvin", "lastname": "Cudanin", "gate": "A"}
                                   as JSON; gate may be left out
GET  /table/view/date:YYYYMMDD     everybody who came on that day, in order of arrival
GET  /table/view/date:today        the same for today

Each but this one asks for a token with the scope "door": Authorization: Bearer ...
"""
FIELDS = {"firstname": "first_name", "lastname": "last_name", "gate": "gate"}
COLUMNS = ("pk", "arrived_at", "first_name", "last_name", "gate")
WRITTEN_DAY = re.compile(r"\d{8}", re.ASCII)
CHUNK = 2000  # rows in memory at a time


class OlderEndpoint(DoorEndpoint, APIView):
    """Errors are plain JSON objects that name the field, or say what is wrong in ``detail``."""

    schema = None  # the document describes the API that is for new programs

    def get_exception_handler(self):
        return exception_handler

    def get_authenticators(self) -> list:
        return [] if settings.ATTENDANCE_OPEN else super().get_authenticators()

    def get_permissions(self) -> list:
        return [AllowAny()] if settings.ATTENDANCE_OPEN else super().get_permissions()


class Index(OlderEndpoint):
    """What can be called, for everybody."""

    authentication_classes = []
    permission_classes = [AllowAny]

    def get(self, request: Request) -> HttpResponse:
        return HttpResponse(CALLS, content_type="text/plain; charset=utf-8")


class Create(OlderEndpoint):
    """Note that somebody came, for programs with a token for the door."""

    def post(self, request: Request) -> Response:
        told = _texts(request.data)
        by = request.user if request.user.is_authenticated else None
        try:
            answer = walk_in(None, told["first_name"], told["last_name"], told["gate"], by)
        except NameUnfit as refusal:
            [name] = [old for old, new in FIELDS.items() if new == refusal.field]
            raise exceptions.ValidationError({name: [str(refusal)]}) from refusal
        entry = answer.entry
        row = (entry.pk, entry.arrived_at, entry.first_name, entry.last_name, entry.gate)
        return Response(_row(row, _studio_zone()), status=201)


class Day(OlderEndpoint):
    """Everybody who came on a day of the studio's clock, for programs with a token for the door."""

    def get(self, request: Request, day: str) -> StreamingHttpResponse:
        zone = _studio_zone()
        entries = Entry.objects.counted().on_day(_day_of(day), zone).in_order_of_arrival()
        rows = entries.values_list(*COLUMNS).iterator(chunk_size=CHUNK)
        return StreamingHttpResponse(_as_list(rows, zone), content_type="application/json")


def _texts(data: object) -> dict[str, str]:
    """What was told, by our own names. Each thing that is not text is named."""
    if not isinstance(data, dict):
        raise exceptions.ValidationError({"detail": _("Send a JSON object.")})
    wrong = {}
    for name in FIELDS:
        if name not in data and name != "gate":
            wrong[name] = [_("This is missing.")]
        elif not isinstance(data.get(name, ""), str):
            wrong[name] = [_("This is not text.")]
    if wrong:
        raise exceptions.ValidationError(wrong)
    return {new: data.get(old, "") for old, new in FIELDS.items()}


def _day_of(text: str) -> date:
    if text == "today":
        return timezone.localdate(timezone=_studio_zone())
    try:
        if WRITTEN_DAY.fullmatch(text):
            return date(int(text[:4]), int(text[4:6]), int(text[6:]))
    except ValueError:
        pass  # there is no such day
    raise exceptions.ValidationError({"date": ["Use YYYYMMDD"]})


def _studio_zone() -> ZoneInfo:
    return ZoneInfo(settings.TIME_ZONE)


def _row(row: tuple[int, datetime, str, str, str], zone: ZoneInfo) -> dict:
    pk, arrived_at, first_name, last_name, gate = row
    login = arrived_at.astimezone(zone).isoformat()
    return {"id": pk, "login": login, "firstname": first_name, "lastname": last_name, "gate": gate}


def _as_list(rows: Iterable[tuple], zone: ZoneInfo) -> Iterator[str]:
    """Write rows as one JSON list, a few hundred at a time and never all of them."""
    yield "["
    batch: list[str] = []
    separator = ""
    for row in rows:
        batch.append(json.dumps(_row(row, zone), ensure_ascii=False))
        if len(batch) == 200:
            yield separator + ",\n".join(batch)
            separator = ",\n"
            batch.clear()
    yield (separator if batch else "") + ",\n".join(batch) + "]\n"
