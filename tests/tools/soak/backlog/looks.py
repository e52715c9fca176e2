"""What pages and monitors take while all of it waits, and while little does."""

from __future__ import annotations

import time
from collections.abc import Mapping
from statistics import median

import requests

from tests.tools.soak.backlog import TOKEN

TURNS = 7
PATHS = (
    "/",
    "/?tab=progress",
    "/library/",
    "/library/?state=progress",
    "/usage/",
    "/team/requests/",
    "/team/system/",
    "/statusz",
    "/metrics",
    "/live/?since={since}-",
)


def looked_at(url: str, session: str) -> Mapping[str, float]:
    """Milliseconds of each as this admin, the middle of some turns."""
    reader = requests.Session()
    reader.cookies["sessionid"] = session
    since = f"{time.time() - 60:.6f}"
    return {path: _taken(reader, url + path.format(since=since)) for path in PATHS}


def _taken(reader: requests.Session, url: str) -> float:
    headers = {"Authorization": f"Bearer {TOKEN}"} if url.endswith("/metrics") else {}
    spans = []
    for _ in range(TURNS):
        began = time.monotonic()
        answer = reader.get(url, headers=headers, timeout=60)
        spans.append(1000 * (time.monotonic() - began))
        if answer.status_code not in (200, 503):
            answer.raise_for_status()
    return median(spans)
