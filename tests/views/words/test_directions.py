"""Words from right to left are laid out so, wherever somebody's words are shown or typed."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest
from django.test import Client

from jobs.models import BudgetRequest
from tests.access.addresses import ROWS
from tests.support import factories
from tests.support.pages import worded
from tests.support.pages.directions import astray
from tests.support.pages.worded import WordedTeam

pytestmark = pytest.mark.django_db

REASON = "סיבה טובה"
NO_PAGES = {
    *("image", "public-image", "video", "poster", "oembed", "shared-picture", "shared-download"),
    *(
        "shared-zip",
        "shared-video",
        "shared-poster",
        "statement-csv",
        "statements-csv",
        "review-csv",
    ),
    *("reconciliation-evidence", "batch-csv", "markers", "link-markers"),
    *("stray-video", "stray-poster"),
}
"""Addresses that answer with a file."""


@pytest.fixture
def team(db: None) -> WordedTeam:
    return worded.make(worded.HEBREW)


def test_every_word_of_people_on_every_page_has_its_own_direction(team: WordedTeam) -> None:
    clients = {each.role: factories.signed_in(each) for each in (team.admin, team.member)}
    clients[""] = Client()
    assert {name for name, row in ROWS.items() if "get" in row.methods} - NO_PAGES <= set(
        team.pages
    )
    found, seen = {}, 0
    for name, addresses in team.pages.items():
        for address in addresses:
            for who, client in clients.items():
                answer = client.get(address)
                kind = answer.headers.get("Content-Type", "")
                if answer.status_code == 200 and kind.startswith("text/html"):
                    seen += 1
                    if said := astray(answer.content.decode()):
                        found[f"{name} {address} {who}"] = sorted(set(said))
    assert seen > len(team.pages)
    assert not found, "\n".join(f"{k}\n    " + "\n    ".join(v) for k, v in found.items())


def test_what_a_page_says_of_a_deed_keeps_names_apart(team: WordedTeam) -> None:
    admin, noa, project = factories.signed_in(team.admin), team.member, "קמפיין"
    person = f"/team/people/{noa.pk}"
    asked = BudgetRequest.objects.filter(state="open", job=None).order_by("pk")[0]
    parked = BudgetRequest.objects.filter(state="open").exclude(job=None)[0]
    deeds: list[tuple[str, dict[str, Any]]] = [
        ("/projects/", {"name": project}),
        ("/projects/", {"name": project}),
        ("/team/", {"user": noa.pk, "credits": 5, "reason": REASON, "submission_key": uuid4()}),
        ("/team/", {"user": noa.pk, "credits": -5, "reason": REASON, "submission_key": uuid4()}),
        (
            "/team/",
            {"user": noa.pk, "credits": -99999, "reason": REASON, "submission_key": uuid4()},
        ),
        ("/team/budgets/", {"user": noa.pk, "allowance": 70, "reason": REASON}),
        ("/team/budgets/", {"project": 1, "cap": 900, "reason": REASON}),
        ("/team/budgets/", {"project": 1, "cap": "", "reason": REASON}),
        ("/team/requests/", {"request": asked.pk, "action": "approve", "raise_cap": "on"}),
        ("/team/requests/", {"request": parked.pk, "action": "decline", "answer": REASON}),
        (f"{person}/role/", {"role": "admin", "reason": REASON}),
        (f"{person}/role/", {"role": "member", "reason": REASON}),
        (f"{person}/deactivate/", {"reason": REASON}),
        (f"{person}/deactivate/", {"reason": REASON}),
        (f"{person}/reactivate/", {"reason": REASON}),
        (
            f"{person}/leave/",
            {"heir": team.admin.pk, "reason": REASON, "queued": "cancel", "sure": "on"},
        ),
        ("/team/invitations/", {"note": "נועה", "role": "member", "credits": "-1"}),
        ("/shares/new/", {"project": 2, "submission_key": uuid4()}),
        ("/profile/", {"display_name": "עדה"}),
    ]
    for path, fields in deeds:
        answer = admin.post(path, fields, follow=True)
        assert answer.status_code in {200, 422}, path
        assert not astray(answer.content.decode()), (path, fields)
