"""The people: accounts, and the memberships that staff approves."""

import allauth.account.admin
import allauth.mfa.admin
import allauth.socialaccount.admin  # noqa: F401 - they register their pages, which are then taken in hand here
from allauth.account.models import EmailAddress
from django import forms
from django.contrib import admin
from django.contrib.admin.utils import unquote
from django.contrib.auth.admin import UserAdmin as DjangoUserAdmin
from django.contrib.auth.forms import AdminUserCreationForm, UserChangeForm
from django.contrib.auth.models import Group
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts import privacy_admin  # noqa: F401 - registers its page
from accounts.models import ApprovalStatus, Membership, Profile, User
from accounts.roles import those_within_the_rights_of
from accounts.services import apply_for_membership, decide_membership, delete_account, update_profile
from core.admin import (
    ChoiceFilter,
    ReadOnlyAdmin,
    ReadOnlyInline,
    StudioAdmin,
    badge,
    for_superusers_only,
    of_address,
    studio_time,
)
from core.admin_actions import for_each
from core.exceptions import DomainError
from core.search import newest, with_words

LIBRARIES = {"account", "mfa", "socialaccount"}
USELESS = {"socialapp", "socialtoken"}  # providers are configured by settings, and no token is kept

admin.site.unregister(model for model in list(admin.site._registry) if model._meta.model_name in USELESS)
for_superusers_only(
    model for model in list(admin.site._registry) if model._meta.app_label in LIBRARIES or model is Group
)


class NothingToDecide(DomainError):
    """Nobody applied, or somebody else was quicker."""

    def __init__(self) -> None:
        super().__init__(_("There is no application to decide."))


def matching_people(queryset: QuerySet, words: str, prefix: str = "") -> QuerySet:
    """People by e-mail address, or by how the words of their names begin. ``prefix`` leads to the user."""
    words = words.strip()
    if not words:
        return queryset
    if "@" in words:
        return of_address(queryset, f"{prefix}email", words)
    people = User.objects.order_by()
    named = with_words(people, words, "first_name", "last_name")
    addressed = people.filter(email__startswith=words.lower())
    found = newest(named.values_list("pk"), addressed.values_list("pk"))
    return queryset.filter(**{f"{prefix}pk__in": found})


def may_assign_roles(user: User) -> bool:
    return user.is_superuser or user.has_perm("accounts.assign_roles")


def may_act_as(user: User, other: User) -> bool:
    """Whether somebody may change how another signs in: with a password or address of theirs one could be them."""
    return user.is_superuser or user == other or not (other.is_staff or other.is_superuser)


