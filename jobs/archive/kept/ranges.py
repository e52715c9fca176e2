"""A part of an open file, as players and downloads that go on ask for it."""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import BinaryIO

CHUNK = 128 * 1024


class Range:
    """So many bytes of an open file from somewhere on, to be read like a file of their own.

    Closed by the server, sent or not.
    """

    def __init__(self, file: BinaryIO, start: int, length: int) -> None:
        self._file, self._start, self._end = file, start, start + length
        file.seek(start)

    def __iter__(self) -> Iterator[bytes]:
        while piece := self.read(CHUNK):
            yield piece

    def read(self, size: int = -1) -> bytes:
        left = max(0, self._end - self._file.tell())
        return self._file.read(left if size < 0 else min(size, left))

    def tell(self) -> int:
        return self._file.tell() - self._start

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        origins = {os.SEEK_SET: self._start, os.SEEK_END: self._end}
        origin = origins.get(whence, self._file.tell())
        return self._file.seek(origin + offset) - self._start

    def close(self) -> None:
        self._file.close()
