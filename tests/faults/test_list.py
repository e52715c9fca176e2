"""docs/faults.md is held to what there is: every case has its line, every line its tests."""

from __future__ import annotations

import re

from tests import ROOT
from tests.support.named_tests import missing

LIST = (ROOT / "docs" / "faults.md").read_text(encoding="utf-8")
ROWS = {number: row for row, number in re.findall(r"^(\| (H?\d+) \|.*)$", LIST, re.MULTILINE)}
CASES = [*map(str, range(1, 100)), *(f"H{number}" for number in range(100, 105))]
NAMED = sorted(set(re.findall(r"`(tests/[\w/]+\.py)::(\w+)`", LIST)))
NOT_OFFERED = {"71"}


def test_every_case_has_a_line_and_a_test_or_says_that_it_is_not_offered() -> None:
    assert [case for case in CASES if case not in ROWS] == []
    assert {case for case in CASES if "Not offered" in ROWS[case]} == NOT_OFFERED
    assert {case for case in CASES if "::test_" not in ROWS[case]} == NOT_OFFERED


def test_every_test_that_is_named_exists() -> None:
    assert NAMED
    assert missing(NAMED) == []


def test_no_case_is_listed_twice() -> None:
    numbers = re.findall(r"^\| (H?\d+) \|", LIST, re.MULTILINE)
    assert len(numbers) == len(set(numbers))
