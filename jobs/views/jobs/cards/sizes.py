"""The sizes of a take: there, on their way, or still to be made."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from uuid import NAMESPACE_URL, UUID, uuid5

from django.utils.html import format_html

from jobs import lifecycle
from jobs.models import Job, Rendition, User
from jobs.models.jobs.rendition import to_play
from jobs.models.jobs.status import UNMADE, Status
from jobs.pricing import PriceList
from jobs.providers import PROVIDERS
from jobs.providers.base import UPGRADES, Kind, size_name
from jobs.templatetags.dailies import end
from jobs.times import moments
from jobs.views.jobs.cards.stages import Ending

SOON_DAYS = 3
"""From when on the card itself says that time is running out."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rung:
    """One resolution of a take."""

    resolution: str
    state: str
    """have, busy, look, failed, ask or no."""
    text: str = ""
    """The state in words, or why not."""
    kind: str = ""
    """The kind of upgrade that makes it; empty for what the take was made at."""
    job: Job | None = None
    rendition: Rendition | None = None
    credits: int | None = None
    """The price of the upgrade, where it may be asked for."""
    key: UUID | None = None
    door: str = ""
    """The door that it would shut, to be read before the click."""

    @property
    def can_ask(self) -> bool:
        return self.key is not None

    @property
    def is_part(self) -> bool:
        """Its file is no film, but only what was added to the end of one."""
        return self.rendition is not None and self.rendition.is_part

    @property
    def words(self) -> str:
        """The state in few words, for a card; a size that is there, or can be had, needs none."""
        if self.state in ("have", "ask"):
            return ""
        if self.state == "failed" and self.job and self.job.error:
            return Ending(self.job).headline
        return self.text

    @property
    def name(self) -> str:
        """The name on the rail."""
        if self.rendition is not None and self.rendition.is_part:
            return self.rendition.name
        return size_name(self.resolution)


@dataclass(frozen=True)
class Growth:
    """One job as something to make more of. Expects `JobQuerySet.for_cards`."""

    take: Job
    viewer: User
    prices: PriceList
    now: datetime

    @cached_property
    def rail(self) -> list[Rung]:
        """Its sizes, from what it was made at upwards; none for what has no rail of its own."""
        take = self.take
        if take.kind in UPGRADES or take.status != Status.SUCCEEDED:
            return []
        own = to_play(take)
        state, text = _at(take, own)
        size = own.resolution if own else take.resolution
        first = Rung(resolution=size, state=state, text=text, rendition=own)
        rest = (_larger(take, kind, self.viewer, self.prices) for kind in UPGRADES)
        # Others see what there is; what only the owner can ask for is no news to them.
        seen = (rung for rung in rest if rung.state != "no" or take.owner_id == self.viewer.pk)
        return [first, *(rung for rung in seen if rung.resolution != first.resolution)]

    @property
    def can_promote(self) -> bool:
        """It is a draft that is ready: its page says what it can be promoted to."""
        return self.take.is_draft and self.take.status == Status.SUCCEEDED

    @property
    def shown(self) -> Rung:
        """The size that plays: the largest there is. Of a rail only."""
        return next((rung for rung in reversed(self.rail) if rung.state == "have"), self.rail[0])

    @property
    def unfinished(self) -> list[Rung]:
        """The larger sizes that were ordered and are not there."""
        larger = self.rail[self.rail.index(self.shown) + 1 :]
        return [rung for rung in larger if rung.state in ("busy", "look", "failed")]

    @cached_property
    def no_extension(self) -> str:
        """The reason this viewer cannot have it extended; empty if they can."""
        return lifecycle.refusal(self.take, Kind.EXTEND, self.viewer)

    @property
    def can_extend(self) -> bool:
        return not self.no_extension

    @property
    def extend_from(self) -> int | None:
        """The cheapest extension."""
        costs = (cost for _, _, cost in extension_prices(self.take, self.prices))
        return min(costs, default=None)

    @cached_property
    def until(self) -> datetime | None:
        """The moment the provider lets go of it; None where that does not matter."""
        return lifecycle.available_until(self.take)

    @cached_property
    def left(self) -> str:
        """The time until then, in words; empty once it is over."""
        return moments.time_left(self.until, self.now) if self.until else ""

    @cached_property
    def chance(self) -> str:
        """The ways its owner could still build on it, and until when; empty for none."""
        if self.until is None or not self.left:
            return ""
        owner = self.take.owner
        longer = not lifecycle.refusal(self.take, Kind.EXTEND, owner)
        larger = not all(lifecycle.refusal(self.take, kind, owner) for kind in UPGRADES)
        if longer and larger:
            return format_html("Can be extended or upgraded until {}.", end(self.until))
        if longer:
            return format_html("Can be extended until {}.", end(self.until))
        return format_html("Can be upgraded until {}.", end(self.until)) if larger else ""

    @property
    def is_soon(self) -> bool:
        """There is little time left for something that could still be done."""
        if self.until is None or self.until - self.now > timedelta(days=SOON_DAYS):
            return False
        return bool(self.chance)

    @property
    def is_let_go(self) -> bool:
        """The provider has forgotten it."""
        return self.until is not None and not self.left


