"""The shop in the API: what is offered, to everybody, and one's own orders."""

from decimal import Decimal

from django import forms
from django.conf import settings
from django.db.models import QuerySet
from django.utils import timezone
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_field, extend_schema_view
from rest_framework import serializers
from rest_framework.exceptions import ValidationError
from rest_framework.generics import ListAPIView, RetrieveAPIView
from rest_framework.permissions import IsAuthenticated

from accounts.api.access import ScopeAllows
from accounts.models import Membership
from core.addresses import absolute
from core.api import Endpoint
from shop.availability import Availability, State, availability_of
from shop.enums import OrderStatus
from shop.forms.catalogue import IN_ROOM, ONLINE, SessionFilter
from shop.models import Category, Order, OrderLine, Project, Session
from shop.services.pricing import early_bird, price_for


def amount(**more) -> serializers.DecimalField:
    """An amount in the shop's currency, written as text so that no program rounds it."""
    return serializers.DecimalField(max_digits=10, decimal_places=2, read_only=True, **more)


class CategorySerializer(serializers.ModelSerializer):
    class Meta:
        model = Category
        fields = ["slug", "name"]


class PictureSerializer(serializers.Serializer):
    url = serializers.URLField()
    alt = serializers.CharField(help_text="What it shows, for people who cannot see it.")
    width = serializers.IntegerField(allow_null=True)
    height = serializers.IntegerField(allow_null=True)


class ProjectSerializer(serializers.ModelSerializer):
    """A workshop that the studio offers, held on many dates."""

    url = serializers.SerializerMethodField(help_text="Its page, for people.")
    category = CategorySerializer()
    picture = serializers.SerializerMethodField()
    next_starts_at = serializers.DateTimeField(
        allow_null=True, help_text="When it is held next, if a date is set."
    )
    upcoming_count = serializers.IntegerField(help_text="How many dates are to come.")
    lowest_price = amount(
        allow_null=True, help_text="The lowest price of the dates to come, without a membership."
    )
    currency = serializers.SerializerMethodField()

    class Meta:
        model = Project
        fields = [
            "slug",
            "title",
            "summary",
            "url",
            "category",
            "picture",
            "next_starts_at",
            "upcoming_count",
            "lowest_price",
            "currency",
        ]

    def get_url(self, project: Project) -> str:
        return absolute(project.get_absolute_url())

    @extend_schema_field(PictureSerializer(allow_null=True))
    def get_picture(self, project: Project) -> dict | None:
        if not project.picture:
            return None
        return {
            "url": absolute(project.picture.url),
            "alt": project.picture_alt,
            "width": project.picture_width,
            "height": project.picture_height,
        }

    def get_currency(self, _project: Project) -> str:
        return settings.SHOP_CURRENCY


class ProjectDetailSerializer(ProjectSerializer):
    """A workshop with all that is told about it."""

    class Meta(ProjectSerializer.Meta):
        fields = [*ProjectSerializer.Meta.fields, "description"]
        extra_kwargs = {"description": {"help_text": "Markdown."}}


class EarlyBirdSerializer(serializers.Serializer):
    """A lower price until an instant, for the first places, or both: then until what comes first."""

    price = amount()
    until = serializers.DateTimeField(allow_null=True)
    places = serializers.IntegerField(allow_null=True, help_text="For how many places it is.")
    places_left = serializers.IntegerField(allow_null=True, help_text="How many of them are left.")
    is_over = serializers.BooleanField()


class GroupPriceSerializer(serializers.Serializer):
    """A lower price for each place of an order that has so many of this session."""

    price = amount()
    from_places = serializers.IntegerField()


class PricesSerializer(serializers.Serializer):
    """What one place costs, tax included. The lowest of the prices that apply to a buyer counts.

    By membership, the base price holds where there is none of its own.
    """

    base = amount(source="base_price")
    member = amount(source="member_price", allow_null=True)
    nonprofit = amount(source="nonprofit_price", allow_null=True)
    now = serializers.SerializerMethodField(help_text="One place at this moment, without a membership.")
    early_bird = serializers.SerializerMethodField()
    group = serializers.SerializerMethodField()
    currency = serializers.SerializerMethodField()

    @extend_schema_field(amount())
    def get_now(self, session: Session) -> str:
        return f"{price_for(session, Membership.BUSINESS, at=timezone.now()).price:.2f}"

    @extend_schema_field(EarlyBirdSerializer(allow_null=True))
    def get_early_bird(self, session: Session) -> dict | None:
        early = early_bird(session, at=timezone.now())
        if early is None:
            return None
        return EarlyBirdSerializer(
            {
                "price": early.price,
                "until": session.early_until_at,
                "places": session.early_places,
                "places_left": early.left,
                "is_over": early.is_over,
            }
        ).data

    @extend_schema_field(GroupPriceSerializer(allow_null=True))
    def get_group(self, session: Session) -> dict | None:
        if session.group_price is None:
            return None
        return GroupPriceSerializer({"price": session.group_price, "from_places": session.group_places}).data

    def get_currency(self, _session: Session) -> str:
        return settings.SHOP_CURRENCY


