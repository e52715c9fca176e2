"""The outages, one after the other, from the first click to the table."""

from __future__ import annotations

import argparse
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from uuid import UUID

import requests
from django.conf import settings

from jobs.models import Job, Rendition, User
from jobs.models.jobs.status import Status
from tests.support import factories
from tests.tools.soak import cast, doubts
from tests.tools.soak.driver import Driver, persistently
from tests.tools.soak.faults import Draw
from tests.tools.soak.machines.background import Background
from tests.tools.soak.machines.surroundings import Stage
from tests.tools.soak.outages import told
from tests.tools.soak.outages.acts import Act, acts
from tests.tools.soak.outages.clicks import Clicks
from tests.tools.soak.outages.onlookers import QUIET, Browser, Notes, onlookers
from tests.tools.soak.outages.supervisor import Supervisor
from tests.tools.soak.outages.told import Return
from tests.tools.soak.quiet import settled
from tests.tools.soak.reckoning import Books
from tests.tools.soak.summary import Told

WARM_UP_SECONDS = 15
BETWEEN_SECONDS = 4
CLICK_SECONDS = 1.5
WAVE, WAVE_SECONDS = 3, 4.0
BACK_WITHIN = 60
"""Seconds in which all has to go on by itself."""
FILMS = 50


def play(stage: Stage, options: argparse.Namespace) -> Told:
    started = time.monotonic()
    admin, people = cast.admin(), cast.members()
    draw = Draw(options.seed, share=0)
    driver, supervisor = Driver(people, draw), Supervisor(stage)
    wanted = _wanted(acts(stage, supervisor), options.outages)
    notes, urls = Notes(), stage.urls
    clicks = Clicks(
        [
            Browser([*urls[n:], *urls[:n]], notes, _session(each))
            for n, each in _placed(urls, people)
        ]
    )
    returns: list[Return] = []
    with supervisor.thread, ExitStack() as stack:
        for url in urls:
            stack.enter_context(onlookers(url, notes, _session(people[0]), _session(admin)))
        stack.enter_context(Background(clicks.turn, CLICK_SECONDS, "clicks"))
        stack.enter_context(Background(lambda: driver.wave(WAVE), WAVE_SECONDS, "driver"))
        time.sleep(WARM_UP_SECONDS)
        for act in wanted:
            notes.films = _kept()
            returns.append(_played(act, options.away_seconds, notes, urls, clicks))
            time.sleep(BETWEEN_SECONDS)
        stack.close()
        settling = settled(stage, options.settle_seconds)
        doubted = Counter(job.error_code for job in Job.objects.filter(status=Status.UNCERTAIN))
        end = Books(stage.provider_state(), driver.twice)
        resolved = doubts.settle(end, admin)
        settled(stage, options.settle_seconds)
        after = Books(stage.provider_state(), driver.twice)
    logs = told.logs_of(stage)
    spans = {"settling": settling, "in all": time.monotonic() - started}
    counts = {
        "ordered": driver.made + Counter({"by the form": len(clicks.made)}),
        "clicks": driver.done,
        "revived": supervisor.revived,
        "in doubt": doubted,
        "log lines": {name: text.count("\n") for name, text in logs.items()},
        "at the end": end.statuses(),
        "then": resolved,
        "after that": after.statuses(),
    }
    seen = told.Seen(notes.answers, returns, clicks, doubted, logs)
    return told.tell(spans, counts, end, after, seen)


def _placed(urls: Sequence[str], people: Sequence[User]) -> Iterator[tuple[int, User]]:
    """Three people, each at the next machine."""
    return ((number % len(urls), person) for number, person in enumerate(people[:3]))


def _played(act: Act, seconds: float, notes: Notes, urls: Sequence[str], clicks: Clicks) -> Return:
    notes.act, began = act, time.monotonic()
    act.lasts(seconds)
    given_back = time.monotonic()
    back = Return(act, given_back - began)
    before = len(clicks.made)
    while not back.is_whole and time.monotonic() < given_back + BACK_WITHIN:
        since = time.monotonic() - given_back
        if back.page is None and all(_is_well(f"{url}/login/") for url in urls):
            back.page = since
        if back.whole is None and all(_is_well(f"{url}/statusz") for url in urls):
            back.whole = since
        if back.order is None and _is_sent(clicks, before):
            back.order = since
        time.sleep(0.2)
    notes.act = QUIET
    return back


def _is_well(url: str) -> bool:
    try:
        return requests.get(url, timeout=5).ok
    except requests.RequestException:
        return False


def _is_sent(clicks: Clicks, before: int) -> bool:
    """Somebody ordered since then, and the provider has it."""
    keys = [click.key for click in clicks.made[before:] if click.is_taken]
    rows = Job.objects.filter(submission_key__in=keys, sent_at__isnull=False)
    return persistently(rows.exclude(status__in=[Status.QUEUED, Status.SUBMITTING]).exists)


def _kept() -> list[UUID]:
    rows = Rendition.objects.filter(state=Rendition.State.STORED)
    return persistently(lambda: list(rows.values_list("pk", flat=True)[:FILMS]))


def _wanted(there: dict[str, Act], names: list[str]) -> list[Act]:
    if strange := set(names) - set(there):
        raise SystemExit(f"No such outage: {', '.join(strange)}. There are {', '.join(there)}.")
    return [act for name, act in there.items() if name in names or not (names or act.hangs)]


def _session(user: User) -> str:
    return factories.signed_in(user).cookies[settings.SESSION_COOKIE_NAME].value
