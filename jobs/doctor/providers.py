"""The providers: whether each is as docs/contracts.md says, as far as free questions show it."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator
from io import BytesIO
from urllib.parse import urlsplit

from django.conf import settings

from jobs import directory
from jobs.archive.fetching import outbound
from jobs.doctor.finding import Finding, differs, ok, unknown
from jobs.doctor.house import skew
from jobs.models import Credential, Job
from jobs.models.jobs.status import Status
from jobs.providers import PROVIDERS
from jobs.providers.base import VIDEO_KINDS, Client, Snapshot, State
from jobs.providers.declarations import Provider
from jobs.providers.errors import ProviderError
from jobs.providers.http import Http
from jobs.secrets import vault

RECORDS_MAX = 5
"""Finished videos of a model that are asked about once more."""
ASK_SECONDS = 10.0
PIXEL = bytes.fromhex(
    "89504e470d0a1a0a0000000d49484452000000010000000108060000001f15c489"
    "0000000d49444154789c636060606000000005000165ce0d0d0000000049454e44ae426082"
)
"""The smallest of pictures, to be handed over."""


def examine() -> Iterator[Finding]:
    for provider in PROVIDERS.values():
        yield from _examine(provider)


def _examine(provider: Provider) -> Iterator[Finding]:
    yield _clock(provider)
    credentials = Credential.objects.current().in_use().filter(provider=provider.name)
    keys = [opened(credential) for credential in credentials]
    if not keys:
        yield unknown(f"{provider.label}: keys", "none is saved, so nothing else can be asked")
    for number, key in enumerate(keys, 1):
        subject = f"{provider.label}: key {number} of {len(keys)}"
        if key is None:
            yield differs(subject, "the CREDENTIAL_KEYS of this machine do not open it")
        else:
            yield _balance(subject, provider, key)
    if usable := next(filter(None, keys), None):
        yield from _uploads(provider, usable)
    yield from _records(provider)


def opened(credential: Credential) -> str | None:
    """The key; None where this machine cannot open it."""
    try:
        return vault.unseal(credential.sealed_key, credential.seal_context)
    except vault.Unreadable:
        return None


def _clock(provider: Provider) -> Finding:
    address = getattr(settings, next(iter(provider.settings.values())))
    subject = f"{provider.label}: clock"
    try:
        return skew(subject, Http(ask_seconds=ASK_SECONDS).clock(address))
    except ProviderError as error:
        return differs(subject, f"it could not be asked ({error.detail})")


def _balance(subject: str, provider: Provider, key: str) -> Finding:
    try:
        balance = client(provider).balance(key)
    except ProviderError as error:
        return differs(subject, f"refused ({error.code}: {error.detail})")
    if balance is None:
        return unknown(subject, "this provider tells no balance, so only an order proves a key")
    return ok(subject, f"works; its balance is {'not empty' if balance > 0 else 'empty'}")


def _uploads(provider: Provider, key: str) -> Iterator[Finding]:
    if not provider.takes_uploads:
        return
    speaker, subject = client(provider), f"{provider.label}: upload"
    try:
        url = speaker.upload(key, f"{secrets.token_hex(16)}.png", BytesIO(PIXEL), "image/png")
    except ProviderError as error:
        yield differs(subject, f"refused ({error.code}: {error.detail})")
        return
    yield _hosted(subject, url)
    try:
        fresh = speaker.fresh_url(key, url)
    except ProviderError as error:
        # Links are renewed of what was made; of an upload some say no.
        yield unknown(f"{provider.label}: download-url", f"not of an upload ({error.code})")
    else:
        yield _hosted(f"{provider.label}: download-url", fresh)


def _hosted(subject: str, url: str) -> Finding:
    """A link is of a host that we would fetch from."""
    host = urlsplit(url).netloc
    if outbound.covers(settings.ARCHIVE_HOSTS, host):
        return ok(subject, f"a link at {host}")
    return differs(subject, f"a link at {host}, which ARCHIVE_HOSTS does not name")


def _records(provider: Provider) -> Iterator[Finding]:
    """What the records of the latest videos carry, model by model."""
    for model in provider.models:
        made = Job.objects.filter(
            provider=provider.name,
            model=model.name,
            kind__in=VIDEO_KINDS,
            status=Status.SUCCEEDED,
            practice=settings.PRACTICE,
        ).select_related("credential", "source")
        found = list(filter(None, map(asked, made.order_by("-created_at")[:RECORDS_MAX])))
        subject = f"{provider.label}: records of {model.label}"
        if not found:
            yield unknown(subject, "no finished video to ask about")
            continue
        yield from carried(subject, provider, found)


def asked(job: Job) -> tuple[Job, Snapshot] | None:
    """What its record says now; None where that cannot be asked, or is no record any more."""
    key = opened(job.credential) if job.credential else None
    if key is None:
        return None
    try:
        snapshot = directory.client(job.provider).fetch(key, job.work)
    except ProviderError:
        return None
    return None if snapshot.state == State.MISSING else (job, snapshot)


CARRIES: tuple[tuple[str, Callable[[Job, Snapshot], bool]], ...] = (
    ("a film", lambda job, told: bool(told.results)),
    ("the prompt as sent", lambda job, told: bool(told.echo and told.echo.prompt == job.prompt)),
    ("the seed as sent", lambda job, told: not job.has_seed or _is_seed(job, told)),
    ("the model", lambda job, told: bool(told.echo and told.echo.model == job.model)),
    ("the callback address", lambda job, told: bool(told.echo and told.echo.callback_url)),
    ("the charge", lambda job, told: told.provider_credits is not None),
    ("a charge as quoted", lambda job, told: told.provider_credits == job.quote),
)
"""What the contracts are unsure about, and how it shows."""


def _is_seed(job: Job, told: Snapshot) -> bool:
    return bool(told.echo and told.echo.seed == job.seed)


def carried(
    subject: str, provider: Provider, found: list[tuple[Job, Snapshot]]
) -> Iterator[Finding]:
    """What these records carry of what the contracts are unsure about."""
    counts = {what: sum(1 for each in found if shows(*each)) for what, shows in CARRIES}
    said = ", ".join(f"{what} {count}/{len(found)}" for what, count in counts.items())
    needed = (
        ("a film", "the prompt as sent", "the seed as sent") if provider.echoes else ("a film",)
    )
    as_expected = all(counts[what] == len(found) for what in needed)
    yield (ok if as_expected else differs)(subject, said)


def client(provider: Provider) -> Client:
    """What speaks to it."""
    return directory.client(provider.name)
