"""Keeps disk free for the videos that are being paid for."""

from __future__ import annotations

import shutil
from pathlib import Path

from django.conf import settings


def has_room(extra: int = 0) -> bool:
    """Whether MEDIA_FREE_BYTES_MIN stay free once so many more bytes are kept."""
    folder = Path(settings.MEDIA_ROOT)
    existing = next(path for path in (folder, *folder.parents) if path.exists())
    least: int = settings.MEDIA_FREE_BYTES_MIN
    return shutil.disk_usage(existing).free - extra >= least
