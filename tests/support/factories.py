"""Makes the rows that tests start from, through the same doors as the product."""

from __future__ import annotations

import time
from datetime import timedelta
from importlib import import_module
from typing import Any
from uuid import uuid4

from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.base import SessionBase
from django.db.models.functions import Now
from django.test import Client
from django.utils import timezone

from jobs import ledger, lifecycle
from jobs.models import Credential, Job, Price, Rendition, User
from jobs.providers.base import UPGRADES, Kind, Part, Result, Snapshot, State, lines_of
from jobs.secrets import vault
from jobs.sessions import SessionStore
from jobs.times import clock

PASSWORD = "correct horse battery"
CANARY_KEY = "canary-key-4f8a1c0de5b7"


def seed_prices() -> None:
    """The price list of the first migration, which emptying the database took away."""
    if not Price.objects.exists():
        seeds = import_module("jobs.migrations.0003_prices")
        Price.objects.bulk_create(Price(**row, valid_from=seeds.PUBLISHED) for row in seeds.rows())


def person(username: str, role: str, credits: int = 0) -> User:
    user = User.objects.create_user(username, password=PASSWORD, role=role)
    if credits:
        ledger.grant(user, credits, reason="for a test", actor=None)
    return user


def admin(username: str, credits: int = 0) -> User:
    return person(username, User.Role.ADMIN, credits)


def member(username: str, credits: int = 0) -> User:
    """A member with a working key for each provider."""
    user = person(username, User.Role.MEMBER, credits)
    for provider in ("kie", "veo4"):
        credential(user, provider)
    return user


def credential(owner: User | None, provider: str, key: str = CANARY_KEY) -> Credential:
    made = Credential(owner=owner, provider=provider, last_four=key[-4:])
    made.sealed_key = vault.seal(key, made.seal_context)
    made.saved_at = timezone.now() - timedelta(days=30)
    made.checked_at = timezone.now()
    made.save(force_insert=True)
    return made


def submission(**changes: Any) -> lifecycle.Submission:
    fields: dict[str, Any] = {
        "provider": "kie",
        "model": "veo3_fast",
        "prompt": "A lighthouse in the rain",
        "aspect_ratio": "16:9",
        "resolution": "720p",
        "duration": 8,
    }
    if changes.get("provider") == "veo4":
        fields["model"] = "veo-4"
    return lifecycle.Submission(**{**fields, **changes})


def job(owner: User, **changes: Any) -> Job:
    """A queued job with its hold."""
    return lifecycle.submit(owner, submission(**changes), uuid4())


def succeeded(owner: User, **changes: Any) -> Job:
    """A finished job whose film is kept by us."""
    return finish(job(owner, **changes))


def film(owner: User, **changes: Any) -> Rendition:
    """The stored file of a finished job."""
    return succeeded(owner, **changes).renditions.get()


def upgrade(take: Job, kind: str = "upgrade_4k") -> Job:
    """A queued order of a larger copy."""
    return lifecycle.submit(take.owner, lifecycle.upgrade_of(take, kind), uuid4())


def extension(take: Job, prompt: str = "And then the sun comes out", model: str = "") -> Job:
    """A queued order of a longer film."""
    wanted = lifecycle.extension_of(take, prompt, model or take.model)
    return lifecycle.submit(take.owner, wanted, uuid4())


def run(made: Job) -> Job:
    """A job that the provider has taken."""
    Job.objects.filter(pk=made.pk).update(
        status="running", external_id=f"task-{made.pk.hex[:12]}", sent_at=Now()
    )
    made.refresh_from_db()
    return made


def finish(made: Job, *, fallback: bool = False, stored: bool = True) -> Job:
    """A job that the provider says is done; an extension with its new part as well."""
    run(made)
    parts = (Part.FILM, Part.SEGMENT) if made.kind == Kind.EXTEND else (Part.FILM,)
    results = tuple(
        Result(f"https://files.example/{part}.mp4", made.resolution, part=part) for part in parts
    )
    lifecycle.observe(made.pk, Snapshot(State.SUCCEEDED, results, fallback=fallback))
    if stored:
        made.renditions.update(
            state="stored",
            try_at=None,
            file="a.mp4",
            poster="a.webp",
            seconds=8,
            width=1280,
            height=720,
            frame_rate="24",
            bytes=1000,
            sha256="0" * 64,
            stored_at=Now(),
        )
        Job.objects.filter(pk=made.pk).update(film_seconds=8)
        video = (made.source_id if made.kind in UPGRADES else None) or made.pk
        Job.objects.filter(pk=video).update(film_lines=lines_of(made.resolution))
    made.refresh_from_db()
    return made


def age(made: Job, **span: float) -> None:
    """As if it had been sent so long ago."""
    then = timezone.now() - timedelta(**span)
    Job.objects.filter(pk=made.pk).update(created_at=then, sent_at=then, finished_at=then)
    made.refresh_from_db()


def signed_in(user: User, *, minutes_ago: float = 0) -> Client:
    """A browser of somebody who typed their password so long ago."""
    client, session = Client(), SessionStore()
    # As signing in leaves it, in one row: half of all tests begin with this.
    session[SESSION_KEY] = str(user.pk)
    session[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
    session[HASH_SESSION_KEY] = user.get_session_auth_hash()
    _prove(session, user, minutes_ago)
    client.cookies[settings.SESSION_COOKIE_NAME] = session.session_key or ""
    return client


def proved(client: Client, user: User, *, minutes_ago: float = 0) -> None:
    """As if this browser had been asked for the password so long ago."""
    _prove(client.session, user, minutes_ago)


def _prove(session: SessionBase, user: User, minutes_ago: float) -> None:
    typed = {"method": "password", "at": time.time() - 60 * minutes_ago}
    session["account_authentication_methods"] = [typed]
    session["account_authentication_methods_user"] = str(user.pk)
    session.save()


def forget_rates() -> None:
    """As if enough time had passed for every key to be used again."""
    Credential.objects.update(asks_until=None)
    Job.objects.update(sent_at=clock.after(-60))
