"""Asks before an order is paid for, whoever brings it: do they know its price, and of its twin?

`submit` takes what it is given, at the price of that moment. Whoever submits for a person, a page,
a table or a program, calls `confirm` first and shows them the answer, if there is one.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from jobs.lifecycle.ordering.submission import Submission
from jobs.lifecycle.ordering.takes import keys_of, submission_of_take
from jobs.models import Image, Job, User
from jobs.pricing import PriceList
from jobs.providers.base import Kind
from jobs.times import clock

JUST_NOW_SECONDS = 60
"""So long an equal order of the same person asks first."""


@dataclass(frozen=True, slots=True)
class CostsOtherwise:
    """The price is another than the one that was shown; both in credits, 0 shown for none."""

    cost: int
    seen: int

    @property
    def user_message(self) -> str:
        if self.seen:
            return f"This costs {self.cost:,} credits, not the {self.seen:,} shown."
        return f"This costs {self.cost:,} credits, and no price was shown."


@dataclass(frozen=True, slots=True)
class AlreadyMade:
    """There is a video of the same, or one is being made."""

    job: Job


def confirm(
    owner: User,
    submission: Submission,
    key: UUID,
    *,
    takes: int = 1,
    seen_cost: int | None,
    seen_duplicate: UUID | None = None,
) -> CostsOtherwise | AlreadyMade | None:
    """Tell what the owner has yet to see before so many takes are submitted; None for nothing.

    `seen_cost` is the price of all of them that they were shown, in credits, 0 for none; None where
    nobody can tell. `seen_duplicate` is the job that they were shown as already made.
    """
    news = costs_otherwise(submission, seen_cost, takes) or _duplicate(
        owner, submission, key, takes, seen_duplicate
    )
    # An order that was taken before gets its job again, whatever has changed since.
    return None if news and _is_ordered(owner, key) else news


def already_made(owner: User, submission: Submission, key: UUID, takes: int = 1) -> Job | None:
    """The newest video of the same prompt, images and settings as any of the takes that this person
    may open, but for those that this very order has become.
    """
    images = Image.objects.visible_to(owner).in_order(map(UUID, submission.image_ids))
    alike = {
        submission_of_take(submission, place).likeness(images) for place in range(1, takes + 1)
    }
    same = Job.objects.visible_to(owner).like_any(alike)
    others = same.exclude(owner=owner, submission_key__in=keys_of(key))
    return others.select_related("owner").first()


def already_made_of(owner: User, submissions: Iterable[Submission]) -> dict[str, Job]:
    """The same for many orders of text alone, by their likeness: one query."""
    likenesses = {submission.likeness([]) for submission in submissions}
    same = Job.objects.visible_to(owner).like_any(likenesses).select_related("owner")
    return {job.likeness: job for job in same.order_by("created_at", "pk")}


def costs_otherwise(
    submission: Submission, seen: int | None, takes: int = 1
) -> CostsOtherwise | None:
    """Its price and the one that was shown, where they differ; None seen where nobody can tell."""
    single = PriceList().of(submission)
    # Where there is no price at all, `submit` says so.
    cost = single and takes * single
    return CostsOtherwise(cost, seen) if cost and seen is not None and seen != cost else None


def _duplicate(
    owner: User, submission: Submission, key: UUID, takes: int, seen: UUID | None
) -> AlreadyMade | None:
    """The same, unless it was seen. Without a seed of its own, each of one's own tries is meant to
    come out differently, and is not the same; but for a minute it may be one press too many.
    """
    if submission.kind != Kind.GENERATE:
        # What was made of a video is seen on its page, where more of it is ordered.
        return None
    same = already_made(owner, submission, key, takes)
    if same is None or same.pk == seen:
        return None
    is_news = same.owner_id != owner.pk or same.seed_chosen or _is_just_ordered(same)
    return AlreadyMade(same) if is_news else None


def _is_just_ordered(job: Job) -> bool:
    return Job.objects.filter(pk=job.pk, created_at__gt=clock.after(-JUST_NOW_SECONDS)).exists()


def _is_ordered(owner: User, key: UUID) -> bool:
    return Job.objects.filter(owner=owner, submission_key=key).exists()
