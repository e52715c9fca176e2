"""docs/security.md is held to the standard and to what there is: every requirement has its line."""

from __future__ import annotations

import re

from tests import ROOT
from tests.support.named_tests import missing

LIST = (ROOT / "docs" / "security.md").read_text(encoding="utf-8")
TEXT = """
1.1 22  1.2 1111122223  1.3 112222222223  1.4 222  1.5 123
2.1 122  2.2 112  2.3 12223  2.4 23
3.1 3  3.2 11  3.3 12223  3.4 1122223  3.5 1112233  3.6 3  3.7 22333
4.1 12233  4.2 23333  4.3 22  4.4 1222
5.1 2  5.2 112333  5.3 113  5.4 222
6.1 122  6.2 111111112222  6.3 11223333  6.4 112233  6.5 22222333  6.6 2223  6.7 33  6.8 2222
7.1 222  7.2 1111  7.3 22  7.4 11222  7.5 223  7.6 22
8.1 1233  8.2 1123  8.3 133  8.4 23
9.1 111  9.2 1222
10.1 22  10.2 223  10.3 22223  10.4 1111122222233333  10.5 22222  10.6 22  10.7 222
11.1 2233  11.2 22233  11.3 11233  11.4 1222  11.5 23  11.6 23  11.7 33
12.1 12233  12.2 11  12.3 22223
13.1 2333  13.2 222223  13.3 2233  13.4 1222233
14.1 22  14.2 12223333  14.3 122
15.1 12233  15.2 12233  15.3 1222222  15.4 3333
16.1 2  16.2 22222  16.3 2222  16.4 222  16.5 2223
17.1 23  17.2 22223333  17.3 22
"""
LEVELS = dict(re.findall(r"(\d+\.\d+) (\d+)", TEXT))
"""ASVS 5.0.0: the level of each requirement of a section, in order."""
REQUIRED = [
    f"{section}.{number}"
    for section, levels in LEVELS.items()
    for number, level in enumerate(levels, 1)
    if level in "12"
]
ROWS = dict(re.findall(r"^\| (\d+\.\d+\.\d+) \| (\w+) \|", LIST, re.MULTILINE))
SAID = " ".join(re.findall(r"^Does not apply: .*$", LIST, re.MULTILINE))
NOT_OURS = set(re.findall(r"\d+\.\d+(?:\.\d+)?", SAID))
NAMED = sorted(set(re.findall(r"`(tests/[\w/]+\.py)::(\w+)`", LIST)))


def test_the_levels_are_those_of_the_standard() -> None:
    levels = "".join(LEVELS.values())
    assert (levels.count("1"), levels.count("2")) == (70, 183)


def test_every_requirement_of_both_levels_has_a_line_or_is_said_not_to_apply() -> None:
    of_sections = {each for each in REQUIRED if each.rpartition(".")[0] in NOT_OURS}
    told = [*ROWS, *(NOT_OURS & set(REQUIRED)), *(of_sections - NOT_OURS)]
    assert sorted(told) == sorted(REQUIRED), "each once"
    assert set(ROWS.values()) == {"yes", "partly", "no", "operator"}


def test_every_test_that_is_named_exists() -> None:
    assert NAMED
    assert missing(NAMED) == []


def test_the_figures_at_the_top_are_those_of_the_tables() -> None:
    said = [int(n) for n in re.findall(r"\*\*(\d+)\*\*", LIST.partition("\n## ")[0])]
    met = list(ROWS.values())
    not_ours = len(REQUIRED) - len(ROWS)
    assert said == [*(met.count(each) for each in ("yes", "partly", "operator", "no")), not_ours]
