"""Finds the cheapest look at a prompt: whichever declared model and size it is by now."""

from __future__ import annotations

from collections.abc import Container, Iterator
from dataclasses import replace

from jobs.lifecycle.ordering.submission import Submission
from jobs.pricing import PriceList
from jobs.providers import PROVIDERS
from jobs.providers.base import Mode, lines_of
from jobs.providers.declarations import Model

NO_DRAFT = "None of your models makes a draft of this. Change the length, the format or the images."


def draft_of(wanted: Submission, providers: Container[str], prices: PriceList) -> Submission | None:
    """The cheapest order that shows what this one would; None where there is none.

    Of another model and size, of these providers, and in all else the same. Of equal prices it is
    the smallest, which is there soonest, and then the first one declared.
    """
    found = sorted(
        _drafts(wanted, providers, prices), key=lambda each: (each[0], lines_of(each[1].resolution))
    )
    return found[0][1] if found else None


def _drafts(
    wanted: Submission, providers: Container[str], prices: PriceList
) -> Iterator[tuple[int, Submission]]:
    """Each model and size that could make it, with its price."""
    for provider in PROVIDERS.values():
        if provider.name not in providers:
            continue
        for model in provider.models:
            for size in model.resolutions_in(wanted.mode):
                order = replace(
                    wanted, provider=provider.name, model=model.name, resolution=size, is_draft=True
                )
                if _goes_with(model, order) and (cost := prices.of(order)):
                    yield cost, order


def _goes_with(model: Model, order: Submission) -> bool:
    """The model takes all that was chosen, as it is."""
    mode, size = Mode(order.mode), order.resolution
    return (
        order.aspect_ratio in model.ratios_in(mode, size)
        and order.duration in model.durations_at(size, mode)
        and len(order.image_ids) <= model.images.get(mode, 0)
        and (order.seed is None or order.seed in model.seeds)
        and len(order.prompt) <= model.prompt_length_max
        and not (order.watermark and "watermark" in model.lacks)
    )
