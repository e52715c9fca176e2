"""The fields of every form that orders something with a price."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from uuid import UUID, uuid4

from django import forms

from jobs.forms.fields import PromptField, digits
from jobs.lifecycle import Problem
from jobs.models.studio.prompt_template import TEXT_MAX


class OrderForm(forms.Form):
    """A form that is sent once, at the price that was shown."""

    submission_key = forms.UUIDField(widget=forms.HiddenInput)

    @staticmethod
    def fresh_key() -> dict[str, Any]:
        """The initial values that make a form a new order."""
        return {"submission_key": uuid4()}

    @property
    def seen_cost(self) -> int | None:
        """The price shown before the click, 0 for none; None where the form has not said."""
        return digits(self.data.get("seen_cost", ""))

    @property
    def seen_duplicate(self) -> UUID | None:
        """The job that was shown before the click as made of the same settings already."""
        try:
            return UUID(self.data.get("same", ""))
        except ValueError:
            return None

    @property
    def key(self) -> UUID:
        """The submission key. Only of a valid form."""
        key: UUID = self.cleaned_data["submission_key"]
        return key


class PromptForm(forms.Form):
    """A prompt alone, as it stands in the composer."""

    prompt = PromptField(max_length=TEXT_MAX, error_messages={"required": "Write a prompt first."})


def report(form: forms.Form, problems: Iterable[Problem]) -> None:
    """Say each problem at its field; what could not even be read there was said already."""
    readable = set(form.cleaned_data)
    for problem in problems:
        if problem.field in readable:
            form.add_error(problem.field, problem.message)
