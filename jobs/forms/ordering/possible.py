"""What of some settings can be had today: models are withdrawn, and settings with them."""

from __future__ import annotations

from collections.abc import Container, Mapping, Sequence
from typing import Any, TypeVar

from jobs.pricing import PriceList
from jobs.providers import model_named
from jobs.providers.base import Kind, Mode
from jobs.providers.declarations import Provider
from jobs.providers.models import Model

T = TypeVar("T")


def possible(
    wanted: Mapping[str, Any], usual: str, providers: Container[str], prices: PriceList
) -> dict[str, Any]:
    """A model, size, format and length that go together, as near to these as can be.

    `wanted` has the names of the composer's fields, of which any may be missing. A model counts
    as gone where its provider is none of `providers`; then it is the `usual` one. In the place of
    a withdrawn one, or one without the mode, its provider's nearest is taken. What else cannot be
    had becomes the model's usual choice.
    """
    found = first = model_named(str(wanted.get("model", "")))
    if found is None or found[0].name not in providers:
        found = model_named(usual)
    if found is None:
        raise ValueError(f"{usual} is no model")
    provider, model = found
    asked = str(wanted.get("mode") or Mode.TEXT)
    offered = [each for each in provider.models if each.name not in prices.withdrawn]
    if model not in offered or (
        asked not in model.modes and any(asked in each.modes for each in offered)
    ):
        # Where a provider has none left, that is said once this one is ordered.
        model = _nearest(provider, wanted, prices) or model
    mode = asked if asked in model.modes else model.modes[0]
    sizes = model.resolutions_in(mode)
    size = _first(wanted.get("resolution"), sizes, sizes[0])
    ratios, lengths = model.ratios_in(mode, size), model.durations_at(size, mode)
    return {
        "model": model.name,
        "resolution": size,
        "aspect_ratio": _first(wanted.get("aspect_ratio"), ratios, ratios[0]),
        "duration": _first(wanted.get("duration"), lengths, lengths[-1]),
        # Of a model that can't be asked to, that it did not translate was nobody's wish.
        "translate": wanted.get("translate", True) or bool(first and not first[1].translates),
    }


def _nearest(provider: Provider, wanted: Mapping[str, Any], prices: PriceList) -> Model | None:
    """The provider's offered model that can most of what is wanted, and of several the cheapest."""
    mode, size = str(wanted.get("mode") or Mode.TEXT), str(wanted.get("resolution", ""))
    ratio, length = str(wanted.get("aspect_ratio", "")), str(wanted.get("duration", ""))

    def fitness(model: Model) -> tuple[int, ...]:
        lengths = [str(seconds) for seconds in model.durations_at(size, mode)]
        cost = prices.credits(
            provider=provider.name,
            kind=Kind.GENERATE,
            model=model.name,
            mode=mode,
            resolution=size,
            duration=int(length) if length in lengths else 0,
        )
        return (
            mode in model.modes,
            size in model.resolutions_in(mode),
            ratio in model.ratios_in(mode, size),
            length in lengths,
            cost is not None,
            -(cost or 0),
        )

    offered = [model for model in provider.models if model.name not in prices.withdrawn]
    return max(offered, key=fitness, default=None)


def _first(wanted: Any, offered: Sequence[T], otherwise: T) -> T:
    return next((each for each in offered if str(each) == str(wanted)), otherwise)
