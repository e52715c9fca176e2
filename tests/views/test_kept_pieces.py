"""Pieces of pages that are kept: the same for the same values, and with each reader's own token."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.template import Context, Template
from django.test import Client
from django.utils.safestring import mark_safe

from jobs.models import User
from tests.support import factories

FACE = '{% load pieces %}{% kept "shell/_bell_face.html" number=number %}'
FIELD = '{% load pieces %}{% kept "jobs/_tag_field.html" id="a" form="b" value=value %}'
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
