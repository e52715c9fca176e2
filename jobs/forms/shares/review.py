"""The words of a visitor about a shared video, and the team's answer."""

from __future__ import annotations

import re
import unicodedata
from decimal import Decimal
from typing import Any

from django import forms

from jobs import letters
from jobs.forms.fields import PromptField, WordsField
from jobs.models import ReviewNote
from jobs.templatetags.dailies import clock, full_seconds

MOMENT = re.compile(r"(?:(?:(\d{1,2}):)?(\d{1,3}):)?(\d{1,5})(?:[.,](\d{1,3}))?", re.ASCII)
"""A place in a film as people write it, and as players show it: 3, 3.5, 0:03, 1:02.5, 1:02:05."""
SECONDS_MAX = 86_400
"""Of a film whose length is not known: no film is longer than a day."""
SAYS = [kind for kind in ReviewNote.Kind.choices if kind[0] != ReviewNote.Kind.ANSWER]
NEEDS_TEXT = (ReviewNote.Kind.COMMENT, ReviewNote.Kind.CHANGES)


class ReviewForm(forms.Form):
    """One note of a visitor on the take that is shown."""

    kind = forms.ChoiceField(choices=SAYS)
    name = WordsField(
        max_length=60,
        label="Your name",
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
        error_messages={"required": "Enter your name."},
    )
    text = PromptField(
        required=False,
        max_length=1000,
        label="Comment",
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    at = forms.CharField(
        required=False,
        max_length=12,
        label="At",
        widget=forms.TextInput(attrs={"placeholder": "0:00", "autocomplete": "off"}),
    )
    website = forms.CharField(required=False, max_length=200)
    """Nobody sees this field; programs that fill in forms do."""

    def __init__(self, *args: Any, seconds: Decimal | None, **kwargs: Any) -> None:
        """`seconds`: how long the film is, where that is known."""
        super().__init__(*args, **kwargs)
        self.seconds = seconds

    def clean_name(self) -> str:
        kept = (
            letter
            for letter in self.cleaned_data["name"]
            if unicodedata.bidirectional(letter) not in letters.TURNING
        )
        return " ".join("".join(kept).split())

    def clean_at(self) -> Decimal | None:
        # A keyboard for Japanese types digits and colons of full width.
        typed = unicodedata.normalize("NFKC", self.cleaned_data["at"]).strip()
        if not typed:
            return None
        match = MOMENT.fullmatch(typed)
        if match is None:
            raise forms.ValidationError("Enter a time such as 0:03.")
        hours, minutes, whole, part = match.groups()
        moment = 3600 * int(hours or 0) + 60 * int(minutes or 0) + Decimal(f"{whole}.{part or 0}")
        end = Decimal(SECONDS_MAX) if self.seconds is None else self.seconds
        if moment > full_seconds(end):
            known = f" It ends at {clock(end)}." if self.seconds else ""
            raise forms.ValidationError(f"The video is shorter than that.{known}")
        return min(moment, end)

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = self.cleaned_data
        if data.get("kind") in NEEDS_TEXT and not data.get("text") and "text" not in self.errors:
            wanted = "What should change?" if data["kind"] == NEEDS_TEXT[1] else "Write a comment."
            self.add_error("text", wanted)
        return data

    @property
    def is_of_a_program(self) -> bool:
        return bool(self.data.get("website"))


class AnswerForm(forms.Form):
    text = PromptField(max_length=1000, error_messages={"required": "Write an answer."})
