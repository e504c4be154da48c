"""To-do lists, who shares them, what is on them, and the checklists that are copied into new lists."""

from django.conf import settings
from django.core.signing import BadSignature, Signer
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from core.models import TimeStamped
from todos.querysets import TodoItemQuerySet, TodoListQuerySet


class TodoList(TimeStamped):
    """A list of somebody's. One that was copied from a checklist remembers for what (``reference``) and for which day.

    ``deleted_at`` is set when its owner deletes it; a periodic job clears it away later.
    """

    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="todo_lists", verbose_name=_("owner")
    )
    title = models.CharField(_("title"), max_length=120)
    reference = models.CharField(max_length=80, blank=True, default="", editable=False)
    happens_on = models.DateField(_("day"), null=True, blank=True, editable=False)
    deleted_at = models.DateTimeField(null=True, blank=True, editable=False)

    objects = TodoListQuerySet.as_manager()

    class Meta:
        verbose_name = _("to-do list")
        verbose_name_plural = _("to-do lists")
        ordering = ["title", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["reference"], condition=~Q(reference=""), name="todos_todolist_one_per_reference"
            ),
        ]
        indexes = [
            models.Index(
                fields=["deleted_at"], name="todos_todolist_deleted", condition=Q(deleted_at__isnull=False)
            )
        ]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return reverse("todos:list_detail", args=[self.pk])


class Share(models.Model):
    """Somebody who was invited to a list. Without a ``user`` they have not agreed, or have no account yet.

    Only the address says whom it is for until then, so nobody learns from it whether there is such an account.
    """

    todo_list = models.ForeignKey(TodoList, on_delete=models.CASCADE, related_name="shares")
    email = models.EmailField(_("e-mail address"))
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, null=True, blank=True, related_name="todo_shares"
    )
    created_at = models.DateTimeField(_("invited"), default=timezone.now, editable=False)

    class Meta:
        verbose_name = _("share")
        verbose_name_plural = _("shares")
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(fields=["todo_list", "email"], name="todos_share_once_per_address"),
            models.UniqueConstraint(
                fields=["todo_list", "user"],
                condition=Q(user__isnull=False),
                name="todos_share_once_per_person",
            ),
        ]
        indexes = [
            models.Index(fields=["email"], name="todos_share_invitations", condition=Q(user__isnull=True))
        ]

    def __str__(self) -> str:
        return self.email


class TodoItem(TimeStamped):
    """Something to do. Its date and time stand on the clock of whoever looks at it.

    ``days_before`` is kept of a checklist, so that the date follows when the day of the list moves.
    """

    todo_list = models.ForeignKey(TodoList, on_delete=models.CASCADE, related_name="items")
    position = models.PositiveIntegerField(default=0)
    title = models.CharField(_("what"), max_length=200)
    note = models.TextField(_("note"), blank=True, max_length=2000)
    due_on = models.DateField(_("due on"), null=True, blank=True)
    due_time = models.TimeField(_("at"), null=True, blank=True)
    days_before = models.SmallIntegerField(null=True, blank=True, editable=False)
    assignee = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("who"),
    )
    done_at = models.DateTimeField(_("done"), null=True, blank=True, editable=False)
    done_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        editable=False,
        related_name="+",
    )
    deleted_at = models.DateTimeField(null=True, blank=True, editable=False)

    objects = TodoItemQuerySet.as_manager()

    class Meta:
        verbose_name = _("to-do")
        verbose_name_plural = _("to-dos")
        ordering = ["position", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(due_time__isnull=True) | Q(due_on__isnull=False),
                name="todos_todoitem_time_needs_a_day",
            ),
            models.CheckConstraint(
                condition=Q(done_by__isnull=True) | Q(done_at__isnull=False),
                name="todos_todoitem_done_by_when_done",
            ),
        ]
        indexes = [
            models.Index(
                fields=["todo_list", "position"],
                name="todos_todoitem_open",
                condition=Q(deleted_at__isnull=True, done_at__isnull=True),
            ),
            models.Index(
                fields=["todo_list", "-done_at"],
                name="todos_todoitem_done",
                condition=Q(deleted_at__isnull=True, done_at__isnull=False),
            ),
            models.Index(
                fields=["deleted_at"], name="todos_todoitem_deleted", condition=Q(deleted_at__isnull=False)
            ),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def is_done(self) -> bool:
        return self.done_at is not None


class ChecklistTemplate(TimeStamped):
    """A checklist that is copied into a list of its own for each of what it is used for."""

    title = models.CharField(_("title"), max_length=60)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        related_name="+",
        verbose_name=_("who keeps the lists"),
        limit_choices_to={"is_staff": True, "is_active": True},
    )
    people = models.ManyToManyField(
        settings.AUTH_USER_MODEL,
        blank=True,
        related_name="+",
        verbose_name=_("people who share them"),
        limit_choices_to={"is_staff": True, "is_active": True},
    )

    class Meta:
        verbose_name = _("checklist")
        verbose_name_plural = _("checklists")
        ordering = ["title", "pk"]

    def __str__(self) -> str:
        return self.title


