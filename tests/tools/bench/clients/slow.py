"""Pages, polls and probes beside many clients that take their time, and without them."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from django.urls import reverse

from jobs import shares
from jobs.models import Rendition, User
from tests.support import factories
from tests.support.servers import slow
from tests.support.servers.nginx import nginx
from tests.tools.bench import paths, private, seeds
from tests.tools.bench.clients.load import Outcome, Plan, Shot, run
from tests.tools.bench.clients.slow_clients import crowd
from tests.tools.bench.report import verdict

HEADS = ("path", "alone: p50 / p95", "beside 500 slow clients", "ratio", "target", "")
FILM_SIZE = "720p"
FILM_BYTES = 60_000_000
READERS, DOWNLOADS, UPLOADS, HEADERS = 200, 200, 50, 50
PICTURE_BYTES = 5_000_000
WITHOUT_LIMITS = {"FILES_PER_CLIENT": "0", "FILES_PER_LINK": "0"}
"""Here all readers are one person and one link, who would be refused what hundreds may have."""
PATIENCE = 5
"""Seconds after which an answer no longer counts as one."""


class Asked(NamedTuple):
    """What is asked for while others dawdle: by how many at once, pausing so many seconds."""

    name: str
    shot: Shot
    expect: int
    clients: int
    pause: float
    p95_limit: float | None = None


@dataclass(frozen=True)
class Beside:
    name: str
    alone: Outcome
    beside: Outcome
    limit: float | None

    def row(self) -> Sequence[str]:
        """In milliseconds where there is a limit in them, else as a ratio."""
        if not self.beside.spans:
            return self.name, _figures(self.alone), "no answer", "", "", verdict(False)
        p95 = self.beside.quantile(0.95)
        ratio = p95 / self.alone.quantile(0.95)
        met = (p95 <= self.limit if self.limit else ratio <= 2) and not self.beside.bad
        target = f"p95 ≤ {self.limit:g} ms" if self.limit else "≤ 2"
        figures = _figures(self.alone), _figures(self.beside)
        return self.name, *figures, f"{ratio:.2f}", target, verdict(met)


def measure(seconds: float) -> Iterator[Beside]:
    viewer = seeds.member("watcher")
    seeds.gallery(viewer, 24)
    film = _film(viewer)
    _, token = shares.create([film], shares.Terms(download=FILM_SIZE), viewer)
    for name, server in _servers():
        with server as port:
            clients = _slow_clients(port, viewer, film, token)
            asked = _paths(port, viewer)
            # Before and after, since nobody is alone on a shared machine.
            alone = _ask(port, asked, seconds / 2)
            with crowd(clients) as served:
                beside = _ask(port, asked, seconds)
            for outcome, more in zip(alone, _ask(port, asked, seconds / 2), strict=True):
                outcome.add(more)
        where = f"{name}, {served} of {READERS + DOWNLOADS} served"
        for path, before, after in zip(asked, alone, beside, strict=True):
            yield Beside(f"{path.name}, {where}", before, after, path.p95_limit)


def _servers() -> Iterator[tuple[str, AbstractContextManager[int]]]:
    yield "embedded server", private.web(**WITHOUT_LIMITS)
    yield "nginx", _behind_nginx()


@contextmanager
def _behind_nginx() -> Iterator[int]:
    """By plain http, and without its limit for each client: here all are one."""
    more = {" ssl;": ";", "limit_conn dailies_clients 64;": ""}
    media = Path(os.environ["MEDIA_ROOT"])
    with private.web(SENDFILE="nginx") as port, nginx(port, media, more) as proxy:
        yield proxy.port


def _film(owner: User) -> Rendition:
    content = os.urandom(FILM_BYTES)
    film = factories.film(owner, prompt=seeds.PROMPT)
    kept = Path(os.environ["MEDIA_ROOT"], film.file)
    kept.parent.mkdir(parents=True, exist_ok=True)
    kept.write_bytes(content)
    Rendition.objects.filter(pk=film.pk).update(
        bytes=FILM_BYTES, sha256=hashlib.sha256(content).hexdigest()
    )
    return film


def _slow_clients(port: int, viewer: User, film: Rendition, token: str) -> list[slow.Slow]:
    signed_in = {"Cookie": seeds.cookie(viewer)}
    playing = reverse("video", args=[film.pk])
    download = reverse("shared-download", args=[token, film.pk])
    form = {**signed_in, "Content-Type": "multipart/form-data; boundary=frontier"}
    return [
        *(slow.reader(port, playing, {**signed_in, "Range": "bytes=0-"}) for _ in range(READERS)),
        *(slow.reader(port, download, {}) for _ in range(DOWNLOADS)),
        *(slow.body_sender(port, reverse("images"), form, PICTURE_BYTES) for _ in range(UPLOADS)),
        *(slow.header_sender(port) for _ in range(HEADERS)),
    ]


def _paths(port: int, viewer: User) -> list[Asked]:
    headers = {"Cookie": seeds.cookie(viewer)}
    live = Shot(paths.live_url(port, headers), headers={**headers, "HX-Request": "true"})
    return [
        Asked("polls", live, 204, clients=12, pause=0.2),
        Asked("pages, 24 cards warm", Shot("/", headers=headers), 200, clients=2, pause=0.3),
        Asked("/healthz", Shot("/healthz"), 200, clients=2, pause=0.1, p95_limit=200),
    ]


def _ask(port: int, asked: Sequence[Asked], seconds: float) -> list[Outcome]:
    """All of them at the same time, as a team does."""

    def one(path: Asked) -> Outcome:
        return run(
            Plan(
                port,
                [path.shot],
                path.expect,
                seconds,
                clients=path.clients,
                pause=path.pause,
                patience=PATIENCE,
            )
        )

    with ThreadPoolExecutor(len(asked)) as pool:
        return list(pool.map(one, asked))


def _figures(outcome: Outcome) -> str:
    text = f"{outcome.quantile(0.5):.1f} / {outcome.quantile(0.95):.0f} ms"
    return text + (f" · {outcome.bad} BAD" if outcome.bad else "")
