"""What is made of a finished video: a larger copy, a longer film."""

from __future__ import annotations

import json
from typing import Any
from uuid import UUID, uuid4

from django import forms

from jobs.forms.composer import PROMPT_LENGTH_MAX
from jobs.forms.fields import PromptField, SeedField, digits
from jobs.providers.base import UPGRADES


class UpgradeForm(forms.Form):
    """One click on a size of a card's rail."""

    kind = forms.ChoiceField(choices=[(str(kind), size) for kind, size in UPGRADES.items()])
    submission_key = forms.UUIDField()


class ExtendForm(forms.Form):
    """How a film goes on."""

    submission_key = forms.UUIDField(widget=forms.HiddenInput)
    prompt = PromptField(
        max_length=PROMPT_LENGTH_MAX,
        widget=forms.Textarea(
            attrs={"rows": 4, "placeholder": "What happens next: who moves, where the camera goes…"}
        ),
        error_messages={"required": "Describe how the film goes on."},
    )
    model = forms.ChoiceField()
    seed = SeedField()

    def __init__(self, *args: Any, costs: dict[str, tuple[str, int]], **kwargs: Any) -> None:
        """`costs`: for each model that extends its label and credits."""
        super().__init__(*args, **kwargs)
        self.costs = costs
        model = self.fields["model"]
        if isinstance(model, forms.ChoiceField):
            model.choices = [
                (name, f"{label}: {credits:,} credits") for name, (label, credits) in costs.items()
            ]

    @staticmethod
    def fresh_key() -> dict[str, Any]:
        return {"submission_key": uuid4()}

    @property
    def cost(self) -> int | None:
        """Credits for the model that stands in the form."""
        return self.costs.get(str(self["model"].value()), ("", None))[1]

    @property
    def seen_cost(self) -> int | None:
        """The credits that stood beside the button, 0 for none; None where nothing tells."""
        return digits(self.data.get("seen_cost", ""))

    @property
    def costs_as_text(self) -> str:
        """The credits of each model, as the page's script reads them."""
        return json.dumps({name: credits for name, (_, credits) in self.costs.items()})

    @property
    def key(self) -> UUID:
        """The submission key. Only of a valid form."""
        key: UUID = self.cleaned_data["submission_key"]
        return key
