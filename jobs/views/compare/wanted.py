"""The videos that somebody wants beside each other, as far as they may see them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from django.http import QueryDict
from django.utils.translation import ngettext

from jobs.models import Job, User
from jobs.models.jobs.job import Jobs
from jobs.providers.base import UPGRADES
from jobs.views.panes import MOST

LOOKED_AT = 40
"""Ids of one address, more of which nobody means."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """The videos to compare, and what is to be said of the others."""

    ids: list[UUID]
    """In their order, each once, no more than fit."""
    notes: list[str]
    is_group: bool
    """They are takes of one order."""

    def jobs(self) -> list[Job]:
        """With all that a card shows."""
        jobs = Job.objects.for_cards().in_bulk(self.ids)
        return [jobs[each] for each in self.ids if each in jobs]


def wanted_by(user: User, asked: QueryDict) -> Wanted:
    """By `take`, an id each; by `group`, an order's; or by `like`, all that is made from the same.

    What is not there and what is not theirs to see are one: nobody learns which.
    """
    seen = Job.objects.visible_to(user)
    missing = 0
    if (group := asked.get("group")) is not None:
        number = _uuid(group)
        found = list(seen.takes().filter(take_group=number).order_by("take")) if number else []
        missing = 0 if found else 1
    elif (like := asked.get("like")) is not None:
        found = _alike(seen, _uuid(like))
        missing = 0 if found else 1
    else:
        found, missing = _named(seen, asked.getlist("take"))
    notes = []
    if missing:
        notes.append(
            ngettext(
                "%d video can’t be shown here: it was removed, or you can’t see it.",
                "%d videos can’t be shown here: they were removed, or you can’t see them.",
                missing,
            )
            % missing
        )
    if len(found) > MOST:
        notes.append(f"Up to {MOST} videos fit side by side. These are the first {MOST}.")
    shown = found[:MOST]
    groups = {job.take_group for job in shown}
    is_group = len(shown) > 1 and len(groups) == 1 and None not in groups
    return Wanted([job.pk for job in shown], notes, is_group)


def _named(seen: Jobs, ids: Iterable[str]) -> tuple[list[Job], int]:
    """These videos in their order, each once, and how many of the ids lead to none.

    A larger copy stands for its video, whose film it is.
    """
    wanted = list(dict.fromkeys(ids))[:LOOKED_AT]
    numbers = {each: _uuid(each) for each in wanted}
    by_id = {job.pk: job for job in seen.filter(pk__in=filter(None, numbers.values()))}
    copies = (job for job in by_id.values() if job.kind in UPGRADES)
    roots = [job.source_id for job in copies if job.source_id]
    by_id |= {job.pk: job for job in seen.filter(pk__in=roots)}
    found: dict[UUID, Job] = {}
    missing = 0
    for each in wanted:
        job = by_id.get(numbers[each] or UUID(int=0))
        if job and job.kind in UPGRADES:
            job = by_id.get(job.source_id or job.pk)
        if job is None:
            missing += 1
        else:
            found[job.pk] = job
    return list(found.values()), missing


def _alike(seen: Jobs, number: UUID | None) -> list[Job]:
    """This video, and the newest that were made from the same."""
    job = seen.takes().filter(pk=number).first() if number else None
    if job is None:
        return []
    others = seen.takes().like_any([job.likeness]).exclude(pk=job.pk).order_by("-created_at")
    return [job, *others[: MOST - 1]]


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None
