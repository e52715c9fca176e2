"""Putting an answer on the wire: properly, or in one of the ways in which networks fail."""

import os
import select
import socket
import struct
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass

LONGEST_HANG = 600.0


class Peer:
    """One client's connection while it is being answered."""

    def __init__(self, connection: socket.socket, stopping: threading.Event) -> None:
        self.connection = connection
        self.stopping = stopping

    def send(self, data: bytes) -> None:
        """Send all of it."""
        self.connection.sendall(data)

    def reset(self) -> None:
        """Drop the connection so that the client sees a reset (RST)."""
        linger = struct.pack("ii", 1, 0)
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
        # Closing the bare descriptor: an orderly shutdown would send a FIN first.
        os.close(self.connection.detach())

    def hang(self) -> None:
        """Say nothing until the client gives up or the server stops."""
        waited = 0.0
        while waited < LONGEST_HANG and not self.stopping.wait(0.1):
            waited += 0.1
            readable, _, _ = select.select([self.connection], [], [], 0)
            if readable and not self.connection.recv(1, socket.MSG_PEEK):
                return

    def trickle(self, data: bytes, pause: float) -> None:
        """Send byte by byte with a pause (seconds) after each."""
        for place in range(len(data)):
            self.send(data[place : place + 1])
            if self.stopping.wait(pause):
                return


@dataclass(frozen=True)
class Bytes:
    """An answer as it would go over the wire; ``pace`` is seconds per byte."""

    head: bytes
    body: bytes
    pace: float


def _reset(peer: Peer, _answer: Bytes) -> None:
    peer.reset()


def _nothing(_peer: Peer, _answer: Bytes) -> None:
    """Leaves it to the caller to close the connection."""


def _hang(peer: Peer, _answer: Bytes) -> None:
    peer.hang()


def _trickle(peer: Peer, answer: Bytes) -> None:
    peer.trickle(answer.head + answer.body, answer.pace)


def _cut(peer: Peer, answer: Bytes) -> None:
    peer.send(answer.head + answer.body[: len(answer.body) // 2])


Manner = Callable[[Peer, Bytes], None]
MANNERS: dict[str, Manner] = {
    "reset": _reset,
    "eof": _nothing,
    "hang": _hang,
    "trickle": _trickle,
    "cut": _cut,
}


def stream(peer: Peer, head: bytes, chunks: Iterator[bytes], pace: float) -> None:
    """Send the pieces one after the other, with a pause (seconds) after each."""
    peer.send(head)
    for chunk in chunks:
        peer.send(chunk)
        if peer.stopping.is_set() or (pace and peer.stopping.wait(pace)):
            return
