"""Pieces of pages that are kept: the same for the same values, and with each reader's own token."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Any

import pytest
from django.template import Context, Template, Variable
from django.template.base import FilterExpression
from django.template.defaulttags import ForNode, WithNode
from django.template.loader import get_template
from django.template.loader_tags import IncludeNode
from django.test import Client
from django.utils.safestring import mark_safe

from jobs.models import User
from tests import ROOT
from tests.support import factories

FACE = '{% load pieces %}{% kept "shell/_bell_face.html" number=number %}'
FIELD = '{% load pieces %}{% kept "jobs/_tag_field.html" id="a" form="b" value=value %}'
USED = re.compile(r'{%\s*kept\s+"([^"]+)"([^%]*)%}')
GIVEN = re.compile(r"(\w+)=")
OPTIONAL = {
    "jobs/_choosing_ways.html": {"label", "value"},
    "shell/_budget.html": {"threshold", "whose"},
    "shell/_mark.html": {"big"},
    "shell/_toast.html": {"message"},
    "studio/_choice.html": {"before", "fit", "ratios"},
}
"""What a piece can do without, by its own conditions and defaults."""
TOKEN = re.compile(r'name="csrfmiddlewaretoken" value="(\w+)"')


def shown(text: str, **context: Any) -> str:
    return Template(text).render(Context(context))


def test_other_values_are_shown_as_they_are_whatever_was_kept() -> None:
    for _ in range(2):
        assert "2\n      new" in shown(FACE, number=2)
        assert "new" not in shown(FACE, number=0)
        assert "99+" in shown(FACE, number=100)


def test_what_only_seems_to_be_the_same_is_told_apart() -> None:
    for _ in range(2):
        for value, told in ((1, "1"), (True, "True"), ("1", "1"), (1.0, "1.0")):
            assert f'value="{told}"' in shown(FIELD, value=value)
        assert 'value="&lt;b&gt;"' in shown(FIELD, value="<b>")
        assert 'value="<b>"' in shown(FIELD, value=mark_safe("<b>"))


@pytest.mark.parametrize("value", [["a"], {}, User(pk=1), ("a", ["b"])])
def test_nothing_is_kept_by_what_may_change(value: object) -> None:
    with pytest.raises(TypeError):
        shown(FIELD, value=value)


@pytest.mark.django_db
def test_every_form_of_a_page_has_its_readers_own_token(alice: User, bob: User) -> None:
    tokens = []
    for person in (alice, bob):
        browser = Client(enforce_csrf_checks=True)
        browser.cookies = factories.signed_in(person).cookies
        page = browser.get("/").content.decode()
        found = TOKEN.findall(page)
        assert len(found) == page.count("csrfmiddlewaretoken") > 5
        tokens.append(set(found))
        assert len(tokens[-1]) == 1
        form = {"csrfmiddlewaretoken": found[0], "density": "compact"}
        assert browser.post("/density/", form).status_code == 302
    assert not tokens[0] & tokens[1]


def needed(node: object, known: frozenset[str]) -> Iterator[str]:
    """The names that part of a template looks up, and that it does not make itself."""
    match node:
        case Variable(lookups=lookups) if lookups:
            yield from {lookups[0]} - known
            return
        case ForNode(loopvars=names):
            known |= {*names, "forloop"}
        case WithNode(extra_context=names):
            known |= {*names}
        case IncludeNode(extra_context=names, template=FilterExpression(var=str(other))):
            known |= {*names}
            yield from needed(get_template(other).template.nodelist, known)  # type: ignore[attr-defined]
    parts: Iterable[object] = ()
    if isinstance(node, dict):
        parts = node.values()
    elif isinstance(node, list | tuple):
        parts = node
    elif type(node).__module__.startswith(("django.template", "jobs.templatetags")):
        names = getattr(node, "__slots__", None) or vars(node)
        parts = [getattr(node, name) for name in names if name not in ("origin", "token")]
    for part in parts:
        yield from needed(part, known)
        known |= {getattr(part, "asvar", None) or getattr(part, "target_var", None) or ""}


def test_a_piece_is_given_all_that_it_shows() -> None:
    """What it is not given would be empty on every page, without a word."""
    lacking, seen = [], set()
    for path in (ROOT / "templates").rglob("*.html"):
        for piece, given in USED.findall(path.read_text()):
            known = {*GIVEN.findall(given), *OPTIONAL.get(piece, ()), "csrf_token"}
            nodes = get_template(piece).template.nodelist  # type: ignore[attr-defined]
            lacking += [f"{path.name}: {piece}: {each}" for each in needed(nodes, frozenset(known))]
            seen.add(piece)
    assert lacking == []
    assert seen >= {"shell/_nav.html", *OPTIONAL}
