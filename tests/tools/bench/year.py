"""Times of the payer's pages and of the proofs, on rows of `tests.support.states.history`."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from io import StringIO
from statistics import median

from django.core.cache import cache, caches
from django.core.management import call_command
from django.db import connection
from django.db.models import F
from django.test import Client
from django.urls import reverse

from jobs import ledger, statements, usage
from jobs.models import Job, LedgerEntry
from tests.support import factories
from tests.support.states import history
from tests.tools.bench.report import Fact

PAGE_MS, TURNS = 300, 3
CSV_SECONDS, PROOF_SECONDS, SEEDING_SECONDS = 15, 30, 120


def measure(jobs: int, people: int) -> Iterator[Fact]:
    size = f"{jobs:,} jobs"
    start = time.perf_counter()
    admin, member, *_ = history.make(history.Size(people=people, jobs=jobs))
    entries = f"{LedgerEntry.objects.count():,} entries"
    yield Fact(f"writing {size}", time.perf_counter() - start, SEEDING_SECONDS, "s", entries)
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            # As autovacuum does in time.
            cursor.execute("VACUUM ANALYZE")
    payer, maker = factories.signed_in(admin), factories.signed_in(member)
    end = ledger.today()
    year = f"period=dates&start={end - timedelta(days=364)}&end={end}"
    page, export = reverse("usage"), reverse("usage-csv")
    yield _page(f"usage, this period, {size}", payer, page, before=_change_a_job)
    yield _page(f"studio as admin, {size}", payer, reverse("studio"))
    yield _page(f"usage, the year, {size}", payer, f"{page}?{year}", before=_change_a_job)
    cold = _page("", payer, f"{page}?{year}", before=cache.clear).figure
    yield Fact("  the first time", cold, PAGE_MS, "ms", "after a restart")
    never = _page("", payer, f"{page}?{year}", before=caches["figures"].clear).figure
    yield Fact("  the first time of all", never, 3 * PAGE_MS, "ms", "nothing was counted yet")
    others = [name for name in usage.DIMENSIONS if name != "person"]
    spans = [_page("", payer, f"{page}?{year}&by={name}").figure for name in others]
    detail = ", ".join(f"{name} {span:.0f}" for name, span in zip(others, spans, strict=True))
    yield Fact("  by the other dimensions", max(spans), PAGE_MS, "ms", detail)
    yield _page("  as a member", maker, f"{page}?{year}")
    if jobs > 10_000:
        took = _seconds(lambda: _get(payer, f"{export}?{year}&rows=jobs"))
        yield Fact("CSV of every job of the year", took, CSV_SECONDS, "s")
        took = _seconds(statements.close_due)
        yield Fact("closing a year of statements", took, PROOF_SECONDS, "s")
    yield _page(f"statements, {size}", payer, reverse("statements"))
    out = StringIO()
    took = _seconds(lambda: call_command("check_ledger", stdout=out, stderr=out))
    yield Fact(f"check_ledger, {size}", took, PROOF_SECONDS, "s", out.getvalue().splitlines()[0])


def _page(
    name: str, client: Client, path: str, *, before: Callable[[], object] | None = None
) -> Fact:
    """The median of some turns, in milliseconds of the server's time."""
    spans = []
    _get(client, path)
    for _ in range(TURNS):
        if before:
            before()
        spans.append(1000 * _seconds(lambda: _get(client, path)))
    return Fact(name, median(spans), PAGE_MS, "ms", "")


def _change_a_job() -> None:
    """As a team at work does all the time: what was remembered of the recent days is void."""
    newest = Job.objects.order_by("-created_at").values("pk")[:1]
    assert Job.objects.filter(pk__in=newest).update(version=F("version") + 1)


def _get(client: Client, path: str) -> None:
    response = client.get(path, headers={"host": "127.0.0.1"})
    assert response.status_code == 200, path
    for _ in response:
        pass


def _seconds(work: Callable[[], object]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start
