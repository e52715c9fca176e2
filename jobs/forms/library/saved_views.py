"""The name of a saved view of the library, and whose it is."""

from __future__ import annotations

from django import forms
from django.http import QueryDict

from jobs.forms.library.filters import LibraryForm
from jobs.forms.own_names import OwnNameForm
from jobs.models import SavedView
from jobs.models.studio.saved_view import VIEWS_MAX

NOTHING_TO_SAVE = "Choose a filter or an order first, so that there is something to save."


class SavedViewForm(OwnNameForm):
    """A new name, or another one for a view that there is."""

    kept_as, what, most = SavedView, "view", VIEWS_MAX

    is_shared = forms.BooleanField(required=False, label="For the whole team")


class NewViewForm(SavedViewForm):
    """A new view, of the filters that were on."""

    query = forms.CharField(required=False, max_length=2000, widget=forms.HiddenInput)

    def clean_query(self) -> str:
        """The filters in the one way in which the library says them."""
        found = LibraryForm(QueryDict(self.cleaned_data["query"]), user=self.owner)
        if not (found.is_valid() and found.query):
            raise forms.ValidationError(NOTHING_TO_SAVE)
        return found.query
