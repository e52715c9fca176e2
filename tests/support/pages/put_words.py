"""Puts a team with words of one kind into an installation, from outside of it."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests import ROOT
from tests.support import product as products
from tests.support.product import Person, Product

CODE = """
import json, sys, django; django.setup()
from tests.support.pages import worded
team = worded.make(getattr(worded, sys.argv[1]))
print(json.dumps([team.admin.username, team.member.username, team.pages]))
"""
NO_PAGES = {
    *(
        "public-image",
        "oembed",
        "audit-csv",
        "usage-csv",
        "healthz",
        "readyz",
        "statusz",
        "metrics",
        "live",
        "library-live",
        "batch-live",
        "news-live",
        "bell",
        "same",
    ),
    *("theme", "density", "batch-template", "logout", "images", "add-person", "setup"),
}


@dataclass(frozen=True, slots=True)
class Team:
    product: Product
    admin: Person
    member: Person
    pages: dict[str, list[str]]
    """The addresses of each page, by the name of its route."""

    @staticmethod
    def is_for_strangers(route: str) -> bool:
        return route in {"join", "login"} or route.startswith("shared")


@contextmanager
def team_that_writes(words: str, prepared: Path, var: Path) -> Iterator[Team]:
    """The pages alone, of a team with these words of `worded`."""
    with products.web_alone(prepared, var, PRACTICE="false") as product:
        told = subprocess.run(
            [sys.executable, "-c", CODE, words],
            cwd=ROOT,
            env=products.environment(var, PRACTICE="false"),
            check=True,
            stdout=subprocess.PIPE,
        )
        admin, member, pages = json.loads(told.stdout)
        first, second = products.populate(var, [admin, member])
        shown = {route: each for route, each in pages.items() if route not in NO_PAGES}
        yield Team(product, first, second, shown)
