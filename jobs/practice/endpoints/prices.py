"""kie.ai's public list of prices (docs/contracts.md, market 5), which the tag new-price changes."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

from jobs.practice.book.accounts import (
    KIE_EXTEND_PRICES,
    KIE_PRICES,
    KIE_UPGRADE_PRICES,
    OMNI_PRICES,
    SEEDANCE_PRICES,
    change_price,
    kie_price,
    omni_price,
)
from jobs.practice.dialects import kie as shapes
from jobs.practice.endpoints import checks
from jobs.practice.http.messages import Reply, Request, as_json
from jobs.practice.kinds import TaskKind
from jobs.practice.life.practice import Practice

NEW_PRICE = 70
PAGE_ROWS = 100
FULL_PAGE = checks.between(1, PAGE_ROWS)
INVALID = 422
WORDS = {"veo3": "Quality", "veo3_fast": "Fast", "veo3_lite": "Lite"}
OMNI = ("google/gemini-omni-flash-1-1", "gemini-omni-video")
OMNI_SIZES = ("720p", "1080p", "4k")
SEEDANCE = "bytedance/seedance-2"
OTHERS = (("nano banana 2, 1K", "per image", 8.0), ("wan 2.7 video, 720p", "per second", 16.0))
"""Rows of models that nobody here offers."""


@dataclass(frozen=True)
class Row:
    """What one row says, and the films that it is about."""

    name: str
    unit: str
    credits: float
    model: str = ""
    size: str = ""
    seconds: int = 0

    @property
    def told(self) -> dict[str, Any]:
        """It as the service writes it: figures as texts."""
        return {
            "modelDescription": self.name,
            "interfaceType": "video",
            "creditPrice": f"{self.credits:.1f}",
            "creditUnit": self.unit,
            "usdPrice": f"{self.credits * 0.005:.4f}",
        }


def page(practice: Practice, request: Request) -> Reply:
    """POST /client/v1/model-pricing/page, for everybody: a page of the list."""
    asked = checks.json_object(request, INVALID)
    checks.fields(asked, {"pageNum": checks.between(1, 999), "pageSize": FULL_PAGE}, INVALID)
    number, most = asked.get("pageNum", 1), asked.get("pageSize", PAGE_ROWS)
    rows = [row.told for row in _changed(practice)]
    records = rows[(number - 1) * most : number * most]
    return as_json(shapes.envelope({"records": records, "total": len(rows)}))


def _changed(practice: Practice) -> Iterator[Row]:
    """The list, with what the latest prompts have made of it."""
    said: dict[tuple[str, str, int], float] = {}
    for task in practice.book.all():
        if "new-price" in task.tags and task.kind is TaskKind.GENERATE:
            figure = task.tags.number("new-price", NEW_PRICE)
            model = str(task.params.get("model", "veo3_fast"))
            for seconds in (0, task.film.seconds):
                said[model, task.resolution, seconds] = figure
    for row in _rows():
        yield replace(row, credits=said.get((row.model, row.size, row.seconds), row.credits))


def _rows() -> Iterator[Row]:
    for model, prices in KIE_PRICES.items():
        for source in ("text", "image", "reference"):
            for size in prices:
                credits = kie_price(model, size, images=source != "text")
                name = f"Google veo 3.1, {source}-to-video, {WORDS[model]}-{size}"
                yield Row(name, "per video", credits, model, size)
    for word, credits in KIE_EXTEND_PRICES.items():
        yield Row(f"Google veo 3.1, Extend, {word.capitalize()}", "per video", credits)
    for kind, credits in KIE_UPGRADE_PRICES.items():
        size = "1080P" if kind is TaskKind.UPGRADE_1080P else "4K"
        yield Row(f"Google veo 3.1, Get {size} Video", "per video", credits)
    for model in OMNI:
        for seconds in OMNI_PRICES:
            for size in OMNI_SIZES:
                name = f"{model}, video, {seconds}s {size} no video input"
                yield Row(name, "per video", omni_price(seconds, size), model, size, seconds)
        for size in OMNI_SIZES:
            name = f"{model}, video, {size} with video input"
            yield Row(name, "per video", change_price(size))
    for size, credits in SEEDANCE_PRICES.items():
        yield Row(f"{SEEDANCE}, {size} no video input", "per second", credits, SEEDANCE, size)
    for name, unit, figure in OTHERS:
        yield Row(name, unit, figure)
