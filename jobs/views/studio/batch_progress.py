"""What became of the rows of a confirmed table: live, and as a file."""

from __future__ import annotations

import hashlib
from collections import Counter
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

from jobs import addresses, batches
from jobs.models import Batch, BatchRow, Job
from jobs.views import csv
from jobs.views.access import Request, batch_to_see
from jobs.views.callers import led
from jobs.views.jobs import live as live_updates
from jobs.views.jobs.card import Card
from jobs.views.jobs.cards import cards_for

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
    """A row with the card of its video, if there is one."""

    row: BatchRow
    card: Card | None

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
    header = [*batch.columns, "status", "credits", "video", "error"]
    return csv.stream(f"{batch.name.removesuffix('.csv')} result", header, _lines(request, batch))


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
    found = Counter(each.stage for each in shown)
    is_moving = batch.state == Batch.State.ORDERING or any(found[stage] for stage in MOVING)
    return {
        "batch": batch,
        "rows": shown,
        "total": len(shown),
        "counts": [
            (name, number)
            for name, stages in GROUPS
            if (number := sum(found[stage] for stage in stages))
        ],
        "refused": found[NOT_ORDERED],
        "ended": sum(found[stage] for stage in ENDED),
        "moving": sum(found[stage] for stage in MOVING),
        "cost": sum(each.row.cost for each in shown),
        "interval": live_updates.MOVING_SECONDS if is_moving else live_updates.IDLE_SECONDS,
        "live_url": f"{reverse('batch-live', args=[batch.pk])}?seen={cursor}",
        "announcement": _announced(batch, found),
    }


def _announced(batch: Batch, found: Counter[str]) -> str:
    said = [f"{found[stage]} {name}" for name, (stage, *_) in GROUPS if found[stage]]
    return f"{batch.get_state_display()}: {', '.join(said)}"


def _rows(request: Request, batch: Batch) -> list[Shown]:
    rows = list(batch.rows.all())
    jobs = Job.objects.visible_to(request.user).filter(batch_row__batch=batch).for_cards()
    cards = {card.job.pk: card for card in cards_for(jobs, request.user, get_token(request))}
    return [Shown(row, cards.get(row.job_id) if row.job_id else None) for row in rows]


def _cursor(batch: Batch) -> str:
    """The same as long as nothing of it changes: one query."""
    facts = batch.rows.aggregate(
        made=Count("job"),
        refused=Count("pk", filter=~Q(error="")),
        versions=Sum("job__version"),
    )
    said = repr((batch.state, batch.trouble, sorted(facts.items())))
    return hashlib.blake2s(said.encode(), digest_size=8).hexdigest()


def _lines(request: Request, batch: Batch) -> Iterator[Sequence[object]]:
    for shown in _rows(request, batch):
        card, cells = shown.card, shown.row.cells
        if card is None:
            yield (*cells, shown.stage, 0, "", shown.error)
            continue
        job, path = card.job, reverse("job", args=[card.job.pk])
        credits = job.quote if job.charged is None else job.charged
        yield (*cells, card.status, credits, addresses.public(path, request), shown.error)
