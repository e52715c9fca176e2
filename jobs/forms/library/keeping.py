"""What a video is called, and where it is filed."""

from __future__ import annotations

from typing import Any

from django import forms

from jobs.forms.fields import PROJECT_GONE, WordsField, offer
from jobs.models import Project
from jobs.models.jobs.job import TITLE_LENGTH_MAX

NOWHERE = "none"


class TitleForm(forms.Form):
    title = WordsField(
        required=False,
        max_length=TITLE_LENGTH_MAX,
        help_text="Leave empty to show the prompt.",
        error_messages={"max_length": "A title has up to %(limit_value)d characters."},
        widget=forms.TextInput(attrs={"autocomplete": "off", "dir": "auto"}),
    )

    def clean_title(self) -> str:
        """On one line."""
        return " ".join(self.cleaned_data["title"].split())


class MoveForm(forms.Form):
    """The project that videos are moved to, or none."""

    to = forms.ChoiceField(
        label="Move to",
        error_messages={
            "required": "Choose a project.",
            "invalid_choice": PROJECT_GONE,
        },
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.projects = {str(each.pk): each for each in Project.objects.open()}
        names = ((key, each.name) for key, each in self.projects.items())
        offer(self, "to", [("", "Choose…"), *names, (NOWHERE, "No project")])

    @property
    def project(self) -> Project | None:
        return self.projects.get(self.cleaned_data["to"])
