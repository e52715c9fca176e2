"""The cheapest film of each model, as far as the credits that it may cost go."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from jobs.doctor.finding import Finding, unknown
from jobs.lifecycle import Submission
from jobs.models import Credential, User
from jobs.pricing import PriceList
from jobs.providers import PROVIDERS
from jobs.providers.base import Kind, Mode, size_name
from jobs.providers.declarations import Provider
from jobs.providers.models import Model

PROMPT = "A lighthouse on a cliff at dawn, seen from a slowly circling drone"


@dataclass(frozen=True, slots=True)
class Planned:
    """One film that is to be made."""

    provider: Provider
    model: Model
    order: Submission
    credits: int

    @property
    def subject(self) -> str:
        """Begins each line that is about it."""
        return f"{self.provider.label}: {self.model.label}"

    @property
    def said(self) -> str:
        size = size_name(self.order.resolution)
        return f"{self.subject}, {size}, {self.order.duration} s: {self.credits:,} credits"


def plan(owner: User, most: int) -> tuple[list[Planned], list[Finding]]:
    """What is to be made for this person, the cheapest first, and why the other models are not."""
    keys = set(Credential.objects.usable_by(owner).in_use().values_list("provider", flat=True))
    prices = PriceList()
    possible: list[Planned] = []
    left_out: list[Finding] = []
    for provider in PROVIDERS.values():
        for model in provider.models:
            subject = f"{provider.label}: {model.label}"
            made = min(_films(provider, model, prices), key=lambda each: each.credits, default=None)
            if provider.name not in keys:
                left_out.append(unknown(subject, "not made: no key of its provider"))
            elif model.name in prices.withdrawn:
                left_out.append(unknown(subject, "not made: it is withdrawn"))
            elif made is None:
                left_out.append(unknown(subject, "not made: it has no price"))
            else:
                possible.append(made)
    wanted: list[Planned] = []
    for film in sorted(possible, key=lambda each: each.credits):
        if film.credits <= most:
            most -= film.credits
            wanted.append(film)
        else:
            why = f"not made: its cheapest film costs {film.credits:,} credits"
            left_out.append(unknown(film.subject, why))
    return wanted, left_out


def _films(provider: Provider, model: Model, prices: PriceList) -> Iterator[Planned]:
    """Its films from text that have a price."""
    for size in model.resolutions_in(Mode.TEXT):
        for seconds in model.durations_at(size):
            order = Submission(
                provider=provider.name,
                model=model.name,
                prompt=PROMPT,
                aspect_ratio=model.ratios_in(Mode.TEXT, size)[0],
                resolution=size,
                duration=seconds,
                kind=Kind.GENERATE,
                translate=False,
            )
            if credits := prices.of(order):
                yield Planned(provider, model, order, credits)
