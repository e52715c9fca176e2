"""The poll of an open studio: what changed of the jobs that it shows, or nothing.

What is the same for many tabs is not made for each: the cards come as `kept` has them.
"""

from __future__ import annotations

from collections.abc import Collection, Container, Sequence
from datetime import datetime
from functools import partial
from uuid import UUID

from django.conf import settings
from django.db.models import QuerySet
from django.http import HttpResponse, HttpResponseBadRequest
from django.middleware.csrf import get_token
from django.template.loader import render_to_string
from django.views.decorators.http import require_safe

from jobs.models import Job, prepared
from jobs.models.jobs.job import Jobs
from jobs.models.prepared import Row
from jobs.pricing import PriceList
from jobs.providers.base import UPGRADES
from jobs.views.access import Request
from jobs.views.answers.packed import packed_quickly
from jobs.views.jobs import live as live_updates
from jobs.views.jobs.cards.kept.dealing import deal
from jobs.views.jobs.cards.kept.facts import Facts, facts_in, facts_of
from jobs.views.shell import pieces
from jobs.views.shell.context import Shell
from jobs.views.studio.grid.filters import StudioFilters
from jobs.views.studio.grid.groups import arrivals
from jobs.views.studio.grid.in_common import InCommon, with_own
from jobs.views.studio.grid.polling import counts_of, poll_of


@packed_quickly
@require_safe
def live(request: Request) -> HttpResponse:
    """Send the cards that changed since the cursor, or 204."""
    shown = StudioFilters(request.user, request.GET)
    try:
        cursor = request.GET.get("since", "")
        changes = live_updates.since(cursor, partial(_changed_after, shown))
    except ValueError:
        return HttpResponseBadRequest("bad cursor")
    if not changes.is_new:
        return live_updates.nothing_new()
    # A card that is here is kept true, even if its tab would no longer show it.
    known = set(request.GET.get("cards", "").split(","))
    here = live_updates.shown_of({*changes.ids, *changes.sources}, known)
    strange = set(changes.ids) - here
    common = InCommon(shown, changes)
    new = common.ask("first page", _first_page) & strange if strange else set()
    beside = live_updates.shown_of(_beside(shown, new), known)
    wanted = here | new | beside
    poll = poll_of(shown, changes.cursor, common.ask("counts", counts_of))
    rows, thrown = _split(shown, wanted, known)
    cards = deal(rows, request.user, get_token(request), common.ask("prices", _prices))
    come = arrivals(cards, here | beside, thrown)
    announcements = live_updates.announcements(cards, changes)
    if changes.sources:
        announcements += _told_of_copies(shown, changes.ids, wanted)
    counted = poll["counts"]["progress"] if shown.is_everything else None
    shell = Shell(settings.PRACTICE, request, counted)
    context = {
        "shell": shell,
        "tally": pieces.tally(shell, poll["counts"]),
        "standing": pieces.standing(shell, request),
        "cards": come.changed,
        "new": come.new,
        "grown": come.grown,
        "gone": come.gone,
        "announcements": announcements,
        **poll,
        **shown.context,
        "interval": live_updates.as_seen_by(poll["interval"], shell.budget, len(cards)),
    }
    # Without the request, of which nothing is shown.
    return HttpResponse(render_to_string("studio/_live.html", context))


def _first_page(shown: StudioFilters) -> set[UUID]:
    """The jobs that may turn up by themselves: those a reload would show. None further on."""
    if shown.after:
        return set()
    return shown.cut(shown.ask("first page", lambda shown: _places(shown.near_page)))[0]


def _prices(_: StudioFilters) -> PriceList:
    """Those in force; read when a card first wants them."""
    return PriceList()


def _places(jobs: Jobs) -> QuerySet[Job, tuple[UUID, UUID | None, datetime]]:
    return jobs.values_list("pk", "take_group", "created_at")


def _beside(shown: StudioFilters, ids: set[UUID]) -> set[UUID]:
    """The takes that were ordered together with these, themselves among them: one query."""
    if not ids:
        return set()
    some = prepared.padded(ids)
    return set(shown.ask(("beside", len(some)), _takes_beside, *some))


def _takes_beside(shown: StudioFilters, *ids: UUID) -> QuerySet[Job, UUID]:
    groups = shown.jobs.filter(pk__in=ids, take_group__isnull=False).order_by()
    takes = shown.jobs.filter(take_group__in=groups.values("take_group")).order_by()
    return takes.values_list("pk", flat=True)


def _changed_after(shown: StudioFilters, moment: datetime) -> list[live_updates.Row]:
    """The latest changes since then, among them everything that was moved: it may have been here.

    One query, but for a search.
    """
    if shown.words:
        moved = live_updates.changed_after(Job.objects.filter(moved_at__gt=moment), moment)
        rows = {*live_updates.changed_after(shown.near, moment), *moved}
        return sorted(rows, key=lambda row: row[2], reverse=True)
    return shown.ask(
        "changes",
        lambda shown, after: with_own(shown, live_updates.changed_within(shown.belongs, after)),
        moment,
    )


def _told_of_copies(
    shown: StudioFilters, changed: Collection[UUID], wanted: Container[UUID]
) -> list[str]:
    """What is told aloud of larger copies, which have no card of their own here."""
    copies = shown.near.filter(pk__in=changed, kind__in=UPGRADES, trashed_at=None)
    return [
        f"{job.get_kind_display()}: {job.get_status_display()}"
        for job in copies
        if job.pk not in wanted
    ]


def _split(
    shown: StudioFilters, wanted: set[UUID], known: Container[str]
) -> tuple[list[Row], Sequence[Facts | Job]]:
    """The facts of these jobs for their cards, and those that somebody threw away, or moved to
    where this page does not look.

    Takes that are `known` on a page, and were ordered with what was thrown away, come along: their
    frame is another one then.
    """
    rows = _facts(shown, wanted)
    found = facts_in(rows)
    thrown: list[Facts | Job] = [facts for facts in found if facts.trashed_at]
    thrown += _moved_out(shown, wanted - {facts.pk for facts in found})
    groups = {job.take_group for job in thrown if job.take_group}
    if groups:
        beside = shown.near.filter(take_group__in=groups).values_list("pk", flat=True)
        rows = _facts(shown, wanted | live_updates.shown_of(beside, known))
        found = facts_in(rows)
    gone = {facts.pk for facts in found if facts.trashed_at}
    return [row for row in rows if row[0] not in gone], thrown


def _facts(shown: StudioFilters, wanted: set[UUID]) -> list[Row]:
    some = prepared.padded(wanted)
    if not some:
        return []
    name = "facts", len(some)
    return shown.ask(name, lambda shown, *ids: facts_of(shown.near.filter(pk__in=ids)), *some)


def _moved_out(shown: StudioFilters, missing: set[UUID]) -> list[Job]:
    """Those of these that stand on the page and are outside of it; what has other words by now is
    not.
    """
    if not missing:
        return []
    inside = shown.within.filter(pk__in=missing).order_by().values_list("pk", flat=True)
    return list(Job.objects.filter(pk__in=missing - set(inside)))
