"""Puts a card in every state into a running installation, from outside of it."""

from __future__ import annotations

import json
import subprocess
import sys

from tests import ROOT
from tests.support import product as products
from tests.support.product import Person, Product

CODE = """
import json, django; django.setup()
from tests.support.states import every_state; from tests.support import factories
member, admin = factories.member("mara"), factories.admin("iris")
factories.credential(admin, "kie")
print(json.dumps([member.username, admin.username, every_state.make(member, admin)]))
"""


AWAY = """
import django; django.setup()
from jobs import lifecycle
from jobs.times import clock
from jobs.credentials import circuit
from jobs.models import Credential
for key in Credential.objects.current().filter(provider="kie"):
    circuit.not_reached(key)
away = Credential.objects.out_of_reach()
away.update(unreachable_since=clock.after(-2400), probe_at=clock.after(420))
lifecycle.follow_circuits()
"""
"""kie.ai can't be reached since forty minutes ago."""


def put_states(product: Product) -> tuple[Person, list[str]]:
    """The member whose studio it is, and the prompts of the cards, the oldest first."""
    member, admin, prompts = json.loads(_run(product, CODE))
    people = list(products.populate(product.var, [member, admin]))
    return people[0], prompts


def put_out_of_reach(product: Product) -> Person:
    """Have what is queued there wait for its provider; the admin who reads of it."""
    _run(product, AWAY)
    return next(iter(products.populate(product.var, ["iris"])))


def _run(product: Product, code: str) -> bytes:
    return subprocess.run(
        [sys.executable, "-c", code],
        cwd=ROOT,
        env=products.environment(product.var),
        check=True,
        stdout=subprocess.PIPE,
    ).stdout
