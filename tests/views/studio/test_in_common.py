"""What tabs ask in common is answered once, and to nobody who sees anything else."""

from __future__ import annotations

import re
from functools import partial
from typing import Any

import pytest
from django.db import connection
from django.db.models.functions import Now
from django.http import QueryDict
from django.test.utils import CaptureQueriesContext

from jobs.lifecycle import moves
from jobs.models import Job, Project, User
from jobs.views.jobs import live as live_updates
from jobs.views.studio.grid.filters import StudioFilters
from jobs.views.studio.grid.in_common import InCommon
from jobs.views.studio.grid.live import _changed_after
from jobs.views.studio.grid.polling import counts_of
from tests.support import factories
from tests.support.typed_forms import HTMX

pytestmark = [pytest.mark.django_db, pytest.mark.data]


class Tab:
    """An open studio that asks again and again from the moment at which it was opened."""

    def __init__(self, person: User, query: str = "") -> None:
        self._client = factories.signed_in(person)
        self.url: str = self._client.get(f"/{query}").context["live_url"]

    def ask(self) -> Any:
        return self._client.get(self.url, headers=HTMX)

    def poll(self) -> tuple[int, set[str]]:
        """The number of all videos, and which cards come."""
        answer = self.ask()
        cards = re.findall(r'data-job="(\w+)"', answer.content.decode())
        return answer.context["counts"]["all"], set(cards)


def named(*jobs: Job) -> set[str]:
    return {job.pk.hex[:12] for job in jobs}


@pytest.fixture
def project(alice: User) -> Project:
    return Project.objects.create(name="Campaign", created_by=alice)


@pytest.fixture
def others(db: None) -> list[User]:
    """Members who have made nothing."""
    return [factories.member(name) for name in ("carol", "dave")]


def test_a_change_is_counted_once_for_all_who_see_the_same(
    alice: User, others: list[User], project: Project
) -> None:
    tabs = [Tab(person) for person in others]
    job = factories.job(alice, project_id=project.pk)
    asked, found = [], []
    for tab in tabs:
        with CaptureQueriesContext(connection) as queries:
            found.append(tab.poll())
        asked.append([query["sql"] for query in queries])
    assert found == [(1, named(job))] * 2
    counts, page = "_counted", 'ORDER BY 3 DESC, 2 ASC, "jobs_job"."take" ASC'
    for part in (counts, page):
        assert any(part in sql for sql in asked[0])
        assert not any(part in sql for sql in asked[1])


def test_what_is_ones_own_alone_is_counted_for_and_shown_to_nobody_else(
    alice: User, bob: User, others: list[User], admin: User, project: Project
) -> None:
    """In whatever order they ask."""
    his = factories.job(bob)
    people = [others[0], alice, bob, admin, others[1]]
    for turn, order in enumerate((people, people[::-1]), 1):
        tabs = {person: Tab(person) for person in order}
        mine = factories.job(alice)
        filed = factories.job(alice, project_id=project.pk)
        found = {person: tabs[person].poll() for person in order}
        for person in others:
            number, cards = found[person]
            assert number == turn
            assert named(filed) <= cards
            assert not cards & named(mine, his)
        assert found[bob][0] == turn + 1
        assert not found[bob][1] & named(mine)
        assert found[alice][0] == 2 * turn
        assert found[admin][0] == 2 * turn + 1
        for person in (alice, admin):
            assert named(mine, filed) <= found[person][1]


def test_what_somebody_makes_for_themselves_meanwhile_is_in_no_answer_that_others_get(
    alice: User, others: list[User], project: Project
) -> None:
    cursor = live_updates.cursor_before_now()
    factories.job(alice, project_id=project.pk)
    both = [in_common(person, cursor) for person in (alice, others[0])]
    # After both have asked what changed, and before either counts.
    factories.job(alice)
    assert [each.ask("counts", counts_of)["all"] for each in both] == [1, 1]


def in_common(person: User, cursor: str) -> InCommon:
    shown = StudioFilters(person, QueryDict())
    return InCommon(shown, live_updates.since(cursor, partial(_changed_after, shown)))


def test_a_member_and_an_admin_have_nothing_in_common(
    admin: User, alice: User, others: list[User], project: Project
) -> None:
    tabs = [Tab(person) for person in (admin, others[0])]
    factories.job(alice)
    factories.job(alice, project_id=project.pk)
    assert [tab.poll()[0] for tab in tabs] == [2, 1]


def test_each_change_is_counted_at_once(alice: User, others: list[User], project: Project) -> None:
    tab = Tab(others[0])
    jobs = []
    for number in (1, 2, 3):
        jobs.append(factories.job(alice, project_id=project.pk))
        assert tab.poll() == (number, named(*jobs))
    moves.touch(jobs[0], is_favorite=True)
    assert tab.ask().context["counts"]["favorites"] == 1


@pytest.mark.parametrize("query", ["?scope=me", "?q=nothing", "?rating=3", "?tab=ready"])
def test_a_tab_with_filters_gets_what_these_find_beside_one_without(
    query: str, alice: User, others: list[User], project: Project
) -> None:
    plain, narrow = Tab(others[0]), Tab(others[1], query)
    job = factories.job(alice, project_id=project.pk)
    assert plain.poll() == (1, named(job))
    answer = narrow.ask()
    assert answer.status_code in {200, 204}
    assert not named(job) & set(re.findall(r'data-job="(\w+)"', answer.content.decode()))


def test_a_member_sees_what_is_given_a_project_and_no_longer_what_is_taken_from_it(
    alice: User, others: list[User], project: Project
) -> None:
    tab, job = Tab(others[0]), factories.job(alice)
    filed = factories.job(alice, project_id=project.pk)
    assert tab.poll() == (1, named(filed))
    moves.touch(job, project=project, moved_at=Now())
    assert tab.poll() == (2, named(job, filed))
    moves.touch(job, project=None, moved_at=Now())
    assert tab.poll() == (1, named(filed))
