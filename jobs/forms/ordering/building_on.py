"""Forms for building on a finished video: a larger copy, a longer film."""

from __future__ import annotations

import json
from typing import Any

from django import forms

from jobs import lifecycle
from jobs.forms.fields import PromptField, SeedField, offer
from jobs.forms.ordering.order import OrderForm, report
from jobs.lifecycle import WITHOUT_WORDS, Submission
from jobs.models import Job
from jobs.providers import PROVIDERS
from jobs.providers.base import UPGRADES, Kind


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
        error_messages={"required": WITHOUT_WORDS[Kind.EXTEND]},
    )
    model = forms.ChoiceField()
    seed = SeedField()

    def __init__(
        self, *args: Any, take: Job, costs: dict[str, tuple[str, int]], **kwargs: Any
    ) -> None:
        """`costs`: for each model that extends the take its label and credits."""
        super().__init__(*args, **kwargs)
        self.take, self.costs = take, costs
        names = [
            (name, f"{label}: {credits:,} credits") for name, (label, credits) in costs.items()
        ]
        offer(self, "model", names)
        models = PROVIDERS[take.provider].models
        limits = [each.prompt_length_max for each in models if each.name in costs]
        self.fields["prompt"].widget.attrs["maxlength"] = max(limits, default=None)

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = self.cleaned_data
        if "model" in data:
            report(self, lifecycle.check(self.take.owner, self.submission))
        return data

    @property
    def submission(self) -> Submission:
        """The order as far as it can be read; of a valid form, all of it."""
        data = self.cleaned_data
        return lifecycle.extension_of(
            self.take, data.get("prompt", ""), data.get("model", ""), data.get("seed")
        )

    @property
    def cost(self) -> int | None:
        """Credits for the model that stands in the form."""
        return self.costs.get(str(self["model"].value()), ("", None))[1]

    @property
    def costs_as_text(self) -> str:
        """The credits of each model, as the page's script reads them."""
        return json.dumps({name: credits for name, (_, credits) in self.costs.items()})
