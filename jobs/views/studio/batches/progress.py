"""What became of the rows of a confirmed table: live, and as a file."""

from __future__ import annotations

import hashlib
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.db.models import Count, Q, Sum
from django.http import HttpResponse, HttpResponseBase
from django.middleware.csrf import get_token
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from jobs import batches, file_names
from jobs.models import Batch, BatchRow, Job
from jobs.models.jobs.job import Jobs
from jobs.net import addresses
from jobs.views.access import Request, batch_to_see
from jobs.views.answers import csv
from jobs.views.callers import led
from jobs.views.jobs import live as live_updates
from jobs.views.jobs.cards.card import Card
from jobs.views.jobs.cards.dealing import cards_for

NOT_ORDERED, WAITING = "Not ordered", "Waiting to be ordered"
PASSED_ON = "Passed to a colleague"
MOVING = ("run", "queue")
ENDED = ("done", "fail", "over", NOT_ORDERED, PASSED_ON)
GROUPS = (
    ("ready", ("done",)),
    ("rendering", ("run",)),
    ("queued", ("queue", WAITING)),
    ("waiting for approval", ("wait",)),
    ("need a look", ("look",)),
    ("failed", ("fail",)),
    ("canceled", ("over",)),
    ("not ordered", (NOT_ORDERED,)),
    ("passed to a colleague", (PASSED_ON,)),
)


@dataclass(frozen=True, slots=True)
class Shown:
    """A row with the card of its video, if there is one; of several takes, of one of them."""

    row: BatchRow
    card: Card | None

    @property
    def take(self) -> int | None:
        return self.card.job.take if self.card else None

    @property
    def videos(self) -> int:
        return 1 if self.card else self.row.takes

    @property
    def stage(self) -> str:
        if self.card:
            return self.card.stage
        if self.row.job_id:
            return PASSED_ON
        return NOT_ORDERED if self.row.error else WAITING

    @property
    def error(self) -> str:
        """The reason why there is no video, in a sentence."""
        if self.card is None:
            return self.row.error
        return self.card.job.error if self.stage in ("fail", "look", "wait", "over") else ""


def progress_page(request: Request, batch: Batch) -> HttpResponse:
    return render(request, "studio/batch_progress.html", _context(request, batch))


@require_safe
def live(request: Request, batch_id: UUID) -> HttpResponse:
    """What has changed since the page, or 204."""
    batch = batch_to_see(request.user, batch_id)
    if batch.state == Batch.State.DRAFT:
        # All or nothing was nothing: the draft says why.
        return led(request, reverse("batch", args=[batch.pk]))
    if request.GET.get("seen") == _cursor(batch):
        return live_updates.nothing_new()
    return render(request, "studio/_batch_live.html", _context(request, batch))


@require_safe
@csv.counted
def result(request: Request, batch_id: UUID) -> HttpResponseBase:
    """The rows as they were given, each with what became of it."""
    batch = batch_to_see(request.user, batch_id)
    header = [*batch.columns, "take", "status", "credits", "video", "error"]
    name = file_names.lined_up((batch.name.removesuffix(".csv"), "result"), " ")
    return csv.stream(name, header, _lines(request, batch))


@require_POST
def stop(request: Request, batch_id: UUID) -> HttpResponse:
    batch = batch_to_see(request.user, batch_id)
    number = batches.stop(batch)
    said = f"Stopped. Rows that were not ordered: {number:,}." if number else "Nothing was waiting."
    messages.success(request, said)
    return redirect("batch", batch.pk)


def _context(request: Request, batch: Batch) -> dict[str, Any]:
    # The cursor first: what changes while the rows are read comes with the next poll.
    cursor = _cursor(batch)
    shown = _rows(request, batch)
    found = Counter[str]()
    for each in shown:
        found[each.stage] += each.videos
    is_moving = batch.state == Batch.State.ORDERING or any(found[stage] for stage in MOVING)
    return {
        "batch": batch,
        "rows": shown,
        "total": found.total(),
        "counts": [
            (name, number)
            for name, stages in GROUPS
            if (number := sum(found[stage] for stage in stages))
        ],
        "refused": found[NOT_ORDERED],
        "ended": sum(found[stage] for stage in ENDED),
        "moving": sum(found[stage] for stage in MOVING),
        "cost": sum({each.row.pk: each.row.cost for each in shown}.values()),
        "interval": live_updates.MOVING_SECONDS if is_moving else live_updates.IDLE_SECONDS,
        "live_url": f"{reverse('batch-live', args=[batch.pk])}?seen={cursor}",
        "announcement": _announced(batch, found),
    }


def _announced(batch: Batch, found: Counter[str]) -> str:
    said = [f"{found[stage]} {name}" for name, (stage, *_) in GROUPS if found[stage]]
    return f"{batch.get_state_display()}: {', '.join(said)}"


def _jobs(batch: Batch) -> Jobs:
    """All that was ordered for it: of a row with several takes, each of them."""
    first = Job.objects.filter(batch_row__batch=batch)
    groups = first.filter(take_group__isnull=False).values("take_group")
    return Job.objects.filter(Q(batch_row__batch=batch) | Q(take_group__in=groups))


def _rows(request: Request, batch: Batch) -> list[Shown]:
    jobs = _jobs(batch).visible_to(request.user).for_cards()
    cards = defaultdict[UUID, list[Card]](list)
    for card in cards_for(jobs.order_by("take"), request.user, get_token(request)):
        cards[_order_of(card.job)].append(card)
    shown = []
    for row in batch.rows.select_related("job"):
        of_row = cards[_order_of(row.job)] if row.job else []
        shown += [Shown(row, card) for card in of_row] or [Shown(row, None)]
    return shown


def _order_of(job: Job) -> UUID:
    """The same for all takes that were ordered together."""
    return job.take_group or job.pk


def _cursor(batch: Batch) -> str:
    """The same as long as nothing of it changes: two queries."""
    made = _jobs(batch).aggregate(number=Count("pk"), versions=Sum("version"))
    refused = batch.rows.exclude(error="").count()
    said = repr((batch.state, batch.trouble, refused, sorted(made.items())))
    return hashlib.blake2s(said.encode(), digest_size=8).hexdigest()


def _lines(request: Request, batch: Batch) -> Iterator[Sequence[object]]:
    for shown in _rows(request, batch):
        card, cells = shown.card, shown.row.cells
        if card is None:
            yield (*cells, "", shown.stage, 0, "", shown.error)
            continue
        job, path = card.job, reverse("job", args=[card.job.pk])
        credits = job.quote if job.charged is None else job.charged
        yield (
            *cells,
            shown.take,
            card.status,
            credits,
            addresses.public(path, request),
            shown.error,
        )
