"""What is thrown away is out of sight, comes back until its time is up, and costs what it cost."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from jobs import keeping, ledger, lifecycle, shares
from jobs.models import AuditEvent, Job, Project, Rendition, User
from jobs.providers.base import Result, Snapshot, State
from tests.keeping.test_moving import books
from tests.support import factories
from tests.support.racing import together
from tests.support.typed_forms import HTMX, text
from tests.views.jobs.test_live import Tab

pytestmark = [pytest.mark.django_db, pytest.mark.data]


@pytest.fixture
def fox(alice: User) -> Job:
    return factories.succeeded(alice, prompt="A fox")


def throw(client: Client, *videos: Job, **headers: str) -> Any:
    body = {"video": [str(each.pk) for each in videos]}
    return client.post("/jobs/trash/", body, follow=True, headers=headers)


def put_back(client: Client, *videos: Job) -> Any:
    body = {"video": [str(each.pk) for each in videos]}
    return client.post("/trash/restore/", body, follow=True)


# ── Away and back ──────────────────────────────────────────────────────────────────────────────
def test_what_is_thrown_away_is_nowhere_but_in_the_trash(
    alice: User, fox: Job, alice_client: Client, admin_client: Client
) -> None:
    copy = factories.finish(factories.upgrade(fox))
    film, before = fox.renditions.get(), books()
    said = text(throw(alice_client, fox))
    assert "1 video deleted. It stays in the trash for 30 days." in said
    assert set(Job.objects.trash_of(alice)) == {fox, copy}
    for path in ("/", "/?tab=ready", "/shares/new/", "/images/frames/", f"/compare/?take={fox.pk}"):
        assert "A fox" not in text(admin_client.get(path)), path
    assert alice_client.get(f"/renditions/{film.pk}.mp4").status_code == 404
    assert "A fox" in text(alice_client.get("/trash/"))
    assert "30 days left" in text(alice_client.get("/trash/"))
    assert '<a href="/library/" aria-current="page"' in " ".join(
        alice_client.get("/trash/").content.decode().split()
    )
    assert "alice deleted this video on" in text(alice_client.get(f"/jobs/{fox.pk}/"))
    put_back(alice_client, fox)
    assert "A fox" in text(alice_client.get("/?tab=ready"))
    assert Job.objects.filter(trashed_at=None).count() == 2
    assert books() == before


def test_takes_of_one_order_are_told_apart_in_the_trash(alice: User, alice_client: Client) -> None:
    lifecycle.submit_takes(alice, factories.submission(prompt="A fox"), uuid4(), 2)
    takes = [factories.finish(each) for each in Job.objects.order_by("take")]
    throw(alice_client, *takes)
    page = alice_client.get("/trash/").content.decode()
    assert [f'aria-label="Select take {n} of A fox, ordered ' in page for n in (1, 2, 3)] == [
        1,
        1,
        0,
    ]
    assert "Take 2 · deleted by alice" in text(alice_client.get("/trash/"))


def test_the_whole_trash_comes_back_as_it_was_seen_or_not_at_all(
    alice: User, alice_client: Client, bob: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("jobs.views.trash.page.PAGE_SIZE", 2)
    foxes = [factories.succeeded(alice, prompt=f"Fox {number}") for number in range(4)]
    throw(alice_client, *foxes[:3])
    bobs = factories.succeeded(bob)
    keeping.throw_away([bobs.pk], bob)
    page: Any = alice_client.get("/trash/")
    assert "All 3 in the trash" in text(page)
    everything = {"everything": page.context["seen"]}
    keeping.restore([foxes[0].pk], alice)
    # What came after the look is none of those that were seen.
    throw(alice_client, foxes[3])
    said = text(alice_client.post("/trash/restore/", everything, follow=True))
    assert "What matches has changed, so nothing was done." in said
    keeping.throw_away([foxes[0].pk], alice)
    page = alice_client.get("/trash/")
    said = text(
        alice_client.post("/trash/restore/", {"everything": page.context["seen"]}, follow=True)
    )
    assert "4 videos restored." in said
    assert set(Job.objects.exclude(trashed_at=None)) == {bobs}
    # All of them stand on one page: there is nothing to tick beyond it.
    throw(alice_client, foxes[0])
    assert "in the trash</span>" not in alice_client.get("/trash/").content.decode()


def test_only_its_owner_and_admins_throw_it_away_and_bring_it_back(
    fox: Job, bob: User, admin_client: Client
) -> None:
    Job.objects.update(project=Project.objects.create(name="Autumn"))
    colleague = factories.signed_in(bob)
    assert "not yours to change" in text(throw(colleague, fox))
    assert "1 video deleted." in text(throw(admin_client, fox))
    assert "A fox" not in text(colleague.get("/trash/"))
    assert colleague.get(f"/jobs/{fox.pk}/").status_code == 404
    assert "Nothing was restored." in text(put_back(colleague, fox))
    assert "1 video restored." in text(put_back(admin_client, fox))


def test_what_is_not_over_stays_and_says_why(alice: User, alice_client: Client, fox: Job) -> None:
    queued, running = factories.job(alice), factories.run(factories.job(alice))
    growing = factories.succeeded(alice)
    factories.upgrade(growing)
    said = text(throw(alice_client, queued, running, growing, fox))
    assert "1 video deleted." in said
    for reason in ("not sent yet: cancel it first", "still being made", "being upgraded"):
        assert f"1 left as it was: {reason}." in said
    assert set(Job.objects.trash_of(alice)) == {fox}


def test_what_a_client_may_still_pick_for_4k_is_held_back(alice: User, fox: Job) -> None:
    other = factories.succeeded(alice)
    files = [each.renditions.get() for each in (fox, other)]
    link, _ = shares.create(files, shares.Terms(upgrades_pick=True), alice)
    refused = keeping.throw_away([fox.pk, other.pk], alice).refused
    assert len(refused) == 2
    shares.revoke(link, alice)
    assert len(keeping.throw_away([fox.pk, other.pk], alice).changes) == 2
    assert ledger.audit() == []


def test_a_clients_page_shows_it_no_more_and_again_when_it_is_back(
    alice: User, fox: Job, client: Client
) -> None:
    other = factories.succeeded(alice)
    files = [each.renditions.get() for each in (fox, other)]
    link, token = shares.create(files, shares.Terms(download="720p"), alice)
    file, links = f"/s/{token}/{files[0].pk}.mp4", factories.signed_in(alice)
    keeping.throw_away([fox.pk], alice)
    assert "Untitled link 1 video" in text(links.get("/shares/"))
    assert [take.job for take in shares.takes_of(link)] == [other]
    assert client.get(file).status_code == 404
    keeping.throw_away([other.pk], alice)
    assert client.get(f"/s/{token}/").status_code == 404
    keeping.restore([fox.pk], alice)
    assert [take.job for take in shares.takes_of(link)] == [fox]


def test_an_extension_goes_on_without_the_video_it_was_made_of(alice: User, fox: Job) -> None:
    longer = factories.extension(fox)
    keeping.throw_away([fox.pk], alice)
    assert factories.finish(longer).status == "succeeded"
    wanted = lifecycle.extension_of(fox, "And then", fox.model)
    with pytest.raises(lifecycle.NotSubmitted, match="no longer available"):
        lifecycle.submit(alice, wanted, fox.pk)


def test_open_tabs_lose_its_card_and_its_frame_shrinks(
    alice: User, alice_client: Client, fox: Job
) -> None:
    takes = lifecycle.submit_takes(alice, factories.submission(prompt="B"), fox.pk, 2)
    for take in takes:
        factories.finish(take)
    tab = Tab(alice_client)
    keeping.throw_away([fox.pk, takes[0].pk], alice)
    tab.poll()
    news = tab.answer.content.decode()
    assert f'hx-target="#job-{fox.pk}" hx-swap="delete"' in news
    assert f'hx-target="#takes-{takes[0].take_group}" hx-swap="outerMorph"' in news
    assert f"job-{takes[0].pk}" not in news
    keeping.throw_away([takes[1].pk], alice)
    frame = f'hx-target="#takes-{takes[0].take_group}" hx-swap="delete"'
    tab.poll()
    assert frame in tab.answer.content.decode()


def test_throwing_away_is_undone_by_the_message_that_told_of_it(
    alice_client: Client, fox: Job
) -> None:
    (message,) = throw(alice_client, fox, **HTMX).context["messages"]
    answer = alice_client.post(reverse("undo-choice"), {"steps": message.extra_tags}, follow=True)
    assert "Undone for 1 video." in text(answer)
    assert Job.objects.get().trashed_at is None


# ── News of what is in the trash ───────────────────────────────────────────────────────────────
def late(job: Job) -> None:
    results = (Result("https://files.example/film.mp4", job.resolution),)
    lifecycle.observe(job.pk, Snapshot(State.SUCCEEDED, results))


@pytest.mark.parametrize("is_purged", [False, True])
def test_a_lost_video_that_turns_up_after_all_is_paid_and_comes_out_of_the_trash(
    is_purged: bool, alice: User
) -> None:
    job = factories.run(factories.job(alice))
    lifecycle.lose(job, "Nobody knows")
    keeping.throw_away([job.pk], alice)
    if is_purged:
        keeping.purge([job.pk], alice)
    late(job)
    job.refresh_from_db()
    assert (job.status, job.charged, job.trashed_at, job.purged_at) == ("succeeded", 60, None, None)
    assert job.renditions.get().state == "waiting"
    assert ledger.audit() == []


def test_a_larger_copy_that_turns_up_late_stays_where_its_video_is(alice: User, fox: Job) -> None:
    copy = factories.run(factories.upgrade(fox))
    Job.objects.filter(pk=copy.pk).update(is_confirmed=True)
    lifecycle.lose(Job.objects.get(pk=copy.pk), "Nobody knows")
    keeping.throw_away([fox.pk], alice)
    keeping.purge([fox.pk], alice)
    late(copy)
    copy.refresh_from_db()
    assert (copy.status, copy.charged) == ("succeeded", 120)
    assert copy.trashed_at
    assert not copy.renditions.exists()
    assert ledger.audit() == []


# ── At once ────────────────────────────────────────────────────────────────────────────────────
@pytest.mark.django_db(transaction=True)
def test_thrown_away_twice_at_once_it_is_thrown_away_once(alice: User, fox: Job) -> None:
    done = together(4, lambda _: len(keeping.throw_away([fox.pk], alice).changes))
    assert sorted(map(int, done)) == [0, 0, 0, 1]  # type: ignore[arg-type]
    assert fox.events.filter(text__startswith="Deleted").count() == 1


@pytest.mark.django_db(transaction=True)
def test_of_throwing_away_and_ordering_a_copy_at_once_one_happens(alice: User) -> None:
    for number in range(4):
        fox = factories.succeeded(alice, prompt=f"Fox {number}")

        def act(which: int, fox: Job = fox) -> object:
            return factories.upgrade(fox) if which else keeping.throw_away([fox.pk], alice)

        together(2, act)
        fox.refresh_from_db()
        assert (fox.trashed_at is None) == fox.derived.exists()
    assert ledger.audit() == []


@pytest.mark.django_db(transaction=True)
def test_of_restoring_and_deleting_for_good_at_once_one_happens(alice: User) -> None:
    for number in range(4):
        fox = factories.succeeded(alice, prompt=f"Fox {number}")
        keeping.throw_away([fox.pk], alice)

        def act(which: int, fox: Job = fox) -> object:
            return (keeping.restore, keeping.purge)[which]([fox.pk], alice)

        together(2, act)
        fox.refresh_from_db()
        is_kept = fox.renditions.get().state == Rendition.State.STORED
        assert (fox.trashed_at is None) == is_kept == (fox.purged_at is None)
        assert AuditEvent.objects.filter(job=fox).exists() == (not is_kept)


def test_what_comes_back_into_a_project_that_is_archived_by_now_says_so(
    alice_client: Client, fox: Job, admin_client: Client
) -> None:
    project = Project.objects.create(name="Autumn")
    Job.objects.update(project=project)
    throw(alice_client, fox)
    assert "(archived)" not in text(alice_client.get("/trash/"))
    admin_client.post(f"/projects/{project.pk}/archive/")
    assert "Autumn (archived)" in text(alice_client.get("/trash/"))
    assert "1 video restored." in text(put_back(alice_client, fox))
    assert "A fox" in text(alice_client.get(f"/projects/{project.pk}/"))


def test_it_says_how_many_days_are_left(alice_client: Client, fox: Job, settings: Any) -> None:
    settings.TRASH_DAYS = 7
    throw(alice_client, fox)
    past = timezone.now() - timedelta(days=5, hours=1)
    Job.objects.update(trashed_at=past)
    assert "2 days left" in text(alice_client.get("/trash/"))


def test_an_open_library_loses_its_card_where_takes_have_no_frame(
    alice: User, alice_client: Client, fox: Job
) -> None:
    takes = lifecycle.submit_takes(alice, factories.submission(prompt="B"), fox.pk, 2)
    for take in takes:
        factories.finish(take)
    open_page: Any = alice_client.get("/library/")
    keeping.throw_away([takes[0].pk], alice)
    cards = ",".join(each.pk.hex[:12] for each in takes)
    news = alice_client.get(
        f"{open_page.context['live_url']}&cards={cards}", headers=HTMX
    ).content.decode()
    assert f'hx-target="#cell-{takes[0].pk}"></hx-partial>' in news
    assert "#takes-" not in news
