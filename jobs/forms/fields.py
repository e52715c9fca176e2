"""Fields that more than one form has."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import TYPE_CHECKING, Any, NamedTuple

from django import forms
from django.core.validators import MaxValueValidator, MinValueValidator

from jobs import letters
from jobs.models import Project
from jobs.models.jobs.tag import TAG_LENGTH_MAX

if TYPE_CHECKING:
    ProjectChoiceField = forms.ModelChoiceField[Project]
else:
    # Django's field takes no type arguments at run time.
    ProjectChoiceField = forms.ModelChoiceField

FIRST_DAY, LAST_DAY = date(2000, 1, 1), date(2999, 12, 31)
"""Beyond them a day may have no midnight in some zone, and none after it."""
NO_SEED = -1
"""Stands for what is no number: no model takes it, so the model's own rule is the answer."""
PROJECT_GONE = "This project is archived or gone. Choose another one."


def digits(value: str, longest: int = 12) -> int | None:
    """The number an ASCII digit string says, or None: no unicode digits, signs or points.

    For ids, and what else our own pages send. What people type is read in `figures`.
    """
    return int(value) if value.isascii() and value.isdigit() and len(value) <= longest else None


def tag_words(text: str) -> str:
    """Clean the words of one tag that is looked for."""
    return search_words(text).strip()[:TAG_LENGTH_MAX]


def search_words(text: str) -> str:
    """Clean a text to search for, of NUL, which PostgreSQL takes for the end of everything."""
    return text[:200].replace("\x00", "")


def offer(form: forms.BaseForm, name: str, values: Any) -> None:
    """Fill one of the form's choices with what there is to choose now: rows, or pairs of a value
    and its label.
    """
    field = form.fields[name]
    if isinstance(field, forms.ModelChoiceField):
        field.queryset = values
    elif isinstance(field, forms.ChoiceField):
        field.choices = values


class Choices(NamedTuple):
    """What there is to choose in a field, and what stands there: all that is seen of it."""

    name: str
    id: str
    choices: tuple[tuple[str, str], ...]
    chosen: str
    is_required: bool
    is_wrong: bool


def choices_in(field: forms.BoundField) -> Choices:
    """Of a field whose choices stand in no groups."""
    value, offered = field.value(), getattr(field.field, "choices", ())
    return Choices(
        name=field.html_name,
        id=field.auto_id,
        choices=tuple((str(each), str(label)) for each, label in offered),
        chosen="" if value is None else str(value),
        is_required=field.field.required,
        is_wrong=bool(field.errors),
    )


def day_field(label: str) -> forms.DateField:
    """A day by which something is found; it may stay empty."""
    between = f"Enter a day from {FIRST_DAY.year} to {LAST_DAY.year}."
    return forms.DateField(
        required=False,
        label=label,
        widget=forms.DateInput(attrs={"type": "date"}),
        validators=[MinValueValidator(FIRST_DAY, between), MaxValueValidator(LAST_DAY, between)],
    )


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
    """A seed, or none: then chance chooses. Which there are the model tells."""

    def __init__(self, **kwargs: Any) -> None:
        attributes = {"inputmode": "numeric", "placeholder": "Random"}
        kwargs.setdefault("widget", forms.TextInput(attrs=attributes))
        super().__init__(required=False, max_length=12, **kwargs)

    def clean(self, value: Any) -> Any:
        text = super().clean(value).strip()
        if not text:
            return None
        seed = digits(text)
        return NO_SEED if seed is None else seed


class ProjectField(ProjectChoiceField):
    """What to file something under: a project, of which the form offers those that are open, or
    none.
    """

    def __init__(self, *, none: str = "No project", **kwargs: Any) -> None:
        super().__init__(
            Project.objects.none(),
            required=False,
            empty_label=none,
            error_messages={"invalid_choice": PROJECT_GONE},
            **kwargs,
        )

    def show(self, projects: Iterable[Project]) -> None:
        """Show these, without asking for them. Any open one may still be chosen."""
        self.choices = [("", self.empty_label or ""), *((each.pk, each.name) for each in projects)]
