"""What the composer offers, as the providers declare it."""

from __future__ import annotations

from collections.abc import Callable, Container
from typing import Any

from jobs.providers import PROVIDERS
from jobs.providers.base import Mode, lines_of
from jobs.providers.models import OWN_LENGTH, Model

MODES = {mode: mode.label for mode in Mode}


def find_model(provider: str, name: str) -> Model | None:
    """The model of that name, if the provider has it."""
    return PROVIDERS[provider].model(name) if provider in PROVIDERS else None


def provider_of(model: str) -> str:
    """The provider that has the model: no two have one of the same name. '' for an unknown one."""
    return next((p.name for p in PROVIDERS.values() if p.model(model)), "")


def anywhere() -> dict[str, list[tuple[str, str]]]:
    """The choices of each field that any model offers: which of them fit together is checked
    afterwards.
    """
    return {
        "aspect_ratio": _all("aspect_ratios"),
        "resolution": _all("resolutions", lines_of),
        "duration": [
            (value, "Auto length" if value == str(OWN_LENGTH) else f"{value} s")
            for value, _ in _all("durations", int)
        ],
    }


def models(
    usable: Container[str], withdrawn: Container[str], *, chosen: str
) -> list[tuple[str, list[tuple[str, str]]]]:
    """Every model under the name of its provider, one of the `usable` where there is a key.

    Of those that were withdrawn only the chosen one is among them.
    """
    groups = [
        (
            p.label if p.name in usable else f"{p.label} (no key yet)",
            [
                (m.name, f"{m.label} (withdrawn)" if m.name in withdrawn else m.label)
                for m in p.models
                if m.name not in withdrawn or m.name == chosen
            ],
        )
        for p in PROVIDERS.values()
    ]
    return [group for group in groups if group[1]]


def usual(provider: str = "") -> dict[str, Any]:
    """The usual choice of a provider, or of the first, by the names of the fields."""
    model = PROVIDERS[provider or next(iter(PROVIDERS))].models[0]
    return {
        "mode": str(Mode.TEXT),
        "model": model.name,
        "aspect_ratio": model.aspect_ratios[0],
        "resolution": model.resolutions[0],
        "duration": model.durations[-1],
        "takes": 1,
        "translate": True,
    }


def _all(field: str, order: Callable[[Any], int] | None = None) -> list[tuple[str, str]]:
    models = [model for provider in PROVIDERS.values() for model in provider.models]
    values = list(dict.fromkeys(value for model in models for value in getattr(model, field)))
    return [(str(value), str(value)) for value in (sorted(values, key=order) if order else values)]
