"""A backlog from the first order to the table."""

from __future__ import annotations

import argparse
import time
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

from django.db import connection

from jobs.models import LedgerEntry
from jobs.models.jobs.status import Status
from tests.tools.bench.clients.load import Outcome
from tests.tools.bench.report import Fact, table
from tests.tools.bench.tabs import browsing
from tests.tools.bench.tabs.play import Used
from tests.tools.bench.tabs.team import Team
from tests.tools.soak import summary
from tests.tools.soak.backlog import VIDEO_SECONDS
from tests.tools.soak.backlog.looks import looked_at
from tests.tools.soak.backlog.watch import Watch
from tests.tools.soak.machines.background import Background
from tests.tools.soak.machines.product_processes import Process
from tests.tools.soak.machines.surroundings import Stage
from tests.tools.soak.reckoning import Books, Promise
from tests.tools.soak.summary import Told

TABS = 8
TAB_SECONDS, TAB_WARM_UP, PAGE_SECONDS = 20, 3, 10
PIECE, AT_ONCE = 250, 4
"""Orders that are timed together, and people who order at the same moment."""
FILM_EVERY = 50
"""One of so many has a film in the end."""
SLOWER, LONGER, WITH_NEWS = 3.0, 5.0, 12.0
"""How much more a late order may take than an early one, at most; a look than one while a full page
waits; and a poll that thousands of changes are news for. What else the machine does counts too."""
FEW = 30
"""Orders that fill a page."""
MEGABYTES = {"web": 400, "worker": 900, "follower": 300}
HEADS = ("figure", "measured", "target", "", "")


class Ordering(Team):
    """A team that orders what mostly fails at its provider, at no cost: to read films is work for
    minutes that a backlog shares with everything else."""

    def _prompt(self, place: int) -> str:
        end = "" if place % FILM_EVERY == 0 else " [[fail]]"
        return super()._prompt(place) + end


@dataclass
class Tabs:
    """Some people with the studio open, as long as it takes."""

    stage: Stage
    team: Team
    polls: Outcome = field(default_factory=Outcome)
    pages: Outcome = field(default_factory=Outcome)

    def turn(self) -> None:
        port = int(self.stage.environment["PORT"])
        cookies = self.team.cookies[:TABS]
        plan = browsing.Plan(port, cookies, TAB_SECONDS, TAB_WARM_UP, PAGE_SECONDS)
        seen = browsing.run(plan)
        self.polls.add(seen.polls)
        self.pages.add(seen.pages)


def play(stage: Stage, options: argparse.Namespace) -> Told:
    url = f"http://127.0.0.1:{stage.environment['PORT']}"
    team = Ordering(stage, max(options.accounts, TABS) + 1, options.accounts, VIDEO_SECONDS)
    workers: list[Process] = []
    for machine in stage.machines:
        workers += [machine.services[name] for name in ("worker", "follower")]
    for process in workers:
        process.stop()
    team.order_at_once(FEW)
    before = looked_at(url, team.sessions[0])
    orders = _ordered(team, options.backlog - FEW)
    meanwhile = looked_at(url, team.sessions[0])
    used, watch, tabs = Used(stage), Watch(stage), Tabs(stage, team)
    for process in workers:
        process.start()
    with Background(watch.turn, 1, "watch"), Background(tabs.turn, 0, "tabs"):
        _wait(watch, options.settle_seconds)
    cost = used.since()
    books = Books(stage.provider_state(), [])
    facts = [
        *_ordering(orders),
        *_working(watch, options.backlog, cost),
        *_seen(tabs, before, meanwhile),
    ]
    return _told(books, facts)


def _ordered(team: Team, number: int) -> Sequence[float]:
    """Milliseconds for each order of a piece of them, one piece after the other."""
    spans = []
    with ThreadPoolExecutor(AT_ONCE) as pool:
        for done in range(0, number, PIECE):
            piece, began = min(PIECE, number - done), time.monotonic()
            list(pool.map(team.order_at_once, [1] * piece))
            spans.append(1000 * (time.monotonic() - began) / piece)
        list(pool.map(lambda _: connection.close(), range(AT_ONCE)))
    return spans


def _wait(watch: Watch, seconds: float) -> None:
    deadline = time.monotonic() + seconds
    while watch.left and time.monotonic() < deadline:
        time.sleep(1)


def _ordering(spans: Sequence[float]) -> Iterator[Fact]:
    detail = f"{spans[0]:.1f} ms for the first {PIECE}, {spans[-1]:.1f} ms for the last"
    yield Fact("a late order ÷ an early one", spans[-1] / spans[0], SLOWER, "", detail)


def _working(watch: Watch, number: int, cost: Mapping[str, float]) -> Iterator[Fact]:
    seconds = watch.seconds_until(0)
    half = watch.seconds_until(number // 2)
    detail = f"half of them after {half:.0f} s, {number / seconds:.1f} a second"
    yield Fact("all had ended after", seconds, float("inf"), "s", detail)
    detail = ", ".join(f"{name} {share:.2f}" for name, share in cost.items())
    yield Fact("cores", round(sum(cost.values()), 2), float("inf"), "", detail)
    yield Fact("unread wake-ups at once", watch.unread, number)
    yield Fact("a question overdue by", watch.behind, 60, "s")
    for name, most in MEGABYTES.items():
        yield Fact(f"memory of {name}", round(watch.megabytes.get(name, 0)), most, "MB")
    yield Fact("memory of the provider", round(watch.megabytes["provider"]), float("inf"), "MB")


def _seen(
    tabs: Tabs, before: Mapping[str, float], meanwhile: Mapping[str, float]
) -> Iterator[Fact]:
    for name, seen in (("polls", tabs.polls), ("pages", tabs.pages)):
        if seen.spans:
            detail = f"{seen.done:,} of {TABS} tabs, p50 {seen.quantile(0.5):.0f} ms"
            yield Fact(f"{name}, p95", seen.quantile(0.95), float("inf"), "ms", detail)
        yield Fact(f"{name} that were no answer", seen.bad, 0)
    for path, span in meanwhile.items():
        name = path.partition("{")[0]
        detail = f"{before[path]:.1f} ms with {FEW} that wait, {span:.1f} ms with all"
        most = WITH_NEWS if path.startswith("/live/") else LONGER
        yield Fact(f"{name}, many ÷ few", span / before[path], most, "", detail)


def _told(books: Books, facts: Sequence[Fact]) -> Told:
    promises = [*books.promises, Promise("every job has ended", [*_unended(books)])]
    sums = (
        f"{len(books.jobs):,} jobs, {_entries():,} ledger entries; charged {books.charged():,}, "
        f"settled {books.spent():,}, held {books.held():,}; "
        f"{books.too_fast():,} creations came too fast"
    )
    lines = (
        table(HEADS, [fact.row() for fact in facts]),
        "",
        table(("promise", ""), [(each.text, summary.verdict(each)) for each in promises]),
        *summary.offenders(promises),
        "",
        sums,
    )
    all_met = all(fact.figure <= fact.limit for fact in facts)
    return Told("\n".join(lines), all_met and not any(each.broken for each in promises))


def _unended(books: Books) -> Iterator[str]:
    """As its provider said it would: with a film, or failed at no cost."""
    for job in books.jobs:
        if (job.status, job.charged == 0) not in (
            (Status.SUCCEEDED, False),
            (Status.FAILED, True),
        ):
            yield books.story(job)


def _entries() -> int:
    return LedgerEntry.objects.count()
