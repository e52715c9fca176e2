"""Asking and being called back, as every provider's client must do it: one suite for each."""

from __future__ import annotations

from typing import Any

import pytest

from jobs.providers import PROVIDERS
from jobs.providers.base import Client, State, Work
from jobs.providers.errors import KeyRejected, NotAccepted, RateLimited
from tests.support.answers.dialects import BAD_IDS, FILM, KEY, TASK, UNREADABLE, Dialect
from tests.support.fakes import Wire


def test_unfinished_work_is_running(
    dialect: Dialect, client: Client, wire: Wire, work: Work
) -> None:
    wire.answer(json=dialect.running)
    assert client.fetch(KEY, work).state is State.RUNNING


def test_finished_work_gives_the_film(
    dialect: Dialect, client: Client, wire: Wire, work: Work
) -> None:
    wire.answer(json=dialect.succeeded([FILM]))
    found = client.fetch(KEY, work)
    assert found.state is State.SUCCEEDED
    assert [result.url for result in found.results] == [FILM]


@pytest.mark.parametrize(
    "url",
    [
        None,
        [],
        "",
        [None],
        [7],
        {},
        ["javascript:alert(1)"],
        ["ftp://files.example.com/a.mp4"],
        ["//files.example.com/a.mp4"],
        ["https://user:pw@files.example.com/a.mp4"],
        ["https://files.example.com\\@evil.example/a.mp4"],
        ["https://files.example.com/a\n.mp4"],
        ["https://files.example.com/\u202ea.mp4"],
        ["https:///a.mp4"],
        ["https://[::1/a.mp4"],
        ["https://files.example.com:99999/a.mp4"],
        ["https://files.example.com/" + "x" * 2048],
    ],
)
def test_success_without_a_usable_link_is_unclear(
    dialect: Dialect, client: Client, wire: Wire, url: object, work: Work
) -> None:
    wire.answer(json=dialect.succeeded(url))
    found = client.fetch(KEY, work)
    assert (found.state, found.results) == (State.UNCLEAR, ())


def test_failed_work_carries_the_reason(
    dialect: Dialect, client: Client, wire: Wire, work: Work
) -> None:
    wire.answer(json=dialect.failed("internal\x00 error, <b>try</b> again"))
    found = client.fetch(KEY, work)
    assert (found.state, found.error) == (State.FAILED, "internal error, <b>try</b> again")


def test_an_answer_about_other_work_is_unclear(
    dialect: Dialect, client: Client, wire: Wire
) -> None:
    wire.answer(json=dialect.succeeded([FILM]))
    assert client.fetch(KEY, Work("some_other_task")).state is State.UNCLEAR


def test_a_question_about_a_rejected_key_says_so(client: Client, wire: Wire, work: Work) -> None:
    wire.answer(401, json={"code": 401, "msg": "You do not have access permissions"})
    with pytest.raises(KeyRejected) as caught:
        client.fetch(KEY, work)
    assert "API keys page" in caught.value.user_message


def test_a_question_that_is_limited_is_not_repeated_at_once(
    client: Client, wire: Wire, work: Work
) -> None:
    wire.answer(429, json={}, headers={"Retry-After": "30"})
    with pytest.raises(RateLimited) as caught:
        client.fetch(KEY, work)
    assert caught.value.retry_after == 30
    assert len(wire.requests) == 1


@pytest.mark.parametrize("status", [400, 404, 409, 418, 422])
def test_no_bare_status_ends_a_job(client: Client, wire: Wire, status: int, work: Work) -> None:
    wire.answer(status, body=b"<html>Not Found</html>")
    with pytest.raises(NotAccepted):
        client.fetch(KEY, work)


@pytest.mark.parametrize("body", UNREADABLE.values(), ids=UNREADABLE)
def test_an_unreadable_answer_to_a_question_is_asked_for_again(
    dialect: Dialect, client: Client, wire: Wire, body: bytes, work: Work
) -> None:
    wire.answer(body=body)
    wire.answer(json=dialect.running)
    assert client.fetch(KEY, work).state is State.RUNNING


# ── Callbacks ────────────────────────────────────────────────────────────────────────────────────


def test_a_callback_names_its_work(dialect: Dialect, client: Client) -> None:
    assert client.read_callback(dialect.callback(TASK)).external_id == TASK


@pytest.mark.parametrize("task", BAD_IDS, ids=repr)
def test_a_callback_without_a_valid_id_is_refused(
    dialect: Dialect, client: Client, task: object
) -> None:
    with pytest.raises(ValueError, match="without a valid"):
        client.read_callback(dialect.callback(task))


@pytest.mark.parametrize("body", [{}, {"data": None}, {"data": []}, {"data": "x"}, [], None, "x"])
def test_a_callback_of_another_shape_is_refused(client: Client, body: Any) -> None:
    with pytest.raises(ValueError, match="without a valid"):
        client.read_callback(body)


def test_every_provider_says_what_it_is(dialect: Dialect) -> None:
    provider = PROVIDERS[dialect.provider]
    assert provider.label
    assert provider.models
    assert provider.creations_per_10s > 0
    assert all(model.durations[-1] == 8 for model in provider.models)
