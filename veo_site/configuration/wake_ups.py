"""How django-q2 carries wake-ups to workers.

The queue only wakes workers up; permission to send stands on our own rows. So a task is never
worth repeating, and a crashed one is found again by the follower.
"""

from __future__ import annotations

from typing import Any


def cluster(broker: str, redis_url: str, *, workers: int) -> dict[str, Any]:
    """Its setting, for wake-ups that lie in `redis` or, by any other word, in the database."""
    return {
        "name": "dailies",
        "workers": workers,
        "timeout": 90,
        "retry": 400,
        "queue_limit": 4,
        "bulk": 1,
        "ack_failures": True,
        "max_attempts": 1,
        "catch_up": False,
        "scheduler": False,
        "save_limit": -1,
        "poll": 0.05,
        "log_level": "WARNING",
        **({"redis": redis_url} if broker == "redis" else {"orm": "default"}),
    }
