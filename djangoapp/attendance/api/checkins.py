"""The door in the API: who came, and letting people in. For programs with a token of the scope *door*."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from django.conf import settings
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.utils.dateparse import parse_date
from django.utils.translation import gettext as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_field, extend_schema_view
from rest_framework import serializers
from rest_framework.generics import GenericAPIView
from rest_framework.request import Request
from rest_framework.response import Response

from attendance import services
from attendance.api.access import DoorEndpoint
from attendance.enums import Verdict
from attendance.exceptions import NameUnfit
from attendance.models import LONGEST_GATE, LONGEST_NAME, LONGEST_NONCE, Entry
from attendance.services.answers import LONGEST_SCAN
from shop.models import Session


class EntrySerializer(serializers.Serializer):
    """One person who came."""

    id = serializers.IntegerField()
    session = serializers.CharField(
        source="session.slug", allow_null=True, help_text="Null for entries of no session in particular."
    )
    ticket = serializers.CharField(
        source="ticket.short_code", allow_null=True, help_text="The beginning of its code; null without one."
    )
    first_name = serializers.CharField()
    last_name = serializers.CharField()
    gate = serializers.CharField()
    arrived_at = serializers.DateTimeField(help_text="The time of the scan itself.")
    recorded_at = serializers.DateTimeField(help_text="When the shop heard of it.")
    recorded_by = serializers.CharField(allow_null=True)
    nonce = serializers.CharField(allow_null=True, help_text="By which a device knows its own.")
    is_conflict = serializers.BooleanField(
        help_text="Let in without a network although the ticket was used up or worth nothing by then."
    )
    undone_at = serializers.DateTimeField(allow_null=True)
    undone_by = serializers.CharField(allow_null=True)
    changed_at = serializers.DateTimeField()


class GuestSerializer(serializers.Serializer):
    """For whom a ticket is."""

    first_name = serializers.CharField(source="line.attendee_first_name")
    last_name = serializers.CharField(source="line.attendee_last_name")
    ticket = serializers.CharField(source="short_code", help_text="The beginning of its code.")
    session = serializers.CharField(source="line.session.slug", help_text="The session that it is for.")


class AnswerSerializer(serializers.Serializer):
    """What the door says."""

    verdict = serializers.ChoiceField(choices=Verdict.choices)
    message = serializers.CharField(help_text="One sentence for the screen.")
    guest = serializers.SerializerMethodField(help_text="Null where there is no ticket.")
    entry = serializers.SerializerMethodField(
        help_text="What the verdict is about: the person’s own with welcome, the one before with already in."
    )
    recorded = serializers.SerializerMethodField(
        help_text="What this scan left: the same entry, or a conflict; null when it left nothing."
    )

    @extend_schema_field(GuestSerializer(allow_null=True))
    def get_guest(self, answer: services.Answer) -> dict | None:
        return GuestSerializer(answer.ticket).data if answer.ticket else None

    @extend_schema_field(EntrySerializer(allow_null=True))
    def get_entry(self, answer: services.Answer) -> dict | None:
        return EntrySerializer(answer.entry).data if answer.entry else None

    @extend_schema_field(EntrySerializer(allow_null=True))
    def get_recorded(self, answer: services.Answer) -> dict | None:
        return EntrySerializer(answer.recorded).data if answer.recorded else None


class SessionField(serializers.SlugRelatedField):
    """A session, by the slug of its page."""

    def __init__(self, **more) -> None:
        sessions = Session.objects.select_related("project")
        super().__init__(slug_field="slug", queryset=sessions, **more)


class ScanSerializer(serializers.Serializer):
    """What all that happens at a door has in common."""

    gate = serializers.CharField(max_length=LONGEST_GATE, required=False, allow_blank=True, default="")
    nonce = serializers.CharField(
        max_length=LONGEST_NONCE,
        help_text="A name for this attempt that no other has. Sent again it counts once and gets the same answer.",
    )
    at = serializers.DateTimeField(
        required=False,
        allow_null=True,
        default=None,
        help_text=(
            "For a device that was without network and has let the person in already: when it did. The fact stays, "
            "and whatever speaks against it makes a conflict of it."
        ),
    )


class RedeemSerializer(ScanSerializer):
    """A ticket that somebody shows."""

    session = SessionField(help_text="At whose door, by its slug.")
    code = serializers.CharField(
        max_length=LONGEST_SCAN,
        help_text="What was scanned or typed: the ticket’s address, its code, or the eight letters printed on it.",
    )


class WalkInSerializer(ScanSerializer):
    """Somebody without a ticket."""

    session = SessionField(required=False, allow_null=True, default=None, help_text="By its slug.")
    first_name = serializers.CharField(max_length=LONGEST_NAME)
    last_name = serializers.CharField(max_length=LONGEST_NAME)


class UndoSerializer(serializers.Serializer):
    """Taking an entry back."""

    nonce = serializers.CharField(max_length=LONGEST_NONCE, required=False, allow_blank=True, default="")


class SheetFilter(serializers.Serializer):
    """Which entries are asked for."""

    date = serializers.CharField(required=False)
    session = SessionField(required=False)
    gate = serializers.CharField(max_length=LONGEST_GATE, required=False)
    since = serializers.DateTimeField(required=False)

    def validate_date(self, text: str):
        if text == "today":
            return timezone.localdate()
        try:
            day = parse_date(text)
        except ValueError:  # such as the 30th of February
            day = None
        if day is None:
            raise serializers.ValidationError(_("Use YYYY-MM-DD, or today."))
        return day


def _filters(since: str) -> list[OpenApiParameter]:
    return [
        OpenApiParameter("date", str, description="A day of the studio’s clock: `YYYY-MM-DD`, or `today`."),
        OpenApiParameter("session", str, description="The slug of a session."),
        OpenApiParameter("gate", str, description="This gate alone."),
        OpenApiParameter("since", OpenApiTypes.DATETIME, description=since),
    ]


class Entries(DoorEndpoint, GenericAPIView):
    """What all addresses of entries have in common."""

    serializer_class = EntrySerializer
    queryset = Entry.objects.select_related("session", "ticket", "recorded_by", "undone_by")
    since = "arrived_at"

    def asked(self) -> list[dict]:
        """The rows that the parameters ask for, as the page tells them."""
        filters = SheetFilter(data=self.request.query_params)
        filters.is_valid(raise_exception=True)
        asked = filters.validated_data
        entries = self.get_queryset()
        if "date" in asked:
            entries = entries.on_day(asked["date"], timezone.get_default_timezone())
        if "since" in asked:
            entries = entries.filter(**{f"{self.since}__gte": asked["since"]})
        exact = {name: asked[name] for name in ("session", "gate") if name in asked}
        return EntrySerializer(self.paginate_queryset(entries.filter(**exact)), many=True).data

    def told(self, attempt: Callable[..., services.Answer], asked: type[ScanSerializer]) -> Response:
        """Check what was sent, do it, and tell the answer."""
        sent = asked(data=self.request.data)
        sent.is_valid(raise_exception=True)
        with _unfit_names_told():
            answer = attempt(**sent.validated_data, by=self.request.user)
        return Response(AnswerSerializer(answer).data)


@contextmanager
def _unfit_names_told() -> Iterator[None]:
    """Answer what no field can hold like everything else that is wrong in what was sent."""
    try:
        yield
    except NameUnfit as refusal:
        raise serializers.ValidationError({refusal.field: [str(refusal)]}) from refusal


@extend_schema_view(
    get=extend_schema(
        summary="Who came",
        description=(
            "Entries in order of arrival, without those that were undone. A conflict is told beside the entry that "
            f"counts. Days are those of {settings.TIME_ZONE}. Asks for a token with the scope door."
        ),
        operation_id="list_attendance",
        tags=["attendance"],
        parameters=_filters("Who came at or after this instant."),
        responses=EntrySerializer(many=True),
    )
)
class Attendance(Entries):
    def get(self, request: Request) -> Response:
        self.queryset = self.queryset.filter(undone_at__isnull=True).in_order_of_arrival()
        return self.get_paginated_response(self.asked())


@extend_schema_view(
    get=extend_schema(
        summary="What happened at the doors",
        description=(
            "All entries in the order of their last change, undone ones among them. To keep up, ask with the latest "
            "`changed_at` that you know, less a few seconds: what you know already comes again, and nothing is lost. "
            "Asks for a token with the scope door."
        ),
        operation_id="list_checkins",
        tags=["attendance"],
        parameters=_filters("What changed at or after this instant."),
        responses=EntrySerializer(many=True),
    ),
    post=extend_schema(
        summary="Let a ticket’s holder in",
        description=(
            "Answers with a verdict, whatever it is; sent again with the same nonce it counts once. "
            "Asks for a token with the scope door."
        ),
        operation_id="redeem",
        tags=["attendance"],
        request=RedeemSerializer,
        responses=AnswerSerializer,
    ),
)
class CheckIns(Entries):
    since = "changed_at"
    more_problems = (409, 503)

    def get(self, request: Request) -> Response:
        self.queryset = self.queryset.order_by("changed_at", "pk")
        return self.get_paginated_response(self.asked())

    def post(self, request: Request) -> Response:
        return self.told(services.redeem, RedeemSerializer)


@extend_schema_view(
    post=extend_schema(
        summary="Note somebody without a ticket",
        description="Sent again with the same nonce it counts once. Asks for a token with the scope door.",
        operation_id="walk_in",
        tags=["attendance"],
        request=WalkInSerializer,
        responses=AnswerSerializer,
    )
)
class WalkIns(Entries):
    more_problems = (409,)

    def post(self, request: Request) -> Response:
        return self.told(services.walk_in, WalkInSerializer)


@extend_schema_view(
    post=extend_schema(
        summary="Take an entry back",
        description=(
            "The ticket is good again. Repeating it changes nothing. Asks for a token with the scope door."
        ),
        operation_id="undo",
        tags=["attendance"],
        request=UndoSerializer,
        responses=EntrySerializer,
    )
)
class Undo(Entries):
    def post(self, request: Request, pk: int) -> Response:
        entry = get_object_or_404(self.get_queryset(), pk=pk)
        sent = UndoSerializer(data=request.data)
        sent.is_valid(raise_exception=True)
        with _unfit_names_told():
            services.undo(entry, by=request.user, nonce=sent.validated_data["nonce"])
        return Response(EntrySerializer(self.get_queryset().get(pk=pk)).data)
