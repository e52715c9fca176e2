"""Forms for building on a finished video: a larger copy, a longer film."""

from __future__ import annotations

import json
from typing import Any

from django import forms

from jobs.forms.composer import PROMPT_LENGTH_MAX
from jobs.forms.fields import PromptField, SeedField, offer
from jobs.forms.order import OrderForm
from jobs.providers.base import UPGRADES


class UpgradeForm(forms.Form):
    """One click on a size of a card's rail."""

    kind = forms.ChoiceField(choices=[(str(kind), size) for kind, size in UPGRADES.items()])
    submission_key = forms.UUIDField()


class ExtendForm(OrderForm):
    """The order of a film's continuation."""

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
        models = [
            (name, f"{label}: {credits:,} credits") for name, (label, credits) in costs.items()
        ]
        offer(self, "model", models)

    @property
    def cost(self) -> int | None:
        """Credits for the model that stands in the form."""
        return self.costs.get(str(self["model"].value()), ("", None))[1]

    @property
    def costs_as_text(self) -> str:
        """The credits of each model, as the page's script reads them."""
        return json.dumps({name: credits for name, (_, credits) in self.costs.items()})
