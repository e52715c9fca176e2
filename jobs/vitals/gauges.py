"""How things stand at the moment, for monitors: what the database, the queue and the disks say.

Looked up for whoever asks, and not more often than every few seconds, however many ask.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Iterable, Iterator
from pathlib import Path

from django.conf import settings
from django.db import Error as DatabaseProblem
from django.db import connection
from django.db.models import Count, Max, Min
from django.db.models.functions import Now
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from jobs import carrier
from jobs.archive.kept import nameplate, places
from jobs.machine import disk
from jobs.models import Budget, Credential, Heartbeat, Job, LedgerCheck, Mailing, Rendition
from jobs.models.jobs.status import FINISHED, Status
from jobs.providers import PROVIDERS
from jobs.providers.http import VERSION
from jobs.vitals import heartbeats, overdue

logger = logging.getLogger(__name__)

KEPT_SECONDS = 5
UNFINISHED = [status for status in Status if status not in FINISHED]
Row = tuple[tuple[str, ...], float]


class Standing(Collector):
    """Gives the gauges, looked up anew once those of before are some seconds old."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._known: list[Metric] = []
        self._until = 0.0

    def collect(self) -> Iterable[Metric]:
        # Of those who come meanwhile nobody asks again what is being asked.
        with self._lock:
            if time.monotonic() >= self._until:
                self._known = list(_gauges())
                self._until = time.monotonic() + KEPT_SECONDS
            return self._known

    def forget(self) -> None:
        self._until = 0.0


STANDING = Standing()


def _gauges() -> Iterator[Metric]:
    yield _gauge(
        "dailies_build", "Always 1; the version is a label.", ("version",), [((VERSION,), 1)]
    )
    yield from _disks()
    is_up = 1.0
    for look in (_jobs, _overdue, _heartbeats, _files, _keys, _books, _mails, _media):
        try:
            yield from list(look())
        except DatabaseProblem:
            is_up = 0.0
            connection.close()
            break
    yield _gauge("dailies_database_up", "Whether the database answers.", (), [((), is_up)])
    if (size := carrier.length()) is not None:
        yield _gauge(
            "dailies_queue_length", "Wake-ups that no worker has read yet.", (), [((), size)]
        )


def _jobs() -> Iterator[Metric]:
    """Unfinished ones, of which there are never many."""
    rows = Job.objects.filter(status__in=UNFINISHED).order_by().values_list("status")
    since = rows.annotate(Count("pk"), Min("created_at"), Min("sent_at"), now=Now())
    found = {status: rest for status, *rest in since}
    counts = [((str(status),), found.get(status, [0])[0]) for status in UNFINISHED]
    yield _gauge("dailies_jobs", "Unfinished jobs.", ("status",), counts)
    oldest: list[Row] = [((Status.QUEUED,), 0), ((Status.UNCERTAIN,), 0)]
    for number, (status, moment) in enumerate(((Status.QUEUED, 1), (Status.UNCERTAIN, 2))):
        row = found.get(status)
        if row and (began := row[moment] or row[1]):
            oldest[number] = ((status,), (row[3] - began).total_seconds())
    yield _gauge("dailies_oldest_job_seconds", "Age of the oldest such job.", ("status",), oldest)


def _overdue() -> Iterator[Metric]:
    rows: list[Row] = [((what,), number) for what, number in overdue.counted().items()]
    yield _gauge("dailies_overdue", "What is due and lies about.", ("what",), rows)


def _heartbeats() -> Iterator[Metric]:
    """None of a part that was not heard of for an hour."""
    rows = Heartbeat.objects.order_by().values_list("part").annotate(Max("beat_at"), now=Now())
    ages: list[Row] = [((part,), (now - beat).total_seconds()) for part, beat, now in rows]
    yield _gauge(
        "dailies_heartbeat_age_seconds", "Since a part was last heard of.", ("part",), ages
    )
    alive: list[Row] = [
        ((part,), float(is_alive is True)) for part, is_alive in heartbeats.alive().items()
    ]
    yield _gauge("dailies_part_up", "Whether a part is known to work.", ("part",), alive)


def _files() -> Iterator[Metric]:
    waiting = Rendition.objects.on_their_way().order_by()
    found = waiting.aggregate(number=Count("pk"), oldest=Min("job__finished_at"), now=Max(Now()))
    age = (found["now"] - found["oldest"]).total_seconds() if found["oldest"] else 0
    yield _gauge(
        "dailies_films_to_fetch", "Finished films not stored yet.", (), [((), found["number"])]
    )
    yield _gauge("dailies_oldest_film_seconds", "Age of the oldest of them.", (), [((), age)])


def _keys() -> Iterator[Metric]:
    keys = Credential.objects.current().order_by()
    states: list[Row] = [
        ((provider, state), number)
        for provider, state, number in keys.values_list("provider", "state").annotate(Count("pk"))
    ]
    yield _gauge(
        "dailies_keys", "Keys, by what their provider says.", ("provider", "state"), states
    )
    lasts = {
        provider: (now - since).total_seconds()
        for provider, since, now in keys.out_of_reach()
        .values_list("provider")
        .annotate(Min("unreachable_since"), now=Now())
    }
    open_: list[Row] = [((name,), lasts.get(name, 0)) for name in PROVIDERS]
    yield _gauge(
        "dailies_circuit_open_seconds", "How long a provider is out of reach.", ("provider",), open_
    )


def _books() -> Iterator[Metric]:
    frozen = Budget.objects.filter(is_frozen=True).count()
    yield _gauge("dailies_budgets_stopped", "Budgets that do not add up.", (), [((), frozen)])
    latest = LedgerCheck.objects.annotate(now=Now()).first()
    if latest:
        age = (latest.now - latest.checked_at).total_seconds()
        yield _gauge(
            "dailies_ledger_check_age_seconds", "Since the books were checked.", (), [((), age)]
        )
        number = latest.mismatches
        yield _gauge("dailies_ledger_mismatches", "Found by that check.", (), [((), number)])


def _mails() -> Iterator[Metric]:
    failed = Mailing.objects.failed().count()
    yield _gauge("dailies_mails_failed", "E-mails given up in 90 days.", (), [((), failed)])


def _media() -> Iterator[Metric]:
    is_ours = float(not nameplate.trouble())
    yield _gauge("dailies_media_ours", "Whether the disk for videos is there.", (), [((), is_ours)])


def _disks() -> Iterator[Metric]:
    disks = {"media": places.here(""), "var": Path(settings.VAR)}
    sizes: dict[str, list[Row]] = {"free": [], "size": []}
    for name, folder in disks.items():
        total, _used, free = disk.usage(folder)
        sizes["free"].append(((name,), free))
        sizes["size"].append(((name,), total))
    yield _gauge("dailies_disk_free_bytes", "Free on a disk.", ("place",), sizes["free"])
    yield _gauge("dailies_disk_size_bytes", "Size of a disk.", ("place",), sizes["size"])


def _gauge(name: str, text: str, labels: tuple[str, ...], rows: Iterable[Row]) -> Metric:
    gauge = GaugeMetricFamily(name, text, labels=labels)
    for words, value in rows:
        gauge.add_metric(words, value)
    return gauge