def newest_upgrade(take: Job, kind: str) -> tuple[Job | None, int]:
    """The latest order of this size, and how many ended without a video."""
    orders = [job for job in lifecycle.ordered_of(take) if job.kind == kind]
    newest = max(orders, key=lambda job: job.created_at, default=None)
    return newest, sum(job.status in UNMADE for job in orders)


def upgrade_key(take: Job, kind: str, ended: int) -> UUID:
    """The submission key of the next order: the same for every click on the same button."""
    return uuid5(NAMESPACE_URL, f"{kind}:{take.pk}:{ended}")


def extension_prices(take: Job, prices: PriceList) -> Iterator[tuple[str, str, int]]:
    """The models that extend it, as name, label and credits."""
    provider = PROVIDERS[take.provider]
    extension = provider.follow_up(take.model, Kind.EXTEND)
    able = extension.models if extension else ()
    for model in provider.models:
        if model.name not in able:
            continue
        cost = prices.credits(
            provider=take.provider,
            kind=Kind.EXTEND,
            model=model.name,
            resolution=take.resolution,
        )
        if cost is not None:
            yield model.name, model.label, cost


def _larger(take: Job, kind: str, viewer: User, prices: PriceList) -> Rung:
    newest, ended = newest_upgrade(take, kind)
    resolution = UPGRADES[Kind(kind)]
    reason = lifecycle.refusal(take, kind, viewer)
    cost = prices.credits(
        provider=take.provider, kind=kind, model=take.model, resolution=resolution
    )
    if not reason and cost is None:
        reason = "It has no price yet. Ask an admin to add one on the Team page."
    key = None if reason else upgrade_key(take, kind, ended)
    door = lifecycle.shuts_the_door(take, kind) if key else ""
    if newest and newest.status != Status.CANCELED:
        file = to_play(newest)
        state, text = _at(newest, file)
        return Rung(
            resolution=resolution,
            state=state,
            text=text,
            kind=kind,
            job=newest,
            rendition=file,
            credits=cost,
            key=key,
            door=door,
        )
    if key is None:
        return Rung(resolution=resolution, state="no", text=reason, kind=kind)
    return Rung(resolution=resolution, state="ask", kind=kind, credits=cost, key=key, door=door)


def _at(job: Job, file: Rendition | None) -> tuple[str, str]:
    """The state of a rung that a job was made for, and its words."""
    match job.status:
        case Status.SUCCEEDED if file is not None and file.is_stored:
            return "have", file.get_state_display()
        case Status.SUCCEEDED if file is not None and file.is_closed_unstored:
            return "failed", file.problem or file.get_state_display()
        case Status.SUCCEEDED:
            is_held_up = file is not None and file.missing_host
            return ("look", "waiting for its host") if is_held_up else ("busy", "being stored")
        case Status.UNCERTAIN | Status.AWAITING_BUDGET:
            return "look", job.get_status_display()
        case Status.FAILED | Status.LOST | Status.CANCELED:
            return "failed", job.error or job.get_status_display()
        case _:
            return "busy", "being made"
