"""The tests that documents name."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from functools import cache

from tests import ROOT


@cache
def names_in(path: str) -> frozenset[str]:
    """What is defined in a file, by its path from the root."""
    text = (ROOT / path).read_text(encoding="utf-8")
    return frozenset(re.findall(r"^ *def (\w+)", text, re.MULTILINE))


def missing(named: Iterable[Sequence[str]]) -> list[str]:
    """Which of these, each with its file, are not there."""
    return [f"{path}::{name}" for path, name in named if name not in names_in(path)]
