"""The documented and recorded examples: each is used, and each callback among them is read."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from jobs.providers.kie.client import Kie

HERE = Path(__file__).parent
EXAMPLES = sorted((HERE / "fixtures").rglob("*.json"))


@pytest.mark.parametrize(
    ("name", "task"),
    [
        ("callback-generate-success-A-jan2026", "veo_task_abcdef123456"),
        ("callback-generate-success-fallback", "veo_task_abcdef123456"),
        ("callback-generate-failure-400", "veo_task_abcdef123456"),
        ("callback-generate-failure-422-flow", "veo_task_abcdef123456"),
        ("callback-4k-success-A-page", "veo_task_example123"),
        ("callback-4k-success-B-old-model", "2b1b13eca3e8b8bbd5a88610d29dfd51"),
        ("callback-4k-failure-500", "veo_task_abcdef123456"),
    ],
)
def test_a_documented_callback_names_its_work(
    example: Callable[[str], Any], name: str, task: str
) -> None:
    assert Kie().read_callback(example(name)).external_id == task


@pytest.mark.parametrize(
    "data",
    [
        {"task_id": "abc", "result_urls": ["https://a.example/1.mp4"], "media_ids": ["m"]},
        {"taskId": "abc", "promptJson": "{prompt=broken", "info": {"resultUrls": "[https://a]"}},
        {"taskId": "abc", "promptJson": ["?"], "info": None, "fallbackFlag": "no"},
        json.dumps({"taskId": "abc"}),
    ],
    ids=str,
)
def test_a_callback_of_any_documented_shape_names_its_work(data: object) -> None:
    assert Kie().read_callback({"code": 200, "msg": "?", "data": data}).external_id == "abc"


def test_every_example_is_used() -> None:
    tests = "".join(test.read_text() for test in HERE.rglob("test_*.py"))
    names = [path.relative_to(HERE / "fixtures").with_suffix("") for path in EXAMPLES]
    assert names
    assert [name for name in names if f'"{name}"' not in tests] == []
