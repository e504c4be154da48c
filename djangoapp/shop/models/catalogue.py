"""What is offered: projects, and the dated sessions in which people come together for them."""

import secrets
import zoneinfo
from datetime import datetime
from decimal import Decimal

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator, RegexValidator
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from core.models import TimeStamped
from shop.models.policies import CancellationPolicy
from shop.models.told import ToldToBuyers
from shop.querysets import CategoryQuerySet, ProjectQuerySet, SessionQuerySet


def project_picture_path(_project, filename: str) -> str:
    """Keep the picture's format; the name itself is random, so that a new picture never meets an old cache."""
    extension = filename.rpartition(".")[2].lower()
    return f"projects/{secrets.token_hex(12)}.{extension}"


def validate_time_zone(name: str) -> None:
    """Refuse a name that is no IANA time zone, or a fixed offset, whose sign confuses people and SQLite alike."""
    if name not in zoneinfo.available_timezones() or name.startswith("Etc/"):
        raise ValidationError(
            _("“%(name)s” is not a time zone such as Europe/Zurich."), params={"name": name}
        )


validate_code = RegexValidator(
    r"^[A-Z0-9-]{8,32}$",
    _("Use 8 to 32 capital letters, digits and hyphens, so that nobody guesses it."),
)


class Category(models.Model):
    """A kind of project, for people who look for one."""

    name = models.CharField(_("name"), max_length=60, unique=True)
    slug = models.SlugField(_("slug"), max_length=60, unique=True)
    position = models.PositiveSmallIntegerField(_("position"), default=0)

    objects = CategoryQuerySet.as_manager()

    class Meta:
        verbose_name = _("category")
        verbose_name_plural = _("categories")
        ordering = ["position", "name"]

    def __str__(self) -> str:
        return self.name


class TaxRule(models.Model):
    """The tax contained in prices. Changing it changes future orders only: lines keep the rate they were sold at."""

    name = models.CharField(_("name"), max_length=60, unique=True)
    rate = models.DecimalField(
        _("rate in percent"),
        max_digits=5,
        decimal_places=2,
        validators=[MinValueValidator(Decimal(0)), MaxValueValidator(Decimal(100))],
    )

    class Meta:
        verbose_name = _("tax rule")
        verbose_name_plural = _("tax rules")
        ordering = ["-rate"]
        constraints = [
            models.CheckConstraint(
                condition=Q(rate__gte=0, rate__lte=100), name="shop_taxrule_rate_is_a_percentage"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name} ({self.rate.normalize():f} %)"


class Project(TimeStamped):
    """A workshop that the studio offers, told once and held on many dates."""

    title = models.CharField(_("title"), max_length=120)
    slug = models.SlugField(_("slug"), max_length=120, unique=True)
    summary = models.CharField(_("summary"), max_length=200, help_text=_("One sentence, for lists."))
    description = models.TextField(_("description"), blank=True, help_text=_("Markdown."))
    picture = models.ImageField(
        _("picture"),
        upload_to=project_picture_path,
        blank=True,
        width_field="picture_width",
        height_field="picture_height",
    )
    picture_alt = models.CharField(
        _("what the picture shows"), max_length=200, blank=True, help_text=_("For people who cannot see it.")
    )
    picture_width = models.PositiveIntegerField(null=True, editable=False)
    picture_height = models.PositiveIntegerField(null=True, editable=False)
    category = models.ForeignKey(Category, on_delete=models.PROTECT, related_name="projects")
    tax_rule = models.ForeignKey(TaxRule, on_delete=models.PROTECT, related_name="projects")
    policy = models.ForeignKey(
        CancellationPolicy,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="projects",
        verbose_name=_("cancellation policy"),
        help_text=_("Empty: the usual one. What was promised with places that are sold stays as it was."),
    )
    publisher = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="published_projects",
        verbose_name=_("publisher"),
    )
    is_published = models.BooleanField(_("published"), default=False)

    objects = ProjectQuerySet.as_manager()

    class Meta:
        verbose_name = _("project")
        verbose_name_plural = _("projects")
        ordering = ["title"]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return reverse("shop:project_detail", args=[self.slug])


