"""What is sent once more with nothing changed writes nothing: no row, no moment, no audit."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from jobs.models import Credential, Price
from tests.access.addresses import ROWS
from tests.access.bodies import bodies, rows
from tests.access.conftest import World, ask, undone
from tests.support.fakes import Wire

pytestmark = [pytest.mark.django_db, pytest.mark.data]

ALWAYS_NEW = {
    "invitations": "each press is another link",
    "regenerate-share": "each press is another address",
    "share-address": "each look at it is on record",
    "answer-note": "each answer is said",
    "shared-review": "each comment is said",
    "password": "the password it was sent with holds no more",
    "new-password": "its link is used up",
    "password-link": "each press is another link",
    "mfa_generate_recovery_codes": "each press is other codes",
    "shared": "a password is asked for in the browser of who has none",
}
"""What makes something each time, and is meant to."""
ASKED_ANEW = {("jobs.Credential", "checked_at"), ("jobs.BalanceReading", "seen_at")}
"""What a key is worth is asked at the provider each time, and that it was asked is kept."""


def sent(world: World) -> list[tuple[str, dict[str, Any]]]:
    """Every form there is, filled in."""
    why, filled = {"reason": "For a test"}, bodies(world)
    keys = Credential.objects.filter(provider="kie").values_list("pk", flat=True)
    price = Price.objects.filter(provider="kie").first()
    assert price
    more: list[tuple[str, dict[str, Any]]] = [
        ("budgets", {**why, "project": world.project.pk, "cap": 700}),
        ("budgets", {**why, "monthly_cap": 7000}),
        ("profile", {"email": "alice@studio.example"}),
        ("profile", {"display_name": "Alice Liddell"}),
        ("news-settings", {"failed-mail": "never"}),
        ("keys", {"provider": "kie", "key": "the-same-key-as-before-7777"}),
        ("keys", {"provider": "kie", "signing_key": "the-same-secret-as-before"}),
        ("prices", {**why, "price": price.pk, "credits": 77, "valid_from": ""}),
        ("change-role", {**why, "role": "admin"}),
        *(("deactivate", why), ("reactivate", why)),
        ("block-visitor", {"delete": ""}),
        ("join-keys", dict(zip(("key", "other"), keys, strict=False))),
        ("team-settings", filled["team-settings"] | {"members_share_others": "on"}),
    ]
    deeds = [name for name, row in ROWS.items() if "post" in row.methods and name not in filled]
    return [*filled.items(), *more, *((name, {}) for name in deeds)]


def test_what_is_sent_once_more_with_nothing_changed_writes_nothing(
    clients: dict[str, Client], world: World, provider: Wire
) -> None:
    provider.answer(json={"code": 200, "msg": "success", "data": 340}, path="credit", always=True)
    wrote = {}
    for name, body in sent(world):
        if name in ALWAYS_NEW:
            continue
        who = "owner" if "owner" in ROWS[name].who else "admin"
        with undone(*clients.values()):
            ask(clients[who], "post", world.path(name), body)
            before = rows()
            ask(clients[who], "post", world.path(name), body)
            after = rows()
        changed = {
            (*row, column): (before.get(row, {}).get(column), value)
            for row in after
            for column, value in after[row].items()
            if before.get(row, {}).get(column) != value and (row[0], column) not in ASKED_ANEW
        }
        changed |= {(*row, "gone"): (before[row], None) for row in before if row not in after}
        if changed:
            wrote[name, str(body)] = changed
    assert wrote == {}
