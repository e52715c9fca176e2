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
from tests.support import every_state, factories
member, admin = factories.member("mara"), factories.admin("iris")
factories.credential(admin, "kie")
print(json.dumps([member.username, admin.username, every_state.make(member, admin)]))
"""


def put_states(product: Product) -> tuple[Person, list[str]]:
    """The member whose studio it is, and the prompts of the cards, the oldest first."""
    told = subprocess.run(
        [sys.executable, "-c", CODE],
        cwd=ROOT,
        env=products.environment(product.var),
        check=True,
        stdout=subprocess.PIPE,
    )
    member, admin, prompts = json.loads(told.stdout)
    people = list(products.populate(product.var, [member, admin]))
    return people[0], prompts
