"""Many kept files as one ZIP, which is made while it is read and lies nowhere.

Its films are stored as they are, since an MP4 does not shrink, so its size is known beforehand. It
is read like a file, so whoever sends files sends it too: in pieces, in turns, and only as far as
somebody takes it in.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from zipstream import ZipStream

from jobs.archive.kept import files, ranges

LEFT_OUT = "Not in this ZIP.txt"
"""The text inside that names what is not."""


class Entry(NamedTuple):
    """One kept file in a ZIP."""

    file: str
    """The name that we keep it by."""
    size: int
    """Bytes, for what lies on no disk of this machine; 0 where that has to be asked."""
    name: str
    """The name that it has in the ZIP."""


class Packed:
    """A ZIP to be read once, from its beginning on.

    Whoever reads it may go back as far as to where its last piece began: a socket takes in a part
    of what it is offered. Raises `OSError` where a file is gone, and `RuntimeError` where one has
    changed: what was read until then is no ZIP, and is not to look like one.
    """

    holders: tuple[str, ...] = ()
    """In whose names it is sent (see `veo_site.serving.sent_files`)."""

    def __init__(self, entries: Sequence[Entry], texts: Iterable[tuple[str, str]] = ()) -> None:
        """Texts are names and what stands in them. Raises `OSError` where a file is missing."""
        stream = ZipStream(sized=True)
        for entry in entries:
            if path := files.path_at_hand(entry.file):
                stream.add_path(str(path), entry.name)
            else:
                size = entry.size or _size_of(entry.file)
                stream.add(_pieces(entry.file), entry.name, size=size)
        for name, text in texts:
            stream.add(text, name)
        self.size = len(stream)
        self.is_at_hand = all(files.path_at_hand(entry.file) for entry in entries)
        """All of it lies on disks of this machine: reading it keeps nobody waiting."""
        self._pieces = iter(stream)
        self._held, self._held_from, self._at = b"", 0, 0

    def __iter__(self) -> Iterator[bytes]:
        while piece := self.read(ranges.CHUNK):
            yield piece

    def read(self, size: int = -1) -> bytes:
        skipped = self._at - self._held_from
        if not 0 <= skipped <= len(self._held):
            raise OSError(f"a ZIP is read from its beginning on, and not at {self._at}")
        held = [self._held[skipped:]]
        length = len(held[0])
        while size < 0 or length < size:
            piece = next(self._pieces, b"")
            if not piece:
                break
            held.append(piece)
            length += len(piece)
        self._held, self._held_from = b"".join(held), self._at
        taken = self._held if size < 0 else self._held[:size]
        self._at += len(taken)
        return taken

    def tell(self) -> int:
        return self._at

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        origins = {os.SEEK_SET: 0, os.SEEK_END: self.size}
        self._at = origins.get(whence, self._at) + offset
        return self._at

    def close(self) -> None:
        self._pieces.close()


def _size_of(file: str) -> int:
    with files.opened(file) as opened:
        return files.size_of(opened)


def _pieces(file: str) -> Iterator[bytes]:
    with files.opened(file) as opened:
        while piece := opened.read(ranges.CHUNK):
            yield piece
