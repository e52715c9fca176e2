"""The form with which somebody says how they want to be told of what."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django import forms

from jobs.models import Notice, NoticeWish
from jobs.news.wishes import WAYS


@dataclass(frozen=True, slots=True)
class WishRow:
    """The fields of one kind, in the order of the columns."""

    label: str
    fields: list[forms.BoundField]


class WishesForm(forms.Form):
    """A field for each kind and each way, named after both."""

    def __init__(
        self, data: Any = None, *, wishes: Mapping[str, NoticeWish], has_mail: bool
    ) -> None:
        super().__init__(data, auto_id="wish-%s")
        self.wishes = wishes
        for kind, wish in wishes.items():
            label = Notice.Kind(kind).label
            for way in WAYS[:-1]:
                field: forms.Field = forms.BooleanField(required=False, label=f"{label}: {way}")
                self.fields[f"{kind}-{way}"] = field
                self.initial[f"{kind}-{way}"] = getattr(wish, way)
            self.fields[f"{kind}-mail"] = forms.ChoiceField(
                choices=NoticeWish.Mail.choices, label=f"{label}: email", disabled=not has_mail
            )
            self.initial[f"{kind}-mail"] = wish.mail

    @property
    def rows(self) -> Iterator[WishRow]:
        for kind in self.wishes:
            fields = [self[f"{kind}-{way}"] for way in WAYS]
            yield WishRow(str(Notice.Kind(kind).label), fields)

    @property
    def chosen(self) -> dict[str, dict[str, Any]]:
        """The answers of a valid form by kind."""
        data = self.cleaned_data
        return {kind: {way: data[f"{kind}-{way}"] for way in WAYS} for kind in self.wishes}
