"""What is kept for a while: in Redis where there is one, else in each process and in files."""

from __future__ import annotations

from pathlib import Path
from typing import Any

MEMORY = {
    "BACKEND": "django.core.cache.backends.locmem.LocMemCache",
    "OPTIONS": {"MAX_ENTRIES": 5000},
}


def caches(redis: str, figures: Path) -> dict[str, dict[str, Any]]:
    """`redis`: its address, or empty; `figures`: the folder for what is counted without one."""
    return {
        "default": in_redis(redis) if redis else MEMORY,
        # What was counted of past days, which a restart does not make any different.
        "figures": {
            **(in_redis(redis) if redis else in_files(figures)),
            "KEY_PREFIX": "figures",
            "TIMEOUT": 30 * 86_400,
        },
    }


def in_redis(address: str) -> dict[str, Any]:
    return {
        "BACKEND": "veo_site.cache.PatientCache",
        "LOCATION": address,
        # What it holds is made anew in less.
        "OPTIONS": {"socket_connect_timeout": 1, "socket_timeout": 1},
    }


def in_files(folder: Path) -> dict[str, Any]:
    return {
        "BACKEND": "veo_site.cache.PatientFiles",
        "LOCATION": str(folder),
        "OPTIONS": {"MAX_ENTRIES": 1000},
    }
