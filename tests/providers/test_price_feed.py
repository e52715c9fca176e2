"""A provider's public list of prices is read as far as it is understood, and never trusted."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import suppress
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jobs.providers.errors import NotAccepted, ProviderError
from jobs.providers.http import Http
from jobs.providers.kie.prices import PAGES_MAX, meaning, read
from jobs.providers.price_feed import Feed, NotUnderstood
from tests.providers.contract.test_anything import JSON
from tests.support.answers.dialects import UNREADABLE
from tests.support.fakes import Wire

NO_PRICES: tuple[object, ...] = (0, -5, "-5", "", None, "free", "NaN", "1e9", True, [], 10**9)
SEEDANCE = "bytedance/seedance-2, 720p no video input"


def row(price: object, name: object = SEEDANCE, unit: object = "per second") -> dict[str, Any]:
    return {"modelDescription": name, "creditPrice": price, "creditUnit": unit, "usdPrice": "1"}


def listed(*rows: object) -> dict[str, Any]:
    return {"code": 200, "msg": "success", "data": {"records": list(rows), "total": len(rows)}}


def told(wire: Wire, *rows: object) -> Feed:
    wire.answer(json=listed(*rows))
    return read(Http(), wire.url)


def test_no_key_goes_along_and_the_page_is_named(wire: Wire) -> None:
    told(wire, row("41"))
    (asked,) = wire.requests
    assert (asked.method, asked.path) == ("POST", "/client/v1/model-pricing/page")
    assert asked.json == {"pageNum": 1, "pageSize": 100}
    assert "authorization" not in {name.lower() for name in asked.headers}


@pytest.mark.parametrize(
    ("price", "credits"),
    [("63.0", "63"), ("11.5", "11.5"), (41, "41"), (0.5, "0.5"), (" 41 ", "41")],
)
def test_a_price_is_a_number_or_one_as_text(wire: Wire, price: object, credits: str) -> None:
    (found,) = told(wire, row(price)).rows
    assert found.credits == Decimal(credits)
    assert (found.name, found.unit) == (SEEDANCE, "per second")


@pytest.mark.parametrize(
    "odd",
    [
        *map(row, NO_PRICES),
        row("41", name=""),
        row("41", name=None),
        row("41", name=7),
        {},
        [],
        "a row",
        None,
        7,
    ],
    ids=repr,
)
def test_a_row_that_makes_no_sense_is_counted_and_hides_no_other(wire: Wire, odd: object) -> None:
    found = told(wire, odd, row("41"))
    assert ([int(each.credits) for each in found.rows], found.unreadable) == ([41], 1)


def test_a_row_twice_is_one_and_two_that_differ_are_none(wire: Wire) -> None:
    other = "bytedance/seedance-2, 480p no video input"
    found = told(wire, row("41"), row("41.0"), row("19", name=other), row("20", name=other))
    assert ([each.name for each in found.rows], found.unreadable) == ([SEEDANCE], 1)


@pytest.mark.parametrize("name", ["records", "rows", "list", "items"])
def test_the_rows_are_found_wherever_they_lie(wire: Wire, name: str) -> None:
    for data in ({name: [row("41")]}, [row("41")]):
        wire.answer(json={"code": 200, "data": data})
        assert len(read(Http(), wire.url).rows) == 1


@pytest.mark.parametrize(
    "answer",
    [{"code": 4030, "msg": "Not supported in the current region.", "data": None}, {}, {"data": 7}],
    ids=repr,
)
def test_what_holds_no_list_is_not_understood(wire: Wire, answer: dict[str, Any]) -> None:
    wire.answer(json=answer)
    with pytest.raises(NotUnderstood):
        read(Http(), wire.url)


@pytest.mark.parametrize("body", UNREADABLE.values(), ids=UNREADABLE)
def test_what_cannot_be_read_at_all_ends_the_reading(wire: Wire, body: bytes) -> None:
    wire.answer(body=body)
    with pytest.raises(NotAccepted):
        read(Http(), wire.url)
    assert len(wire.requests) == 1


def test_a_redirect_is_not_followed(wire: Wire) -> None:
    wire.redirect(f"{wire.url}/elsewhere")
    with pytest.raises(NotAccepted):
        read(Http(), wire.url)
    assert len(wire.requests) == 1


def test_pages_are_read_until_one_is_not_full(wire: Wire) -> None:
    def page(seen: Any) -> object:
        number = seen.json["pageNum"]
        count = 100 if number < 3 else 7
        return listed(*(row("1", name=f"{number} {each}") for each in range(count)))

    wire.reply(page, always=True)
    assert len(read(Http(), wire.url).rows) == 207
    assert len(wire.requests) == 3


@pytest.mark.parametrize("is_new", [True, False])
def test_pages_without_end_end(wire: Wire, is_new: bool) -> None:
    def page(seen: Any) -> object:
        number = seen.json["pageNum"] if is_new else 1
        return listed(*(row("1", name=f"{number} {each}") for each in range(150)))

    wire.reply(page, always=True)
    rows = len(read(Http(), wire.url).rows)
    assert (len(wire.requests), rows) == ((PAGES_MAX, 1200) if is_new else (2, 100))


def test_every_row_of_the_recorded_list_is_about_work_of_ours(
    example: Callable[[str], Any],
) -> None:
    rows = example("veo-pricing-2026-09-24")["rows"]
    found = [meaning(each["model"].lower(), each["unit"]) for each in rows]
    assert None not in found
    # From an image and from references are one.
    assert len(set(found)) == len(rows) - 6


@pytest.mark.parametrize(
    ("name", "unit"),
    [
        ("bytedance/seedance-2 fast, 720p no video input", "per second"),
        ("bytedance/seedance-2, 720p with video input", "per second"),
        (SEEDANCE, "per video"),
        ("gemini-omni-video, video, 6s 4k no video input", "per second"),
        ("gemini-omni-video, video, 720p with audio input", "per video"),
        ("google veo 3.1, text-to-video, fast-720p", "per second"),
        ("google veo 3.2, text-to-video, fast-720p", "per video"),
        ("google veo 3.1, text-to-video, fast-720p, without audio", "per video"),
    ],
)
def test_a_name_that_is_nearly_ours_is_not(name: str, unit: str) -> None:
    assert meaning(name, unit) is None


@pytest.fixture(scope="module")
def lasting() -> Iterator[Wire]:
    server = Wire()
    yield server
    server.close()


FIELDS = st.dictionaries(
    st.sampled_from(["modelDescription", "creditPrice", "creditUnit", "credits", "name"]), JSON
)
ANSWERS = JSON | st.builds(lambda rows: listed(*rows), st.lists(FIELDS | JSON, max_size=5))


@settings(max_examples=60, deadline=None)
@given(answer=ANSWERS)
def test_whatever_is_answered_is_a_list_or_an_error_of_ours(lasting: Wire, answer: object) -> None:
    lasting.forget()
    lasting.answer(json=answer, always=True)
    with suppress(NotUnderstood, ProviderError):
        found = read(Http(), lasting.url)
        assert all(0 < each.credits <= 100_000 for each in found.rows)
        for each in found.rows:
            meaning(each.name, each.unit)
