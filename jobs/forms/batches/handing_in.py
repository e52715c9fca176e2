"""The forms by which a table is handed in, changed and ordered."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

from django import forms
from django.core.files.uploadedfile import UploadedFile

from jobs import letters
from jobs.forms.batches.columns import column_of
from jobs.forms.batches.reading import BYTES_MAX, TOO_LONG, Unreadable, decoded, records
from jobs.forms.fields import WordsField
from jobs.forms.ordering.order import OrderForm
from jobs.models import Batch

PASTED = "Pasted table"
PLACEHOLDER = "prompt, resolution, duration\nA lighthouse in the rain, 720p, 8"


class _TableFields(forms.Form):
    """A table as a file or as text; of both the file counts."""

    file = forms.FileField(
        label="CSV file",
        required=False,
        allow_empty_file=True,
        widget=forms.ClearableFileInput(attrs={"accept": ".csv,.tsv,.txt,text/csv"}),
    )
    text = WordsField(
        label="Table",
        required=False,
        strip=False,
        widget=forms.Textarea(
            attrs={"rows": 8, "spellcheck": "false", "placeholder": PLACEHOLDER, "dir": "auto"}
        ),
    )

    def clean_file(self) -> tuple[str, str, str] | None:
        """Name, text and encoding."""
        file: UploadedFile[bytes] | None = self.cleaned_data.get("file")
        if not file:
            return None
        # In UTF-16 most letters are twice as long.
        if (file.size or 0) > 2 * BYTES_MAX:
            raise forms.ValidationError(TOO_LONG)
        try:
            return letters.trimmed(file.name or "") or PASTED, *decoded(file.read())
        except Unreadable as error:
            raise forms.ValidationError(error.user_message) from error

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = self.cleaned_data
        if not self.errors and not data["file"] and not data["text"]:
            self.add_error("text", "Choose a CSV file, or paste a table.")
        return data

    @property
    def table(self) -> dict[str, str]:
        """Its text, name and encoding. Only of a valid form."""
        if self.cleaned_data["file"]:
            name, text, encoding = self.cleaned_data["file"]
            return {"text": text, "name": name, "encoding": encoding}
        return {"text": self.cleaned_data["text"], "name": "", "encoding": ""}


class HandInForm(_TableFields, OrderForm):
    """A new table."""

    @property
    def table(self) -> dict[str, str]:
        table = super().table
        return {**table, "name": table["name"] or _first_words(table["text"])}


def _first_words(text: str) -> str:
    """The first prompt, by which a pasted table is told from others."""
    with suppress(Unreadable):
        found = records(text)
        if len(found) > 1:
            cells = dict(zip(map(column_of, found[0].cells), found[1].cells, strict=False))
            return " ".join(cells.get("prompt", "").split())[:60] or PASTED
    return PASTED


class ChangeBatchForm(_TableFields):
    """The text of a draft, or a corrected file instead of it."""


class OrderBatchForm(forms.Form):
    """The one confirmation."""

    choice = forms.ChoiceField(choices=Batch.Choice.choices, widget=forms.RadioSelect)
    seen = WordsField(max_length=64, widget=forms.HiddenInput)
    """What was shown: `Table.seen`."""
    again = forms.BooleanField(required=False, label="Order the same table once more")
