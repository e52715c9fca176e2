"""A finished job whose file is still at the provider."""

from __future__ import annotations

import socket
import sys
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.db.models.functions import Now

from jobs.models import Job, Rendition, User
from tests.support import factories
from tests.support.fakes import Wire
from tests.support.running import purge_queue
from tests.support.servers.bucket import Elsewhere
from tests.tools import servers
from tests.tools.servers import BucketServer

Target = tuple[object, ...]
_watching: list[list[Target]] = []


def _refuse_connections(event: str, arguments: tuple[object, ...]) -> None:
    if event == "socket.connect" and _watching:
        address = arguments[1]
        _watching[-1].append(address if isinstance(address, tuple) else (address,))
        raise ConnectionRefusedError("no test connects to this")


sys.addaudithook(_refuse_connections)


@pytest.fixture
def reached() -> Iterator[list[Target]]:
    """The addresses that anything tried to connect to; every attempt is refused."""
    _watching.append([])
    yield _watching[-1]
    _watching.pop()


@pytest.fixture
def names(monkeypatch: pytest.MonkeyPatch) -> dict[str, list[str]]:
    """Answers of the name server, used up one per lookup; what is not listed is asked for real."""
    answers: dict[str, list[str]] = {}
    real = socket.getaddrinfo

    def getaddrinfo(host: str, *args: object, **options: object) -> object:
        listed = answers.get(host)
        return real(listed.pop(0) if listed else host, *args, **options)  # type: ignore[arg-type]

    monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)
    return answers


@pytest.fixture
def waiting(provider: Wire, alice: User) -> Callable[..., Rendition]:
    """Makes a succeeded job of Alice's whose film lies at `/film.mp4` of the provider."""

    def make(path: str = "/film.mp4") -> Rendition:
        job = Job.objects.filter(pk=factories.job(alice).pk)
        job.update(status="succeeded", external_id="task-1", charged=60, finished_at=Now())
        # The wake-up for its order was read long ago.
        purge_queue()
        return Rendition.objects.create(
            job=job.get(), resolution="720p", source_url=f"{provider.url}{path}"
        )

    return make


@pytest.fixture(scope="session")
def bucket_server() -> Iterator[BucketServer]:
    """One S3 server for each process of a run: each test has a bucket to itself."""
    try:
        with servers.bucket_server() as server:
            yield server
    except servers.ServerMissing as missing:
        pytest.skip(str(missing))


@pytest.fixture
def bucket(bucket_server: BucketServer, settings: Any) -> Elsewhere:
    """Films are kept in a bucket."""
    return Elsewhere(bucket_server, settings)
