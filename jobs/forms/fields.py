"""Fields that more than one form has."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.validators import MaxLengthValidator

from jobs import letters
from jobs.providers.declarations import Model


def digits(value: str) -> int | None:
    """The number an ASCII digit string says, or None: no unicode digits, signs or points.

    For ids, and what else our own pages send. What people type is read in `figures`.
    """
    return int(value) if value.isascii() and value.isdigit() and len(value) <= 12 else None


def search_words(text: str) -> str:
    """Clean a text to search for, of NUL, which PostgreSQL takes for the end of everything."""
    return text[:200].replace("\x00", "")


def offer(form: forms.Form, name: str, values: Any) -> None:
    """Fill one of the form's choices with what there is to choose now: rows, or pairs of a value
    and its label.
    """
    field = form.fields[name]
    if isinstance(field, forms.ModelChoiceField):
        field.queryset = values
    elif isinstance(field, forms.ChoiceField):
        field.choices = values


class WordsField(forms.CharField):
    """Words for people to read: where nothing can be seen, nothing was written."""

    def to_python(self, value: Any) -> Any:
        words = super().to_python(value)
        return words if letters.is_visible(words or "") else self.empty_value


class PromptField(WordsField):
    """Words in lines, with one kind of line end before they are measured.

    Browsers count a line end as one character but send two of them.
    """

    def to_python(self, value: Any) -> Any:
        return (super().to_python(value) or "").replace("\r\n", "\n")


class SeedField(forms.CharField):
    """A seed, or none: then chance chooses. Which there are the model tells: see `check_seed`."""

    def __init__(self, **kwargs: Any) -> None:
        attributes = {"inputmode": "numeric", "placeholder": "Random"}
        kwargs.setdefault("widget", forms.TextInput(attrs=attributes))
        super().__init__(required=False, max_length=12, **kwargs)


def check_seed(form: forms.Form, model: Model) -> None:
    """Make a number of the seed that was typed; one that the model does not take is said there."""
    if "seed" not in form.cleaned_data:
        return
    text = form.cleaned_data["seed"].strip()
    seed = form.cleaned_data["seed"] = digits(text)
    if text and seed not in model.seeds:
        form.add_error("seed", model.seed_rule)


def check_prompt(form: forms.Form, model: Model) -> None:
    """Say at the prompt that it is longer than the model takes."""
    try:
        MaxLengthValidator(model.prompt_length_max)(form.cleaned_data.get("prompt", ""))
    except forms.ValidationError as error:
        form.add_error("prompt", error)
