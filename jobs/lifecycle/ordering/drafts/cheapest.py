"""Finds the cheapest look at a prompt: whichever declared model and size it is by now."""

from __future__ import annotations

from collections.abc import Container, Iterator
from dataclasses import replace
from typing import NamedTuple

from jobs.lifecycle.ordering.submission import Submission
from jobs.pricing import PriceList
from jobs.providers import PROVIDERS
from jobs.providers.base import Mode, lines_of
from jobs.providers.models import Model

NO_DRAFT = "None of your models makes a draft of this. Change the length, the format or the images."


class _Possible(NamedTuple):
    cost: int
    provider: str
    model: str
    resolution: str


def draft_of(wanted: Submission, providers: Container[str], prices: PriceList) -> Submission | None:
    """The cheapest order that shows what this one would; None where there is none.

    Of another model and size, of these providers, and in all else the same. Of equal prices it is
    the smallest, which is there soonest, and then the first one declared.
    """
    drafts = _drafts(wanted, providers, prices)
    found = min(drafts, key=lambda each: (each.cost, lines_of(each.resolution)), default=None)
    if found is None:
        return None
    return replace(
        wanted,
        provider=found.provider,
        model=found.model,
        resolution=found.resolution,
        is_draft=True,
    )


def _drafts(
    wanted: Submission, providers: Container[str], prices: PriceList
) -> Iterator[_Possible]:
    """Each model and size that could make it, with its price."""
    for provider in PROVIDERS.values():
        if provider.name not in providers:
            continue
        for model in provider.models:
            for size in model.resolutions_in(wanted.mode):
                if not _goes_with(model, wanted, size):
                    continue
                cost = prices.credits(
                    provider=provider.name,
                    kind=wanted.kind,
                    model=model.name,
                    mode=wanted.mode,
                    resolution=size,
                    duration=wanted.duration,
                )
                if cost:
                    yield _Possible(cost, provider.name, model.name, size)


def _goes_with(model: Model, order: Submission, size: str) -> bool:
    """The model takes all that was chosen, as it is, at this size."""
    mode = Mode(order.mode)
    return (
        order.aspect_ratio in model.ratios_in(mode, size)
        and order.duration in model.durations_at(size, mode)
        and len(order.image_ids) <= model.images.get(mode, 0)
        and (order.seed is None or order.seed in model.seeds)
        and len(order.prompt) <= model.prompt_length_max
        and not (order.watermark and "watermark" in model.lacks)
    )
