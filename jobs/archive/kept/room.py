"""The room that is left on this machine's disk, through which every file comes."""

from __future__ import annotations

from django.conf import settings

from jobs.archive.kept import places
from jobs.machine import disk


def has_room(extra: int = 0) -> bool:
    """MEDIA_FREE_BYTES_MIN stay free once so many more bytes are kept that are paid for."""
    least: int = settings.MEDIA_FREE_BYTES_MIN
    return free() - extra >= least


def room_to_spare() -> int:
    """Bytes that may be kept although nobody pays for them; less than none on a disk so full."""
    least: int = max(settings.UNPAID_FREE_BYTES_MIN, settings.MEDIA_FREE_BYTES_MIN)
    return free() - least


def free() -> int:
    """Bytes that are free on it."""
    _total, _used, free = disk.usage(places.here(""))
    return free
