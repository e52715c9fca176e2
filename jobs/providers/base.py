"""The words every provider is spoken to in: plain values in, plain values out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import BinaryIO, Protocol


class Kind(StrEnum):
    """The sort of work that is ordered."""

    GENERATE = "generate"
    EXTEND = "extend"
    UPGRADE_1080P = "upgrade_1080p"
    UPGRADE_4K = "upgrade_4k"


UPGRADES: Mapping[str, str] = {Kind.UPGRADE_1080P: "1080p", Kind.UPGRADE_4K: "4k"}
"""The kinds that make a finished video larger, and the resolution they make.

They are repeat-safe: asking for one again is the documented way to wait for it.
"""
VIDEO_KINDS = tuple(kind for kind in Kind if kind not in UPGRADES)
"""The kinds that make a video of its own."""


def size_name(resolution: str) -> str:
    """The resolution as people write it: 720p, 1080p, 4K."""
    return "4K" if resolution == "4k" else resolution


def lines_of(resolution: str) -> int:
    """The lines of a picture in it, by which sizes are compared: 720 of 720p, 2,160 of 4k."""
    return 2160 if resolution == "4k" else int(resolution.removesuffix("p"))


class Mode(StrEnum):
    """The start of a generation, besides the prompt."""

    TEXT = "text"
    FRAMES = "frames"
    """The first frame, or the first and the last one."""
    REFERENCES = "references"
    """Pictures of what is to be seen in the video."""
    VIDEO = "video"
    """A film that words change, and pictures of what is to be seen in it."""

    @property
    def label(self) -> str:
        """Its name for people."""
        return self.capitalize()

    @property
    def as_supported(self) -> str:
        """What a model supports that offers it, within a sentence."""
        return "changing a video" if self == Mode.VIDEO else str(self)

    @property
    def sentence(self) -> str:
        """What it does, for people; the picture beside it is the icon `mode-…`."""
        return _WHAT_MODES_DO[self]


_WHAT_MODES_DO: Mapping[str, str] = {
    Mode.TEXT: "Everything in the video comes from your words.",
    Mode.FRAMES: "The video starts with your first image and, if you add one, ends with a second.",
    Mode.REFERENCES: "What your images show appears in the video. Your words say what happens.",
    Mode.VIDEO: "Your words change a video you have. Images can show what should be in it.",
}


class Part(StrEnum):
    """The part of a film that a file is."""

    FILM = "film"
    SEGMENT = "segment"
    """Only what an extension added to the end."""


class State(StrEnum):
    """The state of a piece of work, as a provider tells it."""

    WAITING = "waiting"
    RUNNING = "running"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    MISSING = "missing"
    """The provider knows no such work (or no longer)."""
    UNCLEAR = "unclear"
    """An answer that fits no documented shape: never the end of a job."""


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
    kind: Kind = Kind.GENERATE
    mode: Mode = Mode.TEXT
    image_urls: tuple[str, ...] = ()
    """Public addresses that the provider fetches them from: the first frame first."""
    film_url: str = ""
    """The same of the film that is changed."""
    span: tuple[int, int] = (0, 0)
    """The part of that film, in whole seconds from its start: the first and the one it ends at."""
    source_id: str = ""
    """The provider's id of the video that this extends or makes larger."""


@dataclass(frozen=True, slots=True)
class Work:
    """One accepted piece of work, as the provider knows it."""

    external_id: str
    kind: Kind = Kind.GENERATE
    source_id: str = ""
    """The provider's id of the video it builds on."""
    model: str = ""
    """The model that was ordered; a provider may speak of some of its models in another dialect."""


@dataclass(frozen=True, slots=True)
class Receipt:
    """The answer to an order that was accepted, in no provider's words."""

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
    part: Part = Part.FILM


@dataclass(frozen=True, slots=True)
class Echo:
    """The parts of our request that the provider repeats; None where it says nothing of a field."""

    prompt: str | None = None
    seed: int | None = None
    callback_url: str | None = None
    model: str | None = None
    resolution: str | None = None
    duration: int | None = None


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The answer to a question about a piece of work, at one moment."""

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


class Client(Protocol):
    """Speaks to a provider. Every method may raise `errors.ProviderError`."""

    def submit(self, key: str, request: VideoRequest) -> Receipt:
        """Send the one paid request, of whichever kind. Never repeats it.

        An upgrade that is under way, or done, already is accepted work like any other.
        """
        ...

    def fetch(self, key: str, work: Work) -> Snapshot:
        """Ask about a piece of work. For an upgrade this may be the paid request once more,
        where that is the provider's way to wait: so only ask about one that is wanted.
        """
        ...

    def upload(self, key: str, name: str, content: BinaryIO, content_type: str) -> str:
        """Hand an image or a film over, free and repeatable; its public address there for a day.

        Raises `NotAccepted` where it did not get there.
        """
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
        """The signature over this callback is genuine and fresh (now: Unix seconds)."""
        ...
