"""What is said of videos: one at a time from its card, or of many at once."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django import forms

from jobs import letters
from jobs.forms.fields import WordsField
from jobs.keeping.choosing import VIDEOS_MAX
from jobs.models.jobs.job_constraints import RATING_MAX
from jobs.models.jobs.tag import TAG_LENGTH_MAX

FACTS = {
    "favorite": ("favorite", 1),
    "unfavorite": ("favorite", 0),
    "reject": ("rejected", 1),
    "restore": ("rejected", 0),
    **{f"rate-{stars}": ("rating", stars) for stars in range(RATING_MAX + 1)},
}
"""Each button, with what it sets and to what."""
TAGS = ("tag", "untag")
PICK = "pick"
SEPARATORS = str.maketrans("，、;\n", ",,,,")
"""Commas of other keyboards, and what people type for one."""


class VideosField(forms.Field):
    """Ids of videos, as ticks on cards send them."""

    widget = forms.MultipleHiddenInput

    def to_python(self, value: Any) -> list[UUID]:
        try:
            ids = [UUID(each) for each in value or ()]
        except ValueError as error:
            raise forms.ValidationError("Choose at least one video.") from error
        if len(ids) > VIDEOS_MAX:
            raise forms.ValidationError(f"Choose up to {VIDEOS_MAX} videos at once.")
        return ids


class ChoosingForm(forms.Form):
    """A button of the bar, for the videos that are ticked; or one of a card, for that video."""

    do = forms.ChoiceField(required=False, choices=[(name, name) for name in (*FACTS, *TAGS)])
    one = forms.CharField(required=False, max_length=60)
    """What to do and with which video: `reject` and an id."""
    pick = forms.UUIDField(required=False)
    """The one of several that is picked, so that the others are rejected."""
    tags = WordsField(required=False, max_length=400)

    def __init__(self, *args: Any, meant: list[UUID], **kwargs: Any) -> None:
        """`meant`: the videos that the request names, whatever its button."""
        super().__init__(*args, **kwargs)
        self.videos = meant

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        if data.get("pick"):
            data["do"] = PICK
        elif one := data.get("one", ""):
            data["do"] = one.partition(" ")[0]
        if data.get("do") not in (*FACTS, *TAGS, PICK) or not (self.videos or self.errors):
            raise forms.ValidationError("Choose at least one video.")
        return data

    def clean_tags(self) -> list[str]:
        """The tags one by one, each once, as they are kept."""
        parts = self.cleaned_data["tags"].translate(SEPARATORS).split(",")
        names = [" ".join(letters.trimmed(part).lstrip("#").split()) for part in parts]
        for name in names:
            if len(name) > TAG_LENGTH_MAX:
                raise forms.ValidationError(
                    f"“{letters.isolated(name[:20])}…” is too long: a tag has up to "
                    f"{TAG_LENGTH_MAX} characters."
                )
        found = {letters.name_key(name): name for name in reversed(names)}
        return [name for name in reversed(found.values()) if letters.is_visible(name)]

    @property
    def deed(self) -> str:
        return str(self.cleaned_data["do"])

    @property
    def names(self) -> list[str]:
        return list(self.cleaned_data["tags"])
