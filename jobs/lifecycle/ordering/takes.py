"""The takes that one order makes: their keys, their seeds, and the group that they are."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from secrets import SystemRandom
from uuid import UUID, uuid5

from jobs.lifecycle.ordering.submission import Submission
from jobs.models import User
from jobs.models.jobs.job_constraints import TAKES_MAX


@dataclass(frozen=True, slots=True)
class Take:
    """One of the takes of an order."""

    submission: Submission
    key: UUID
    group: UUID | None = None
    number: int | None = None
    """Its place in the group; neither for what is ordered alone."""


def takes_of(owner: User, submission: Submission, key: UUID, number: int) -> list[Take]:
    """The takes of an order of so many of them (1 to 4)."""
    if not 1 <= number <= TAKES_MAX:
        raise ValueError(f"an order makes 1 to {TAKES_MAX} takes, not {number}")
    if number == 1:
        return [Take(submission, key)]
    # Of the owner as well: whoever reads the group in an address cannot send the key of it.
    group = uuid5(key, f"takes of {owner.pk}")
    return [
        Take(submission_of_take(submission, place), each, group, place)
        for place, each in enumerate(keys_of(key)[:number], 1)
    ]


def keys_of(key: UUID) -> list[UUID]:
    """The keys of all takes that an order of this key may make.

    The first goes by the key itself: of two orders on one key, of however many takes, the database
    lets one in.
    """
    return [key, *(uuid5(key, f"take {place}") for place in range(2, TAKES_MAX + 1))]


def submission_of_take(submission: Submission, place: int) -> Submission:
    """The order of the take in this place, from 1: a chosen seed is the first one's, and the others
    follow it.
    """
    if submission.seed is None:
        return submission
    return replace(submission, seed=submission.seed + place - 1)


def seeds_of(takes: Sequence[Take], seeds: range) -> list[int]:
    """The seed of each take: as chosen, else one of ours for each, and no two the same; 0 where the
    model takes none.

    The provider may echo it, which is how an uncertain job can be proved later.
    """
    ours = SystemRandom().sample(seeds, len(takes)) if seeds else [0] * len(takes)
    return [
        seed if take.submission.seed is None else take.submission.seed
        for take, seed in zip(takes, ours, strict=True)
    ]
