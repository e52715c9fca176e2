"""The larger copy that a pick has made: its price is held while a link waits for that pick."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID, uuid4

from django.db import transaction
from django.db.models import F, Q, QuerySet
from django.db.models.functions import Now

from jobs import lifecycle, pricing
from jobs.letters import isolated
from jobs.letters.explained import Explained
from jobs.models import Job, Rendition, SharedTake, ShareLink, User, prepared
from jobs.models.jobs.status import Status
from jobs.providers.base import Kind
from jobs.shares.takes import Take, root_of

PICKED = Kind.UPGRADE_4K


class NotHeld(Explained):
    """Nothing was held for a larger copy; `user_message` says why."""


@dataclass(frozen=True, slots=True)
class Offer:
    """The price and the term of a larger copy of whichever of some videos is picked."""

    credits: int = 0
    until: datetime | None = None
    """The moment the provider lets go of the last of them: later picks have nothing made."""
    reason: str = ""
    """The reason it cannot be offered at all, in a sentence."""


def offer_on(files: Iterable[Rendition], owner: User) -> Offer:
    """For these videos, paid for by this person. Changes nothing."""
    videos = _videos(root_of(file.job) for file in files)
    if not videos:
        return Offer(reason="Choose the videos first.")
    able = [video for video in videos if not _refusal(video, owner)]
    if not able:
        return Offer(reason=_refusal(videos[0], owner))
    wanted = lifecycle.upgrade_of(able[0], PICKED)
    cost = pricing.PriceList().of(wanted)
    if cost is None:
        return Offer(reason="4K has no price yet. Ask an admin to add one on the Team page.")
    return Offer(cost, _let_go(able))


def hold(link: ShareLink) -> int:
    """Hold the price of one larger copy, from its owner's budgets; how many credits that are.

    Call while the link is locked. Raises `NotHeld`.
    """
    owner = link.owner
    able = [video for video in _videos_on(link) if not _refusal(video, owner)]
    if not able:
        raise NotHeld(offer_on(_files_on(link), owner).reason)
    # It stands for the first one until another is picked.
    wanted = lifecycle.upgrade_of(able[0], PICKED)
    try:
        job = lifecycle.submit(owner, wanted, uuid4(), may_park=False, until_picked=True)
    except lifecycle.NotSubmitted as error:
        raise NotHeld(error.user_message) from error
    ends = [moment for moment in (link.expires_at, _let_go(able)) if moment]
    ShareLink.objects.filter(pk=link.pk).update(upgrade=job, upgrade_until=min(ends))
    return job.quote


def set_end(link: ShareLink) -> None:
    """After its expiry was changed: what is held ends with the link at the latest."""
    # What has joined a collection since prolongs nothing: the month of the hold would stay open.
    last = link.upgrade.created_at + link.upgrade.retention if link.upgrade else None
    ends = [link.expires_at, _let_go(_videos_on(link)), last]
    ShareLink.objects.filter(pk=link.pk).update(
        upgrade_until=min((moment for moment in ends if moment), default=Now())
    )


def free(link: ShareLink, text: str, by: User | None = None) -> bool:
    """Let go of what is held, if nobody has picked yet; true if this call did it."""
    return link.upgrade is not None and lifecycle.withdraw(link.upgrade, text, by)


def start(link: ShareLink, take: SharedTake, name: str) -> None:
    """Have the larger copy made of the take that was picked, if one is held for.

    Call while the link is locked, so that of two picks at once the first one counts.
    """
    now = ShareLink.objects.select_related("upgrade__owner").get(pk=link.pk)
    if now.upgrade is None or not now.awaits_pick:
        return
    (video,) = _videos([root_of(take.rendition.job)])
    try:
        lifecycle.pick(now.upgrade, video, f"Picked by {isolated(name)} on a link")
    except lifecycle.NotSubmitted as error:
        lifecycle.remark(
            now.upgrade,
            f"{isolated(name)} picked a video, but it couldn’t be upgraded. {error.user_message}",
        )


def picked_place(link: ShareLink, takes: Iterable[Take]) -> int | None:
    """The place of the take that is, or is being, made larger because it was picked."""
    order = link.upgrade
    if order is None or order.status in (Status.AWAITING_PICK, Status.CANCELED):
        return None
    places = (take.place for take in takes if root_of(take.job) == order.source_id)
    return next(places, None)


def last_remark(link: ShareLink) -> str:
    """The reason the latest pick had nothing made, while the next one still may."""
    if link.upgrade is None or not link.awaits_pick:
        return ""
    said = link.upgrade.events.filter(before=Status.AWAITING_PICK).order_by("-pk").first()
    return said.text if said else ""


def lapse() -> None:
    """Free what is held on links that are over, or whose videos nothing can be made of any more:
    the provider lets go of them, or their key is gone.
    """
    for (link_id,) in prepared.rows("held in vain", lambda: _held_in_vain().values_list("pk")):
        with transaction.atomic():
            # Locked, and looked at once more: it may have been picked, or prolonged.
            ShareLink.objects.filter(pk=link_id).update(title=F("title"))
            if link := _held_in_vain().filter(pk=link_id).select_related("upgrade").first():
                free(link, "Nobody picked a video in time")


def _held_in_vain() -> QuerySet[ShareLink]:
    held = ShareLink.objects.filter(upgrade__status=Status.AWAITING_PICK)
    past = Q(upgrade_until__lte=Now()) | Q(upgrade__credential=None)
    return held.filter(past | ~Q(pk__in=ShareLink.objects.open()))


def _refusal(video: Job, owner: User) -> str:
    """The reason this person cannot have that video made larger; '' if they can."""
    if reason := lifecycle.refusal(video, PICKED, owner):
        return reason
    return "" if video.credential else "The key it was made with is gone."


def _videos(ids: Iterable[UUID | None]) -> list[Job]:
    """The jobs of these ids with what was ordered of them, in that order."""
    wanted = list(dict.fromkeys(each for each in ids if each))
    jobs = Job.objects.filter(pk__in=wanted).select_related("owner", "credential")
    found = {job.pk: job for job in jobs.prefetch_related("derived")}
    return [found[pk] for pk in wanted if pk in found]


def _files_on(link: ShareLink) -> list[Rendition]:
    return [take.rendition for take in link.takes.select_related("rendition__job")]


def _videos_on(link: ShareLink) -> list[Job]:
    return _videos(root_of(file.job) for file in _files_on(link))


def _let_go(videos: list[Job]) -> datetime | None:
    ends = [lifecycle.available_until(video) for video in videos]
    return max((moment for moment in ends if moment), default=None)
