"""Makes the rows that tests start from, through the same doors as the product."""

from __future__ import annotations

from datetime import timedelta
from importlib import import_module
from typing import Any
from uuid import uuid4

from django.test import Client
from django.utils import timezone

from jobs import clock, ledger, lifecycle, vault
from jobs.models import Credential, Job, Price, User

PASSWORD = "correct horse battery"
CANARY_KEY = "canary-key-4f8a1c0de5b7"


def seed_prices() -> None:
    """The price list of the first migration, which emptying the database took away."""
    if not Price.objects.exists():
        seeds = import_module("jobs.migrations.0003_prices")
        names = ("provider", "kind", "model", "mode", "resolution", "credits")
        Price.objects.bulk_create(
            Price(**dict(zip(names, row, strict=True))) for row in seeds.rows()
        )


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


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def forget_rates() -> None:
    """As if enough time had passed for every key to be used again."""
    Credential.objects.update(asks_until=None)
    Job.objects.update(sent_at=clock.after(-60))