class SessionSerializer(serializers.ModelSerializer):
    """One date of a project: when, where, for how many, at what price. The link to an online room is for bookers."""

    url = serializers.SerializerMethodField(help_text="Its page, for people.")
    title = serializers.CharField()
    project = serializers.SlugRelatedField(slug_field="slug", read_only=True, help_text="The project's slug.")
    category = serializers.SlugRelatedField(
        source="project.category", slug_field="slug", read_only=True, help_text="The category's slug."
    )
    time_zone = serializers.CharField(help_text="The clock of the place where it happens.")
    is_online = serializers.BooleanField()
    places_left = serializers.SerializerMethodField(help_text="Free at this moment, on sale or not.")
    availability = serializers.SerializerMethodField(
        help_text="Whether a place can be booked: free or few say yes."
    )
    prices = PricesSerializer(source="*")

    class Meta:
        model = Session
        fields = [
            "slug",
            "title",
            "url",
            "project",
            "category",
            "starts_at",
            "ends_at",
            "time_zone",
            "is_online",
            "place_name",
            "place_address",
            "capacity",
            "places_left",
            "availability",
            "sales_start_at",
            "sales_end_at",
            "prices",
        ]

    def get_url(self, session: Session) -> str:
        return absolute(session.get_absolute_url())

    def get_places_left(self, session: Session) -> int:
        return self._availability(session).left

    @extend_schema_field(serializers.ChoiceField(choices=State.choices))
    def get_availability(self, session: Session) -> str:
        return self._availability(session).state.value

    def _availability(self, session: Session) -> Availability:
        return availability_of(session, at=timezone.now())


class OrderLineSerializer(serializers.ModelSerializer):
    """One place for one person, at the price it was sold at."""

    session = serializers.SlugRelatedField(slug_field="slug", read_only=True, help_text="The session's slug.")
    starts_at = serializers.DateTimeField(source="session.starts_at")
    ends_at = serializers.DateTimeField(source="session.ends_at")
    price = amount()
    price_reason = serializers.CharField(help_text="Why it is not the usual price; empty if it is.")
    discount = amount()
    tax_rate = serializers.DecimalField(max_digits=5, decimal_places=2, help_text="In percent.")

    class Meta:
        model = OrderLine
        fields = [
            "position",
            "session",
            "description",
            "starts_at",
            "ends_at",
            "attendee_first_name",
            "attendee_last_name",
            "discount",
            "price",
            "price_reason",
            "tax_rate",
            "cancelled_at",
        ]


class OrderSerializer(serializers.ModelSerializer):
    """One purchase of the person whose token it is. Its link is a secret of the mails, and not told here."""

    status = serializers.ChoiceField(choices=OrderStatus.choices)
    placed_at = serializers.DateTimeField(source="created_at")
    subtotal = amount()
    discount = amount()
    total = amount()
    tax_included = amount(source="tax")
    coupon = serializers.CharField(source="coupon_code")
    lines = OrderLineSerializer(many=True)

    class Meta:
        model = Order
        fields = [
            "code",
            "status",
            "placed_at",
            "expires_at",
            "paid_at",
            "closed_at",
            "email",
            "currency",
            "subtotal",
            "discount",
            "total",
            "tax_included",
            "coupon",
            "lines",
        ]


class ApiSessionFilter(SessionFilter):
    """The catalogue's filters, and those that only programs ask for."""

    project = forms.SlugField(max_length=120, required=False)
    membership = forms.ChoiceField(choices=[("", ""), *Membership.choices], required=False)


class ProjectFilter(forms.Form):
    category = forms.SlugField(max_length=60, required=False)


