"""Forms for building on a finished video: a larger copy, a longer film."""

from __future__ import annotations

import json
from typing import Any

from django import forms

from jobs.forms.fields import PromptField, SeedField, check_prompt, check_seed, offer
from jobs.forms.order import OrderForm
from jobs.providers.base import UPGRADES
from jobs.providers.declarations import Provider


class UpgradeForm(forms.Form):
    """One click on a size of a card's rail."""

    kind = forms.ChoiceField(choices=[(str(kind), size) for kind, size in UPGRADES.items()])
    submission_key = forms.UUIDField()


class ExtendForm(OrderForm):
    """The order of a film's continuation."""

    prompt = PromptField(
        widget=forms.Textarea(
            attrs={"rows": 4, "placeholder": "What happens next: who moves, where the camera goes…"}
        ),
        error_messages={"required": "Describe what happens next."},
    )
    model = forms.ChoiceField()
    seed = SeedField()

    def __init__(
        self, *args: Any, provider: Provider, costs: dict[str, tuple[str, int]], **kwargs: Any
    ) -> None:
        """`costs`: for each model of the provider that extends its label and credits."""
        super().__init__(*args, **kwargs)
        self.provider, self.costs = provider, costs
        names = [
            (name, f"{label}: {credits:,} credits") for name, (label, credits) in costs.items()
        ]
        offer(self, "model", names)
        limits = [each.prompt_length_max for each in provider.models if each.name in costs]
        self.fields["prompt"].widget.attrs["maxlength"] = max(limits, default=None)

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = self.cleaned_data
        if model := self.provider.model(data.get("model", "")):
            check_prompt(self, model)
            check_seed(self, model)
        return data

    @property
    def cost(self) -> int | None:
        """Credits for the model that stands in the form."""
        return self.costs.get(str(self["model"].value()), ("", None))[1]

    @property
    def costs_as_text(self) -> str:
        """The credits of each model, as the page's script reads them."""
        return json.dumps({name: credits for name, (_, credits) in self.costs.items()})