class NewUserForm(AdminUserCreationForm):
    """An e-mail address, and a password only if somebody insists: people choose theirs by mail."""

    class Meta:
        model = User
        fields = ["email", "first_name", "last_name"]

    def __init__(self, *args, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["usable_password"]
        field.initial = "false"
        field.help_text = _("Without one, the person chooses a password by “Forgot your password?”.")

    def clean_email(self) -> str:
        return self.cleaned_data["email"].lower()


class UserForm(UserChangeForm):
    """An account that exists; the password has a page of its own."""

    class Meta:
        model = User
        fields = "__all__"

    def clean_email(self) -> str:
        return self.cleaned_data["email"].lower()


class ProfileInline(ReadOnlyInline):
    """What somebody tells about themselves is theirs to change; the membership has pages of its own."""

    model = Profile
    fk_name = "user"
    template = "admin/edit_inline/stacked.html"
    fields = ["membership", "time_zone", "picture_shown"]

    @admin.display(description=gettext_lazy("membership"))
    def membership(self, profile: Profile) -> SafeString:
        address = reverse("admin:accounts_profile_change", args=[profile.pk])
        kind = profile.get_membership_type_display()
        return format_html('<a href="{}">{}</a> {}', address, kind, state_of(profile))

    @admin.display(description=gettext_lazy("picture"))
    def picture_shown(self, profile: Profile) -> SafeString | str:
        return picture_of(profile)


@admin.register(User)
class UserAdmin(StudioAdmin, DjangoUserAdmin):
    """Accounts, known by their e-mail address.

    Superusers may change everything. Whoever may assign roles decides who works here and in which role, as far as
    their own rights go; the rights themselves, and how a colleague signs in, are not theirs to change.
    """

    form = UserForm
    add_form = NewUserForm
    inlines = [ProfileInline]
    ordering = ["-pk"]
    list_display = ["email", "first_name", "last_name", "membership", "works_here", "joined", "was_here"]
    list_filter = ["is_staff", "is_active"]
    sortable_by = ["email", "joined"]
    list_select_related = ["profile"]
    search_fields = ["email"]
    search_help_text = gettext_lazy("An e-mail address, or how a name begins.")
    readonly_fields = ["joined", "was_here"]
    filter_horizontal = ["user_permissions"]
    fieldsets = [
        (None, {"fields": ["email", "password", "first_name", "last_name", "joined", "was_here"]}),
        (
            gettext_lazy("What this account may do"),
            {
                "fields": ["is_active", "is_staff", "is_superuser", "groups", "user_permissions"],
                "classes": ["collapse"],
            },
        ),
    ]
    add_fieldsets = [
        (
            None,
            {
                "fields": ["email", "first_name", "last_name", "usable_password", "password1", "password2"],
                "classes": ["wide"],
            },
        )
    ]

    def get_inlines(self, request: HttpRequest, obj: User | None) -> list:
        return self.inlines if obj is not None else []  # a new account gets its profile by itself

    def get_fieldsets(self, request: HttpRequest, obj: User | None = None) -> list:
        fieldsets = super().get_fieldsets(request, obj)
        if obj is None or may_act_as(request.user, obj):
            return fieldsets
        who = [name for name in fieldsets[0][1]["fields"] if name != "password"]
        rights = {"fields": fieldsets[1][1]["fields"]}
        return [(None, {"fields": who}), (fieldsets[1][0], rights)]

    def get_readonly_fields(self, request: HttpRequest, obj: User | None = None) -> list[str]:
        if request.user.is_superuser:
            return self.readonly_fields
        shown = [*self.readonly_fields, "is_superuser", "user_permissions"]
        if not may_assign_roles(request.user) or obj == request.user:
            return [*shown, "is_staff", "groups"]
        if obj is not None and not may_act_as(request.user, obj):
            shown += ["email", "first_name", "last_name"]
        if obj is not None and not {*obj.groups.all()}.issubset(those_within_the_rights_of(request.user)):
            shown += ["is_staff", "groups"]
        return shown

    def formfield_for_manytomany(self, db_field, request: HttpRequest, **kwargs):
        if db_field.name == "groups":
            offered = [group.pk for group in those_within_the_rights_of(request.user)]
            kwargs |= {
                "queryset": Group.objects.filter(pk__in=offered).order_by("name"),
                "widget": forms.CheckboxSelectMultiple,
                "help_text": _("What somebody may do: all that any of their roles may."),
            }
        field = super().formfield_for_manytomany(db_field, request, **kwargs)
        if db_field.name == "groups":
            field.label = _("Roles")
        return field

    def user_change_password(self, request: HttpRequest, id: str, form_url: str = "") -> HttpResponse:  # noqa: A002
        user = self.get_object(request, unquote(id))
        if user is not None and not may_act_as(request.user, user):
            raise PermissionDenied
        return super().user_change_password(request, id, form_url)

    def get_actions(self, request: HttpRequest) -> dict:
        actions = super().get_actions(request)
        actions.pop("delete_selected", None)
        return actions

    def has_change_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        if obj is None or may_act_as(request.user, obj):
            return super().has_change_permission(request, obj)
        is_open = may_assign_roles(request.user) and not obj.is_superuser
        return is_open and super().has_change_permission(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        if obj is not None and (obj.is_staff or obj.has_worked_here):
            return False
        return super().has_delete_permission(request, obj)

    def get_deleted_objects(self, objs: list[User], request: HttpRequest) -> tuple:
        """Whoever may delete the account may let go what hangs on it, such as the profile."""
        to_delete, counts, _lacking, protected = super().get_deleted_objects(objs, request)
        return to_delete, counts, set(), protected

    def delete_model(self, request: HttpRequest, obj: User) -> None:
        delete_account(obj)

    def save_model(self, request: HttpRequest, obj: User, form: forms.ModelForm, change: bool) -> None:
        super().save_model(request, obj, form, change)
        if change and "email" in form.changed_data:
            # What staff typed is confirmed by the person, at the next sign-in.
            EmailAddress.objects.filter(user=obj).delete()
            EmailAddress.objects.create(user=obj, email=obj.email, primary=True, verified=False)

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet, search_term: str
    ) -> tuple[QuerySet, bool]:
        return matching_people(queryset, search_term), False

    @admin.display(description=gettext_lazy("membership"))
    def membership(self, user: User) -> SafeString | str:
        return format_html("{} {}", user.profile.get_membership_type_display(), state_of(user.profile))

    @admin.display(description=gettext_lazy("works here"), boolean=True)
    def works_here(self, user: User) -> bool:
        return user.is_staff

    @admin.display(description=gettext_lazy("joined"), ordering="pk")
    def joined(self, user: User) -> SafeString | str:
        return studio_time(user.date_joined)

    @admin.display(description=gettext_lazy("last signed in"))
    def was_here(self, user: User) -> SafeString | str:
        return studio_time(user.last_login)


def approved_for_less(profiles: QuerySet) -> QuerySet:
    """Memberships that somebody approved because they lower the price."""
    return profiles.filter(membership_status=ApprovalStatus.APPROVED).exclude(
        membership_type=Membership.BUSINESS
    )


class WaitingFilter(ChoiceFilter):
    title = gettext_lazy("applications")
    parameter_name = "applications"
    answers = {
        None: (gettext_lazy("Waiting"), lambda profiles: profiles.waiting()),
        "approved": (gettext_lazy("Approved"), approved_for_less),
        "declined": (
            gettext_lazy("Declined"),
            lambda profiles: profiles.filter(membership_status=ApprovalStatus.DECLINED),
        ),
        "all": (gettext_lazy("Everybody"), lambda profiles: profiles),
    }


@admin.register(Profile)
class ProfileAdmin(ReadOnlyAdmin):
    """Memberships. What somebody pays depends on them, so they change by the actions only, and the person is told."""

    list_display = [
        "person",
        "email",
        "membership_type",
        "state",
        "asked",
        "decided",
        "membership_decided_by",
    ]
    list_filter = [WaitingFilter, "membership_type"]
    list_select_related = ["user", "membership_decided_by"]
    search_fields = ["user__email"]
    search_help_text = gettext_lazy(
        "An e-mail address, or how a name begins. Filter “Everybody” to find those decided."
    )
    fields = [
        "person",
        "email",
        "membership_type",
        "state",
        "asked",
        "decided",
        "decided_by",
        "time_zone",
        "picture_shown",
    ]
    actions = ["approve", "decline", "end_membership", "remove_picture"]

    def get_ordering(self, request: HttpRequest) -> list[str]:
        """Who has waited longest comes first."""
        return ["-pk"] if request.GET.get(WaitingFilter.parameter_name) else ["updated_at"]

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet, search_term: str
    ) -> tuple[QuerySet, bool]:
        return matching_people(queryset, search_term, "user__"), False

    @admin.display(description=gettext_lazy("person"))
    def person(self, profile: Profile) -> str:
        return str(profile.user)

    @admin.display(description=gettext_lazy("e-mail address"))
    def email(self, profile: Profile) -> SafeString:
        address = reverse("admin:accounts_user_change", args=[profile.user_id])
        return format_html('<a href="{}">{}</a>', address, profile.user.email)

    @admin.display(description=gettext_lazy("state"))
    def state(self, profile: Profile) -> SafeString:
        return state_of(profile)

    @admin.display(description=gettext_lazy("last changed"))
    def asked(self, profile: Profile) -> SafeString | str:
        return studio_time(profile.updated_at)

    @admin.display(description=gettext_lazy("decided"))
    def decided(self, profile: Profile) -> SafeString | str:
        return studio_time(profile.membership_decided_at)

    @admin.display(description=gettext_lazy("by"))
    def decided_by(self, profile: Profile) -> str:
        return str(profile.membership_decided_by or admin.site.empty_value_display)

    @admin.display(description=gettext_lazy("picture"))
    def picture_shown(self, profile: Profile) -> SafeString | str:
        return picture_of(profile)

    @admin.action(description=gettext_lazy("Approve the membership and tell the person"), permissions=["act"])
    def approve(self, request: HttpRequest, queryset: QuerySet) -> None:
        def deed(profile: Profile) -> str:
            if profile.membership_status == ApprovalStatus.DECLINED:
                apply_for_membership(profile, profile.membership_type)  # staff thought again
            self._decide(profile, ApprovalStatus.APPROVED, request)
            return _("approved; a mail tells them.")

        for_each(self, request, queryset, deed)

    @admin.action(description=gettext_lazy("Decline the membership and tell the person"), permissions=["act"])
    def decline(self, request: HttpRequest, queryset: QuerySet) -> None:
        def deed(profile: Profile) -> str:
            self._decide(profile, ApprovalStatus.DECLINED, request)
            return _("declined; a mail tells them.")

        for_each(self, request, queryset, deed)

    @admin.action(description=gettext_lazy("End the membership: back to the base price"), permissions=["act"])
    def end_membership(self, request: HttpRequest, queryset: QuerySet) -> None:
        def deed(profile: Profile) -> str:
            if not apply_for_membership(profile, Membership.BUSINESS):
                raise NothingToDecide
            self.log_change(request, profile, "Membership ended")
            return _("pays the base price from now on.")

        for_each(self, request, queryset, deed)

    @admin.action(description=gettext_lazy("Remove the picture"), permissions=["act"])
    def remove_picture(self, request: HttpRequest, queryset: QuerySet) -> None:
        def deed(profile: Profile) -> str:
            user = profile.user
            update_profile(
                user,
                first_name=user.first_name,
                last_name=user.last_name,
                time_zone=profile.time_zone,
                picture=False,
            )
            self.log_change(request, profile, "Picture removed")
            return _("has no picture any more.")

        for_each(self, request, queryset, deed)

    def _decide(self, profile: Profile, status: ApprovalStatus, request: HttpRequest) -> None:
        if not decide_membership(profile, status, by=request.user):
            raise NothingToDecide
        self.log_change(request, profile, f"Membership {status}")


def state_of(profile: Profile) -> SafeString:
    """The membership's approval, in a word."""
    tones = {ApprovalStatus.PENDING: "few", ApprovalStatus.DECLINED: "bad"}
    return badge(profile.get_membership_status_display(), tones.get(profile.membership_status, ""))


def picture_of(profile: Profile) -> SafeString | str:
    if not profile.picture:
        return _("None")
    return format_html('<img src="{}" width="80" height="80" alt="">', profile.picture.url)
