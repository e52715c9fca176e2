"""What else a form is sent with: ids of somebody else's things, and columns that it has not."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from django.test import Client

from jobs.models import BudgetRequest, Credential, User
from tests.access.addresses import ROWS
from tests.access.bodies import bodies, every_column, references, rows, without_numbers_of
from tests.access.conftest import World, ask, undone
from tests.support.fakes import Wire

pytestmark = pytest.mark.django_db


def theirs(world: World) -> list[dict[str, Any]]:
    """What is Alice's, under the names that its id could have in a form."""
    asked = BudgetRequest.objects.get(requester=world.owner).pk
    credential = Credential.objects.get(owner=world.owner, provider="kie").pk
    return [
        dict.fromkeys(("job", "parent", "source", "from", "id", "pk"), world.film.job_id),
        {**dict.fromkeys(("image", "images", "asset"), world.image.pk), "mode": "frames"},
        {"take": world.film.pk},
        {"add": world.film.pk},
        {"rendition": world.film.pk, "up": world.film.pk, "at": "0:01"},
        {"frame": f"{world.film.pk}:last", "mode": "frames"},
        {"film": world.film.pk, "mode": "video"},
        dict.fromkeys(("owner", "user", "person", "heir", "actor", "requester"), world.owner.pk),
        dict.fromkeys(("owner_id", "user_id", "requester_id", "by"), world.owner.pk),
        dict.fromkeys(("key", "credential", "credential_id", "key_id"), credential),
        {"scope": "team", "request": asked, "link": world.link.pk, "note": world.note.pk},
    ]


def test_no_id_in_a_body_reaches_what_is_somebody_elses(
    clients: dict[str, Client], world: World, provider: Wire
) -> None:
    before, bob, reached, taken = rows(), clients["member"], {}, set()
    alices = {
        ("jobs.User", world.owner.pk),
        *(("jobs.Job", world.film.job_id), ("jobs.Rendition", world.film.pk)),
        *(("jobs.Image", world.image.pk), ("jobs.ShareLink", world.link.pk)),
        ("jobs.ReviewNote", world.note.pk),
        *(("jobs.Credential", each.pk) for each in Credential.objects.filter(owner=world.owner)),
    }
    for name, body in bodies(world).items():
        if "member" not in ROWS[name].who or ROWS[name].is_public:
            continue
        for extra in theirs(world):
            with undone(bob):
                answer = ask(bob, "post", world.path(name), {**body, **extra})
                after = rows()
            changed = {row for row in after if after[row] != before.get(row)}
            tied = {each for row in changed for each in references(row, after[row])}
            taken |= {name} if changed else set()
            said = answer.content.decode()
            if tied & alices or "A fox" in said or f"/renditions/{world.film.pk}" in said:
                reached[name, str(extra)] = tied & alices
    assert reached == {}
    assert taken == {
        "studio",
        "new-template",
        "presets",
        "saved-views",
        "batches",
        "projects",
        "keys",
        "credits",
        "password",
        "theme",
    }


CHOOSES = {"keys": {"scope"}, "profile": {"email", "forget"}}
"""Fields by which these pages know another of their forms."""
VOLATILE = re.compile(
    r"[0-9a-f]{8}-[0-9a-f-]{27}|\d{4}-\d\d-\d\d[ T][\d:.]+|[0-9a-f]{64}|md5\$[^\"]+"
    r"|gAAAA[\w=-]+"
    r'|"seed": \d+|"fact": "\w+ \d+|link \d+|\d\d:\d\d (UTC|utc)'
)
"""What differs in two rows of the same content: ids, moments, hashes, seals, chance."""


def left_by(client: Client, path: str, body: dict[str, Any]) -> tuple[int, list[str]]:
    """The status of an answer, and what the rows are that it made or changed."""
    before = rows()
    with undone(client):
        status = ask(client, "post", path, body).status_code
        after = rows()
    made = set(after) - set(before)
    changed = (
        {"in": row[0], **without_numbers_of(made, row[0], values)}
        for row, values in after.items()
        if before.get(row) != values
    )
    plain = (json.dumps(each, default=str, sort_keys=True) for each in changed)
    return status, sorted(VOLATILE.sub("…", each) for each in plain)


@pytest.mark.parametrize("who", ["signed out", "owner", "admin"])
def test_a_form_takes_its_own_fields_and_no_column_besides(
    who: str, clients: dict[str, Client], world: World, bob: User, settings: Any
) -> None:
    settings.DATA_UPLOAD_MAX_NUMBER_FIELDS = 1000
    client, columns, differs, taken = clients[who], every_column(bob), [], set()
    asked = set()
    for name, body in bodies(world).items():
        if who not in ROWS[name].who or (who != "signed out" and ROWS[name].is_public):
            continue
        asked.add(name)
        path = world.path(name)
        page = ask(client, "get", path).content.decode()
        offered = {*body, *re.findall(r'name="(\w+)"', page), *CHOOSES.get(name, ())}
        wished = {each: columns[each] for each in columns if each not in offered}
        plain, got = left_by(client, path, body), left_by(client, path, wished | body)
        taken |= {name} if plain[1] else set()
        if got != plain:
            differs.append((name, got, plain))
    assert differs == []
    of_others = ("batch", "extend", "upgrade") if who == "admin" else ()
    # The draft is what is delivered already.
    writes_nothing = {"same", "density", "images", "use-template", "promote", *of_others}
    assert taken == asked - writes_nothing
