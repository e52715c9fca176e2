"""A take's rail, as somebody sees it."""

from __future__ import annotations

from jobs.models import Job, User
from jobs.views.jobs.cards.dealing import card_for
from jobs.views.jobs.cards.sizes import Growth, Rung


def growth(job: Job, viewer: User) -> Growth:
    return card_for(Job.objects.for_cards().get(pk=job.pk), viewer).growth


def rung(job: Job, viewer: User, resolution: str) -> Rung:
    return next(each for each in growth(job, viewer).rail if each.resolution == resolution)


def states(job: Job, viewer: User) -> list[tuple[str, str]]:
    return [(each.resolution, each.state) for each in growth(job, viewer).rail]
