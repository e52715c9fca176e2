"""The price list to begin with, held against what is known of the providers' prices."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from typing import Any

from jobs.providers import PROVIDERS

MODELS = {"fast": "veo3_fast", "lite": "veo3_lite", "quality": "veo3"}
MODES = {"text-to-video": "text", "image-to-video": "image", "reference-to-video": "image"}
UPGRADES = {"Get 1080P Video": "upgrade_1080p", "Get 4K Video": "upgrade_4k"}


def seeded(*wanted: str, provider: str = "kie") -> int:
    """The credits of the most particular row for a kind, model, mode and resolution."""
    names = ("kind", "model", "mode", "resolution")
    found = [
        row
        for row in import_module("jobs.migrations.0003_prices").rows()
        if row["provider"] == provider
        and all(row.get(name, "") in ("", want) for name, want in zip(names, wanted, strict=True))
    ]
    credits: int = max(found, key=len)["credits"]
    return credits


def test_every_price_of_the_recorded_feed_is_in_the_list(example: Callable[[str], Any]) -> None:
    feed = example("veo-pricing-2026-09-24")["rows"]
    assert len(feed) == 29
    for row in feed:
        kind, _, rest = row["model"].removeprefix("Google veo 3.1, ").partition(", ")
        if kind in UPGRADES:
            wanted = (UPGRADES[kind], "veo3", "", "")
        elif kind == "Extend":
            wanted = ("extend", MODELS[rest.lower()], "", "")
        else:
            model, resolution = rest.lower().split("-")
            wanted = ("generate", MODELS[model], MODES[kind], resolution)
        assert seeded(*wanted) == row["credits"], row["model"]


def test_the_planning_figures_of_veo4_are_in_the_list() -> None:
    assert seeded("generate", "veo-4", "text", "720p", provider="veo4") == 180
    assert seeded("generate", "veo-4", "text", "1080p", provider="veo4") == 240
    assert seeded("extend", "veo-4", "", "", provider="veo4") == 180


def test_what_a_model_declares_as_published_is_what_the_list_begins_with() -> None:
    declared = [
        (model, size, seconds)
        for model in PROVIDERS["kie"].models
        if model.published
        for size in model.resolutions
        for seconds in model.durations
    ]
    assert declared
    rows = [
        {"resolution": "", "duration": 0, **row}
        for row in import_module("jobs.migrations.0003_prices").rows()
    ]
    for model, size, seconds in declared:
        fitting = [
            row
            for row in rows
            if row.get("model") == model.name
            and row["duration"] == seconds
            and row["resolution"] in (size, "")
        ]
        best = max(fitting, key=lambda row: str(row["resolution"]))
        assert model.published_price(size, seconds) == best["credits"]
    assert model.published_price("8k", 4) is None
