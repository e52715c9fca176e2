"""Fields that more than one form has."""

from __future__ import annotations

from typing import Any

from django import forms

from jobs import letters

SEED_MIN, SEED_MAX = 10_000, 99_999


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
    """A seed as both providers document it, or none: then chance chooses."""

    def __init__(self, **kwargs: Any) -> None:
        attributes = {"inputmode": "numeric", "placeholder": "Random"}
        kwargs.setdefault("widget", forms.TextInput(attrs=attributes))
        super().__init__(required=False, max_length=12, **kwargs)

    def clean(self, value: Any) -> Any:
        text = super().clean(value).strip()
        if not text:
            return None
        seed = digits(text)
        if seed is None or not SEED_MIN <= seed <= SEED_MAX:
            raise forms.ValidationError(f"A seed is a whole number from {SEED_MIN} to {SEED_MAX}.")
        return seed
