"""What people write stays text on every page, and what the server may be told of is bounded."""

from __future__ import annotations

import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path

import pytest
from django.test import Client

from jobs.models import Job
from tests import ROOT
from tests.support import factories
from tests.support.pages import worded
from tests.support.product import environment

pytestmark = pytest.mark.django_db

ATTACK = (
    "\"><canary onfocus=canary() hx-canary=1>'><canary><img src=canary onerror=canary()>"
    "</textarea></title></script><canary>--><canary>{{ 7|add:1 }}"
)
WORDS = worded.Words(
    person="mallory",
    admin="admina",
    gone="gonegirl",
    asleep="sleeper",
    project=ATTACK[:80],
    other=f"a{ATTACK[:79]}",
    team=ATTACK[:60],
    prompt=ATTACK,
    text=ATTACK * 3,
)


class Reader(HTMLParser):
    """Notes what of an attack became a part of the page."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []
        self.read = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        names = [tag, *(name for name, _ in attrs)]
        links = [value or "" for name, value in attrs if name in ("href", "src", "action")]
        odd = [name for name in names if name.startswith(("canary", "on", "hx-canary"))]
        self.found += odd + [value for value in links if value.startswith(("canary", "javascript"))]

    def handle_data(self, data: str) -> None:
        self.read += data


def test_nothing_that_people_write_becomes_a_part_of_any_page() -> None:
    team = worded.make(WORDS)
    Job.objects.exclude(error="").update(error=ATTACK)
    people = [factories.signed_in(team.admin), factories.signed_in(team.member), Client()]
    found, shown = {}, 0
    for name, paths in team.pages.items():
        for path in paths:
            for who in people:
                answer = who.get(path)
                if answer.get("Content-Type", "").startswith("text/html"):
                    reader = Reader()
                    reader.feed(answer.content.decode())
                    shown += "{{ 7|add:1 }}" in reader.read
                    if reader.found:
                        found[name, path] = reader.found
    assert found == {}
    assert shown > 20, "hardly any page shows what people wrote"


def test_django_has_nothing_against_a_deployment_as_it_is_described(tmp_path: Path) -> None:
    env = environment(tmp_path, PUBLIC_URL="https://dailies.example", PRACTICE="false")
    asked = [sys.executable, "manage.py", "check", "--deploy", "--fail-level", "WARNING"]
    said = subprocess.run(asked, check=False, cwd=ROOT, env=env, capture_output=True, text=True)
    assert said.returncode == 0, said.stderr
