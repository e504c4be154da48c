"""The checklists' page in the admin, with the projects that they are used for: the to-dos know nothing of projects."""

from django import forms
from django.contrib import admin
from django.contrib.admin.widgets import FilteredSelectMultiple
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from app.checklists import PROJECT
from shop.models import Project
from todos.admin import ChecklistTemplateAdmin
from todos.models import ChecklistTemplate
from todos.services import checklists

admin.site.unregister(ChecklistTemplate)  # the plain page, which is registered by the import above


class ProjectsWidget(FilteredSelectMultiple):
    """Two boxes. Django's script puts them first within what surrounds the field: here that is not its label."""

    def render(self, *args, **kwargs) -> SafeString:
        return format_html('<div class="related-widget-wrapper">{}</div>', super().render(*args, **kwargs))


class ProjectsForm(forms.ModelForm):
    """A checklist, and the projects whose new sessions get a copy of it."""

    projects = forms.ModelMultipleChoiceField(
        Project.objects.order_by("title"),
        label=_("Projects"),
        required=False,
        widget=ProjectsWidget(_("projects"), is_stacked=False),
        help_text=_(
            "Each new session of these gets a list of its own. A project has one checklist: chosen here, it leaves "
            "its former one. Sessions that are there already stay as they are."
        ),
    )

    def __init__(self, *args, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk is not None:
            uses = self.instance.uses.filter(reference__startswith=PROJECT)
            references = uses.values_list("reference", flat=True)
            self.initial["projects"] = [int(reference.removeprefix(PROJECT)) for reference in references]


@admin.register(ChecklistTemplate)
class ProjectChecklistAdmin(ChecklistTemplateAdmin):
    """The checklists' page, with what they are used for."""

    form = ProjectsForm
    fields = [*ChecklistTemplateAdmin.fields, "projects"]

    def save_related(self, request, form, formsets, change) -> None:
        super().save_related(request, form, formsets, change)
        references = [f"{PROJECT}{project.pk}" for project in form.cleaned_data["projects"]]
        checklists.use_for(form.instance, references, kind=PROJECT)
