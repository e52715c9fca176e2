"""Waits for the disk, so that a power cut takes nothing that was said to be kept."""

from __future__ import annotations

import errno
import os
import shutil
from pathlib import Path

FULL = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})
"""The errors of a disk that takes no more: no fault of what was to be written."""
CLOSED = frozenset({errno.EROFS, errno.EACCES, errno.EPERM})


def is_to_blame(error: Exception) -> bool:
    """It is our own disk that failed, and not a file, a network or who is at its other end."""
    return isinstance(error, OSError) and error.errno in FULL | CLOSED | {errno.EIO}


def why(error: OSError) -> str:
    """Why nothing could be written or read here, as the end of a sentence for people; no path."""
    if error.errno in FULL:
        return "the server’s disk is full"
    if error.errno in CLOSED:
        return "the server is not allowed to write to its disk"
    if error.errno is None:
        return str(error) or type(error).__name__
    return f"the server’s disk failed ({os.strerror(error.errno).lower()})"


def usage(folder: Path) -> tuple[int, int, int]:
    """Total, used and free bytes of the disk that a folder is on, or will be on."""
    existing = next(path for path in (folder, *folder.parents) if path.exists())
    return shutil.disk_usage(existing)


def sync(path: Path) -> None:
    """Wait until the disk has a file's content, or the names in a folder. Raises `OSError`."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
