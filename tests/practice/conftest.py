"""One practice server for most tests; its films are short of frames so that they render at once."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from decimal import Decimal
from typing import Any

import pytest

from jobs.practice import Options, PracticeServer
from tests.support.servers.practice_client import Client

QUICK: dict[str, Any] = {
    "seconds": 0.0,
    "queue_seconds": 0.0,
    "fps": 2,
    "reuse_films": True,
    "callback_pause": 0.0,
    "rate_limit": 10_000,
}


@pytest.fixture(scope="session")
def server() -> Iterator[PracticeServer]:
    with PracticeServer(Options(**{**QUICK, "balance": Decimal(1_000_000)})) as running:
        yield running


@pytest.fixture
def client(server: PracticeServer) -> Client:
    return Client(server)


@pytest.fixture
def start() -> Iterator[Callable[..., Client]]:
    """Starts a server with options of its own."""
    with ExitStack() as stack:

        def begin(**options: Any) -> Client:
            return Client(stack.enter_context(PracticeServer(Options(**{**QUICK, **options}))))

        yield begin
