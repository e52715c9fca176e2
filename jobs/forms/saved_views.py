"""The name of a saved view of the library, and whose it is."""

from __future__ import annotations

from typing import Any

from django import forms
from django.http import QueryDict

from jobs.forms.fields import WordsField
from jobs.forms.library import LibraryForm
from jobs.models import SavedView, User

NAME_TAKEN = "You already have a view with that name."
NOTHING_TO_SAVE = "Choose a filter or an order first, so that there is something to save."


class SavedViewForm(forms.Form):
    """A new name, or another one for a view that there is."""

    name = WordsField(max_length=60)
    is_shared = forms.BooleanField(required=False, label="For the whole team")

    def __init__(
        self, *args: Any, owner: User, view: SavedView | None = None, **kwargs: Any
    ) -> None:
        """`owner`: whose it is, or will be; `view`: the one that is changed, None for a new one."""
        super().__init__(*args, **kwargs)
        self.owner, self.view = owner, view

    def clean_name(self) -> str:
        name: str = self.cleaned_data["name"]
        others = SavedView.objects.filter(owner=self.owner)
        if self.view:
            others = others.exclude(pk=self.view.pk)
        if others.named(name).exists():
            raise forms.ValidationError(NAME_TAKEN)
        return name

    def say_taken(self) -> None:
        """They were a moment faster with the same name, in another tab."""
        self.add_error("name", NAME_TAKEN)


class NewViewForm(SavedViewForm):
    """A new view, of the filters that were on."""

    query = forms.CharField(required=False, max_length=2000, widget=forms.HiddenInput)

    def clean_query(self) -> str:
        """The filters in the one way in which the library says them."""
        found = LibraryForm(QueryDict(self.cleaned_data["query"]), user=self.owner)
        if not (found.is_valid() and found.query):
            raise forms.ValidationError(NOTHING_TO_SAVE)
        return found.query
