"""Films on their way to their readers: sent in turns, and not too many of them to anybody.

The view that gives one out says in whose name, a person's or an address's and a link's, and how
many of them each may have on their way at once; here they are counted, for one process.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from waitress.buffers import ReadOnlyFileBasedBuffer

PIECE = 256 * 1024
TURN = 4 * PIECE
"""So much of a film is sent before others have their turn, also where it is taken at once."""


class FileInTurns(ReadOnlyFileBasedBuffer):  # type: ignore[misc]  # waitress carries no types
    """A file on its way to a reader: read in pieces that fit into a socket, and in turns."""

    _in_turn = 0

    @property
    def holders(self) -> Iterable[str]:
        """In whose names it was given out."""
        holders: Iterable[str] = getattr(self.file, "holders", ())
        return holders

    def get(self, numbytes: int = -1, skip: bool = False) -> bytes:
        if self._in_turn >= TURN:
            self._in_turn = 0
            # The channel takes it for a socket that is full, and comes back to it.
            return b""
        piece: bytes = super().get(PIECE if numbytes < 0 else min(numbytes, PIECE), skip)
        self._in_turn += len(piece)
        return piece


class Place(NamedTuple):
    """Whether one more may be sent, and the connection to let go for it, if any."""

    is_free: bool
    instead_of: Any = None


def place_for(channels: Iterable[Any], holders: Mapping[str, int], most: int) -> Place:
    """One more film, beside those that the connections of waitress are sending.

    None for who has as many on their way as may be (0: no limit). Where there are too many in all,
    the one that nobody has read from for longest is to be let go.
    """
    sending = [(channel, file) for channel in channels if (file := sent_by(channel))]
    held = Counter(holder for _, file in sending for holder in file.holders)
    if any(limit and held[holder] >= limit for holder, limit in holders.items()):
        return Place(False)
    if not most or len(sending) < most:
        return Place(True)
    return Place(
        True, min((channel for channel, _ in sending), key=lambda each: each.last_activity)
    )


def sent_by(channel: Any) -> FileInTurns | None:
    """The film that a connection of waitress is sending."""
    return next((each for each in list(channel.outbufs) if isinstance(each, FileInTurns)), None)
