"""README and docs/ are held to what there is, and to each other."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

import pytest
from django.apps import apps
from django.core.management import get_commands

from jobs.models.jobs.status import Status
from jobs.practice.faults.table import FAULTS
from tests import ROOT

DOCS = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/*.md")])
WITH_CONTENTS = [
    *(ROOT / name for name in ("README.md", "DECISIONS.md", "CONTRIBUTING.md")),
    *(
        ROOT / f"docs/{name}.md"
        for name in ("manual", "operating", "practice", "contracts", "security")
    ),
]
README = (ROOT / "README.md").read_text()
CONTRIBUTING = (ROOT / "CONTRIBUTING.md").read_text()
MANUAL = (ROOT / "docs/manual.md").read_text()
OPERATING = (ROOT / "docs/operating.md").read_text()
PRACTICE = (ROOT / "docs/practice.md").read_text()


# ── What there is ────────────────────────────────────────────────────────────
@pytest.mark.parametrize("command", ["make run", "make test"])
def test_the_readme_says_how_to_run_and_how_to_test(command: str) -> None:
    assert f"\n{command}\n```" in README


def test_every_status_is_explained() -> None:
    assert [each for each in Status if f"\n| {each.label} |" not in MANUAL] == []


def test_every_practice_tag_is_listed() -> None:
    assert [name for name in FAULTS if f"\n| `{name}` |" not in PRACTICE] == []


def test_every_command_is_listed() -> None:
    commands = [name for name, app in get_commands().items() if app == "jobs"]
    assert [name for name in commands if f"\n| `manage.py {name}" not in OPERATING] == []


def glossary() -> list[str]:
    rows = re.findall(r"^\| ([\w, ]+) \|.+\|.*\|$", CONTRIBUTING, re.MULTILINE)
    return [word for row in rows for word in row.split(", ") if word != "word"]


def test_every_model_is_a_word_of_the_glossary() -> None:
    names = [model.__name__ for model in apps.get_app_config("jobs").get_models()]
    assert [name for name in names if name not in glossary()] == []


def test_no_word_of_the_glossary_is_explained_twice() -> None:
    assert len(glossary()) == len(set(glossary())) > 0


# ── Links ────────────────────────────────────────────────────────────────────
@cache
def anchors(path: Path) -> frozenset[str]:
    """The fragments that a page's titles can be reached by, as GitHub spells them."""
    titles = re.findall(r"^#+ (.+)$", without_code(path), re.MULTILINE)
    return frozenset(slug(title) for title in titles)


def slug(title: str) -> str:
    return re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-")


def without_code(path: Path) -> str:
    return re.sub(r"^```.*?^```$", "", path.read_text(), flags=re.DOTALL | re.MULTILINE)


def links(path: Path) -> list[tuple[str, str]]:
    """File and fragment of each link that stays in this repository."""
    found = re.findall(r"\]\(([^\s)#]*)(?:#([^\s)]*))?\)", without_code(path))
    return [(file, fragment) for file, fragment in found if "://" not in file]


@pytest.mark.parametrize("path", DOCS, ids=lambda path: path.name)
def test_every_link_leads_to_a_file_and_a_title_in_it(path: Path) -> None:
    for file, fragment in links(path):
        target = (path.parent / file).resolve() if file else path
        assert target.exists(), file
        assert not fragment or fragment in anchors(target), f"{file}#{fragment}"


@pytest.mark.parametrize("path", WITH_CONTENTS, ids=lambda path: path.name)
def test_every_chapter_stands_in_the_contents_at_the_top(path: Path) -> None:
    listed = {fragment for file, fragment in links(path) if not file}
    chapters = re.findall(r"^## (.+)$", without_code(path), re.MULTILINE)
    assert chapters
    assert [title for title in chapters if slug(title) not in listed] == []


def test_the_readme_leads_to_every_page() -> None:
    linked = {(ROOT / file).resolve() for file, _ in links(ROOT / "README.md") if file}
    assert [path.name for path in DOCS if path not in linked and path.name != "README.md"] == []


def test_every_picture_is_shown() -> None:
    shown = {(path.parent / file).resolve() for path in DOCS for file, _ in links(path) if file}
    assert {path.name for path in ROOT.glob("docs/*.png") if path not in shown} == set()


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
        for section in re.findall(r"\b(?:kie|market|veo4) \d+\b", text)
    }
    assert cited
    assert {(path, section) for path, section in cited if section not in sections} == set()


def test_no_contract_is_cited_that_is_not_in_this_repository() -> None:
    elsewhere = re.compile(r"\b(?:kie-\w+|veo4)\.md\b|\bcontract,? sections?\b")
    assert [path for path, text in CODE.items() if elsewhere.search(text)] == []
