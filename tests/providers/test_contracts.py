"""docs/contracts.md is held to tests and files that exist."""

from __future__ import annotations

import re

from tests import ROOT
from tests.support.named_tests import names_in

TABLES = re.findall(
    r"^\| rule \|.*\n\|[-|]+\n((?:\|.*\n)+)", (ROOT / "docs/contracts.md").read_text(), re.MULTILINE
)
ROWS = [
    [cell.strip() for cell in line.strip("|").split("|")]
    for table in TABLES
    for line in table.splitlines()
]


def test_every_rule_says_where_it_is_handled_by_what_exists() -> None:
    files = (ROOT / "tests").rglob("test_*.py")
    there = {name for path in files for name in names_in(path.relative_to(ROOT).as_posix())}
    assert ROWS
    for rule, where, tests in ROWS:
        assert rule
        assert where, rule
        named = re.findall(r"`(\w+)`", tests)
        assert [name for name in named if name not in there] == [], rule
        _check_place(rule, where)


def _check_place(rule: str, where: str) -> None:
    files = re.findall(r"`(jobs/[\w./]+)`", where)
    assert [name for name in files if not (ROOT / name).is_file()] == [], rule
    for name in re.findall(r"` `([\w.]+)`", where):
        texts = [(ROOT / file).read_text() for file in files]
        assert any(name.rpartition(".")[2] in text for text in texts), (rule, name)


def test_nothing_but_the_clients_knows_the_providers_paths() -> None:
    texts = {path: path.read_text() for path in (ROOT / "jobs").rglob("*.py")}
    knowing = {path.relative_to(ROOT).parts[1] for path, text in texts.items() if "/api/v1" in text}
    assert knowing == {"providers", "practice"}