class OrderFilter(forms.Form):
    status = forms.ChoiceField(choices=[("", ""), *OrderStatus.choices], required=False)


def understood(form: forms.Form) -> dict:
    """What was asked for. Programs are told what cannot be understood; nothing is left out in silence."""
    if not form.is_valid():
        problems = {form.add_prefix(name): list(errors) for name, errors in form.errors.items()}
        raise ValidationError(problems)
    return form.cleaned_data


def _asked(name: str, description: str, kind: object = str, **more) -> OpenApiParameter:
    return OpenApiParameter(name, kind, description=description, **more)


CATEGORY = _asked("category", "The slug of a category.")


@extend_schema_view(
    get=extend_schema(
        summary="What the studio offers",
        description="Published projects, what is held next first.",
        operation_id="list_projects",
        tags=["projects"],
        parameters=[CATEGORY],
    )
)
class ProjectList(Endpoint, ListAPIView):
    serializer_class = ProjectSerializer

    def get_queryset(self) -> QuerySet:
        category = understood(ProjectFilter(self.request.query_params))["category"]
        projects = Project.objects.published().for_cards(Membership.BUSINESS)
        return projects.filter(category__slug=category) if category else projects


@extend_schema_view(get=extend_schema(summary="One project", operation_id="get_project", tags=["projects"]))
class ProjectDetail(Endpoint, RetrieveAPIView):
    serializer_class = ProjectDetailSerializer
    lookup_field = "slug"

    def get_queryset(self) -> QuerySet:
        return Project.objects.published().with_next_dates().select_related("category")


@extend_schema_view(
    get=extend_schema(
        summary="Dates to come",
        description="Published sessions that have not started, soonest first, by the filters of the catalogue.",
        operation_id="list_sessions",
        tags=["sessions"],
        parameters=[
            _asked("q", "Words that the project, the place or the host speaks of."),
            CATEGORY,
            _asked("project", "The slug of a project."),
            _asked("where", "In a room, or online.", enum=[IN_ROOM, ONLINE]),
            _asked("price", "Sessions that cost no more than this.", Decimal),
            _asked(
                "membership", "Whose price that is; business pays the base price.", enum=Membership.values
            ),
            _asked("from", "The first day, on the clock of the session's own place.", OpenApiTypes.DATE),
            _asked("to", "The last day.", OpenApiTypes.DATE),
            _asked("free", "Only sessions of which a place can be booked.", bool),
        ],
    )
)
class SessionList(Endpoint, ListAPIView):
    serializer_class = SessionSerializer

    def get_queryset(self) -> QuerySet:
        form = ApiSessionFilter(self.request.query_params, categories=Category.objects.offered())
        asked = understood(form)
        sessions = Session.objects.announced().for_cards()
        if asked["project"]:
            sessions = sessions.filter(project__slug=asked["project"])
        return form.narrow(sessions, membership=asked["membership"])


@extend_schema_view(
    get=extend_schema(
        summary="One session",
        description="Sessions that are over stay readable.",
        operation_id="get_session",
        tags=["sessions"],
    )
)
class SessionDetail(Endpoint, RetrieveAPIView):
    serializer_class = SessionSerializer
    lookup_field = "slug"

    def get_queryset(self) -> QuerySet:
        return Session.objects.published().for_cards()


class OwnOrders(Endpoint):
    """The orders of the account whose token it is."""

    serializer_class = OrderSerializer
    permission_classes = [IsAuthenticated, ScopeAllows]

    def get_queryset(self) -> QuerySet:
        return Order.objects.filter(customer=self.request.user).order_by("-pk").for_display()


@extend_schema_view(
    get=extend_schema(
        summary="My orders",
        description="Newest first. Asks for a token with the scope read or write.",
        operation_id="list_orders",
        tags=["orders"],
        parameters=[_asked("status", "Orders in this state.", enum=OrderStatus.values)],
    )
)
class OrderList(OwnOrders, ListAPIView):
    def get_queryset(self) -> QuerySet:
        status = understood(OrderFilter(self.request.query_params))["status"]
        orders = super().get_queryset()
        return orders.filter(status=status) if status else orders


@extend_schema_view(
    get=extend_schema(
        summary="One of my orders",
        description="Asks for a token with the scope read or write.",
        operation_id="get_order",
        tags=["orders"],
    )
)
class OrderDetail(OwnOrders, RetrieveAPIView):
    lookup_field = "code"
