"""Who somebody is. What follows from it (prices, say) belongs to the apps above."""

from django.contrib.auth.models import AbstractUser
from django.db import models
from django.db.models.functions import Lower
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.managers import UserManager
from accounts.pictures import profile_picture_path
from core.models import TimeStamped
from core.search import WordsIndex


class User(AbstractUser):
    """An account, known by its e-mail address."""

    username = None
    email = models.EmailField(_("e-mail address"), unique=True)

    USERNAME_FIELD = "email"
    REQUIRED_FIELDS = []

    objects = UserManager()

    class Meta:
        verbose_name = _("user")
        verbose_name_plural = _("users")
        constraints = [
            models.UniqueConstraint(Lower("email"), name="accounts_user_email_any_case"),
        ]
        indexes = [WordsIndex("first_name", "last_name", name="accounts_user_words")]
        permissions = [("assign_roles", "Can decide who works here, and in which role")]

    def __str__(self) -> str:
        return self.get_full_name() or self.email

    @property
    def has_worked_here(self) -> bool:
        """Whether the admin's log tells of something that they did. It would be deleted with the account."""
        return self.logentry_set.exists()

    @property
    def initials(self) -> str:
        """Up to two letters for where a picture is missing."""
        names = [self.first_name, self.last_name]
        letters = "".join(name[0] for name in names if name) or self.email[0]
        return letters.upper()


class Membership(models.TextChoices):
    BUSINESS = "business", _("Business")
    MEMBER = "member", _("Member")
    NONPROFIT = "nonprofit", _("Nonprofit")


class ApprovalStatus(models.TextChoices):
    PENDING = "pending", _("Waiting for approval")
    APPROVED = "approved", _("Approved")
    DECLINED = "declined", _("Declined")


class ProfileQuerySet(models.QuerySet):
    def waiting(self):
        """Applications for a membership that staff has not answered."""
        return self.filter(membership_status=ApprovalStatus.PENDING)


class Profile(TimeStamped):
    """What a user tells about themselves, and the membership that staff approved."""

    user = models.OneToOneField(User, on_delete=models.CASCADE, related_name="profile")
    picture = models.ImageField(_("picture"), upload_to=profile_picture_path, blank=True)
    time_zone = models.CharField(_("time zone"), max_length=64, blank=True)
    membership_type = models.CharField(
        _("membership"), max_length=10, choices=Membership.choices, default=Membership.BUSINESS
    )
    membership_status = models.CharField(
        _("approval"), max_length=10, choices=ApprovalStatus.choices, default=ApprovalStatus.APPROVED
    )
    membership_decided_at = models.DateTimeField(_("decided"), null=True, blank=True, editable=False)
    membership_decided_by = models.ForeignKey(
        User, on_delete=models.SET_NULL, null=True, blank=True, editable=False, related_name="+"
    )

    objects = ProfileQuerySet.as_manager()

    class Meta:
        verbose_name = _("profile")
        verbose_name_plural = _("profiles")
        indexes = [
            models.Index(
                fields=["updated_at"],
                name="accounts_profile_waiting",
                condition=models.Q(membership_status="pending"),
            ),
        ]

    def __str__(self) -> str:
        return str(self.user)

    @property
    def membership(self) -> Membership:
        """The membership that counts: without approval everybody is a business buyer."""
        if self.membership_status == ApprovalStatus.APPROVED:
            return Membership(self.membership_type)
        return Membership.BUSINESS

    def decide(self, status: ApprovalStatus, by: User) -> None:
        """Note a decision on the membership; the caller saves and tells the applicant."""
        self.membership_status = status
        self.membership_decided_at = timezone.now()
        self.membership_decided_by = by


class DataRequestKind(models.TextChoices):
    EXPORT = "export", _("Export")
    ERASURE = "erasure", _("Erasure")


class DataRequest(models.Model):
    """What staff did with all that we know of one person: for whoever asks later whether and when it was done.

    The person is named by a key that their address leads to, and that leads to no address.
    """

    kind = models.CharField(_("what"), max_length=10, choices=DataRequestKind.choices)
    address_key = models.CharField(_("key of the address"), max_length=24, db_index=True)
    had_account = models.BooleanField(_("had an account"))
    changed = models.JSONField(_("how much"), default=dict)
    by = models.ForeignKey(
        User,
        on_delete=models.SET_NULL,
        null=True,
        related_name="+",
        verbose_name=_("by"),
    )
    at = models.DateTimeField(_("when"), default=timezone.now)

    class Meta:
        verbose_name = _("request about personal data")
        verbose_name_plural = _("requests about personal data")
        ordering = ["-pk"]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.address_key[:8]}"


class TokenScope(models.TextChoices):
    """What a program may do with a token."""

    READ = "read", _("Read")
    WRITE = "write", _("Read and write")
    DOOR = "door", _("Check people in at the door")


class ApiTokenQuerySet(models.QuerySet):
    def valid(self):
        return self.filter(revoked_at__isnull=True)


class ApiToken(models.Model):
    """A key to the API that a user gave to a program. Its secret is kept nowhere: see ``accounts.tokens``."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="api_tokens")
    name = models.CharField(_("name"), max_length=60)
    scope = models.CharField(_("may"), max_length=5, choices=TokenScope.choices)
    prefix = models.CharField(_("begins with"), max_length=12, editable=False)
    digest = models.CharField(max_length=64, unique=True, editable=False)
    last_used_on = models.DateField(_("last used"), null=True, editable=False)
    created_at = models.DateTimeField(_("made"), default=timezone.now, editable=False)
    revoked_at = models.DateTimeField(_("revoked"), null=True, editable=False)

    objects = ApiTokenQuerySet.as_manager()

    class Meta:
        verbose_name = _("API token")
        verbose_name_plural = _("API tokens")
        ordering = ["-pk"]

    def __str__(self) -> str:
        return f"{self.name} ({self.prefix}…)"
