"""README is held to what there is."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from django.core.management import get_commands

from jobs.models.status import Status
from jobs.practice.faults import FAULTS

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text()


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
    assert [link for link in links if not (ROOT / link).exists()] == []


# ── What the code cites ──────────────────────────────────────────────────────
CODE = {
    path.relative_to(ROOT).as_posix(): path.read_text()
    for top in ("jobs", "tests", "veo_site")
    for path in (ROOT / top).rglob("*.py")
    if path != Path(__file__)
}


def test_every_section_of_a_contract_that_the_code_cites_exists() -> None:
    contracts = (ROOT / "docs/contracts.md").read_text()
    sections = set(re.findall(r"^### (\w+ \d+)\. ", contracts, re.MULTILINE))
    cited = {
        (path, section)
        for path, text in CODE.items()
        for section in re.findall(r"\b(?:kie|veo4) \d+\b", text)
    }
    assert cited
    assert {(path, section) for path, section in cited if section not in sections} == set()


def test_no_contract_is_cited_that_is_not_in_this_repository() -> None:
    elsewhere = re.compile(r"\b(?:kie-\w+|veo4)\.md\b|\bcontract,? sections?\b")
    assert [path for path, text in CODE.items() if elsewhere.search(text)] == []
