"""The template of the names that downloaded files have."""

from __future__ import annotations

from typing import Any

from django import forms
from django.urls import reverse_lazy

from jobs import file_names
from jobs.forms.fields import WordsField
from jobs.letters import variables


class FileNamesField(WordsField):
    """A template, checked as it stands; while it is typed, a page shows what comes of it."""

    def __init__(self, **kwargs: Any) -> None:
        widget = forms.TextInput(
            attrs={
                "spellcheck": "false",
                "autocapitalize": "off",
                "placeholder": file_names.AT_FIRST,
                "hx-get": reverse_lazy("file-name-example"),
                "hx-trigger": "input changed delay:300ms",
                "hx-target": "#file-name-example",
                "hx-swap": "outerHTML",
            }
        )
        super().__init__(
            max_length=file_names.TEMPLATE_LENGTH_MAX,
            label="Names of downloaded files",
            help_text=(
                f"Use {', '.join(f'{{{name}}}' for name in file_names.FIELDS)}. What a video "
                "doesn’t have is left out, or write what to use then: {project: no project}."
            ),
            widget=widget,
            **kwargs,
        )

    def clean(self, value: Any) -> str:
        text: str = super().clean(value)
        if text:
            try:
                file_names.template(text)
            except variables.Broken as error:
                raise forms.ValidationError(error.user_message) from error
        return text
