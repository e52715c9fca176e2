"""The page of one video."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.db.models import Q
from django.http import HttpResponse, HttpResponseBadRequest
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from jobs import lifecycle, pricing, shares
from jobs.models import Job, User
from jobs.models.jobs.rendition import films_of
from jobs.models.jobs.status import Status
from jobs.providers.base import UPGRADES
from jobs.views.access import Request, job_to_see
from jobs.views.answers.packed import packed_quickly
from jobs.views.callers import listing_left
from jobs.views.http.bell import saw
from jobs.views.jobs import live as live_updates
from jobs.views.jobs.cards.card import Card
from jobs.views.jobs.cards.dealing import card_for
from jobs.views.jobs.cards.sizes import Rung
from jobs.views.jobs.promotions import promotion_offer
from jobs.views.jobs.video.asking import Watched, links_of, notes_on
from jobs.views.jobs.video.clips import clips_of
from jobs.views.jobs.video.details import books_of, made_of, name_of, phases_of, timeline_of
from jobs.views.jobs.video.failures import failure_of
from jobs.views.jobs.video.family import family_of
from jobs.views.jobs.video.lineage import lineage_of
from jobs.views.jobs.video.thrown import or_in_trash
from jobs.views.panes import compare_address

REVIEW_SECONDS = 10


@packed_quickly
@require_safe
@or_in_trash
def page(request: Request, job_id: UUID) -> HttpResponse:
    """Player, comments and details; with `since`, only if that changed.

    With `size` that size plays, where it is kept.
    """
    watched, changes = Watched(job_id, request.user), None
    # The cursor first: what changes while the job is read comes with the next poll.
    if "since" in request.GET:
        try:
            changes = live_updates.since(request.GET["since"], watched.changed_after)
        except ValueError:
            return HttpResponseBadRequest("bad cursor")
    cursor = changes.cursor if changes else watched.cursor()
    if changes and not changes.is_new:
        job_to_see(request.user, job_id)
        return live_updates.nothing_new()
    # So is the cadence: what comes to rest while the job is read is asked about once more.
    interval = watched.interval()
    job = job_to_see(request.user, job_id)
    _saw(request, job)
    card = card_for(job, request.user)
    take = _take_of(card)
    notes = notes_on(take.job)
    family = family_of(take.job)
    family_jobs = [job] if card.is_upgrade else made_of(job, request.user, family)
    films, size = films_of(job), request.GET.get("size")
    lineage = lineage_of(job, take.job, request.user)
    changed = lineage["changed"]
    context = {
        "job": job,
        "came_from": listing_left(request),
        "name": name_of(job),
        "card": card,
        "notes": notes,
        "marks": [note for note in notes if note.seconds is not None],
        "open_notes": sum(note.is_open for note in notes),
        "take": take,
        "draft": job.draft if job.draft and job.draft.is_seen_by(request.user) else None,
        "promoting": promotion_offer(job, request.user) if job.is_draft else None,
        "links": links_of(take.job),
        "sizes": _sizes(take),
        "compare_url": compare_address(take.job, request.user, changed.video if changed else None),
        "films": films,
        "chosen": next((each for each in films if each.resolution == size), None),
        "clips": clips_of(take.job, request.user, family),
        **lineage,
        "in_doubt": _ways_out(job, request.user),
        "failure": failure_of(job),
        "decision": job.budget_request,
        "timeline": timeline_of(family_jobs),
        "phases": phases_of(card),
        "books": books_of(family_jobs),
        "cursor": cursor,
        "interval": min(interval, _review_interval(take.job)),
        "live_url": f"{reverse('job', args=[job.pk])}?since={cursor}",
    }
    return render(request, "jobs/_live.html" if changes else "jobs/page.html", context)


def _review_interval(take: Job) -> int:
    """A video at rest is asked about more often while visitors of a link may speak of it."""
    return REVIEW_SECONDS if shares.is_under_review(take) else live_updates.IDLE_SECONDS


def _saw(request: Request, job: Job) -> None:
    """Whoever looks at a video need not be told of it, nor of its larger copies, any more."""
    copies = [each.pk for each in job.derived.all() if each.kind in UPGRADES]
    saw(request, Q(job__in=[job.pk, *copies]) | Q(request__job=job.pk))


def _take_of(card: Card) -> Card:
    """The card of the video that this is a larger copy of; else its own."""
    if not card.is_upgrade or card.job.source_id is None:
        return card
    return card_for(job_to_see(card.viewer, card.job.source_id), card.viewer)


def _sizes(take: Card) -> list[Rung]:
    """Every size there is of a take; before it succeeded none."""
    return [rung for rung in take.growth.rail if rung.state not in ("ask", "no")]


def _ways_out(job: Job, viewer: User) -> dict[str, Any]:
    """The ways out for a job whose answer was lost, or for an upgrade without an end."""
    facts: dict[str, Any] = {
        "may_resolve": lifecycle.may_resolve(job),
        "may_write_off": viewer.is_admin and lifecycle.may_write_off(job),
    }
    if job.status != Status.UNCERTAIN:
        return facts
    again = lifecycle.submission_of(job)
    return facts | {
        "again": Job.objects.visible_to(viewer).filter(resubmission_of=job).first(),
        "cost": pricing.PriceList().of(again) or job.quote,
    }
