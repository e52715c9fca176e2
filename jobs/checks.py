"""Finds settings that cannot work together: `manage.py check` says so, and no process starts."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, register

from jobs.secrets import vault

TAG = "dailies"
BROKERS = ("orm", "redis")


@register(TAG)
def credential_keys(**_: Any) -> list[CheckMessage]:
    """Each of CREDENTIAL_KEYS can seal and open."""
    hint = (
        "Make one with: python -c 'from cryptography.fernet import Fernet; "
        "print(Fernet.generate_key().decode())'"
    )
    keys: list[str] = settings.CREDENTIAL_KEYS
    if not keys:
        return [Error("CREDENTIAL_KEYS has no key in it.", hint=hint, id="dailies.E001")]
    return [
        Error(
            f"CREDENTIAL_KEYS: number {place} of {len(keys)} is no Fernet key, which is 32 bytes "
            "in URL-safe base64.",
            hint=hint,
            id="dailies.E001",
        )
        for place in vault.wrong_keys(keys)
    ]


@register(TAG)
def broker(**_: Any) -> list[CheckMessage]:
    """There is what carries wake-ups."""
    if settings.Q_BROKER not in BROKERS:
        return [
            Error(
                f"Q_BROKER: “{settings.Q_BROKER}” is none of {', '.join(BROKERS)}.",
                id="dailies.E002",
            )
        ]
    if settings.Q_BROKER == "redis" and not settings.REDIS_URL:
        return [
            Error(
                "Q_BROKER is redis, and REDIS_URL is not set.",
                hint="Set REDIS_URL, such as redis://127.0.0.1:6379/0, or leave Q_BROKER out.",
                id="dailies.E003",
            )
        ]
    return []


@register(TAG)
def storage(**_: Any) -> list[CheckMessage]:
    """What STORAGE_URL names can be a bucket."""
    fault: str = settings.STORAGE_FAULT
    return [Error(f"STORAGE_URL: {fault}", id="dailies.E004")] if fault else []