class Session(ToldToBuyers, TimeStamped):
    """One date of a project: when, where, for how many, at what price.

    ``seats_taken`` counts the places held in carts, by offers to the waiting list and by orders; ``seats_wanted`` those
    that people wait for who have no offer. Only ``services.places`` changes both.
    """

    project = models.ForeignKey(Project, on_delete=models.PROTECT, related_name="sessions")
    slug = models.SlugField(_("slug"), max_length=140, unique=True, blank=True)
    starts_at = models.DateTimeField(_("starts"))
    ends_at = models.DateTimeField(_("ends"))
    time_zone = models.CharField(
        _("time zone"), max_length=64, default="Europe/Zurich", validators=[validate_time_zone]
    )
    host = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="hosted_sessions",
        verbose_name=_("host"),
    )
    place_name = models.CharField(_("place"), max_length=120, blank=True)
    place_address = models.CharField(_("address"), max_length=200, blank=True)
    online_url = models.URLField(
        _("online link"), blank=True, help_text=_("Shown to people with a confirmed booking only.")
    )
    capacity = models.PositiveIntegerField(_("capacity"))
    seats_taken = models.PositiveIntegerField(_("places taken"), default=0, editable=False)
    most_per_buyer = models.PositiveSmallIntegerField(
        _("places per buyer"),
        null=True,
        blank=True,
        validators=[MinValueValidator(1)],
        help_text=_("Empty: as many as everywhere in the shop."),
    )
    seats_wanted = models.PositiveIntegerField(
        _("places waited for"), default=0, db_default=0, editable=False
    )
    cancelled_at = models.DateTimeField(_("cancelled"), null=True, blank=True, editable=False)
    sales_start_at = models.DateTimeField(_("sales start"), null=True, blank=True)
    sales_end_at = models.DateTimeField(
        _("sales end"), null=True, blank=True, help_text=_("Empty: sales end when the session starts.")
    )
    is_published = models.BooleanField(_("published"), default=False)
    needs_code = models.BooleanField(
        _("only with a code"),
        default=False,
        help_text=_("It appears nowhere until somebody types an access code that opens it."),
    )
    base_price = models.DecimalField(
        _("price"), max_digits=9, decimal_places=2, validators=[MinValueValidator(Decimal(0))]
    )
    member_price = models.DecimalField(
        _("price for members"),
        max_digits=9,
        decimal_places=2,
        null=True,
        blank=True,
        validators=[MinValueValidator(Decimal(0))],
    )
    nonprofit_price = models.DecimalField(
        _("price for nonprofits"),
        max_digits=9,
        decimal_places=2,
        null=True,
        blank=True,
        validators=[MinValueValidator(Decimal(0))],
    )
    early_price = models.DecimalField(
        _("early-bird price"),
        max_digits=9,
        decimal_places=2,
        null=True,
        blank=True,
        validators=[MinValueValidator(Decimal(0))],
        help_text=_("Until a moment, for the first places, or both: then it ends with what comes first."),
    )
    early_until_at = models.DateTimeField(_("early bird until"), null=True, blank=True)
    early_places = models.PositiveIntegerField(
        _("for the first places"), null=True, blank=True, validators=[MinValueValidator(1)]
    )
    group_price = models.DecimalField(
        _("group price"),
        max_digits=9,
        decimal_places=2,
        null=True,
        blank=True,
        validators=[MinValueValidator(Decimal(0))],
        help_text=_("For each place, when one order has so many places of this session."),
    )
    group_places = models.PositiveIntegerField(
        _("from so many places"), null=True, blank=True, validators=[MinValueValidator(2)]
    )

    objects = SessionQuerySet.as_manager()

    class Meta:
        verbose_name = _("session")
        verbose_name_plural = _("sessions")
        ordering = ["starts_at", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(seats_taken__gte=0, seats_taken__lte=F("capacity")),
                name="shop_session_never_oversold",
                violation_error_message=_("That is fewer places than are already taken."),
            ),
            models.CheckConstraint(
                condition=Q(ends_at__gt=F("starts_at")),
                name="shop_session_ends_after_start",
                violation_error_message=_("A session ends after it starts."),
            ),
            models.CheckConstraint(
                condition=Q(base_price__gte=0)
                & (Q(member_price__isnull=True) | Q(member_price__gte=0))
                & (Q(nonprofit_price__isnull=True) | Q(nonprofit_price__gte=0)),
                name="shop_session_prices_not_negative",
            ),
            models.CheckConstraint(
                condition=(Q(early_price__isnull=True) | Q(early_price__gte=0))
                & (Q(group_price__isnull=True) | Q(group_price__gte=0)),
                name="shop_session_offers_not_negative",
            ),
            models.CheckConstraint(
                condition=Q(early_price__isnull=True)
                | Q(early_until_at__isnull=False)
                | Q(early_places__isnull=False),
                name="shop_session_early_bird_ends",
                violation_error_message=_("Say when the early bird ends, or for how many places it is."),
            ),
            models.CheckConstraint(
                condition=Q(group_price__isnull=True) | Q(group_places__isnull=False, group_places__gte=2),
                name="shop_session_group_has_a_size",
                violation_error_message=_("Say from how many places on the group price holds: two at least."),
            ),
        ]
        indexes = [
            models.Index(
                fields=["starts_at", "id"],
                name="shop_session_upcoming",
                condition=Q(is_published=True),
            ),
            models.Index(fields=["project", "starts_at"], name="shop_session_of_project"),
            models.Index(fields=["starts_at", "id"], name="shop_session_by_date"),
            # What runs or has just ended, for the door and its sheets: not behind all that is over.
            models.Index(fields=["ends_at"], name="shop_session_by_end"),
            models.Index(fields=["starts_at"], name="shop_session_wanted", condition=Q(seats_wanted__gt=0)),
            models.Index(
                fields=["starts_at"], name="shop_session_untold", condition=Q(told_as__isnull=False)
            ),
            models.Index(
                fields=["ends_at"], name="shop_session_unthanked", condition=Q(thanked_at__isnull=True)
            ),
        ]
        # Whoever has it sees the sessions of which they are the host, and who comes to them.
        permissions = [("lead_session", "Can look after the sessions they lead")]

    def __str__(self) -> str:
        return f"{self.project.title}, {self.local_start:%Y-%m-%d %H:%M}"

    def save(self, *args, **kwargs) -> None:
        if not self.slug:
            # Readable, and unique even for two sessions of one project at the same moment.
            date = self.local_start.strftime("%Y-%m-%d")
            self.slug = f"{self.project.slug[:115]}-{date}-{secrets.token_hex(3)}"
        super().save(*args, **kwargs)

    def clean(self) -> None:
        if not (self.place_name or self.online_url):
            raise ValidationError({"place_name": _("Give a place, or an online link.")})
        if self.sales_start_at and self.sales_end_at and self.sales_end_at <= self.sales_start_at:
            raise ValidationError({"sales_end_at": _("Sales end after they start.")})

    def get_absolute_url(self) -> str:
        return reverse("shop:session_detail", args=[self.slug])

    @property
    def title(self) -> str:
        return self.project.title

    @property
    def most_places(self) -> int:
        """How many places one buyer may have."""
        return self.most_per_buyer or settings.SHOP_MAX_PLACES_PER_BUYER

    @cached_property
    def places_sold(self) -> int:
        """How many places orders keep, which the early bird counts by. ``with_places_sold()`` asks for many at once."""
        return self.order_lines.places().count()

    @property
    def tz(self) -> zoneinfo.ZoneInfo:
        return zoneinfo.ZoneInfo(self.time_zone)

    @property
    def local_start(self) -> datetime:
        """The start on the clock of the place where it happens."""
        return self.starts_at.astimezone(self.tz)

    @property
    def as_sold(self) -> str:
        """``Grafting apple trees, 28 November 2026, 09:30``: what receipts say was sold."""
        return f"{self.title}, {date_format(self.local_start, 'j F Y')}, {self.local_start:%H:%M}"

    @property
    def local_end(self) -> datetime:
        return self.ends_at.astimezone(self.tz)

    @property
    def is_cancelled(self) -> bool:
        return self.cancelled_at is not None

    @property
    def is_online(self) -> bool:
        return not self.place_name

    @property
    def where(self) -> str:
        """The place in one line; the link of an online session is for people who booked."""
        if self.is_online:
            return str(_("Online"))
        return ", ".join(filter(None, [self.place_name, self.place_address]))

    def why_not_bookable(
        self, at: datetime | None = None, *, is_opened: bool = False, by_staff: bool = False
    ) -> str:
        """Say why nobody can book at this instant, or return an empty string. Free places are not looked at.

        ``is_opened``: an access code opens the session, if it is hidden, and its sales, if they have not begun.
        ``by_staff``: the studio books for somebody, also what is hidden, and before and after the sales.
        """
        is_opened = is_opened or by_staff
        at = at or timezone.now()
        if self.cancelled_at:
            return str(_("This session does not take place."))
        if not (self.is_published and self.project.is_published) or (self.needs_code and not is_opened):
            return str(_("This session is not on sale."))
        if at >= self.starts_at:
            return str(_("This session has already started."))
        if self.sales_start_at and at < self.sales_start_at and not is_opened:
            return str(_("Sales for this session have not started yet."))
        if self.sales_end_at and at >= self.sales_end_at and not by_staff:
            return str(_("Sales for this session have ended."))
        return ""
