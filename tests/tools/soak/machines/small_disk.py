"""A small disk of one's own in memory, which can be filled to its last byte."""

from __future__ import annotations

import errno
import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

PIECE = b"\0" * 65_536


class SmallDisk:
    """Mounted over a folder."""

    def __init__(self, folder: Path) -> None:
        self._filler = folder / "filler"

    def fill(self) -> None:
        """Take all that is free by now: whoever deletes something makes room for a moment."""
        with self._filler.open("ab", buffering=0) as file:
            try:
                while file.write(PIECE) == len(PIECE):
                    pass
            except OSError as error:
                if error.errno != errno.ENOSPC:
                    raise

    def clear(self) -> None:
        self._filler.unlink(missing_ok=True)


@contextmanager
def small_disk(folder: Path, megabytes: int, user: str | None = None) -> Iterator[SmallDisk | None]:
    """None where we may mount nothing: only root may."""
    if os.geteuid() != 0:
        yield None
        return
    command = ["mount", "-t", "tmpfs", "-o", f"size={megabytes}m,mode=0700", "dailies", str(folder)]
    subprocess.run(command, check=True)
    try:
        if user is not None:
            shutil.chown(folder, user)
        yield SmallDisk(folder)
    finally:
        # Lazily: somebody may still be ending in it.
        subprocess.run(["umount", "--lazy", str(folder)], check=True)
