"""What the API tells people about themselves."""

from django.utils.translation import gettext_lazy as _
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework import serializers
from rest_framework.generics import RetrieveUpdateAPIView
from rest_framework.permissions import IsAuthenticated

from accounts import services, time_zones
from accounts.api.access import BearerAuthentication, ScopeAllows
from accounts.models import Membership, User
from core.addresses import absolute
from core.api import Endpoint


class BearerScheme(OpenApiAuthenticationExtension):
    """Tells the OpenAPI document of tokens."""

    target_class = BearerAuthentication
    name = "token"

    def get_security_definition(self, auto_schema) -> dict:
        return {
            "type": "http",
            "scheme": "bearer",
            "description": (
                "A token that you make in your account, under API tokens. Its scope is read, write or door."
            ),
        }


class MeSerializer(serializers.Serializer):
    """The person behind the token."""

    email = serializers.EmailField(read_only=True)
    first_name = serializers.CharField(max_length=150, allow_blank=True)
    last_name = serializers.CharField(max_length=150, allow_blank=True)
    time_zone = serializers.CharField(
        source="profile.time_zone",
        max_length=64,
        allow_blank=True,
        help_text="An IANA name such as `Europe/Zurich`; empty when never told.",
    )
    picture = serializers.SerializerMethodField(help_text="The address of a square picture.")
    membership = serializers.ChoiceField(
        choices=Membership.choices,
        source="profile.membership",
        read_only=True,
        help_text="What sets the price: a membership counts once the studio has approved it.",
    )
    joined_at = serializers.DateTimeField(source="date_joined", read_only=True)

    def get_picture(self, user: User) -> str | None:
        picture = user.profile.picture
        return absolute(picture.url) if picture else None

    def validate_time_zone(self, name: str) -> str:
        if name and name not in time_zones.names():
            raise serializers.ValidationError(_("There is no time zone of this name."))
        return name

    def update(self, user: User, told: dict) -> User:
        services.update_profile(
            user,
            first_name=told.get("first_name", user.first_name),
            last_name=told.get("last_name", user.last_name),
            time_zone=told.get("profile", {}).get("time_zone", user.profile.time_zone),
        )
        return User.objects.select_related("profile").get(pk=user.pk)


@extend_schema_view(
    get=extend_schema(summary="Who I am", operation_id="me", tags=["users"]),
    patch=extend_schema(
        summary="Change my name or time zone",
        operation_id="change_me",
        description="Asks for a token with the scope write.",
        tags=["users"],
    ),
)
class Me(Endpoint, RetrieveUpdateAPIView):
    serializer_class = MeSerializer
    permission_classes = [IsAuthenticated, ScopeAllows]
    http_method_names = ["get", "head", "patch"]

    def get_object(self) -> User:
        return self.request.user
