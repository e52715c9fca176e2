"""Deals the cards of jobs: for a page and for the live partial alike."""

from __future__ import annotations

from collections.abc import Iterable

from django.utils import timezone

from jobs import lifecycle
from jobs.models import Job, User
from jobs.models.jobs.rendition import films_of, to_play
from jobs.models.jobs.status import Status
from jobs.pricing import PriceList
from jobs.templatetags.dailies import ordered, which
from jobs.views.jobs.cards.card import Card
from jobs.views.jobs.cards.judged import Judged
from jobs.views.jobs.cards.progress import WHEN


def outcome_sentence(*jobs: Job) -> str:
    """Say in a sentence what became of an order that has just been accepted."""
    job, credits = jobs[0], sum(each.quote for each in jobs)
    if job.status == Status.AWAITING_BUDGET:
        return f"Waiting for an admin’s approval. {job.error}"
    if len(jobs) > 1:
        return f"{len(jobs)} takes queued. {credits:,} credits are reserved for them."
    return f"Queued. {credits:,} credits are reserved for it."


def card_for(job: Job, viewer: User, csrf_token: str = "", *, joins: bool = False) -> Card:
    """The card of one job. Expects `JobQuerySet.for_cards`."""
    return cards_for([job], viewer, csrf_token, joins=joins)[0]


def cards_for(
    jobs: Iterable[Job],
    viewer: User,
    csrf_token: str,
    prices: PriceList | None = None,
    *,
    is_kept: bool = False,
    joins: bool = False,
) -> list[Card]:
    """`prices`: those that the page has read already. `is_kept`: with places for its seconds.
    `joins`: they come to an open page, of which nobody knows whether it has others of their names.
    """
    shown, now, prices = list(jobs), timezone.now(), prices or PriceList()
    queued = [job.pk for job in shown if job.status == Status.QUEUED]
    places, judged = lifecycle.places(queued), Judged(shown)
    cards = []
    for job in shown:
        films = films_of(job)
        cards.append(
            Card(
                job=job,
                name=f"{which(job)}{WHEN if is_kept else ordered(job) if joins else ''}",
                rendition=films[-1] if films else to_play(job),
                small=films[0] if len(films) > 1 else None,
                viewer=viewer,
                now=now,
                prices=prices,
                place=places.get(job.pk),
                csrf_token=csrf_token,
                judged=judged,
                is_kept=is_kept,
            )
        )
    return cards
