"""The models that kie.ai makes over its unified API, each a row: what it can do, and how it spells
what it is given (docs/contracts.md: market 1, market 4).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from jobs.providers.base import Mode
from jobs.providers.models import OWN_LENGTH, Combination, Model, Pace, SourceFilm


@dataclass(frozen=True, slots=True, kw_only=True)
class Spelling:
    """The names of a model's inputs in `input`, besides prompt, ratio and resolution."""

    frames: tuple[str, ...] = ()
    """Of the first and of the last frame."""
    references: str = ""
    films: str = ""
    """Of the list with the film that is changed."""
    duration: Callable[[int], str | int] = int
    """Writes a length in seconds: some models want a text."""
    always: Mapping[str, object] = field(default_factory=dict)
    """What goes along with each order, whatever is chosen."""


@dataclass(frozen=True, kw_only=True)
class MarketModel(Model):
    """A model of the unified API."""

    spelling: Spelling


_OMNI = Spelling(
    frames=("first_frame_url", "last_frame_url"),
    references="image_urls",
    films="video_list",
    duration=str,
)
_SOURCE_FILM = SourceFilm(bytes_max=100 * 1024**2, seconds_max=30, span_max=10)
_SEEDS = range(2**31)
_BY_LENGTH = {4: 63, 6: 84, 8: 105, 10: 126, OWN_LENGTH: 168}
_MORE_IN_4K = 84
_RATIOS = ("16:9", "9:16")
_LENGTHS = (4, 6, 10, 8)
"""Eight seconds, as long as the films of the other models, is the usual length."""


def _price(resolution: str, seconds: int) -> int:
    """In credits (market 4)."""
    return _BY_LENGTH[seconds] + (_MORE_IN_4K if resolution == "4k" else 0)


def _omni(
    name: str, label: str, hint: str, *, modes: tuple[Mode, ...], sizes: tuple[str, ...]
) -> MarketModel:
    # A film takes two of the seven places.
    places = {Mode.FRAMES: 2, Mode.REFERENCES: 7, Mode.VIDEO: 1 + 5}
    return MarketModel(
        name=name,
        label=label,
        hint=hint,
        combinations=(
            Combination(modes=modes, resolutions=sizes, aspect_ratios=_RATIOS, durations=_LENGTHS),
            Combination(
                modes=(Mode.VIDEO,),
                resolutions=sizes,
                aspect_ratios=_RATIOS,
                durations=(OWN_LENGTH,),
            ),
        ),
        images={mode: most for mode, most in places.items() if mode in (*modes, Mode.VIDEO)},
        source_film=_SOURCE_FILM,
        seeds=_SEEDS,
        api="unified",
        prompt_length_max=20_000,
        published=_price,
        translates=False,
        adds_watermark=False,
        pace=Pace(usual_seconds=180),
        spelling=_OMNI,
    )


_SEEDANCE = MarketModel(
    name="bytedance/seedance-2",
    label="Seedance 2",
    hint="4 to 15 seconds, with sound, in wide, square and upright formats.",
    combinations=(
        Combination(
            resolutions=("720p", "480p", "1080p"),
            aspect_ratios=("16:9", "9:16", "1:1", "4:3", "3:4", "21:9"),
            durations=(*(seconds for seconds in range(4, 16) if seconds != 8), 8),
        ),
    ),
    seeds=range(0),
    api="unified",
    by_second=True,
    translates=False,
    adds_watermark=False,
    pace=Pace(usual_seconds=300),
    # What it checks for decency by itself is left to its own default.
    spelling=Spelling(always={"generate_audio": True, "web_search": False}),
)
"""As far as its contract is certain: without frames and references, whose names nobody has seen."""

MODELS: Mapping[str, MarketModel] = {
    each.name: each
    for each in (
        _omni(
            "google/gemini-omni-flash-1-1",
            "Gemini Omni 1.1 Flash",
            "4 to 10 seconds, with sound. The same price from 360p to 1080p.",
            modes=(Mode.TEXT, Mode.FRAMES, Mode.REFERENCES),
            sizes=("720p", "360p", "1080p", "4k"),
        ),
        _omni(
            "gemini-omni-video",
            "Gemini Omni",
            "4 to 10 seconds, with sound, from text or from up to seven images.",
            modes=(Mode.TEXT, Mode.REFERENCES),
            sizes=("720p", "1080p", "4k"),
        ),
        _SEEDANCE,
    )
}
"""By name."""
