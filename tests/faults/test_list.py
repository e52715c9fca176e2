"""docs/faults.md is held to what there is: every case has its line, every line its tests."""

from __future__ import annotations

import ast
import re
from functools import cache

import pytest

from tests import ROOT

LIST = (ROOT / "docs" / "faults.md").read_text(encoding="utf-8")
ROWS = {number: row for row, number in re.findall(r"^(\| (H?\d+) \|.*)$", LIST, re.MULTILINE)}
CASES = [*map(str, range(1, 100)), *(f"H{number}" for number in range(100, 105))]
NAMED = sorted(set(re.findall(r"`(tests/[\w/]+\.py)::(\w+)`", LIST)))
NOT_OFFERED = {"71"}


@cache
def names_in(path: str) -> set[str]:
    tree = ast.parse((ROOT / path).read_text(encoding="utf-8"))
    return {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)}


@pytest.mark.parametrize("case", CASES)
def test_every_case_has_a_line_and_a_test_or_says_that_it_is_not_offered(case: str) -> None:
    assert ("Not offered" in ROWS[case]) == (case in NOT_OFFERED)
    assert ("::test_" in ROWS[case]) == (case not in NOT_OFFERED)


@pytest.mark.parametrize(("path", "name"), NAMED, ids=[name for _, name in NAMED])
def test_every_test_that_is_named_exists(path: str, name: str) -> None:
    assert name in names_in(path)


def test_no_case_is_listed_twice() -> None:
    numbers = re.findall(r"^\| (H?\d+) \|", LIST, re.MULTILINE)
    assert len(numbers) == len(set(numbers))
