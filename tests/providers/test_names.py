"""Only the providers' own package, their stand-in, the price list and the settings know a name."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from jobs.providers import PROVIDERS
from tests import ROOT

MAY_KNOW = (
    "jobs/providers/",
    "jobs/practice/",
    "jobs/migrations/",
    "veo_site/settings.py",
)
NAMES = {
    name
    for provider in PROVIDERS.values()
    for name in (
        provider.name,
        provider.label,
        provider.client.__name__,
        provider.practice_key,
        *provider.settings.values(),
        *(model.name for model in provider.models),
        *(model.label for model in provider.models),
        # What sisters have in common: Veo 3.1.
        *(model.label.rpartition(" ")[0] for model in provider.models),
    )
}
ANY_NAME = "|".join(re.escape(name) for name in NAMES if name)
NAMED = re.compile(rf"(?<![a-z0-9])(?:{ANY_NAME})(?![a-z0-9])", re.IGNORECASE)
COMMENTS = {
    ".html": r"\{#.*?#\}|\{% comment.*?endcomment %\}|<!--.*?-->",
    ".txt": r"\{#.*?#\}",
    ".js": r"/\*.*?\*/|(?<![:\"'`])//[^\n]*",
    ".css": r"/\*.*?\*/",
}
FILES = [
    path.relative_to(ROOT)
    for folder in ("jobs", "veo_site", "templates", "static/js", "static/css")
    for path in sorted((ROOT / folder).rglob("*"))
    if path.suffix in {".py", *COMMENTS}
    and not path.relative_to(ROOT).as_posix().startswith(MAY_KNOW)
    and path.name != "htmx.js"
]


def test_nobody_else_knows_a_provider_or_a_model_by_name() -> None:
    found = {str(path): [words for words in said_in(path) if NAMED.search(words)] for path in FILES}
    assert {path: words for path, words in found.items() if words} == {}


@pytest.mark.parametrize(
    "code",
    [
        "if provider.name == 'kie': pass",
        "from jobs.providers.kie.client import Kie",
        "directory.kie",
        "def ask_kie(): pass",
        "x = f'{a} is not to be had at kie.ai'",
        "call(veo4=1)",
        "class Veo4Things: pass",
        "getattr(settings, 'KIE_BASE_URL')",
        "label = 'Veo 3.1 in general'",
        "{'veo3_fast': 60}",
        "def f():\n    global veo4",
    ],
)
def test_a_name_is_found_wherever_it_stands(code: str) -> None:
    assert any(map(NAMED.search, words_of(code)))


@pytest.mark.parametrize(
    "code", ["'''Of kie.'''", "class A:\n    x = 1\n    '''kie 5'''", "cookie = 'cookies'", "# kie"]
)
def test_what_only_explains_may_cite_and_no_part_of_a_word_is_a_name(code: str) -> None:
    assert not any(map(NAMED.search, words_of(code)))


def said_in(path: Path) -> list[str]:
    """All that a file says, but for what only explains it."""
    text = (ROOT / path).read_text()
    if path.suffix == ".py":
        return list(words_of(text))
    return re.sub(COMMENTS[path.suffix], "", text, flags=re.DOTALL).splitlines()


def words_of(code: str) -> Iterator[str]:
    """Every identifier and every text in a module, without its comments and docstrings."""
    tree = ast.parse(code)
    explains = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant):
            if isinstance(node.value, str) and id(node) not in explains:
                yield node.value
            continue
        for _, field in ast.iter_fields(node):
            for value in field if isinstance(field, list) else [field]:
                if isinstance(value, str):
                    # ClientOfKie is three words.
                    yield re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", value)
