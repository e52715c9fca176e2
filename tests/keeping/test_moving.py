"""Videos are filed elsewhere; what they cost stays where it was paid."""

from __future__ import annotations

import threading
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from jobs import keeping, ledger, lifecycle, people, shares, usage
from jobs.ledger import today
from jobs.models import Budget, Job, LedgerEntry, Project, User
from jobs.usage import UsageFilter
from tests.support import factories
from tests.support.racing import together
from tests.support.typed_forms import text

pytestmark = [pytest.mark.django_db, pytest.mark.data]


@pytest.fixture
def autumn() -> Project:
    return Project.objects.create(name="Autumn")


@pytest.fixture
def winter() -> Project:
    return Project.objects.create(name="Winter")


def move(client: Client, to: Project | None, *videos: Job) -> Any:
    where = str(to.pk) if to else "none"
    body = {"to": where, "video": [str(each.pk) for each in videos]}
    return client.post("/jobs/move/", body, follow=True)


def books() -> dict[str, Any]:
    """All that is known of money."""
    wanted = [UsageFilter(today(), today(), by=by) for by in ("person", "project", "model", "day")]
    reports = [usage.report(each) for each in wanted]
    return {
        "budgets": list(Budget.objects.order_by("pk").values()),
        "entries": list(LedgerEntry.objects.order_by("pk").values()),
        "usage": [
            (each.total, each.kept_seconds, [(row.key, row.figures) for row in each.rows])
            for each in reports
        ],
        "caps": {
            project.pk: ledger.standing_of_project(project) for project in Project.objects.all()
        },
        "audit": ledger.audit(),
    }


def test_moving_changes_who_sees_and_no_figure(
    alice: User,
    bob: User,
    admin_client: Client,
    alice_client: Client,
    autumn: Project,
    winter: Project,
) -> None:
    ledger.set_project_cap(autumn, 500, reason="x", actor=None)
    filed = factories.succeeded(alice, prompt="A", project_id=autumn.pk)
    loose = factories.succeeded(alice, prompt="B")
    factories.finish(factories.upgrade(filed))
    live = factories.job(alice, prompt="C", project_id=autumn.pk)
    before, colleague = books(), factories.signed_in(bob)
    assert before["audit"] == []
    said = text(move(alice_client, winter, filed, loose, live))
    assert "3 videos moved to Winter. The whole team sees what is there." in said
    assert {job.project for job in Job.objects.all()} == {winter}
    assert colleague.get(f"/jobs/{loose.pk}/").status_code == 200
    assert "2 videos moved out. Only their owners" in text(move(alice_client, None, filed, loose))
    assert colleague.get(f"/jobs/{filed.pk}/").status_code == 404
    assert colleague.get(f"/jobs/{filed.derived.get().pk}/").status_code == 404
    move(admin_client, autumn, loose)
    assert books() == before
    lifecycle.cancel(live, alice)
    assert ledger.standing_of_project(winter).used == 0
    assert books()["audit"] == []


def test_only_its_owner_and_admins_move_a_video(
    alice: User, bob: User, admin_client: Client, autumn: Project, winter: Project
) -> None:
    theirs = factories.succeeded(alice, project_id=autumn.pk)
    own = factories.succeeded(bob)
    said = text(move(factories.signed_in(bob), winter, theirs, own))
    assert "1 video moved to Winter." in said
    assert "1 left as it was: not yours to change." in said
    said = text(move(factories.signed_in(bob), winter, theirs, own))
    assert "Nothing was moved. 1 left as it was: not yours to change." in said
    move(admin_client, winter, theirs)
    assert set(Job.objects.values_list("project", flat=True)) == {winter.pk}


def test_what_waits_for_its_budget_stays_with_the_project_that_is_asked_to_pay(
    alice: User, alice_client: Client, autumn: Project, winter: Project
) -> None:
    ledger.set_project_cap(autumn, 10, reason="x", actor=None)
    parked = factories.job(alice, project_id=autumn.pk)
    assert "waiting for approval" in text(move(alice_client, winter, parked))
    parked.refresh_from_db()
    assert (parked.status, parked.project) == ("awaiting_budget", autumn)


def test_a_video_whose_larger_copy_waits_for_its_budget_stays_with_it(
    alice: User, alice_client: Client, autumn: Project, winter: Project
) -> None:
    video = factories.succeeded(alice, project_id=autumn.pk)
    ledger.set_project_cap(autumn, 60, reason="x", actor=None)
    copy = factories.upgrade(video)
    assert copy.status == "awaiting_budget"
    assert "waiting for approval" in text(move(alice_client, winter, video))
    assert set(Job.objects.values_list("project", flat=True)) == {autumn.pk}
    lifecycle.cancel(copy, alice)
    move(alice_client, winter, video)
    assert set(Job.objects.values_list("project", flat=True)) == {winter.pk}


