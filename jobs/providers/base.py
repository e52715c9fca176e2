"""The words every provider is spoken to in: plain values in, plain values out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import Protocol


class State(StrEnum):
    """What a provider says of a piece of work."""

    WAITING = "waiting"
    RUNNING = "running"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    MISSING = "missing"
    """The provider knows no such work (or no longer)."""
    UNCLEAR = "unclear"
    """An answer that fits no documented shape: never the end of a job."""


@dataclass(frozen=True, slots=True)
class Option:
    """One choice of a control: the value sent, and what people read."""

    value: str
    label: str


@dataclass(frozen=True, slots=True)
class Model:
    """What one model of a provider can do, so that the composer offers nothing else."""

    name: str
    label: str
    aspect_ratios: tuple[str, ...]
    resolutions: tuple[str, ...]
    durations: tuple[int, ...]
    """Seconds; the last one is the default."""
    hint: str = ""

    def durations_at(self, resolution: str) -> tuple[int, ...]:
        """The lengths allowed at a resolution: 1080p and 4K come at full length only."""
        return self.durations if resolution == "720p" else self.durations[-1:]


@dataclass(frozen=True, slots=True)
class VideoRequest:
    """Provider-neutral parameters of one paid piece of work."""

    prompt: str
    model: str
    aspect_ratio: str
    resolution: str
    duration: int
    seed: int
    seed_chosen: bool
    """False when the seed is ours, a correlation tag, and not the person's wish."""
    translate: bool = True
    watermark: str = ""
    callback_url: str = ""


@dataclass(frozen=True, slots=True)
class Receipt:
    """What submitting told us."""

    external_id: str
    provider_credits: Decimal | None = None
    """The provider's own estimate, where it gives one."""


@dataclass(frozen=True, slots=True)
class Result:
    """One finished file, as the provider names it."""

    url: str
    """Well-formed http(s), no more: whether its host may be visited, the archive decides."""
    resolution: str
    """720p, 1080p or 4k; '' where the provider does not say."""
    poster_url: str = ""


@dataclass(frozen=True, slots=True)
class Echo:
    """What the provider repeats of our request; None where it says nothing of a field."""

    prompt: str | None = None
    seed: int | None = None
    callback_url: str | None = None
    model: str | None = None


@dataclass(frozen=True, slots=True)
class Snapshot:
    """What asking told us, at one moment."""

    state: State
    results: tuple[Result, ...] = ()
    """The film first; never empty when the state is SUCCEEDED."""
    progress: int | None = None
    """Percent, where the provider gives one."""
    error_code: str = ""
    error: str = ""
    provider_credits: Decimal | None = None
    """The provider's own charge, where it reports one."""
    echo: Echo | None = None
    """None where the provider repeats nothing at all."""
    fallback: bool = False


@dataclass(frozen=True, slots=True)
class CallbackNews:
    """The only thing believed of a callback: which work it may be about."""

    external_id: str


class Provider(Protocol):
    """A service that makes videos. Every method may raise `errors.ProviderError`."""

    name: str
    label: str
    preview: bool
    models: Sequence[Model]
    creations_per_10s: int
    """New pieces of work an account may ask for in any 10 seconds."""
    asks_per_second: int
    """Questions about work a key may ask per second."""

    def submit(self, key: str, request: VideoRequest) -> Receipt:
        """Send the one paid POST. Never repeats it."""
        ...

    def fetch(self, key: str, external_id: str) -> Snapshot:
        """Ask about a piece of work."""
        ...

    def fresh_url(self, key: str, url: str) -> str:
        """A new link for an expired result URL; raises `Refused` where there is none."""
        ...

    def balance(self, key: str) -> Decimal | None:
        """The account's own credits, or None where the provider cannot tell."""
        ...

    def read_callback(self, body: Mapping[str, object]) -> CallbackNews:
        """Read the candidate id out of a callback; raises `ValueError` where there is none."""
        ...

    def verify_callback(
        self, headers: Mapping[str, str], body: bytes, news: CallbackNews, key: str, now: float
    ) -> bool:
        """Whether the signature over this callback is genuine and fresh (now: Unix seconds)."""
        ...
