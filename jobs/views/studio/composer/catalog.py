"""The catalog of the composer's script: what each model offers, with its prices and notes."""

from __future__ import annotations

from functools import partial
from typing import Any

from django.utils.html import json_script
from django.utils.safestring import SafeString

from jobs import lifecycle
from jobs.archive.intake import source_films
from jobs.decoding.answers import BYTES_MAX
from jobs.forms.ordering.images import places
from jobs.providers import PROVIDERS
from jobs.providers.base import Kind, Mode, lines_of, size_name
from jobs.providers.declarations import Provider
from jobs.providers.models import Model
from jobs.views.studio.composer.offers import Offers

CATALOGS_MAX = 100
"""Of different prices, keys and balances, 20 kB each."""
_catalogs: dict[tuple[object, ...], tuple[list[Provider], SafeString]] = {}


def script_of(offers: Offers) -> SafeString:
    """The catalog for the page, put together again only where it says something else."""
    declared = list(PROVIDERS.values())
    # Whatever `catalog_of` reads but the declarations.
    said = tuple(
        (name, offers.image_hint(name), offers.account(name), bool(key), key and key.balance)
        for name, key in ((each.name, offers.keys.get(each.name)) for each in declared)
    )
    known = _catalogs.get((offers.prices.mark, said))
    if known is None or known[0] != declared:
        if len(_catalogs) >= CATALOGS_MAX:
            _catalogs.clear()
        known = declared, json_script(catalog_of(offers), "catalog")
        _catalogs[offers.prices.mark, said] = known
    return known[1]


def catalog_of(offers: Offers) -> dict[str, Any]:
    """All of it for js/composer.js, which only shows what the server checks again."""
    return {
        "file_bytes": BYTES_MAX,
        "film_bytes": source_films.BYTES_MAX,
        "places": {str(mode): places(mode) for mode in Mode},
        "no_draft": lifecycle.NO_DRAFT,
        "providers": [_provider(offers, each) for each in PROVIDERS.values()],
    }


def _provider(offers: Offers, provider: Provider) -> dict[str, Any]:
    return {
        "name": provider.name,
        "by": offers.made_by(provider.name),
        "has_key": provider.name in offers.keys,
        "image_hint": offers.image_hint(provider.name),
        "models": [_model(offers, provider, model) for model in provider.models],
    }


def _model(offers: Offers, provider: Provider, model: Model) -> dict[str, Any]:
    return {
        "name": model.name,
        "label": model.label,
        "hint": model.hint,
        "prompt_length_max": model.prompt_length_max,
        "seeds": [model.seeds[0], model.seeds[-1]] if model.seeds else None,
        "lacks": model.lacks,
        "span_max": model.source_film.span_max if model.source_film else 0,
        "lacking": offers.lacking(provider, model),
        "modes": {
            mode: {
                "images": model.images.get(mode, 0),
                "sizes": {
                    size: _size(offers, provider, model, mode, size)
                    for size in model.resolutions_in(mode)
                },
            }
            for mode in model.modes
        },
    }


def _size(offers: Offers, provider: Provider, model: Model, mode: str, size: str) -> dict[str, Any]:
    lengths = model.durations_at(size, mode)
    price = partial(offers.price, provider=provider.name, kind=Kind.GENERATE, model=model.name)
    prices = [price(mode=mode, size=size, seconds=seconds) for seconds in lengths]
    return {
        "name": size_name(size),
        "lines": lines_of(size),
        "ratios": model.ratios_in(mode, size),
        "durations": [str(seconds) for seconds in lengths],
        # One for each length.
        "prices": prices,
        "notes": offers.notes(provider, model, mode, size),
        "shortages": [offers.shortages(provider.name, each) for each in prices],
    }
