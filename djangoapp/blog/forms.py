"""What an author fills in."""

from zoneinfo import ZoneInfo

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.db.models import Q
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from blog.models import Post, PostState
from blog.pictures import cover_of
from blog.services import MOST_TAGS, Text
from core.pictures import ACCEPT
from core.wallclock import OnOneClock, WallClockField

DRAFT, NOW, LATER = "draft", "now", "later"
_WHEN_OF = {PostState.DRAFT: DRAFT, PostState.PUBLISHED: NOW, PostState.SCHEDULED: LATER}


class CoverInput(forms.ClearableFileInput):
    """Shows the present picture in its own shape."""

    template_name = "blog/widgets/cover_input.html"


class CoverField(forms.FileField):
    """An uploaded picture, cleaned to the sizes that are kept."""

    widget = CoverInput(attrs={"accept": ACCEPT})

    def to_python(self, data):
        upload = super().to_python(data)
        return upload and cover_of(upload)


class PostForm(OnOneClock, forms.ModelForm):
    """A post, and when it appears: not yet, at once, or at a time on the studio's clock."""

    cover = CoverField(
        label=gettext_lazy("Picture"),
        required=False,
        help_text=gettext_lazy(
            "JPEG, PNG or WebP, up to 5 MB. We cut it three to two and keep nothing of what the camera noted."
        ),
    )
    tags = forms.CharField(
        label=gettext_lazy("Tags"),
        required=False,
        max_length=400,
        help_text=gettext_lazy("A few words with commas between them, such as: apples, winter, tools."),
    )
    when = forms.ChoiceField(
        label=gettext_lazy("When does it appear?"), widget=forms.RadioSelect, initial=DRAFT
    )
    publish_at = WallClockField(label=gettext_lazy("Appears on"), required=False)
    version = forms.CharField(widget=forms.HiddenInput, required=False, max_length=40)

    clock_fields = ("publish_at",)

    class Meta:
        model = Post
        fields = [
            "title", "summary", "body", "cover", "cover_alt", "tags", "project", "slug", "when", "publish_at",
        ]  # fmt: skip
        labels = {
            "title": gettext_lazy("Title"),
            "summary": gettext_lazy("Summary"),
            "body": gettext_lazy("Text"),
            "cover_alt": gettext_lazy("What the picture shows"),
            "project": gettext_lazy("About the project"),
            "slug": gettext_lazy("Address"),
        }
        help_texts = {
            "body": gettext_lazy(
                "Markdown: an empty line begins a paragraph, ## a heading, **bold**, [words](https://address)."
            ),
            "project": gettext_lazy("Its next dates stand beside the post."),
            "slug": gettext_lazy("Empty: made of the title. Links to a former address keep working."),
        }
        widgets = {
            "summary": forms.Textarea(attrs={"rows": 2}),
            "body": forms.Textarea(attrs={"rows": 18}),
        }

    def __init__(self, *args, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        post = self.instance
        self.state = post.state()
        self.fields["when"].choices = [
            (DRAFT, _("Not yet: keep it as a draft")),
            (NOW, _("It is out") if self.state == PostState.PUBLISHED else _("Publish it now")),
            (LATER, _("Later, at a time that you choose")),
        ]
        self.fields["slug"].required = False
        self.fields["publish_at"].help_text = _("The studio’s clock: %(zone)s.") % {
            "zone": settings.TIME_ZONE
        }
        projects = self.fields["project"].queryset
        self.fields["project"].queryset = projects.filter(Q(is_published=True) | Q(pk=post.project_id))
        self.fields["project"].empty_label = _("None")
        if post.pk is not None:
            self.initial["tags"] = ", ".join(tag.name for tag in post.tags.all())
            self.initial["when"] = _WHEN_OF[self.state]
            self.initial["cover"] = post.cover
            self.initial["version"] = post.updated_at.isoformat()
        self._published_at = post.publish_at

    def clock(self) -> ZoneInfo:
        return ZoneInfo(settings.TIME_ZONE)

    def clean_tags(self) -> tuple[str, ...]:
        names = tuple(
            name for part in self.cleaned_data["tags"].split(",") if (name := " ".join(part.split()))
        )
        if len(names) > MOST_TAGS:
            raise ValidationError(_("That is too much: %(most)d tags at most."), params={"most": MOST_TAGS})
        if any(len(name) > 40 for name in names):
            raise ValidationError(_("A tag is a word or two: 40 letters at most."))
        return names

    def clean_version(self):
        try:
            return parse_datetime(self.cleaned_data["version"])
        except ValueError:
            return None

    def clean(self) -> dict:
        cleaned = super().clean()
        keeps_cover = cleaned.get("cover") is not False and bool(cleaned.get("cover") or self.instance.cover)
        if keeps_cover and "cover" not in self.errors and not cleaned.get("cover_alt"):
            self.add_error("cover_alt", _("Say what the picture shows, for people who cannot see it."))
        cleaned["publish_at"] = self._instant(cleaned)
        return cleaned

    def _instant(self, cleaned: dict):
        """When the post appears, by what was chosen."""
        when, later = cleaned.get("when"), cleaned.get("publish_at")
        if when == NOW:
            return self._published_at if self.state == PostState.PUBLISHED else timezone.now()
        if when != LATER or "publish_at" in self.errors:
            return None
        if later is None:
            self.add_error("publish_at", _("Write the day and the time at which it shall appear."))
        elif later <= timezone.now():
            self.add_error("publish_at", _("This time is over. Choose a later one, or publish it now."))
        return later

    def text(self) -> Text:
        """What was filled in, for the services."""
        told = self.cleaned_data
        cover = told["cover"]
        is_new_cover = cover is False or cover != self.initial.get("cover")
        return Text(
            title=told["title"],
            summary=told["summary"],
            body=told["body"],
            slug=told["slug"],
            tags=told["tags"],
            project=told["project"],
            cover=(cover if cover is False else cover or None) if is_new_cover else None,
            cover_alt=told["cover_alt"],
            publish_at=told["publish_at"],
        )
