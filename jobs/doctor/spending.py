"""Makes films by ordinary orders, waits for them, and compares what came of them with what is said.

Workers and the follower do the work, as of anybody's order: what is under way when this is
interrupted goes on without it.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from decimal import Decimal
from uuid import uuid4

from django.conf import settings

from jobs import lifecycle
from jobs.doctor import providers
from jobs.doctor.finding import Finding, differs, ok, unknown
from jobs.doctor.planning import Planned
from jobs.models import Credential, Job, Rendition, User
from jobs.models.jobs.status import FINISHED, Status
from jobs.net import addresses
from jobs.providers import PROVIDERS
from jobs.providers.base import lines_of
from jobs.providers.errors import ProviderError
from jobs.vitals import heartbeats

REST_SECONDS = 2.0
LENGTH_OFF = 0.6
"""Seconds by which a film may be longer or shorter than it was ordered."""
Ordered = list[tuple[Planned, Job]]


def idle() -> str:
    """Why nothing would happen to an order; '' where it would be sent and followed."""
    alive = heartbeats.alive()
    missing = [part for part in ("worker", "follower") if not alive[part]]
    return f"no {' and no '.join(missing)} is running" if missing else ""


def order(planned: list[Planned], owner: User, ordered: Ordered) -> Iterator[Finding]:
    """Order each film once, and note it in `ordered`; what is refused here is never sent, nor what
    costs otherwise than was said before the yes.
    """
    for film in planned:
        if news := lifecycle.costs_otherwise(film.order, film.credits):
            yield unknown(film.subject, f"not made: {news.user_message}")
            continue
        try:
            job = lifecycle.submit(owner, film.order, uuid4(), may_park=False)
        except lifecycle.NotSubmitted as error:
            yield unknown(film.subject, f"not made: {error.cause or error.field}")
        else:
            ordered.append((film, job))


def rest() -> None:
    time.sleep(REST_SECONDS)


def wait(ordered: Ordered, seconds: float) -> Iterator[str]:
    """A line for each step of each film, until all have ended, or for so long."""
    ends = time.monotonic() + seconds
    seen: dict[object, str] = {}
    while True:
        for film, job in ordered:
            job.refresh_from_db()
            if seen.get(job.pk) != (state := _state(job)):
                seen[job.pk] = state
                yield f"{film.subject}: {state}"
        if all(_is_over(job) for _, job in ordered) or time.monotonic() > ends:
            return
        rest()


def _state(job: Job) -> str:
    label = str(job.get_status_display()).lower()
    is_kept = job.status == Status.SUCCEEDED and _is_over(job)
    return f"{label}, and stored" if is_kept else label


def _is_over(job: Job) -> bool:
    return job.status in FINISHED and not job.renditions.on_their_way().exists()


def balances(owner: User, planned: list[Planned]) -> Mapping[str, Decimal]:
    """What the accounts hold that pay for these films, by their provider, where one tells that."""
    found: dict[str, Decimal] = {}
    for name in {film.provider.name for film in planned}:
        keys = Credential.objects.usable_by(owner).filter(provider=name)
        key = providers.opened(keys[0]) if keys else None
        try:
            balance = providers.client(PROVIDERS[name]).balance(key) if key else None
        except ProviderError:
            balance = None
        if balance is not None:
            found[name] = balance
    return found


def compare(
    ordered: Ordered, before: Mapping[str, Decimal], after: Mapping[str, Decimal]
) -> Iterator[Finding]:
    """What came of each film, and of the accounts."""
    for film, job in ordered:
        yield from _film(film, job)
    for name in {film.provider.name for film, _ in ordered}:
        jobs = [job for film, job in ordered if film.provider.name == name]
        yield _account(name, jobs, before, after)


def _film(film: Planned, job: Job) -> Iterator[Finding]:
    if job.status != Status.SUCCEEDED:
        label = str(job.get_status_display()).lower()
        if job.status in FINISHED:
            yield differs(film.subject, f"{label} ({job.error_code or 'for no known reason'})")
        else:
            yield unknown(film.subject, f"not ended yet: {label}")
        return
    yield _kept(film, job)
    yield _charge(film, job)
    yield _callback(film, job)
    if asked := providers.asked(job):
        yield from providers.carried(f"{film.subject}: record", film.provider, [asked])
    else:
        yield unknown(f"{film.subject}: record", "it could not be asked for")


def _kept(film: Planned, job: Job) -> Finding:
    subject = f"{film.subject}: film"
    file = job.renditions.filter(state=Rendition.State.STORED).first()
    if file is None or not (file.width and file.height and file.seconds):
        return differs(subject, "none was stored")
    said = f"{file.width} × {file.height}, {file.seconds:.1f} s"
    is_length = abs(float(file.seconds) - job.duration) <= LENGTH_OFF
    is_size = min(file.width, file.height) == lines_of(job.resolution)
    return (ok if is_length and is_size else differs)(subject, said)


def _charge(film: Planned, job: Job) -> Finding:
    subject = f"{film.subject}: charge"
    expected = job.provider_credits_estimated or Decimal(job.quote)
    told = job.provider_credits_charged
    if told is None:
        return unknown(subject, f"its record names none; {job.charged} were booked, as quoted")
    said = f"{told.normalize():f} of {expected.normalize():f} expected; {job.charged} were booked"
    return (ok if told == expected else differs)(subject, said)


def _callback(film: Planned, job: Job) -> Finding:
    subject = f"{film.subject}: callback"
    calls = film.provider.callbacks
    is_wanted = calls is not None and (not calls.setting or getattr(settings, calls.setting))
    if not (is_wanted and addresses.reaches_us()):
        return unknown(subject, "none was asked for: this provider sends none, or none reaches us")
    number = job.webhook_events.count()
    return ok(subject, f"{number} came") if number else differs(subject, "none came")


def _account(
    name: str, jobs: list[Job], before: Mapping[str, Decimal], after: Mapping[str, Decimal]
) -> Finding:
    subject = f"{PROVIDERS[name].label}: balance"
    if name not in before or name not in after:
        return unknown(subject, "it is not told")
    gone = before[name] - after[name]
    expected = sum(
        (job.provider_credits_charged or Decimal(job.charged or 0) for job in jobs), Decimal(0)
    )
    said = f"{gone.normalize():f} fewer, and {expected.normalize():f} were charged by the records"
    if gone == expected:
        return ok(subject, said)
    return differs(subject, f"{said}; whoever else uses the account counts too")