class ChecklistItem(models.Model):
    """A line of a checklist, due so many days before the day that the list is for."""

    template = models.ForeignKey(ChecklistTemplate, on_delete=models.CASCADE, related_name="items")
    position = models.PositiveSmallIntegerField(_("position"), default=0)
    title = models.CharField(_("what"), max_length=200)
    note = models.TextField(_("note"), blank=True, max_length=2000)
    days_before = models.SmallIntegerField(
        _("days before"),
        default=1,
        validators=[MinValueValidator(-60), MaxValueValidator(365)],
        help_text=_("0 is the day itself, -1 the day after."),
    )

    class Meta:
        verbose_name = _("line")
        verbose_name_plural = _("lines")
        ordering = ["position", "pk"]

    def __str__(self) -> str:
        return self.title


class ChecklistUse(models.Model):
    """What a checklist is used for, by a reference that an app above understands, such as ``shop.project:12``."""

    template = models.ForeignKey(ChecklistTemplate, on_delete=models.CASCADE, related_name="uses")
    reference = models.CharField(max_length=80, unique=True)

    class Meta:
        verbose_name = _("use of a checklist")
        verbose_name_plural = _("uses of checklists")

    def __str__(self) -> str:
        return self.reference


class Preferences(models.Model):
    """How somebody wants to be reminded. The calendar's link is derived, so that no table holds the secret."""

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="todo_preferences", primary_key=True
    )
    wants_morning_mail = models.BooleanField(_("a mail in the morning"), default=False)
    mailed_on = models.DateField(null=True, editable=False)
    has_feed = models.BooleanField(default=False, editable=False)
    feed_version = models.PositiveIntegerField(default=0, editable=False)

    class Meta:
        verbose_name = _("reminders")
        verbose_name_plural = _("reminders")
        indexes = [
            models.Index(
                fields=["mailed_on"], name="todos_preferences_mail", condition=Q(wants_morning_mail=True)
            )
        ]

    def __str__(self) -> str:
        return f"Reminders of {self.user_id}"

    @property
    def feed_token(self) -> str:
        return _feed_signer().signature(self._signed_value)

    def is_feed_token(self, token: str) -> bool:
        """Whether this opens the calendar now: it is switched on, and no newer link has replaced this one."""
        try:
            signed = _feed_signer().unsign(f"{self._signed_value}:{token}")
        except BadSignature:
            return False
        return self.has_feed and signed == self._signed_value

    def get_feed_path(self) -> str:
        return reverse("todos:feed", args=[self.user_id, self.feed_token])

    @property
    def _signed_value(self) -> str:
        return f"{self.user_id}/{self.feed_version}"


def _feed_signer() -> Signer:
    return Signer(salt="todos.feed")
