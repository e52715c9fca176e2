"""`pytest -p tests.support.quick`: the first tests of each module, of many cases the first.

For while one types. A break is seldom noticed by the fourth test of a module alone, or by the
second case of a test alone; `make test` runs them all.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest

TESTS_MAX = 3
"""How many of a module."""


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    quick = set(_quick(items))
    config.hook.pytest_deselected(items=[item for item in items if item not in quick])
    items[:] = [item for item in items if item in quick]


def _quick(items: Iterable[pytest.Item]) -> Iterator[pytest.Item]:
    tests: set[str] = set()
    in_module: Counter[Path] = Counter()
    for item in items:
        test = item.nodeid.partition("[")[0]
        if test not in tests and in_module[item.path] < TESTS_MAX:
            tests.add(test)
            in_module[item.path] += 1
            yield item
