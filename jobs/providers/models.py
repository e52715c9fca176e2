"""What a model declares of itself: what it makes, what excludes each other, what may follow."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import TypeVar

from jobs.providers.base import Kind, Mode

T = TypeVar("T")
OWN_LENGTH = 0
"""The length of an order that leaves it to the model."""


@dataclass(frozen=True, slots=True)
class Pace:
    """The time that a sort of work takes, and the times at which it may be asked about."""

    usual_seconds: int = 120
    """Expected until we have a history of our own."""
    pause_factor: int = 1
    """Between two questions lies the shortest pause (POLL_SECONDS_MIN) so many times, at least."""
    slowest_seconds: float = 30.0
    """The longest pause while the work takes no longer than is usual."""


ORDINARY = Pace()


@dataclass(frozen=True, slots=True, kw_only=True)
class Combination:
    """Modes and sizes of a model with the formats and lengths that each of them comes in.

    What excludes each other stands in different combinations.
    """

    modes: tuple[Mode, ...] = (Mode.TEXT,)
    resolutions: tuple[str, ...]
    aspect_ratios: tuple[str, ...]
    durations: tuple[int, ...]
    """Seconds; the last one is the default. OWN_LENGTH alone where the model decides."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceFilm:
    """The film that a model changes by words, and the part of it that it takes."""

    bytes_max: int
    seconds_max: int
    """Of the whole film."""
    span_max: int
    """Seconds of the part; one at least."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Closing:
    """The end of the chance of one sort of work through another, in the sentences that say so."""

    before: str
    """Read before the click: what the work would close."""
    after: str
    """The reason why the other is not possible any more."""
    meanwhile: str
    """The reason why the work has to wait while the other is under way."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FollowUp:
    """Work on a finished video of a model: a longer film, a larger copy.

    A sentence that says why not is empty where there is nothing to forbid.
    """

    kind: Kind
    """An upgrade has to be safe to ask for again, as `base.UPGRADES` says."""
    models: tuple[str, ...] = ()
    """The models that can do it; empty for work that knows no model."""
    resolutions: tuple[str, ...] = ()
    """The sizes that it can start from, the usual one first; empty for any."""
    why_no_other_resolution: str = ""
    why_not_of_extended: str = ""
    """Of a film that is an extension already."""
    why_not_of_fallback: str = ""
    """Of a video that the provider's fallback model made."""
    closed_by: Mapping[Kind, Closing] = field(default_factory=dict)
    """The follow-ups after which this one is not possible any more."""
    hint: str = ""
    """Read before it is ordered."""
    pace: Pace = ORDINARY

    def starts_from(self, resolution: str) -> bool:
        """It can be made of a video of this size."""
        return not self.resolutions or resolution in self.resolutions


@dataclass(frozen=True, kw_only=True)
class Model:
    """One model of a provider with all it can do, so that nothing else is offered or taken."""

    name: str
    """As the provider spells it; no two models of any providers share one."""
    label: str
    """Its name for people; the last word tells it from its sisters, unless that is a number."""
    combinations: tuple[Combination, ...]
    """The first one holds the defaults."""
    seeds: range
    """Empty where it takes none: what is made again comes out differently, whoever asks."""
    api: str = ""
    """Which of its provider's APIs makes it, where there are several: each knows its own ids."""
    hint: str = ""
    images: Mapping[Mode, int] = field(default_factory=dict)
    """The modes that start from images, and how many each takes at most (one at least). The film
    of `Mode.VIDEO` is one of them.
    """
    source_film: SourceFilm | None = None
    """What it takes as the film of `Mode.VIDEO`, where it offers that."""
    prompt_length_max: int = 5000
    """Characters; where the provider names no limit, one of ours."""
    published: Callable[[str, int], int] | None = None
    """The provider's own price of a size and a length in seconds, where it charges by its records:
    a price list of ours may say something else, and what it charged counts relative to this.
    """
    by_second: bool = False
    """Its provider charges by the second: a price is set for all lengths of a size at once."""
    translates: bool = True
    """It can be told to translate the prompt."""
    adds_watermark: bool = True
    pace: Pace = ORDINARY
    follow_ups: tuple[FollowUp, ...] = ()
    why_not: Mapping[str, str] = field(default_factory=dict)
    """Of an aspect ratio, resolution or length that excludes others: what it goes with."""

    @property
    def short(self) -> str:
        """The part of its name that tells it from its sisters."""
        last = self.label.rpartition(" ")[2]
        return last if last.isalpha() else self.label

    @property
    def seed_rule(self) -> str:
        """The seeds it takes, in a sentence."""
        return f"A seed is a whole number from {self.seeds[0]} to {self.seeds[-1]}."

    def published_price(self, resolution: str, seconds: int) -> int | None:
        """The provider's own price of this, in its credits; None where it has declared none."""
        if self.published is None or not (
            resolution in self.resolutions and seconds in self.durations
        ):
            return None
        return self.published(resolution, seconds)

    @cached_property
    def lacks(self) -> Mapping[str, str]:
        """The settings of an order that it knows nothing of, and why they can't be chosen."""
        reasons = {
            "translate": "" if self.translates else f"{self.label} takes the prompt as it is.",
            "watermark": "" if self.adds_watermark else f"{self.label} adds no watermark.",
            "seed": "" if self.seeds else f"{self.label} takes no seed.",
        }
        return {setting: reason for setting, reason in reasons.items() if reason}

    @cached_property
    def modes(self) -> tuple[Mode, ...]:
        """The modes it offers, in the order in which people read them."""
        offered = {mode for each in self.combinations for mode in each.modes}
        return tuple(mode for mode in Mode if mode in offered)

    @cached_property
    def aspect_ratios(self) -> tuple[str, ...]:
        return union(each.aspect_ratios for each in self.combinations)

    @cached_property
    def resolutions(self) -> tuple[str, ...]:
        return union(each.resolutions for each in self.combinations)

    @cached_property
    def durations(self) -> tuple[int, ...]:
        """Seconds; the last one is the default, and OWN_LENGTH is never that."""
        lengths = union(each.durations for each in self.combinations)
        return tuple(sorted(lengths, key=lambda seconds: seconds != OWN_LENGTH))

    def resolutions_in(self, mode: str) -> tuple[str, ...]:
        """The sizes that a mode comes in; empty for a mode that is not offered."""
        return union(each.resolutions for each in self.combinations if mode in each.modes)

    def ratios_in(self, mode: str, resolution: str) -> tuple[str, ...]:
        """The aspect ratios allowed; empty where mode and size do not go together."""
        return union(each.aspect_ratios for each in self._of(mode, resolution))

    def durations_at(self, resolution: str, mode: str = Mode.TEXT) -> tuple[int, ...]:
        """The lengths allowed, in seconds; empty where mode and size do not go together."""
        return union(each.durations for each in self._of(mode, resolution))

    def follow_up(self, kind: str) -> FollowUp | None:
        """Its declaration of this sort of work on its videos; None where that is not offered."""
        return next((each for each in self.follow_ups if each.kind == kind), None)

    def _of(self, mode: str, resolution: str) -> list[Combination]:
        return [
            each
            for each in self.combinations
            if mode in each.modes and resolution in each.resolutions
        ]


def union(groups: Iterable[tuple[T, ...]]) -> tuple[T, ...]:
    """Each value once, in the order in which they are first met."""
    return tuple(dict.fromkeys(value for group in groups for value in group))
