"""README is held to what there is."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from django.core.management import get_commands

from jobs.models.status import Status
from jobs.practice.faults import FAULTS

README = (Path(__file__).parent.parent / "README.md").read_text()


@pytest.mark.parametrize("status", Status)
def test_every_status_is_explained(status: Status) -> None:
    assert f"\n| {status.label} |" in README


@pytest.mark.parametrize("name", FAULTS)
def test_every_practice_tag_is_listed(name: str) -> None:
    assert f"\n| `{name}` |" in README


@pytest.mark.parametrize("command", [n for n, app in get_commands().items() if app == "jobs"])
def test_every_command_is_listed(command: str) -> None:
    assert f"`manage.py {command}" in README


def test_every_link_to_a_file_leads_somewhere() -> None:
    links = re.findall(r"\]\(([\w./-]+)\)", README)
    assert links
    assert [link for link in links if not (Path(__file__).parent.parent / link).exists()] == []
