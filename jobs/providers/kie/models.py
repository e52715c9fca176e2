"""The models of kie.ai: what they can do, what excludes what, and what can be made of their videos
(docs/contracts.md: kie 1, kie 2, kie 4).
"""

from __future__ import annotations

from jobs.providers.base import Kind, Mode
from jobs.providers.models import Closing, Combination, FollowUp, Model, Pace

AUTO = "Auto"
"""The aspect ratio that follows the image."""
SEEDS = range(10_000, 100_000)
SHUTS_THE_DOOR = (
    "Once a video is upgraded to 1080p, kie.ai can no longer extend it. To make it longer, extend "
    "it first."
)

_RATIOS = ("16:9", "9:16")
_SMALL, _LARGE = ("720p",), ("1080p", "4k")
_ALL_LENGTHS, _FULL_LENGTH = (4, 6, 8), (8,)


def _combination(
    modes: tuple[Mode, ...],
    resolutions: tuple[str, ...],
    ratios: tuple[str, ...],
    lengths: tuple[int, ...],
) -> Combination:
    return Combination(
        modes=modes, resolutions=resolutions, aspect_ratios=ratios, durations=lengths
    )


_FROM_TEXT_OR_FRAMES = (
    _combination((Mode.TEXT,), _SMALL, _RATIOS, _ALL_LENGTHS),
    _combination((Mode.FRAMES,), _SMALL, (*_RATIOS, AUTO), _ALL_LENGTHS),
    _combination((Mode.TEXT, Mode.FRAMES), _LARGE, _RATIOS, _FULL_LENGTH),
)
_FROM_REFERENCES = (
    _combination((Mode.REFERENCES,), _SMALL, (*_RATIOS, AUTO), _FULL_LENGTH),
    _combination((Mode.REFERENCES,), _LARGE, _RATIOS, _FULL_LENGTH),
)

_EXTEND = FollowUp(
    kind=Kind.EXTEND,
    # Any of them goes on with a video of any other.
    models=("veo3_fast", "veo3", "veo3_lite"),
    resolutions=("720p",),
    why_no_other_resolution=("It was made larger than 720p, and kie.ai can’t extend such videos."),
    closed_by={
        Kind.UPGRADE_1080P: Closing(
            before=SHUTS_THE_DOOR,
            after="Upgraded to 1080p, so kie.ai can no longer extend it.",
            meanwhile=(
                "It is being extended right now, and kie.ai can’t do that after 1080p. Wait until "
                "it’s done."
            ),
        )
    },
    hint="kie.ai can’t upgrade an extended film: it stays 720p.",
    # "Minutes to over ten."
    pace=Pace(usual_seconds=360),
)


def _upgrade(kind: Kind, resolutions: tuple[str, ...], pace: Pace) -> FollowUp:
    return FollowUp(
        kind=kind,
        resolutions=resolutions,
        why_not_of_extended=("kie.ai upgrades single takes only, not extended videos."),
        why_not_of_fallback=("kie.ai made it with its fallback model, which works at 720p only."),
        pace=pace,
    )


_FOLLOW_UPS = (
    _EXTEND,
    # 1 to 3 minutes, to be asked about every 20 to 30 s; 5 to 10 minutes, every 30 s or more.
    _upgrade(Kind.UPGRADE_1080P, ("720p",), Pace(usual_seconds=120, pause_factor=4)),
    _upgrade(Kind.UPGRADE_4K, ("720p", "1080p"), Pace(usual_seconds=420, pause_factor=6)),
)


def _model(name: str, label: str, hint: str, *, takes_references: bool) -> Model:
    references = {Mode.REFERENCES: 3} if takes_references else {}
    return Model(
        name=name,
        label=label,
        hint=hint,
        images={Mode.FRAMES: 2, **references},
        combinations=(*_FROM_TEXT_OR_FRAMES, *(_FROM_REFERENCES if takes_references else ())),
        why_not={AUTO: "Auto follows the image and works at 720p only."},
        seeds=SEEDS,
        # One to three minutes.
        pace=Pace(usual_seconds=120),
        follow_ups=_FOLLOW_UPS,
    )


MODELS = (
    _model(
        "veo3_fast",
        "Veo 3.1 Fast",
        "The usual choice: ready in one to three minutes.",
        takes_references=True,
    ),
    _model(
        "veo3",
        "Veo 3.1 Quality",
        "Best quality, highest price.",
        takes_references=False,
    ),
    _model(
        "veo3_lite",
        "Veo 3.1 Lite",
        "Lowest price, for trying out ideas.",
        takes_references=True,
    ),
)
