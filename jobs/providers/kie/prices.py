"""kie.ai's public list of prices, and which rows of it are about work of ours
(docs/contracts.md, market 5).
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Mapping
from decimal import Decimal

from jobs.providers.base import UPGRADES, Kind
from jobs.providers.http import Http
from jobs.providers.price_feed import Feed, FeedRow, NotUnderstood, Priced, PriceFeed
from jobs.providers.reading import amount, as_object, clean, pick

PAGE_ROWS = 100
"""The most that a page holds."""
PAGES_MAX = 12
"""Twice as many as there were."""
SECONDS_MAX = 90.0
NAME_LENGTH, UNIT_LENGTH = 160, 40
CREDITS_MAX = 100_000

_VEO = {"fast": "veo3_fast", "lite": "veo3_lite", "quality": "veo3"}
_UPGRADES = {size: Kind(kind) for kind, size in UPGRADES.items()}


def read(http: Http, base_url: str) -> Feed:
    """The list as it is now, page by page, until one is not full or says nothing new."""
    url, ends = f"{base_url}/client/v1/model-pricing/page", time.monotonic() + SECONDS_MAX
    rows: dict[tuple[str, str], FeedRow] = {}
    contradicted: set[tuple[str, str]] = set()
    unreadable = 0
    for number in range(1, PAGES_MAX + 1):
        payload: dict[str, object] = {"pageNum": number, "pageSize": PAGE_ROWS}
        listed = _listed(http.ask_openly(url, payload).body)
        if listed is None:
            raise NotUnderstood
        before = len(rows)
        for each in listed[:PAGE_ROWS]:
            row = _row(each)
            if row is None:
                unreadable += 1
            elif rows.setdefault((row.name, row.unit), row) != row:
                contradicted.add((row.name, row.unit))
        if len(listed) < PAGE_ROWS or len(rows) == before or time.monotonic() > ends:
            break
    kept = (row for work, row in rows.items() if work not in contradicted)
    return Feed(tuple(kept), unreadable + len(contradicted))


def _listed(body: Mapping[str, object] | None) -> list[object] | None:
    """The rows of a page, wherever they lie; None where there is no list."""
    if body is None:
        return None
    data = as_object(body.get("data")) or {}
    for found in (
        pick(data, "records", "rows", "list", "items"),
        pick(body, "data", "records", "rows"),
    ):
        if isinstance(found, list):
            return found
    return None


def _row(value: object) -> FeedRow | None:
    row = as_object(value)
    if row is None:
        return None
    name = clean(pick(row, "modelDescription", "model", "modelName", "name"), NAME_LENGTH)
    unit = clean(pick(row, "creditUnit", "unit"), UNIT_LENGTH)
    told = pick(row, "creditPrice", "credits", "credit")
    credits = amount(told.strip() if isinstance(told, str) else told)
    if not name or credits is None or not 0 < credits <= CREDITS_MAX:
        return None
    return FeedRow(name.lower(), unit.lower(), Decimal(credits))


def meaning(name: str, unit: str) -> Priced | None:
    """The work of ours that a row is about. Names are compared whole: of a sister model, or with
    a film to start from, the price is another one.
    """
    for units, words, priced in _MEANINGS:
        if unit in units and (found := words.fullmatch(name)):
            return priced(found)
    return None


def _veo_film(found: re.Match[str]) -> Priced:
    source, model, size = found.groups()
    return Priced(
        kind=Kind.GENERATE,
        model=_VEO[model],
        source="text" if source == "text" else "image",
        resolution=size,
    )


def _omni(found: re.Match[str]) -> Priced:
    model, seconds, size = found.groups()
    return Priced(kind=Kind.GENERATE, model=model, resolution=size, seconds=int(seconds))


_SIZE = "360p|480p|720p|1080p|4k"
_FILM, _SECOND = ("per video", ""), ("per second",)
_MEANINGS: tuple[
    tuple[tuple[str, ...], re.Pattern[str], Callable[[re.Match[str]], Priced]], ...
] = (
    (
        _FILM,
        re.compile(
            rf"google veo 3\.1, (text|image|reference)-to-video, (fast|lite|quality)-({_SIZE})"
        ),
        _veo_film,
    ),
    (
        _FILM,
        re.compile(r"google veo 3\.1, extend, (fast|lite|quality)"),
        lambda found: Priced(kind=Kind.EXTEND, model=_VEO[found[1]]),
    ),
    (
        _FILM,
        re.compile(r"google veo 3\.1, get (1080p|4k) video"),
        lambda found: Priced(kind=_UPGRADES[found[1]]),
    ),
    (
        _FILM,
        re.compile(
            r"(gemini-omni-video|google/gemini-omni-flash-1-1), video, "
            rf"(4|6|8|10)s ({_SIZE}) no video input"
        ),
        _omni,
    ),
    (
        _FILM,
        re.compile(
            rf"(gemini-omni-video|google/gemini-omni-flash-1-1), video, ({_SIZE}) with video input"
        ),
        lambda found: Priced(
            kind=Kind.GENERATE, model=found[1], resolution=found[2], source="video"
        ),
    ),
    (
        _SECOND,
        re.compile(r"(bytedance/seedance-2), (480p|720p|1080p) no video input"),
        lambda found: Priced(
            kind=Kind.GENERATE, model=found[1], resolution=found[2], by_second=True
        ),
    ),
)
"""Units, names and what they stand for."""

PRICES = PriceFeed(setting="KIE_BASE_URL", read=read, meaning=meaning)
