"""What work costs, and of which models it can be had."""

from __future__ import annotations

from datetime import date, datetime, time
from typing import Any

from django import forms
from django.utils import timezone

from jobs.forms.fields import offer
from jobs.forms.figures import CreditsField, FigureField
from jobs.forms.team.budgets import reason
from jobs.models import Price
from jobs.providers import PROVIDERS
from jobs.providers.base import lines_of
from jobs.providers.declarations import Provider
from jobs.providers.models import Model

RATE_MAX = 10_000
"""Credits a second."""


class PriceForm(forms.Form):
    """The price of a piece of work, from now or from a coming day on."""

    price = forms.ModelChoiceField(queryset=Price.objects.none(), label="Work", empty_label=None)
    credits = CreditsField(minimum=1, label="Credits")
    valid_from = forms.DateField(
        label="From",
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}),
        help_text="Leave empty to start now",
    )
    reason = reason()

    def __init__(self, *args: Any, works: list[tuple[int, str]], **kwargs: Any) -> None:
        """`works`: the pieces of work there are, each with the id of a price of it."""
        super().__init__(*args, **kwargs)
        # An older row of the same work names it as well: a page may be a little old.
        offer(self, "price", Price.objects.all())
        self.fields["price"].widget = forms.Select(choices=works)
        self.fields["valid_from"].widget.attrs["min"] = timezone.localdate().isoformat()

    def clean_valid_from(self) -> datetime | None:
        """The start of that day in TIME_ZONE; None for now."""
        day: date | None = self.cleaned_data["valid_from"]
        if day is None or day == timezone.localdate():
            return None
        if day < timezone.localdate():
            raise forms.ValidationError("Prices can’t change in the past.")
        return timezone.make_aware(datetime.combine(day, time.min))


class RateForm(forms.Form):
    """What a model costs by the second, at one of its sizes, from now on."""

    rate_of = forms.ChoiceField(widget=forms.HiddenInput)
    rate = FigureField(minimum=1, maximum=RATE_MAX, is_whole=False, label="Credits per second")
    reason = reason()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offer(self, "rate_of", [(key, key) for key in by_second()])


class TakeOverForm(forms.Form):
    """A price that a provider publishes, to be ours from now on."""

    published = forms.IntegerField(min_value=1, widget=forms.HiddenInput)
    reason = reason()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["reason"].initial = "The provider’s published price"


def by_second() -> dict[str, tuple[Provider, Model, str]]:
    """The models that are paid for by the second, each with each of its sizes, under a key."""
    return {
        f"{model.name}@{size}": (provider, model, size)
        for provider in PROVIDERS.values()
        for model in provider.models
        if model.by_second
        for size in sorted(model.resolutions, key=lines_of)
    }


class OfferForm(forms.Form):
    """A model that is offered no more, or again."""

    model_name = forms.ChoiceField(widget=forms.HiddenInput)
    reason = reason()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        declared = [(m.name, m.label) for p in PROVIDERS.values() for m in p.models]
        offer(self, "model_name", declared)


class WithdrawForm(forms.Form):
    """A price that has not begun, called off."""

    withdraw = forms.ModelChoiceField(queryset=Price.objects.none(), widget=forms.HiddenInput)
    reason = reason()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offer(self, "withdraw", Price.objects.filter(valid_from__gt=timezone.now()))
