"""Whatever a provider answers, a client gives a plain value or raises a ProviderError."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import suppress
from decimal import Decimal
from functools import partial
from io import BytesIO
from typing import Any, NamedTuple

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from jobs.providers import reading
from jobs.providers.answer import Answer, read_answer
from jobs.providers.base import UPGRADES, Client, Kind, Part, Receipt, Snapshot, State
from jobs.providers.errors import NotAccepted, OutcomeUnknown, ProviderError
from jobs.providers.http import Http
from jobs.providers.kie import envelope, records, upgrades
from jobs.providers.kie.market import records as market
from jobs.providers.veo4 import answers
from tests.support.answers.dialects import DIALECTS, FILM, KEY, ORDERS, SOURCE, TASK, WORKS, Dialect
from tests.support.fakes import Wire

ODD = st.sampled_from(
    [TASK, FILM, "", "0", "1", "succeeded", "failed", 0, 1, 2, 3, 200, 422, 404, -1, True, None]
)
LEAVES = ODD | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text()
ENVELOPE_NAMES = ["code", "msg", "message", "data", "taskId", "task_id", "error", "status"]
RECORD_NAMES = ["successFlag", "response", "info", "resultUrls", "paramJson", "errorMessage"]
LINK_NAMES = ["resultUrl", "fullResultUrls", "imageUrls", "downloadUrl", "fileUrl"]
FIGURE_NAMES = ["errorCode", "creditsConsumed", "seeds", "progress", "credits_charged", "video_url"]
NAMES = st.sampled_from([*ENVELOPE_NAMES, *RECORD_NAMES, *LINK_NAMES, *FIGURE_NAMES])
JSON = st.recursive(
    LEAVES,
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(NAMES | st.text(), inner, max_size=6)
    ),
    max_leaves=8,
)
OBJECTS = st.dictionaries(NAMES | st.text(), JSON, max_size=5)
STATUSES = st.sampled_from([200, 200, 200, 201, 400, 401, 402, 404, 409, 422, 429, 500])


class Spoken(NamedTuple):
    dialect: Dialect
    client: Client
    wire: Wire


@pytest.fixture(scope="module", params=DIALECTS, ids=lambda dialect: dialect.name)
def spoken(request: pytest.FixtureRequest) -> Iterator[Spoken]:
    """A client and its wire for all the examples of a test."""
    dialect: Dialect = request.param
    server = Wire()
    yield Spoken(dialect, dialect.make(server.url, Http(sleep=lambda seconds: None)), server)
    server.close()


@given(status=STATUSES, body=OBJECTS | JSON)
@settings(max_examples=40)
def test_over_the_wire_nothing_but_a_provider_error_is_raised(
    spoken: Spoken, status: int, body: Any
) -> None:
    wire = spoken.wire
    for call in every_call(spoken):
        wire.forget()
        wire.answer(status, json=body, always=True)
        with suppress(ProviderError):
            call()


def every_call(spoken: Spoken) -> list[Callable[[], object]]:
    """Each operation of a provider, with each sort of order and of work."""
    client = spoken.client
    return [
        *(partial(client.submit, KEY, order) for each, order in ORDERS if each is spoken.dialect),
        *(partial(client.fetch, KEY, work) for each, work in WORKS if each is spoken.dialect),
        partial(client.upload, KEY, "a.jpg", BytesIO(b"picture"), "image/jpeg"),
        partial(client.fresh_url, KEY, FILM),
        partial(client.balance, KEY),
    ]


def test_every_operation_of_a_provider_is_among_the_calls(spoken: Spoken) -> None:
    called = {call.func.__name__ for call in every_call(spoken) if isinstance(call, partial)}
    callbacks = {"read_callback", "verify_callback"}
    offered = {name for name in vars(Client) if callable(getattr(Client, name))}
    assert called == {name for name in offered if not name.startswith("_")} - callbacks


GIBBERISH: st.SearchStrategy[dict[str, Any]] = st.dictionaries(
    st.sampled_from(["code", "msg", "data", "error", "status", "message", "detail"]),
    st.sampled_from([-1, 0, 777, 10**12, "soon", "done", "gone", "", None, True, [], {}, [{}]])
    | st.text(max_size=20).filter(lambda text: text.strip().lower() not in answers.STATES),
)
"""JSON that says nothing of what is documented."""


@given(status=st.sampled_from([200, 201, 403, 418]), body=GIBBERISH)
@example(status=200, body={"code": 777, "msg": "record status is not success, record is null"})
@example(status=200, body={"msg": "generation failed: fallback", "data": {"taskId": None}})
@example(status=403, body={"error": "unsafe"})
@settings(max_examples=40)
def test_gibberish_is_never_a_refusal_a_failure_or_a_success(
    spoken: Spoken, status: int, body: dict[str, Any]
) -> None:
    own, client, wire = spoken
    wire.forget()
    wire.answer(status, json=body, always=True)
    for dialect, order in ORDERS:
        if dialect is own:
            with pytest.raises(OutcomeUnknown):
                client.submit(KEY, order)
    for dialect, work in WORKS:
        if dialect is own:
            with suppress(NotAccepted):
                assert client.fetch(KEY, work).state is State.UNCLEAR


@given(status=STATUSES, body=OBJECTS)
@example(status=200, body={"code": 200, "data": {"taskId": TASK, "successFlag": 1, "response": {}}})
@settings(max_examples=100)
def test_success_always_comes_with_a_link(status: int, body: dict[str, Any]) -> None:
    readers: tuple[Callable[[Answer], Snapshot], ...] = (
        *(partial(records.snapshot, asked=TASK, kind=kind) for kind in Kind),
        *(partial(upgrades.snapshot, kind=Kind(kind)) for kind in UPGRADES),
        partial(market.snapshot, asked=TASK),
        partial(answers.snapshot, asked=TASK),
    )
    for snapshot in readers:
        try:
            found = snapshot(Answer(status, body))
        except ProviderError:
            continue
        assert (found.state is State.SUCCEEDED) == bool(found.results)
        assert all(reading.media_url(result.url) for result in found.results)
        assert len({result.part for result in found.results}) == len(found.results) <= len(Part)


@given(status=STATUSES, body=OBJECTS)
@settings(max_examples=100)
def test_a_receipt_always_has_a_valid_id(status: int, body: dict[str, Any]) -> None:
    readers: tuple[Callable[[Answer], Receipt], ...] = (
        envelope.receipt,
        *(partial(upgrades.receipt, kind=Kind(kind), source=SOURCE) for kind in UPGRADES),
        answers.receipt,
    )
    for receipt in readers:
        try:
            given_id = receipt(Answer(status, body)).external_id
        except ProviderError:
            continue
        assert reading.external_id(given_id) == given_id


@given(st.binary(max_size=400), st.sampled_from(["", "gzip", "deflate", "br"]))
def test_any_bytes_become_an_answer(raw: bytes, encoding: str) -> None:
    answer = read_answer(200, {"content-encoding": encoding}, raw, KEY)
    assert answer.body is not None or answer.unreadable


@given(JSON)
@example("\ud800")
@example(Decimal("1E+999999999"))
@example(Decimal("1E-999999999"))
@example(Decimal("0.1234567890123456789012345678901234567890"))
@example(10**4000)
def test_no_value_makes_a_reader_raise(value: Any) -> None:
    line = reading.clean(value)
    assert len(line) <= reading.REASON_LENGTH
    assert line == line.encode().decode()
    assert line.isprintable() or not line
    figure = reading.amount(value)
    assert figure is None or f"{figure:.4f}"
    number = reading.whole(value)
    assert number is None or abs(number) <= 10**10
    assert len(reading.media_urls(value)) <= reading.MAX_URLS
    assert reading.as_object(value) is None or isinstance(value, dict | str)


@given(st.text())
def test_a_link_is_kept_as_it_is_or_not_at_all(text: str) -> None:
    url = reading.media_url(f"https://files.example.com/{text}")
    assert url is None or url == f"https://files.example.com/{text}".strip()
    assert url is None or not any(char.isspace() or char < " " for char in url)


def test_a_key_that_an_answer_repeats_is_blotted_out() -> None:
    key = "abc/def+canary=="
    told = ('{"msg": "bad key abc\\/def+canary== and ' + key + '"}').encode()
    assert read_answer(400, {}, told, key).body == {"msg": "bad key *** and ***"}
