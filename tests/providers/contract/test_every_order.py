"""Every sort of order at each provider: sent once, and its outcome never guessed."""

from __future__ import annotations

import socket
from dataclasses import replace
from typing import Any

import pytest

from jobs.providers import PROVIDERS
from jobs.providers.base import Client, Kind, VideoRequest, Work
from jobs.providers.errors import (
    KeyRejected,
    NotAccepted,
    OutcomeUnknown,
    ProviderError,
    RateLimited,
    Unreachable,
)
from jobs.providers.http import Http
from tests.support.answers.dialects import KEY, ORDERS, UNREADABLE, WORKS, Dialect
from tests.support.fakes import Wire


def _name(value: object) -> str | None:
    if isinstance(value, VideoRequest):
        return f"{value.kind}-{value.mode}"
    if isinstance(value, Work):
        return f"{value.kind}-{value.external_id}"
    return value.name if isinstance(value, Dialect) else None


EVERY_ORDER = pytest.mark.parametrize(("dialect", "order"), ORDERS, ids=_name)
EVERY_WORK = pytest.mark.parametrize(("dialect", "work"), WORKS, ids=_name)


@EVERY_ORDER
@pytest.mark.parametrize("fault", ["rst", "eof", "truncated", "hang", "trickle_body"])
def test_a_lost_answer_to_any_order_leaves_the_outcome_unknown(
    dialect: Dialect, hurried: Client, wire: Wire, order: VideoRequest, fault: str
) -> None:
    getattr(wire, fault)()
    with pytest.raises(OutcomeUnknown):
        hurried.submit(KEY, order)
    assert len(wire.requests) == 1


@EVERY_ORDER
@pytest.mark.parametrize("body", UNREADABLE.values(), ids=UNREADABLE)
def test_an_unreadable_answer_to_any_order_leaves_the_outcome_unknown(
    dialect: Dialect, client: Client, wire: Wire, order: VideoRequest, body: bytes
) -> None:
    wire.answer(body=body)
    with pytest.raises(OutcomeUnknown):
        client.submit(KEY, order)
    assert len(wire.requests) == 1


@EVERY_ORDER
@pytest.mark.parametrize("status", [500, 502, 504, 404, 403, 302])
def test_a_status_that_proves_nothing_of_any_order_leaves_the_outcome_unknown(
    dialect: Dialect, client: Client, wire: Wire, order: VideoRequest, status: int
) -> None:
    wire.answer(status, body=b"<html>")
    with pytest.raises(OutcomeUnknown):
        client.submit(KEY, order)
    assert len(wire.requests) == 1


@EVERY_ORDER
def test_any_order_that_found_a_closed_port_was_never_sent(
    dialect: Dialect, order: VideoRequest
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port: int = server.getsockname()[1]
    with pytest.raises(Unreachable):
        dialect.make(f"http://127.0.0.1:{port}", Http()).submit(KEY, order)


@EVERY_ORDER
def test_any_order_can_be_turned_away_at_the_door(
    dialect: Dialect, client: Client, wire: Wire, order: VideoRequest
) -> None:
    wire.answer(429, body=b"", headers={"Retry-After": "7"})
    with pytest.raises(RateLimited) as caught:
        client.submit(KEY, order)
    assert caught.value.retry_after == 7
    wire.answer(401, body=b"")
    with pytest.raises(KeyRejected):
        client.submit(KEY, order)


@EVERY_ORDER
def test_any_order_carries_its_key_in_one_header_and_nowhere_else(
    dialect: Dialect, client: Client, wire: Wire, order: VideoRequest
) -> None:
    wire.answer(json={})
    with pytest.raises(OutcomeUnknown):
        client.submit(KEY, order)
    (seen,) = wire.requests
    assert seen.headers["authorization"] == f"Bearer {KEY}"
    assert seen.headers["user-agent"].startswith("Dailies/")
    assert KEY not in repr((seen.path, seen.query, seen.body))


@EVERY_WORK
@pytest.mark.parametrize("fault", ["rst", "eof", "truncated", "hang", "trickle_headers"])
def test_a_lost_answer_about_any_work_is_asked_for_later(
    dialect: Dialect, hurried: Client, wire: Wire, work: Work, fault: str
) -> None:
    getattr(wire, fault)(always=True)
    with pytest.raises(NotAccepted):
        hurried.fetch(KEY, work)


@EVERY_WORK
@pytest.mark.parametrize("status", [400, 402, 403, 404, 409, 422])
def test_no_bare_status_ends_any_work(
    dialect: Dialect, client: Client, wire: Wire, work: Work, status: int
) -> None:
    wire.answer(status, body=b"<html>", always=True)
    with pytest.raises(NotAccepted):
        client.fetch(KEY, work)


@EVERY_WORK
def test_a_rejected_key_is_said_of_any_work(
    dialect: Dialect, client: Client, wire: Wire, work: Work
) -> None:
    wire.answer(401, body=b"", always=True)
    with pytest.raises(KeyRejected):
        client.fetch(KEY, work)


def test_a_provider_makes_no_order_that_it_does_not_offer(
    dialect: Dialect, client: Client, wire: Wire
) -> None:
    declared = PROVIDERS[dialect.provider].model(dialect.request.model)
    assert declared
    offered: Any = {Kind.GENERATE} | {each.kind for each in declared.follow_ups}
    assert {order.kind for one, order in ORDERS if one is dialect} == offered
    for order in {order.kind: order for _, order in ORDERS}.values():
        if order.kind not in offered:
            with pytest.raises(ProviderError, match="no endpoint"):
                client.submit(KEY, replace(order, model=declared.name))
    assert wire.connections == 0
