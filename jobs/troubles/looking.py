"""Looks for each kind of trouble: what there is of it at the moment, in a line for admins."""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from django.conf import settings
from django.db.models import Q
from django.template.defaultfilters import filesizeformat
from django.utils import timezone
from django.utils.translation import ngettext

from jobs.archive.kept import nameplate, places, room
from jobs.credentials import circuit
from jobs.letters import isolated
from jobs.machine import disk
from jobs.models import (
    Credential,
    Heartbeat,
    Job,
    LedgerCheck,
    Life,
    Rendition,
    Trouble,
    WithdrawnModel,
)
from jobs.models.jobs.status import Status
from jobs.providers import PROVIDERS
from jobs.times import clock, moments
from jobs.vitals import heartbeats

Kind = Trouble.Kind
AWAY_SECONDS = 900
SILENT_SECONDS = 180
DOUBT_SECONDS = 3600
FILMS_LEFT = timedelta(days=3)
RESTORED_FOR = timedelta(days=1)
HOST = socket.gethostname()[:60]


@dataclass(frozen=True, slots=True)
class Found:
    """One trouble that there is."""

    kind: Trouble.Kind
    subject: str
    text: str


def keys() -> Iterator[Found]:
    """Those in use that their provider refuses, or whose account is empty."""
    for key in Credential.objects.current().failing().select_related("owner"):
        whose = f"{isolated(key.owner.label)}’s" if key.owner else "The team’s"
        is_empty = key.state == Credential.State.EMPTY
        what = "is out of credits" if is_empty else "is not accepted"
        label = PROVIDERS[key.provider].label
        text = f"{whose} {label} key ending in {key.last_four} {what}"
        yield Found(Kind.KEY, f"{key.pk} {key.state}", text)


def providers() -> Iterator[Found]:
    rows = Credential.objects.current().filter(unreachable_since__lt=clock.after(-AWAY_SECONDS))
    for key in rows.order_by("provider", "-unreachable_since"):
        if key.unreachable_since:
            said = circuit.out_of_reach(key.provider, key.unreachable_since)
            yield Found(Kind.PROVIDER, key.provider, said.rstrip("."))


def workers() -> Iterator[Found]:
    """Silent though the follower, which looks, asks them all the time."""
    if heartbeats.alive()["worker"] is False:
        yield from _silent(Heartbeat.Part.WORKER, "Nothing is sent or stored: no worker is running")


def follower() -> Iterator[Found]:
    yield from _silent(
        Heartbeat.Part.FOLLOWER, "Running videos are not checked: no follower is running"
    )


def _silent(part: Heartbeat.Part, text: str) -> Iterator[Found]:
    lately = Heartbeat.objects.filter(part=part, beat_at__gt=clock.after(-SILENT_SECONDS))
    if not lately.exists():
        yield Found(Kind.SILENT, part, text)


def disks() -> Iterator[Found]:
    """Of this machine."""
    if trouble := nameplate.trouble():
        lost = "bucket for videos is away" if places.is_far() else "disk for videos is missing"
        yield Found(Kind.DISK, f"media {HOST}", f"The {lost} on {HOST}: {trouble}")
    elif room.room_to_spare() < 0:
        yield _full("media", f"for videos on {HOST}", room.free())
    _total, _used, free = disk.usage(Path(settings.VAR))
    if free < settings.MEDIA_FREE_BYTES_MIN:
        yield _full("var", f"of VAR_DIR on {HOST}", free)


def _full(place: str, whose: str, free: int) -> Found:
    text = f"The disk {whose} is nearly full: {filesizeformat(free)} are free"
    return Found(Kind.DISK, f"{place} {HOST}", text)


def ledger() -> Iterator[Found]:
    latest = LedgerCheck.objects.first()
    if latest and latest.mismatches:
        number = latest.mismatches
        said = ngettext("%d figure differs", "%d figures differ", number) % number
        yield Found(Kind.LEDGER, "ledger", f"The ledger does not add up: {said}. See check_ledger")


def films() -> Iterator[Found]:
    """Finished, not stored, and soon no longer at their provider."""
    waiting = Rendition.objects.on_their_way().filter(job__trashed_at=None)
    for name, provider in PROVIDERS.items():
        oldest = timezone.now() - provider.retention + FILMS_LEFT
        number = waiting.filter(job__provider=name, job__finished_at__lt=oldest).count()
        if number:
            what = ngettext("%d file is", "%d files are", number) % number
            text = f"{what} not stored, and {provider.label} keeps them for less than 3 days more"
            yield Found(Kind.FILMS, name, text)


def doubts() -> Iterator[Found]:
    long_ago = clock.after(-DOUBT_SECONDS)
    old = Q(sent_at__lt=long_ago) | Q(sent_at=None, changed_at__lt=long_ago)
    number = Job.objects.filter(old, status=Status.UNCERTAIN).count()
    if number:
        what = ngettext("%d video needs", "%d videos need", number) % number
        yield Found(Kind.DOUBT, "videos", f"{what} a look, for more than an hour")


def restores() -> Iterator[Found]:
    rows = Life.objects.filter(began_at__gt=timezone.now() - RESTORED_FOR)
    for life in rows.exclude(left_off_at=None):
        if life.left_off_at:
            moment = moments.in_words(life.left_off_at)
            text = f"The database was restored to how it was on {moment}"
            yield Found(Kind.RESTORED, str(life.pk), text)


def models() -> Iterator[Found]:
    """Those that their provider itself withdrew, until an admin offers or withdraws them."""
    for row in WithdrawnModel.objects.filter(withdrawn_by=None):
        provider = PROVIDERS.get(row.provider)
        model = provider.model(row.model) if provider else None
        if provider and model:
            text = f"{provider.label} says that it no longer has {model.label}: it is not offered"
            yield Found(Kind.MODEL, f"{row.provider} {row.model}", text)


OF_ALL: Mapping[Trouble.Kind, tuple[Callable[[], Iterator[Found]], ...]] = {
    Kind.KEY: (keys,),
    Kind.PROVIDER: (providers,),
    Kind.SILENT: (workers, follower),
    Kind.DISK: (disks,),
    Kind.LEDGER: (ledger,),
    Kind.FILMS: (films,),
    Kind.DOUBT: (doubts,),
    Kind.RESTORED: (restores,),
    Kind.MODEL: (models,),
}
OF_WORKERS: Mapping[Trouble.Kind, tuple[Callable[[], Iterator[Found]], ...]] = {
    Kind.SILENT: (follower,),
    Kind.DISK: (disks,),
}
"""What workers look for: that nobody follows, and their own machine's disks."""
