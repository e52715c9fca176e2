"""Files on their way to a bucket and back."""

from __future__ import annotations

import io
import os
from collections.abc import Callable
from typing import Any, BinaryIO

from jobs.archive.kept.away import Unreachable
from jobs.archive.kept.s3.asking import asking


class Sent:
    """A file of ours while it is sent."""

    closed = False

    def __init__(self, file: BinaryIO, beat: Callable[[], None], sha256: str) -> None:
        """`beat` is called before each read, and may end it all by raising."""
        self._file, self._beat, self.sha256 = file, beat, sha256
        self.seek, self.tell, self.close = file.seek, file.tell, file.close

    def read(self, size: int = -1) -> bytes:
        self._beat()
        return self._file.read(size)

    def seekable(self) -> bool:
        return True


class Content(io.RawIOBase):
    """What lies in a bucket, asked for from wherever somebody reads on."""

    def __init__(self, name: str, size: int, read_from: Callable[[int], Any]) -> None:
        """`read_from` gives what can be read from a byte on."""
        super().__init__()
        self._name, self._size, self._read_from = name, size, read_from
        self._at = 0
        self._body: Any = None

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._at

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        origins = {os.SEEK_SET: 0, os.SEEK_CUR: self._at, os.SEEK_END: self._size}
        wanted = origins[whence] + offset
        if wanted != self._at:
            self._hang_up()
        self._at = wanted
        return wanted

    def readinto(self, buffer: Any) -> int:
        if self._at >= self._size:
            return 0
        if self._body is None:
            self._body = self._read_from(self._at)
        with asking(self._name):
            piece: bytes = self._body.read(len(buffer))
        if not piece:
            raise Unreachable
        buffer[: len(piece)] = piece
        self._at += len(piece)
        return len(piece)

    def close(self) -> None:
        self._hang_up()
        super().close()

    def _hang_up(self) -> None:
        if self._body is not None:
            self._body.close()
            self._body = None
