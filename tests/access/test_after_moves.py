"""Who may see and do what once a project is archived, and once somebody has left; and the books."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse

from jobs import keeping, people
from jobs.models import User
from tests.access.conftest import World
from tests.access.test_matrix import VIDEO, opened
from tests.keeping.test_moving import books
from tests.support import factories

pytestmark = [pytest.mark.django_db, pytest.mark.data]


def test_archiving_a_project_and_bringing_it_back_opens_and_closes_nothing_and_costs_nothing(
    clients: dict[str, Client], world: World
) -> None:
    keeping.refile([world.film.job_id], world.project, world.owner)
    before, paid = {who: opened(clients[who], world) for who in clients}, books()
    clients["admin"].post(reverse("archive-project", args=[world.project.pk]))
    world.project.refresh_from_db()
    assert world.project.archived_at
    assert {who: opened(clients[who], world) for who in clients} == before
    clients["admin"].post(reverse("bring-back-project", args=[world.project.pk]))
    assert {who: opened(clients[who], world) for who in clients} == before
    assert books() == paid


def test_who_has_left_sees_nothing_and_their_heir_what_was_theirs_and_nobody_else_more(
    clients: dict[str, Client], world: World, bob: User, admin: User
) -> None:
    clients["colleague"] = factories.signed_in(factories.member("colleague"))
    before, paid = {who: opened(clients[who], world, of=VIDEO) for who in clients}, books()
    people.leave(world.owner, bob, admin, reason="New job", sends_queued=False)
    after = {"owner": before["signed out"], "member": before["owner"]}
    assert {who: opened(clients[who], world, of=VIDEO) for who in clients} == before | after
    now = books()
    assert now["usage"] == paid["usage"]
    assert now["entries"][: len(paid["entries"])] == paid["entries"]
    assert now["audit"] == paid["audit"] == []
