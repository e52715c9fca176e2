"""The rows a benchmark works on, written straight into the tables."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from secrets import token_urlsafe
from uuid import uuid4

from django.test import Client

from jobs import ledger
from jobs.models import Credential, Job, Rendition, User
from jobs.models.jobs.status import Status
from jobs.secrets import vault
from jobs.secrets.tokens import hash_token
from tests.support import factories

SIGNING_KEY = "bench-signing-key"
PROMPT = "A ceramic bottle on a plinth, slow studio orbit, soft key light from the left, 85 mm"


def member(name: str) -> User:
    """A member with credits and a key whose callbacks must be signed."""
    user = User.objects.create_user(name)
    ledger.grant(user, 1_000_000, reason="for a benchmark", actor=None)
    key = factories.credential(user, "kie")
    factories.credential(user, "veo4")
    key.sealed_signing_key = vault.seal(SIGNING_KEY, key.seal_context)
    key.save(update_fields=["sealed_signing_key"])
    return user


def cookie(user: User) -> str:
    """What the browser of this person sends, once signed in."""
    client: Client = factories.signed_in(user)
    return "; ".join(f"{name}={morsel.value}" for name, morsel in client.cookies.items())


def _job(owner: User, status: Status, age: timedelta) -> Job:
    then = datetime.now(UTC) - age
    return Job(
        owner=owner,
        payer=owner,
        credential=Credential.objects.filter(owner=owner, provider="kie").first(),
        submission_key=uuid4(),
        provider="kie",
        model="veo3_fast",
        prompt=PROMPT,
        aspect_ratio="16:9",
        resolution="720p",
        duration=8,
        seed=12345,
        status=status,
        quote=60,
        booked_on=then.date(),
        external_id=uuid4().hex,
        created_at=then,
        changed_at=then,
        sent_at=then,
        finished_at=then if status != Status.RUNNING else None,
    )


def gallery(owner: User, number: int) -> None:
    """Finished jobs, as an account collects them: mostly videos, some failures, one in work."""
    made = []
    for index in range(number):
        status = Status.FAILED if index % 12 == 5 else Status.SUCCEEDED
        made.append(_job(owner, status, timedelta(hours=3, minutes=7 * index)))
        made[-1].film_seconds = Decimal(8 if status == Status.SUCCEEDED else 0)
    made[0].status, made[0].finished_at = Status.RUNNING, None
    Job.objects.bulk_create(made)
    Rendition.objects.bulk_create(
        Rendition(
            job=job,
            resolution="720p",
            state=Rendition.State.STORED,
            source_url="https://example.invalid/film.mp4",
            file=f"{job.pk}.mp4",
            poster=f"{job.pk}.webp",
            seconds=8,
            bytes=1,
            sha256="0" * 64,
            stored_at=job.created_at,
        )
        for job in made
        if job.status == Status.SUCCEEDED
    )


def awaiting_callback(owner: User, number: int) -> list[tuple[Job, str]]:
    """Running jobs, each with the secret of its callback address."""
    pairs = [
        (_job(owner, Status.RUNNING, timedelta(minutes=1)), token_urlsafe(32))
        for _ in range(number)
    ]
    for job, token in pairs:
        job.callback_hash = hash_token(token)
    Job.objects.bulk_create([job for job, _ in pairs], batch_size=200)
    return pairs
