"""The team at its tabs, from signing in to the table."""

from __future__ import annotations

import argparse
import os
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

from django.conf import settings

from jobs.models import Job
from jobs.models.jobs.status import Status
from tests.tools.bench import private
from tests.tools.bench.report import Fact, table
from tests.tools.bench.tabs import browsing
from tests.tools.bench.tabs.team import Orders, Team
from tests.tools.soak.machines.database import Postgres
from tests.tools.soak.machines.product_processes import Process
from tests.tools.soak.machines.surroundings import Stage
from tests.tools.soak.quiet import settled
from tests.tools.soak.reckoning import Books

HEADS = ("figure", "measured", "target", "", "")
SHOWN = 5
"""How many offenders of a promise are named."""
WARM_UP_SECONDS = 10
BARE_SECONDS = 8
CORES = 1.5
POLL_P95, PAGE_P95 = 250, 400
"""Milliseconds."""


def play(stage: Stage, options: argparse.Namespace) -> int:
    """Order, watch, compare; 0 where all was met."""
    team = Team(stage, options.people, options.accounts, options.video_seconds)
    team.order_at_once(options.jobs)
    private.wait_for(lambda: _has_begun(options.jobs), 60 + options.jobs / options.accounts)
    plan = browsing.Plan(
        port=int(stage.environment["PORT"]),
        cookies=team.cookies,
        seconds=60 * options.minutes,
        warm_up=WARM_UP_SECONDS,
        page_seconds=options.page_seconds,
    )
    used = Used(stage)
    with Orders(team, options.jobs) as orders:
        told = browsing.run(plan)
    cost = used.since()
    bare, bare_cost = _bare(plan)
    settled(stage, options.settle_seconds + options.video_seconds)
    facts = [*_facts(told, cost), *_beside(bare, bare_cost), *_kept(stage)]
    facts.append(Fact("orders nobody answered", orders.unanswered, 0))
    sys.stdout.write(f"{_setting(stage, orders, options)}\n")
    sys.stdout.write(f"{table(HEADS, [fact.row() for fact in facts])}\n\n")
    sys.stdout.flush()
    return 0 if all(fact.figure <= fact.limit for fact in facts) else 1


class Used:
    """What each of the product's processes uses of the processors from now on."""

    def __init__(self, stage: Stage) -> None:
        self._parts: dict[str, Process | Postgres] = {
            **stage.services(),
            "provider": stage.practice,
        }
        if stage.database is not None:
            self._parts["database"] = stage.database
        self._before, self._began = self._now(), time.monotonic()

    def since(self) -> dict[str, float]:
        """Processor seconds a second, by process."""
        seconds = time.monotonic() - self._began
        return {name: (now - self._before[name]) / seconds for name, now in self._now().items()}

    def _now(self) -> dict[str, float]:
        return {name: part.processor_seconds() for name, part in self._parts.items()}


def _has_begun(jobs: int) -> bool:
    """Most of them are with the provider, or have been."""
    return Job.objects.filter(sent_at__isnull=False).count() >= 0.9 * jobs


def _facts(told: browsing.Told, cost: dict[str, float]) -> Iterator[Fact]:
    polls, pages, changed = told.polls, told.pages, told.changed
    detail = (
        f"{polls.rate:.0f} a second, p50 {polls.quantile(0.5):.0f}, p99 {polls.quantile(0.99):.0f}"
    )
    yield Fact("polls, p95", polls.quantile(0.95), POLL_P95, "ms", detail)
    detail = f"{pages.rate:.1f} a second, p50 {pages.quantile(0.5):.0f}"
    yield Fact("pages, p95", pages.quantile(0.95), PAGE_P95, "ms", detail)
    yield Fact("answers that were none", polls.bad + pages.bad, 0)
    own = {name: share for name, share in cost.items() if name != "provider"}
    detail = ", ".join(f"{name} {share:.2f}" for name, share in cost.items())
    yield Fact("cores, without the provider", round(sum(own.values()), 2), CORES, "", detail)
    share = changed.done / max(polls.done, 1)
    kilobytes = told.polled_bytes / max(changed.done, 1) / 1000
    detail = (
        f"{share:.0%} of polls changed: {told.cards / max(changed.done, 1):.1f} cards, "
        f"{kilobytes:.0f} kB each"
    )
    each = 1000 * cost["web"] / (polls.rate + pages.rate)
    yield Fact("  of the web for one answer", round(each, 1), 15, "ms", detail)


def _bare(plan: browsing.Plan) -> tuple[browsing.Told, float]:
    """As many tabs at views that only look who asks, and whether anything changed."""
    with private.web("tests.tools.bench.baselines.bare_settings") as port:
        bare = browsing.Plan(port, plan.cookies, BARE_SECONDS, 2, plan.page_seconds, bare=True)
        began, before = time.monotonic(), os.times()
        told = browsing.run(bare)
        seconds = time.monotonic() - began
    # The server is a child that has ended by now, as is whoever asked.
    after = os.times()
    used = after.children_user + after.children_system
    used -= before.children_user + before.children_system
    return told, used / seconds


def _beside(bare: browsing.Told, cores: float) -> Iterator[Fact]:
    polls = bare.polls
    detail = f"{polls.rate:.0f} a second, with those who ask {cores:.2f} cores"
    yield Fact("polls of bare views, p95", polls.quantile(0.95), POLL_P95, "ms", detail)


def _kept(stage: Stage) -> Iterator[Fact]:
    """Nothing is lost, nothing doubled, and the books are right."""
    books = Books(stage.provider_state(), [])
    for promise in books.promises:
        if promise.broken:
            offenders: Sequence[str] = promise.broken[:SHOWN]
            yield Fact(f"BROKEN: {promise.text}", len(promise.broken), 0, "", "; ".join(offenders))
    waiting = len(books.of(Status.UNCERTAIN, Status.LOST, Status.FAILED))
    detail = f"{len(books.jobs):,} jobs, {books.spent():,} credits, as charged"
    yield Fact("jobs that did not succeed", waiting, 0, "", detail)


def _setting(stage: Stage, orders: Orders, options: argparse.Namespace) -> str:
    database = Path(settings.DATABASES["default"]["ENGINE"]).suffix[1:]
    load = ", ".join(f"{value:.1f}" for value in os.getloadavg())
    there = sum(orders.under_way) / max(len(orders.under_way), 1)
    return (
        f"{database}: {options.people} tabs, {there:.0f} of {options.jobs} jobs under way, "
        f"{options.minutes:g} min, {os.cpu_count()} cores, load {load}"
    )
