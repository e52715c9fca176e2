"""Whoever goes from button to button by ear knows which is which: no two names for two things."""

from __future__ import annotations

import re
from collections import defaultdict
from datetime import timedelta
from uuid import uuid4

import pytest
from django.db.models import F
from django.test import Client
from django.utils import timezone
from django.utils.formats import date_format

from jobs import keeping, news
from jobs.models import (
    Batch,
    BudgetRequest,
    Job,
    Preset,
    Project,
    SavedView,
    ShareLink,
    User,
)
from tests.support import factories
from tests.support.pages import worded
from tests.support.pages.composer_form import composer
from tests.support.pages.control_names import ORDERED, alike
from tests.support.typed_forms import HTMX

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
    for name in ("Heroes", "Loops"):
        SavedView.objects.create(owner=team.member, name=name, query="rating=4", is_shared=True)
        Preset.objects.create(owner=team.member, name=name)
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


def test_the_takes_of_one_order_which_have_one_name_are_told_apart(
    alice: User, alice_client: Client
) -> None:
    project = Project.objects.create(name="Autumn")
    takes = [factories.film(alice, prompt="A fox", project_id=project.pk).job for _ in "12"]
    for number, take in enumerate(takes, 1):
        together = {"take_group": takes[0].pk, "take": number}
        Job.objects.filter(pk=take.pk).update(**together, version=F("version") + 1)
    news.ready(takes[1].renditions.get())
    pages = ["/", "/library/", f"/projects/{project.pk}/", "/news/", "/images/frames/"]
    for page in pages:
        answer = alice_client.get(page).content.decode()
        assert "ake 2" in answer, page
        # By its title alone each leads to its page, which says which it is.
        assert {each for each in alike(answer) if "A fox" in each} <= {"link A fox"}, page


@pytest.mark.parametrize("apart", [timedelta(seconds=1), timedelta(milliseconds=1)])
def test_what_was_ordered_twice_is_told_apart_by_when(
    alice: User, alice_client: Client, apart: timedelta
) -> None:
    project, now = Project.objects.create(name="Autumn"), timezone.now()
    films = [factories.film(alice, prompt="A fox", project_id=project.pk) for _ in "12"]
    factories.film(alice, prompt="An owl")
    for number, film in enumerate(films):
        at = now - number * apart
        Job.objects.filter(pk=film.job_id).update(created_at=at, version=F("version") + 1)
    when = f"A fox, ordered {date_format(timezone.localtime(now), 'j M Y, H:i:s')}.{now:%f}"[:-3]
    pages = ["/", "/library/", f"/projects/{project.pk}/", "/images/frames/", "/shares/new/"]
    for page in pages:
        answer = alice_client.get(page).content.decode()
        assert when in answer, page
        assert {each for each in alike(answer) if "A fox" in each} <= {"link A fox"}, page
    # Of what stands alone a card says no more than its name; what joins an open page does.
    assert 'aria-label="Select An owl"' in alice_client.get("/").content.decode()
    more = alice_client.get("/library/", headers={"HX-Request": "true"}).content.decode()
    assert 'aria-label="Select An owl, ordered' in more
    keeping.throw_away([film.job_id for film in films], alice)
    assert {*alike(alice_client.get("/trash/").content.decode())} <= {"link A fox"}


def test_a_card_that_an_open_page_gets_anew_says_when_too(
    alice: User, alice_client: Client
) -> None:
    film = factories.film(alice, prompt="A fox").job
    choice = {"do": "favorite", "video": str(film.pk)}
    chosen = alice_client.post("/jobs/choose/", choice, headers=HTMX)
    made = alice_client.post("/", composer(prompt="A fox, once more"), headers=HTMX)
    upgrade = {"kind": "upgrade_4k", "submission_key": str(uuid4())}
    built_on = alice_client.post(f"/jobs/{film.pk}/upgrade/", upgrade, headers=HTMX)
    for answer in (chosen, made, built_on):
        selects = re.search('aria-label="Select (.*?)"', answer.content.decode())
        assert selects
        assert ORDERED.search(selects[1])
