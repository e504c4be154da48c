"""Polls in the API: looked at by everybody, voted in by those who have an account."""

from django import forms
from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_field, extend_schema_view
from rest_framework import serializers
from rest_framework.exceptions import ValidationError
from rest_framework.generics import GenericAPIView
from rest_framework.permissions import IsAuthenticated, IsAuthenticatedOrReadOnly
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api.access import ScopeAllows
from core.addresses import absolute
from core.api import Endpoint
from core.limits import enforce, network_of
from polls.models import Poll, PollState
from polls.querysets import PollQuerySet
from polls.services import Voter, cast_ballot
from polls.shown import ShownPoll, show
from polls.views import VOTES

MOST_SENT = 100  # answers in one vote, far more than any poll has


class ChoiceSerializer(serializers.Serializer):
    """One answer."""

    id = serializers.IntegerField()
    text = serializers.CharField()
    is_chosen = serializers.BooleanField(help_text="Whether you chose it.")
    votes = serializers.IntegerField(
        allow_null=True, help_text="How many chose it; null while the results are not shown to you."
    )


class PollSerializer(serializers.Serializer):
    """A poll as you see it."""

    slug = serializers.CharField(source="poll.slug")
    url = serializers.SerializerMethodField(help_text="Its page, for people.")
    question = serializers.CharField(source="poll.question")
    description = serializers.CharField(source="poll.description", help_text="Markdown.")
    state = serializers.ChoiceField(choices=PollState.choices)
    opens_at = serializers.DateTimeField(source="poll.opens_at")
    closes_at = serializers.DateTimeField(source="poll.closes_at")
    most_choices = serializers.IntegerField(source="form.most", help_text="How many answers one may choose.")
    has_voted = serializers.BooleanField(help_text="Whether you voted.")
    people = serializers.SerializerMethodField(
        help_text="How many people voted; null while the results are not shown to you."
    )
    choices = serializers.SerializerMethodField()

    def get_url(self, shown: ShownPoll) -> str:
        return absolute(shown.poll.get_absolute_url())

    def get_people(self, shown: ShownPoll) -> int | None:
        return shown.poll.ballots_count if shown.shows_results else None

    @extend_schema_field(ChoiceSerializer(many=True))
    def get_choices(self, shown: ShownPoll) -> list[dict]:
        return [
            {
                "id": choice.pk,
                "text": choice.text,
                "is_chosen": choice.pk in shown.chosen,
                "votes": choice.votes_count if shown.shows_results else None,
            }
            for choice in shown.choices
        ]


class BallotSerializer(serializers.Serializer):
    """What you choose."""

    choices = serializers.ListField(
        child=serializers.IntegerField(), min_length=1, max_length=MOST_SENT, help_text="The answers’ ids."
    )


class StateFilter(forms.Form):
    state = forms.ChoiceField(choices=[("", ""), *PollState.choices], required=False)


class Polls(Endpoint, GenericAPIView):
    """What all addresses of polls have in common. Polls for people with an account are shown to those alone."""

    serializer_class = PollSerializer
    permission_classes = [IsAuthenticatedOrReadOnly, ScopeAllows]
    lookup_field = "slug"

    def get_queryset(self) -> PollQuerySet:
        return Poll.objects.listed_for(self.request.user)

    @property
    def voter(self) -> Voter:
        return Voter(self.request.user if self.request.user.is_authenticated else None)

    def told(self, polls: list[Poll]) -> list[dict]:
        return PollSerializer(show(polls, self.voter), many=True).data


@extend_schema_view(
    get=extend_schema(
        summary="What the studio asks",
        description="The latest first.",
        operation_id="list_polls",
        tags=["polls"],
        parameters=[
            OpenApiParameter("state", str, description="Polls in this state.", enum=PollState.values)
        ],
        responses=PollSerializer(many=True),
    )
)
class PollList(Polls):
    def get(self, request: Request) -> Response:
        form = StateFilter(request.query_params)
        if not form.is_valid():
            raise ValidationError({name: list(errors) for name, errors in form.errors.items()})
        polls = self.get_queryset()
        match form.cleaned_data["state"]:
            case PollState.OPEN:
                polls = polls.open()
            case PollState.UPCOMING:
                polls = polls.upcoming()
            case PollState.CLOSED:
                polls = polls.closed()
        return self.get_paginated_response(self.told(self.paginate_queryset(polls)))


@extend_schema_view(get=extend_schema(summary="One poll", operation_id="get_poll", tags=["polls"]))
class PollDetail(Polls):
    def get(self, request: Request, slug: str) -> Response:
        return Response(self.told([self.get_object()])[0])


@extend_schema_view(
    put=extend_schema(
        summary="Vote",
        description="Takes your vote, or changes the one that you cast. Asks for a token with the scope write.",
        operation_id="vote",
        tags=["polls"],
        request=BallotSerializer,
        responses=PollSerializer,
    )
)
class Vote(Polls):
    permission_classes = [IsAuthenticated, ScopeAllows]
    more_problems = (409,)

    def put(self, request: Request, slug: str) -> Response:
        enforce(VOTES, network_of(request))
        poll = self.get_object()
        ballot = BallotSerializer(data=request.data)
        ballot.is_valid(raise_exception=True)
        cast_ballot(poll, ballot.validated_data["choices"], self.voter)
        return Response(self.told([self.get_object()])[0])
