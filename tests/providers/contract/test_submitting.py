"""Submitting, as every provider's client must do it: one suite, run against each."""

from __future__ import annotations

import tracemalloc
from decimal import Decimal

import pytest

from jobs.providers.base import Client, VideoRequest, Work
from jobs.providers.errors import KeyRejected, OutcomeUnknown, ProviderError, RateLimited
from tests.support.answers.dialects import (
    BAD_IDS,
    HUGE,
    KEY,
    KIE,
    MARKET,
    TASK,
    UNREADABLE,
    VEO4,
    Dialect,
    Script,
)
from tests.support.fakes import Wire


def test_an_accepted_request_gives_a_receipt(
    dialect: Dialect, client: Client, wire: Wire, order: VideoRequest
) -> None:
    wire.answer(json=dialect.accepted(TASK))
    assert client.submit(KEY, order).external_id == TASK


def test_the_key_and_an_ordinary_user_agent_are_sent(
    dialect: Dialect, client: Client, wire: Wire, order: VideoRequest
) -> None:
    wire.answer(json=dialect.accepted(TASK))
    client.submit(KEY, order)
    headers = wire.requests[0].headers
    assert headers["authorization"] == f"Bearer {KEY}"
    assert headers["user-agent"].startswith("Dailies/")
    assert headers["accept-encoding"] == "identity"
    assert headers["content-type"] == "application/json"


@pytest.mark.parametrize(
    ("dialect", "script", "error"),
    [(one, script, error) for one in (KIE, MARKET, VEO4) for script, error in one.refusals],
)
def test_a_refusal_is_named_by_what_it_proves(
    dialect: Dialect,
    client: Client,
    wire: Wire,
    script: Script,
    error: type[Exception],
    order: VideoRequest,
) -> None:
    wire.answer(**script)
    with pytest.raises(error) as caught:
        client.submit(KEY, order)
    assert type(caught.value) is error
    assert len(wire.posts) == 1


def test_a_refusal_tells_cause_money_and_way_out(
    client: Client, wire: Wire, order: VideoRequest
) -> None:
    wire.answer(400, json={"code": 400, "msg": "Only English prompts are supported at this time."})
    with pytest.raises(Exception, match="English") as caught:
        client.submit(KEY, order)
    message = caught.value.user_message  # type: ignore[attr-defined]
    assert "then retry. Nothing was charged. It said: “Only English" in message


def test_a_reason_is_stripped_and_cut(client: Client, wire: Wire, order: VideoRequest) -> None:
    reason = "a\x00b\x1b[31m\u202ec\ud800\n<b>" + "x" * 5000
    wire.answer(400, json={"code": 400, "msg": reason})
    with pytest.raises(Exception, match=r"code|HTTP") as caught:
        client.submit(KEY, order)
    message = caught.value.user_message  # type: ignore[attr-defined]
    assert "“ab[31mc <b>xxx" in message
    assert len(message) < 500


def test_a_rate_limit_carries_the_seconds_to_wait(
    client: Client, wire: Wire, order: VideoRequest
) -> None:
    wire.answer(429, json={"code": 429, "msg": "slow"}, headers={"Retry-After": "17"})
    with pytest.raises(RateLimited) as caught:
        client.submit(KEY, order)
    assert caught.value.retry_after == 17


@pytest.mark.parametrize("task", BAD_IDS, ids=repr)
def test_an_acceptance_without_a_valid_id_leaves_the_outcome_unknown(
    dialect: Dialect, client: Client, wire: Wire, task: object, order: VideoRequest
) -> None:
    wire.answer(json=dialect.accepted(task))
    with pytest.raises(OutcomeUnknown):
        client.submit(KEY, order)


@pytest.mark.parametrize("body", UNREADABLE.values(), ids=UNREADABLE)
def test_an_unreadable_answer_leaves_the_outcome_unknown(
    client: Client, wire: Wire, body: bytes, order: VideoRequest
) -> None:
    wire.answer(body=body)
    with pytest.raises(OutcomeUnknown):
        client.submit(KEY, order)
    assert len(wire.requests) == 1


