"""The choices that go with those made, which are all that js/fit.js lets be chosen.

The page has the others gray before it comes, so that nothing changes when it does.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from jobs.forms import find_model


class Fit(NamedTuple):
    """What the chosen model offers in the chosen mode and size; where none is offered, in its last
    mode and its first size.
    """

    resolution: tuple[str, ...]
    aspect_ratio: tuple[str, ...]
    duration: tuple[str, ...]
    hint: str


def fit_of(chosen: Mapping[str, str]) -> Fit | None:
    """None for a model that there is not."""
    model = find_model(chosen["provider"], chosen["model"])
    if model is None:
        return None
    modes = [str(mode) for mode in model.modes]
    mode = chosen["mode"] if chosen["mode"] in modes else modes[-1]
    sizes = model.resolutions_in(mode)
    size = chosen["resolution"] if chosen["resolution"] in sizes else sizes[0]
    return Fit(
        resolution=sizes,
        aspect_ratio=model.ratios_in(mode, size),
        duration=tuple(str(seconds) for seconds in model.durations_at(size, mode)),
        hint=model.hint,
    )
