"""Icons stand in the page itself, each where it is shown."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.conf import settings
from django.template import Context, Template
from django.test import Client

from jobs.models import User
from jobs.templatetags.icons import icon

TEMPLATES = settings.BASE_DIR / "templates"
NAMED = re.compile(r'\{% icon "([\w-]+)"(?!\|)')


@pytest.mark.django_db
def test_a_page_asks_for_no_file_of_icons(alice: User, alice_client: Client) -> None:
    page: Any = alice_client.get("/").text
    assert ("<use" in page, "icons.svg" in page) == (False, False)
    assert icon("clapperboard") in page


def test_an_icon_is_drawn_in_its_own_box_and_read_by_nobody() -> None:
    drawn = Template('{% load dailies %}{% icon "mode-text" "big" %}').render(Context())
    assert drawn.startswith('<svg class="icon big" viewBox="0 0 48 24" aria-hidden="true"><path d=')


def test_every_icon_that_a_template_names_is_drawn() -> None:
    named = {name for each in TEMPLATES.rglob("*.html") for name in NAMED.findall(each.read_text())}
    assert len(named) > 50
    for name in named:
        assert icon(name)
    with pytest.raises(KeyError):
        icon("nothing-of-the-kind")
