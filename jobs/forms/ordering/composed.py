"""The order that the values of a composer make."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from jobs import lifecycle
from jobs.forms.ordering.offered import provider_of
from jobs.lifecycle import Submission
from jobs.models import Image
from jobs.providers.base import Mode
from jobs.providers.models import OWN_LENGTH, Model


def in_full(data: Mapping[str, Any], film: Image | None, model: Model | None) -> Submission:
    """The order of the model and size in `data`, as far as they could be read.

    `film` is what is to be changed, where one was chosen.
    """
    mode, project = data.get("mode", ""), data.get("project")
    start, end = _span(data, film, model) if mode == Mode.VIDEO else (None, None)
    return Submission(
        provider=provider_of(data.get("model", "")),
        model=data.get("model", ""),
        prompt=data.get("prompt", ""),
        aspect_ratio=data.get("aspect_ratio", ""),
        resolution=data.get("resolution", ""),
        # Where the model decides there is nothing to choose, whatever stands there.
        duration=OWN_LENGTH if mode == Mode.VIDEO else data.get("duration", 0),
        seed=data.get("seed"),
        translate=data.get("translate", True),
        watermark=data.get("watermark", ""),
        project_id=project.pk if project else None,
        mode=mode,
        image_ids=() if mode == Mode.TEXT else tuple(data.get("images", ())),
        span_start=start,
        span_end=end,
    )


def _span(
    data: Mapping[str, Any], film: Image | None, model: Model | None
) -> tuple[int | None, int | None]:
    """The part of the film to change: where nothing was typed, the usual one."""
    if film is None:
        return None, None
    first, last = lifecycle.usual_span(film, model)
    start, end = data.get("span_start", first), data.get("span_end", last)
    return first if start is None else start, last if end is None else end
