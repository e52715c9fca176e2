"""Fixtures of the provider tests: clients of both dialects in front of a scripted Wire."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from jobs.providers.base import Client, VideoRequest, Work
from jobs.providers.http import Http
from jobs.providers.kie.client import Kie
from tests.support.answers.dialects import DIALECTS, TASK, Dialect
from tests.support.fakes import Wire, wire
from tests.support.servers import certificates

__all__ = ["wire"]

FIXTURES = Path(__file__).parent / "fixtures"


@pytest.fixture
def example() -> Callable[[str], Any]:
    """Read one of the documented or recorded examples: its body, or the whole of a recording."""

    def read(name: str) -> Any:
        content = json.loads((FIXTURES / f"{name}.json").read_text())
        return content.get("body", content)

    return read


@pytest.fixture
def answered(example: Callable[[str], Any]) -> Callable[[str], Any]:
    """The answer in one of the examples, which of a recording is the first one."""

    def read(name: str) -> Any:
        content = example(name)
        return content["exchanges"][0]["response"]["body"] if "exchanges" in content else content

    return read


@pytest.fixture
def kie(wire: Wire) -> Kie:
    http = Http(sleep=lambda seconds: None)
    return Kie(base_url=wire.url + "/", upload_url=wire.url + "/", http=http)


@pytest.fixture
def quick() -> Http:
    """Gives up after fractions of a second, and never really sleeps."""
    return Http(post_seconds=0.2, ask_seconds=0.2, connect_seconds=0.2, sleep=lambda seconds: None)


@pytest.fixture(params=DIALECTS, ids=lambda dialect: dialect.name)
def dialect(request: pytest.FixtureRequest) -> Dialect:
    chosen: Dialect = request.param
    return chosen


@pytest.fixture
def order(dialect: Dialect) -> VideoRequest:
    """An ordinary video."""
    return dialect.request


@pytest.fixture
def work(dialect: Dialect) -> Work:
    """The video, once it is ordered."""
    return Work(TASK, model=dialect.request.model)


@pytest.fixture
def client(dialect: Dialect, wire: Wire) -> Client:
    return dialect.make(wire.url, Http(sleep=lambda seconds: None))


@pytest.fixture
def hurried(dialect: Dialect, wire: Wire, quick: Http) -> Client:
    return dialect.make(wire.url, quick)


@pytest.fixture
def elsewhere() -> Iterator[Wire]:
    """A second server, to which nothing may ever be sent."""
    server = Wire()
    yield server
    server.close()
    assert server.connections == 0


@pytest.fixture(scope="session")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A self-signed certificate for 127.0.0.1, with its key in the same file."""
    path = tmp_path_factory.mktemp("tls") / "wire.pem"
    certificates.write(path, "127.0.0.1")
    return path


@pytest.fixture
def tls_wire(certificate: Path) -> Iterator[Wire]:
    server = Wire(tls=certificates.shown(certificate))
    yield server
    server.close()
