"""The forms with which a project is started, and described."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms

from jobs import lifecycle
from jobs.forms.delivery import DeliversIn, delivers_in_field
from jobs.forms.fields import PromptField, WordsField
from jobs.models import Project

if TYPE_CHECKING:
    ProjectModelForm = forms.ModelForm[Project]
else:
    # Django's form class takes no type arguments at run time.
    ProjectModelForm = forms.ModelForm


class ProjectForm(ProjectModelForm):
    """Its name, with which it is started."""

    NAME_TAKEN = "There is already a project with that name."
    NAME_ARCHIVED = "An archived project has that name. An admin can bring it back."

    class Meta:
        model = Project
        fields = ["name"]
        field_classes = {"name": WordsField}

    def clean_name(self) -> str:
        name: str = self.cleaned_data["name"]
        if taken := Project.objects.named(name).exclude(pk=self.instance.pk).first():
            raise forms.ValidationError(
                self.NAME_ARCHIVED if taken.archived_at else self.NAME_TAKEN
            )
        return name

    def say_taken(self) -> None:
        """Somebody was a moment faster with the same name."""
        self.add_error("name", self.NAME_TAKEN)


class ProjectDetailsForm(DeliversIn, ProjectForm):
    """Its name, what it is about, and what it delivers in."""

    brief = PromptField(
        required=False,
        max_length=4000,
        widget=forms.Textarea(attrs={"rows": 6, "dir": "auto"}),
        help_text="What it is about, for the team: client, look, dos and don’ts.",
    )

    delivers_in = delivers_in_field()

    class Meta(ProjectForm.Meta):
        fields = ["name", "brief"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.offer_delivery(self.instance, f"As the team: {lifecycle.target_of(None).label}")
