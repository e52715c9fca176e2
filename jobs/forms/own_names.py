"""The name under which somebody keeps something in a list of their own."""

from __future__ import annotations

from typing import Any, ClassVar

from django import forms

from jobs.forms.fields import WordsField
from jobs.models import Preset, SavedView, User


class OwnNameForm(forms.Form):
    """A name that nothing else in this list of theirs has."""

    kept_as: ClassVar[type[Preset | SavedView]]
    what: ClassVar[str]
    """What it is called, in a sentence."""
    most: ClassVar[int]
    """So many are kept by one person."""

    name = WordsField(max_length=60)

    def __init__(
        self, *args: Any, owner: User, row: Preset | SavedView | None = None, **kwargs: Any
    ) -> None:
        """`owner`: whose it is, or will be; `row`: what is changed, None for something new."""
        super().__init__(*args, **kwargs)
        self.owner, self.row = owner, row

    def clean_name(self) -> str:
        name: str = self.cleaned_data["name"]
        others = self.kept_as.objects.filter(owner=self.owner)
        if self.row:
            others = others.exclude(pk=self.row.pk)
        if others.named(name).exists():
            raise forms.ValidationError(self._taken)
        return name

    def say_taken(self) -> None:
        """They were a moment faster with the same name, in another tab."""
        self.add_error("name", self._taken)

    def say_full(self) -> None:
        """There are as many as there may be."""
        said = f"You have {self.most} {self.what}s, which is the most. Delete one first."
        self.add_error(None, said)

    @property
    def _taken(self) -> str:
        return f"You already have a {self.what} with that name."
