"""What providers declare of themselves, and (`models`) of their models: plain values that all read.

Nobody outside of this package knows a provider or a model by its name. What only one of them can,
wants or forbids stands in its declaration, with the sentence that tells people so; the composer,
the checks before a hold, the rail of a card, the cadence and the deadlines read it there.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import timedelta
from functools import cached_property

from jobs.providers.base import UPGRADES, Client, Kind
from jobs.providers.models import ORDINARY, FollowUp, Model, Pace
from jobs.providers.price_feed import PriceFeed


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """What a provider's words for an end mean. An end is of this sort if both agree with it."""

    cause: str
    """In a word of ours, which no other provider needs to share."""
    codes: tuple[str, ...] = ()
    """The error codes; empty for any."""
    words: tuple[str, ...] = ()
    """Words in its reason, in lower case, of which one has to be there; empty for any reason."""

    def explains(self, code: str, reason: str) -> bool:
        """This is what the provider meant."""
        said = reason.lower()
        has_word = not self.words or any(word in said for word in self.words)
        return has_word and (not self.codes or code in self.codes)


@dataclass(frozen=True, slots=True, kw_only=True)
class Callbacks:
    """A provider's way of calling back."""

    setting: str = ""
    """The setting that has to be on before any are asked for; empty where there always are."""
    has_signing_key: bool = False
    """An account has a key that they are signed with, which people enter beside its key."""


@dataclass(frozen=True, kw_only=True)
class Provider:
    """A service that makes videos, as it declares itself."""

    name: str
    """The short name that rows and addresses carry."""
    label: str
    client: type[Client]
    """Speaks to it: built with `http` and the arguments of `settings`."""
    settings: Mapping[str, str]
    """The names of its arguments, and of the settings that hold them: addresses above all."""
    models: Sequence[Model]
    """The usual choice first."""
    result_hosts: tuple[str, ...]
    """The hosts of its files, unless ARCHIVE_HOSTS says otherwise."""
    retention: timedelta
    """The time for which it keeps records and media."""
    creations_per_10s: int
    """New pieces of work an account may ask for in any 10 seconds."""
    asks_per_second: int
    """Questions about work a key may ask per second."""
    preview: bool = False
    callbacks: Callbacks | None = None
    """None where it never calls back."""
    echoes: bool = False
    """Its records repeat what was asked for, so that they can prove whose they are."""
    tells_balance: bool = False
    """`balance` asks something: else a key proves itself only by the next submission."""
    uploads_last: timedelta | None = None
    """The time for which an image that it was given is counted on; None where it takes none, and
    fetches them from a public address of ours."""
    failures: Sequence[Failure] = ()
    """The ends that people can do something about, the surest first."""
    fallback: str = ""
    """A video of its fallback model in words; empty where it has no such model."""
    prices: PriceFeed | None = None
    """Its public list of prices; None where it has none."""
    practice_key: str = ""
    """The key that the practice provider knows; empty where that does not stand in for it."""

    @property
    def takes_uploads(self) -> bool:
        return self.uploads_last is not None

    @cached_property
    def follow_ups(self) -> AbstractSet[Kind]:
        """The sorts of work that any of its models offers on a finished video."""
        return frozenset(each.kind for model in self.models for each in model.follow_ups)

    @property
    def upgrades(self) -> AbstractSet[Kind]:
        """The kinds of upgrades among them."""
        return self.follow_ups & UPGRADES.keys()

    def model(self, name: str) -> Model | None:
        """The model of that name; None where it has none (any more)."""
        return next((model for model in self.models if model.name == name), None)

    def follow_up(self, model: str, kind: str) -> FollowUp | None:
        """A model's declaration of this sort of work on its videos; None where it offers none."""
        known = self.model(model)
        return known.follow_up(kind) if known else None

    def cause(self, code: str, reason: str) -> str:
        """Why it made nothing, in a word of ours; '' where that is not known."""
        return next((each.cause for each in self.failures if each.explains(code, reason)), "")

    def pace(self, model: str, kind: str) -> Pace:
        """The declared pace of this work; of a model that is not known, the ordinary one."""
        declared = self.model(model) if kind == Kind.GENERATE else self.follow_up(model, kind)
        return declared.pace if declared else ORDINARY
