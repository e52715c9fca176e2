"""Uploaded files: in memory, and on disk where anything is kept, for a day, as many as fit."""

import threading
import time
from collections import OrderedDict
from dataclasses import dataclass, field

from jobs.practice.book.accounts import Account
from jobs.practice.book.kept import Kept

KEPT_SECONDS = 86_400.0
MOST_BYTES = 128 << 20
MOST_FILES = 500


@dataclass(frozen=True)
class Upload:
    """One file as it was handed over. ``path`` begins with the account's folder."""

    path: str
    account: Account
    kind: str
    content: bytes
    since: float = field(default_factory=time.time)

    @property
    def name(self) -> str:
        """The last part of the path."""
        return self.path.rpartition("/")[2]


class Uploads:
    """All uploads; the same path again replaces the file. Safe for many threads."""

    def __init__(self, kept: Kept | None = None) -> None:
        self._files: OrderedDict[str, Upload] = OrderedDict()
        self._bytes = 0
        self._lock = threading.Lock()
        self._kept = kept

    def keep(self, upload: Upload) -> None:
        """Keep it; the oldest make room."""
        with self._lock:
            self._drop(upload.path)
            self._files[upload.path] = upload
            self._bytes += len(upload.content)
            self._write(upload)
            while self._bytes > MOST_BYTES or len(self._files) > MOST_FILES:
                self._drop(next(iter(self._files)))

    def find(self, path: str) -> Upload | None:
        """The file at that path, within a day of its arrival."""
        with self._lock:
            found = self._files.get(path)
            if found is not None and found.since + KEPT_SECONDS < time.time():
                self._drop(path)
                return None
            return found

    def all(self) -> list[Upload]:
        """Every file, oldest first."""
        with self._lock:
            return list(self._files.values())

    def _drop(self, path: str) -> None:
        gone = self._files.pop(path, None)
        if gone is not None:
            self._bytes -= len(gone.content)
            if self._kept is not None:
                self._kept.forget_upload(path)

    def _write(self, upload: Upload) -> None:
        if self._kept is not None:
            owner = upload.account
            self._kept.write_upload(
                upload.path, owner.provider, owner.name, upload.kind, upload.content, upload.since
            )
