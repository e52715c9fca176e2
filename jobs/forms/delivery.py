"""The choice of the model and size that drafts are promoted to."""

from __future__ import annotations

from django import forms

from jobs.forms.fields import offer
from jobs.models import WithdrawnModel
from jobs.models.team.delivery import Delivery
from jobs.providers import PROVIDERS
from jobs.providers.base import lines_of, size_name

HELP = "What drafts are promoted to: one click, at that model’s price."


def delivers_in_field() -> forms.ChoiceField:
    """A model and a size in one word, as `Delivery.delivers_in` has them; '' for no choice."""
    return forms.ChoiceField(required=False, label="Delivers in", help_text=HELP)


class DeliversIn(forms.BaseForm):
    """A form whose row delivers in something; it has the field `delivers_in`."""

    chosen_before = ""

    def offer_delivery(self, kept: Delivery, otherwise: str) -> None:
        """Fill the field with what can be had now and what the row has; `otherwise` says what holds
        without a choice.
        """
        self.chosen_before = chosen = kept.delivers_in
        pairs = _pairs(chosen)
        known = {value for _, group in pairs for value, _ in group}
        gone = [(chosen, f"{chosen} (no longer offered)")] if chosen and chosen not in known else []
        offer(self, "delivers_in", [("", otherwise), *gone, *pairs])
        self.initial.setdefault("delivers_in", chosen)

    def clean_delivers_in(self) -> str:
        """What a form does not say stays as it is."""
        chosen: str = self.cleaned_data["delivers_in"]
        return chosen if "delivers_in" in self.data else self.chosen_before


def _pairs(chosen: str) -> list[tuple[str, list[tuple[str, str]]]]:
    """Every model with its sizes; of the withdrawn ones only the chosen one."""
    withdrawn = set(WithdrawnModel.objects.values_list("model", flat=True))
    return [
        (
            model.label,
            [
                (value, f"{model.label}, {size_name(size)}")
                for size in sorted(model.resolutions, key=lines_of)
                if (value := f"{model.name} {size}") == chosen or model.name not in withdrawn
            ],
        )
        for provider in PROVIDERS.values()
        for model in provider.models
        if model.name not in withdrawn or chosen.startswith(f"{model.name} ")
    ]
