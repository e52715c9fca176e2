"""docs/contracts.md is held to tests and files that exist."""

from __future__ import annotations

import ast
import re

import pytest

from tests import ROOT

TABLES = re.findall(
    r"^\| rule \|.*\n\|[-|]+\n((?:\|.*\n)+)", (ROOT / "docs/contracts.md").read_text(), re.MULTILINE
)
ROWS = [
    [cell.strip() for cell in line.strip("|").split("|")]
    for table in TABLES
    for line in table.splitlines()
]
TESTS = {
    node.name
    for path in (ROOT / "tests").rglob("test_*.py")
    for node in ast.walk(ast.parse(path.read_text()))
    if isinstance(node, ast.FunctionDef)
}


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row[0])
def test_every_rule_says_where_it_is_handled_by_what_exists(row: list[str]) -> None:
    rule, where, tests = row
    assert rule
    assert where
    named = re.findall(r"`(\w+)`", tests)
    assert [name for name in named if name not in TESTS] == []
    files = re.findall(r"`(jobs/[\w./]+)`", where)
    assert [name for name in files if not (ROOT / name).is_file()] == []
    for name in re.findall(r"` `([\w.]+)`", where):
        texts = [(ROOT / file).read_text() for file in files]
        assert any(name.rpartition(".")[2] in text for text in texts)


def test_nothing_but_the_clients_knows_the_providers_paths() -> None:
    texts = {path: path.read_text() for path in (ROOT / "jobs").rglob("*.py")}
    knowing = {path.relative_to(ROOT).parts[1] for path, text in texts.items() if "/api/v1" in text}
    assert knowing == {"providers", "practice"}
