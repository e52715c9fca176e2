"""Bounds what clients send before anybody knows who they are: it lies in memory and on our disk.

waitress takes each request in whole. What is too much for that is let go, beginning with whoever
sends most, by the rule of all limits: a flood ends itself, and somebody else's image comes through.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from typing import Any

from jobs.net import networks

STEP = 1024**2
"""Bytes that come in before anybody looks again at how many there are."""


def beyond(channels: Iterable[Any], most: int) -> list[Any]:
    """The connections of waitress to let go, so that `most` bytes of bodies are on their way in.

    Whatever has come in whole is kept, and counts until its answer is made.
    """
    by_client: dict[str, list[tuple[int, Any]]] = defaultdict(list)
    for channel in channels:
        if size := _size(channel):
            peer = str(channel.addr[0] if channel.addr else "")
            by_client[networks.client_at(peer)].append((size, channel))
    sums = {client: sum(size for size, _ in each) for client, each in by_client.items()}
    let_go = list[Any]()
    while sum(sums.values()) > most:
        coming = {
            client: [each for each in by_client[client] if _comes_in(each[1])] for client in sums
        }
        client = max(filter(coming.get, sums), key=lambda each: sums[each], default=None)
        if client is None:
            break
        largest = max(coming[client], key=lambda each: each[0])
        by_client[client].remove(largest)
        sums[client] -= largest[0]
        let_go.append(largest[1])
    return let_go


def _comes_in(channel: Any) -> bool:
    return channel.request is not None and not channel.requests


def _size(channel: Any) -> int:
    requests = [*channel.requests]
    if channel.request is not None:
        requests.append(channel.request)
    return sum(each.body_bytes_received for each in requests)