@pytest.mark.django_db(transaction=True)
def test_undoing_moves_out_of_several_projects_locks_no_other_click_out(
    alice: User, admin: User, autumn: Project, winter: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    older = factories.succeeded(alice, prompt="older", project_id=winter.pk)
    newer = factories.succeeded(alice, prompt="newer", project_id=autumn.pk)
    done = keeping.refile([older.pk, newer.pk], None, alice)
    has_part, never = threading.Event(), threading.Event()
    refile = keeping.refile

    def halfway(*given: Any) -> Any:
        found = refile(*given)
        has_part.set()
        never.wait(0.5)
        return found

    monkeypatch.setattr("jobs.keeping.undoing.refile", halfway)

    def act(number: int) -> object:
        if number == 0:
            return len(keeping.undo(done.changes, alice))
        has_part.wait(10)
        return len(keeping.throw_away([older.pk, newer.pk], admin).changes)

    assert together(2, act) == [2, 2]


def test_what_was_ordered_under_a_project_is_paid_by_it_wherever_it_is_filed_by_then(
    alice: User, admin: User, autumn: Project, winter: Project
) -> None:
    ledger.set_project_cap(autumn, 10, reason="x", actor=None)
    parked = factories.job(alice, project_id=autumn.pk)
    Job.objects.update(project=winter)
    ledger.set_project_cap(autumn, 60, reason="x", actor=None)
    lifecycle.admit(Job.objects.get(pk=parked.pk), admin)
    held = [ledger.standing_of_project(each).held for each in (autumn, winter)]
    assert held == [60, 0]
    assert ledger.audit() == []


def test_an_archived_project_takes_nothing_and_lets_go(
    alice: User, admin: User, alice_client: Client, autumn: Project, winter: Project
) -> None:
    video = factories.succeeded(alice, project_id=autumn.pk)
    people.archive_project(autumn, admin)
    loose = factories.succeeded(alice)
    page = move(alice_client, autumn, loose)
    assert page.status_code == 422
    assert "This project is archived or gone. Choose another one." in text(page)
    with pytest.raises(keeping.NotKept, match="is archived"):
        keeping.refile([loose.pk], autumn, alice)
    move(alice_client, winter, video)
    video.refresh_from_db()
    assert (video.project, video.paid_project) == (winter, autumn)


@pytest.mark.django_db(transaction=True)
def test_of_archiving_and_moving_at_once_none_is_half_done(
    alice: User, admin: User, autumn: Project
) -> None:
    videos = [factories.succeeded(alice).pk for _ in range(3)]

    def act(number: int) -> object:
        if number == 0:
            return people.archive_project(autumn, admin)
        return len(keeping.refile(videos, autumn, alice).changes)

    archived, *moved = together(3, act)
    assert archived is True
    filed = Job.objects.filter(project=autumn).count()
    counted = [each for each in moved if isinstance(each, int)]
    assert filed == sum(counted)
    assert filed in (0, 3)
    assert ledger.audit() == []


def test_a_copy_that_is_ordered_later_is_filed_and_paid_where_its_video_is_by_then(
    alice: User, autumn: Project, winter: Project
) -> None:
    video = factories.succeeded(alice, project_id=autumn.pk)
    wanted = lifecycle.upgrade_of(video, "upgrade_4k")
    keeping.refile([video.pk], winter, alice)
    copy = lifecycle.submit(alice, wanted, video.pk)
    assert (copy.project, copy.paid_project) == (winter, winter)
    assert ledger.audit() == []


def test_retrying_twice_is_one_video_also_when_it_was_moved_between(
    alice: User, autumn: Project
) -> None:
    job = factories.job(alice)
    lifecycle.cancel(job, alice)
    job.refresh_from_db()
    first = lifecycle.retry(job, alice)
    keeping.refile([job.pk], autumn, alice)
    assert lifecycle.retry(Job.objects.get(pk=job.pk), alice) == first


def test_what_is_moved_joins_the_link_to_its_new_project_and_that_is_said(
    alice: User, alice_client: Client, autumn: Project
) -> None:
    factories.succeeded(alice, prompt="A", project_id=autumn.pk)
    link, _ = shares.create([], shares.Terms(), alice, autumn)
    loose = factories.succeeded(alice, prompt="B")
    assert "Its share link shows it as well." in text(move(alice_client, autumn, loose))
    shares.collect()
    assert link.takes.count() == 2


def test_a_move_is_undone_where_nobody_has_moved_it_since(
    alice: User, admin_client: Client, alice_client: Client, autumn: Project, winter: Project
) -> None:
    videos = [factories.succeeded(alice), factories.succeeded(alice, project_id=winter.pk)]
    answer = alice_client.post(
        "/jobs/move/",
        {"to": autumn.pk, "video": [each.pk for each in videos]},
        headers={"HX-Request": "true"},
    )
    (message,) = answer.context["messages"]
    # What the sidebar counts is another number by that.
    counted = f'hx-target="#n-project-{autumn.pk}">2<'
    assert counted in answer.content.decode()
    move(admin_client, None, videos[0])
    steps = {"steps": message.extra_tags}
    assert "Undone for 1 video." in text(
        alice_client.post(reverse("undo-choice"), steps, follow=True)
    )
    assert [Job.objects.get(pk=each.pk).project for each in videos] == [None, winter]


def test_the_page_says_what_moving_means_before_it_is_done(
    alice: User, bob: User, alice_client: Client, autumn: Project
) -> None:
    own, theirs = factories.succeeded(alice), factories.succeeded(bob, prompt="Not hers")
    page = alice_client.get("/jobs/move/", {"video": [str(own.pk), str(theirs.pk)]})
    assert "In no project only its owner and admins see it." in text(page)
    assert "Autumn" in text(page)
    assert "Not hers" not in text(page)
    assert alice_client.get("/jobs/move/").status_code == 302
