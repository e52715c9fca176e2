"""What the studio asks of its jobs: of each filter and each person by itself, and of an index."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product
from typing import Any

import pytest
from django.db import connection
from django.db.models import QuerySet
from django.http import QueryDict
from django.test import Client
from django.test.utils import CaptureQueriesContext

from jobs.library import Sought
from jobs.models import Job, Project, User, search_index
from jobs.views.jobs import live
from jobs.views.jobs.cards.kept.facts import facts_of
from jobs.views.studio.grid.filters import StudioFilters
from jobs.views.studio.grid.polling import poll_of
from tests.support import factories

pytestmark = [pytest.mark.django_db, pytest.mark.data]
ADDRESSES = [
    "&".join(filter(None, asked))
    for asked in product(
        ("", "scope=me"),
        ("", "project={project}"),
        ("", "rejected=hide"),
        ("", "rating=1", "rating=4"),
    )
]


@pytest.fixture
def projects(alice: User, bob: User) -> list[Project]:
    """Two, with jobs of both people, and without one; of each person some are rated, or rejected,
    or thrown away.
    """
    found = [Project.objects.create(name=name, created_by=alice) for name in ("Autumn", "Winter")]
    for owner, project, number in product((alice, bob), (*found, None), range(4)):
        job = factories.job(owner, project_id=project and project.pk)
        facts: dict[str, Any] = {"rating": number + (owner == bob), "is_rejected": number == 2}
        Job.objects.filter(pk=job.pk).update(**facts)
    # Not as many in the one as in the other.
    factories.job(alice, project_id=found[0].pk)
    return found


def test_each_filter_counts_its_own_for_each_person(
    alice: User, bob: User, admin: User, projects: list[Project]
) -> None:
    for address, project, user in product(ADDRESSES, projects, (alice, bob, admin)):
        filters = QueryDict(address.format(project=project.pk))
        counts = poll_of(StudioFilters(user, filters), "")["counts"]
        assert counts["all"] == len(list(_meant(user, filters))), (filters, user)
        assert counts["queued"] == counts["all"]


def _meant(user: User, filters: QueryDict) -> Iterator[Job]:
    """Those of all jobs that this person sees under these filters, by their rows."""
    asked = filters.dict()
    for job in Job.objects.all():
        is_meant = (
            job.is_seen_by(user)
            and ("scope" not in asked or job.owner_id == user.pk)
            and ("project" not in asked or str(job.project_id) == asked["project"])
            and ("rejected" not in asked or not job.is_rejected)
            and job.rating >= int(str(asked.get("rating", 0)))
        )
        if is_meant:
            yield job


@pytest.mark.parametrize("address", ["q=fox", "tag=urgent", "rating=3", "project={project}"])
def test_a_filtered_page_asks_again_soon_while_a_file_is_on_its_way(
    alice: User, address: str
) -> None:
    project = Project.objects.create(name="Autumn", created_by=alice)
    job = factories.run(factories.job(alice, prompt="A fox", project_id=project.pk))
    job.tags.create(name="urgent", by=alice)
    Job.objects.filter(pk=job.pk).update(rating=3)
    filters = QueryDict(address.format(project=project.pk))

    def interval() -> int:
        return int(poll_of(StudioFilters(alice, filters), "")["interval"])

    assert interval() == live.MOVING_SECONDS
    factories.finish(job, stored=False)
    assert interval() == live.MOVING_SECONDS
    factories.age(job, minutes=5)
    assert interval() == live.DOUBTFUL_SECONDS
    job.renditions.all().delete()
    assert interval() == live.IDLE_SECONDS


# ── By which index ───────────────────────────────────────────────────────────
def plan_of(rows: QuerySet[Any, Any]) -> str:
    """The steps by which SQLite finds these rows."""
    if connection.vendor != "sqlite":
        pytest.skip("PostgreSQL goes by how much there is")
    return rows.explain()


@pytest.mark.parametrize("address", ADDRESSES)
def test_no_row_is_read_to_be_counted(alice: User, address: str) -> None:
    filters = QueryDict(address.format(project=7))
    steps = plan_of(StudioFilters(alice, filters).jobs.tallies()).splitlines()
    read = [step for step in steps if " U0 " in step and "COVERING INDEX" not in step]
    # Of a computed column SQLite does not know that its index holds it; it reads it there.
    assert len(read) == 1
    assert "_attention_seen" in read[0] or "job_rated_attention" in read[0]


def test_few_that_were_found_are_not_looked_for_among_all_of_somebody(alice: User) -> None:
    for number in range(12):
        factories.job(alice, prompt=f"A zeppelin {number}").tags.create(name="rare", by=alice)
    asked = ({"words": "zeppelin"}, {"tag": "rare"})
    for narrow in asked:
        found = Sought(person=alice.pk, **narrow).of(alice)  # type: ignore[arg-type]
        assert "sqlite_autoindex_jobs_job_1" in plan_of(found)
        assert len(found) == 12
    for narrow_ in ("q=zeppelin", "tag=rare"):
        shown = StudioFilters(alice, QueryDict(f"scope=me&{narrow_}"))
        assert "sqlite_autoindex_jobs_job_1" in plan_of(shown.jobs.order_by("-created_at"))
        assert len(shown.jobs) == 12


def test_what_very_many_have_is_looked_for_among_the_newest_first(
    alice: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(search_index, "HITS_MAX", 1)
    for _ in range(2):
        factories.job(alice, prompt="A red fox in the snow at dawn")
    shown = StudioFilters(alice, QueryDict("q=fox snow"))
    plan = plan_of(facts_of(shown.near_page))
    assert "SCAN U0 USING INDEX job_seen" in plan
    assert len(shown.near_page) == 2


def test_of_a_search_only_which_jobs_it_finds_is_planned_each_time(
    alice: User, alice_client: Client
) -> None:
    """What their cards are made of is asked by their ids, as of any other jobs."""
    factories.job(alice, prompt="A fox in the snow")
    with CaptureQueriesContext(connection) as asked:
        answer: Any = alice_client.get("/?q=fox")
    assert len(answer.context["cards"]) == 1
    cards = [each["sql"] for each in asked if "last_four" in each["sql"] and "T4" in each["sql"]]
    assert cards
    assert not [sql for sql in cards if "fox" in sql]