def test_a_byte_order_mark_and_duplicate_keys_do_no_harm(
    client: Client, wire: Wire, order: VideoRequest
) -> None:
    wire.answer(
        body=b'\xef\xbb\xbf{"code":1,"code":200,"task_id":"old","task_id":"abc",'
        b'"data":{"taskId":"old","taskId":"abc"}}'
    )
    assert client.submit(KEY, order).external_id == "abc"


@pytest.mark.parametrize("status", [500, 502, 503, 504, 301, 304, 103, 599])
def test_a_status_that_proves_nothing_leaves_the_outcome_unknown(
    dialect: Dialect, client: Client, wire: Wire, status: int, order: VideoRequest
) -> None:
    wire.answer(status, json=dialect.accepted(TASK))
    with pytest.raises(OutcomeUnknown):
        client.submit(KEY, order)
    assert len(wire.requests) == 1


@pytest.mark.parametrize(
    "fault", ["rst", "eof", "truncated", "hang", "trickle_headers", "trickle_body"]
)
def test_a_lost_or_trickled_answer_leaves_the_outcome_unknown(
    hurried: Client, wire: Wire, fault: str, order: VideoRequest
) -> None:
    getattr(wire, fault)()
    with pytest.raises(OutcomeUnknown):
        hurried.submit(KEY, order)
    assert len(wire.requests) == 1


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_is_never_followed(
    client: Client, wire: Wire, elsewhere: Wire, status: int, order: VideoRequest
) -> None:
    wire.redirect(elsewhere.url, status)
    with pytest.raises(OutcomeUnknown):
        client.submit(KEY, order)


@pytest.mark.parametrize("big", ["bomb", "plain"])
def test_a_bomb_is_never_inflated_past_the_cap(
    client: Client, wire: Wire, big: str, order: VideoRequest
) -> None:
    if big == "bomb":
        wire.gzip_bomb(megabytes=32)
    else:
        wire.answer(body=HUGE)
    tracemalloc.start()
    with pytest.raises(OutcomeUnknown, match="longer than 262144 bytes"):
        client.submit(KEY, order)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 4_000_000


@pytest.mark.parametrize("key", ["", "clé", "a b", "line\nbreak", "tab\t", "nul\0", "漢"])
def test_a_key_no_header_can_carry_is_rejected_before_any_socket(
    client: Client, wire: Wire, key: str, order: VideoRequest, work: Work
) -> None:
    for call in (
        lambda: client.submit(key, order),
        lambda: client.fetch(key, work),
        lambda: client.balance(key),
    ):
        with pytest.raises(KeyRejected):
            call()
    assert wire.connections == 0


def test_the_callback_address_is_sent_only_when_there_is_one(
    dialect: Dialect, client: Client, wire: Wire, order: VideoRequest
) -> None:
    wire.answer(json=dialect.accepted(TASK))
    client.submit(KEY, order)
    assert "http" not in wire.requests[0].body.decode()


@pytest.mark.parametrize("status", [401, 429, 500])
def test_no_error_ever_repeats_the_key(
    client: Client,
    wire: Wire,
    caplog: pytest.LogCaptureFixture,
    status: int,
    order: VideoRequest,
    work: Work,
) -> None:
    caplog.set_level("DEBUG")
    wire.answer(status, json={"code": status, "msg": f"bad key {KEY}"}, always=True)
    for call in (lambda: client.submit(KEY, order), lambda: client.fetch(KEY, work)):
        with pytest.raises(ProviderError) as caught:
            call()
        error = caught.value
        told = repr((error, vars(error), str(error), error.__cause__, error.__context__))
        assert KEY not in told + caplog.text


def test_an_error_of_the_transport_drags_no_request_along(
    hurried: Client, wire: Wire, order: VideoRequest
) -> None:
    wire.rst()
    with pytest.raises(OutcomeUnknown) as caught:
        hurried.submit(KEY, order)
    assert caught.value.__cause__ is None
    assert caught.value.__context__ is None


def test_the_providers_own_figures_are_exact(
    dialect: Dialect, client: Client, wire: Wire, order: VideoRequest
) -> None:
    wire.answer(json={**dialect.accepted(TASK), "credits_estimated": 180.25})
    figure = client.submit(KEY, order).provider_credits
    assert figure in (dialect.estimate, Decimal("180.25"))
