"""Whoever goes from button to button by ear knows which is which: no two names for two things."""

from __future__ import annotations

from collections import defaultdict

import pytest
from django.db.models import F

from jobs.models import Batch, BudgetRequest, Job, ShareLink
from tests.support import factories, worded
from tests.support.control_names import alike

pytestmark = pytest.mark.django_db

MAY_BE_ALIKE = {"button Dismiss": "each stands in the message that it takes away"}
"""Names that two controls of one page may have, as they are read out, each with why."""


def test_no_two_controls_of_a_page_have_one_name_and_do_different_things() -> None:
    team = worded.make(worded.ORDINARY)
    for number, job in enumerate(Job.objects.all()):
        # What two videos have in common, their takes' names tell apart.
        Job.objects.filter(pk=job.pk).update(
            prompt=f"Shot {number}", title="", version=F("version") + 1
        )
    for number, link in enumerate(ShareLink.objects.all()):
        ShareLink.objects.filter(pk=link.pk).update(title=f"Link {number}")
    for number, asked in enumerate(BudgetRequest.objects.all()):
        BudgetRequest.objects.filter(pk=asked.pk).update(reason=f"Wish {number}")
    for number, batch in enumerate(Batch.objects.all()):
        Batch.objects.filter(pk=batch.pk).update(name=f"shots-{number}.csv")
    found: defaultdict[str, set[str]] = defaultdict(set)
    for who in (team.admin, team.member):
        client = factories.signed_in(who)
        for route, addresses in team.pages.items():
            for address in addresses:
                answer = client.get(address)
                kind = answer.headers.get("Content-Type", "")
                if answer.status_code == 200 and kind.startswith("text/html"):
                    for name in alike(answer.content.decode()):
                        found[name].add(route)
    assert {name: sorted(found[name]) for name in set(found) - set(MAY_BE_ALIKE)} == {}
