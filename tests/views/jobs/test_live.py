"""The one poll per tab: nothing when nothing changed, else the cards that did."""

from __future__ import annotations

import html
import re
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
from django.db.models import F
from django.test import Client
from django.utils import timezone

from jobs import keeping, ledger, lifecycle
from jobs.lifecycle import moves
from jobs.models import Credential, Job, Project, Rendition, User
from jobs.views.jobs import live
from jobs.views.jobs.cards.dealing import cards_for
from jobs.views.studio import page as studio
from jobs.views.studio.grid import paging
from tests.support import factories, kie
from tests.support.fakes import Wire
from tests.support.markup import flat
from tests.support.running import follow
from tests.support.sending import sent
from tests.support.typed_forms import HTMX, composer

pytestmark = [pytest.mark.django_db, pytest.mark.data]


class Tab:
    """An open studio, as static/js/live.js keeps it: a cursor, and which cards are there."""

    def __init__(self, client: Client, query: str = "") -> None:
        self.client = client
        self.new: list[str] = []
        """The prompts of the cards that the latest answer adds."""
        self.changed: list[str] = []
        self.take(client.get(f"/{query}"))
        self.cards = {card.job.pk.hex[:12] for card in self.answer.context["cards"]}

    def take(self, answer: Any) -> None:
        self.answer = answer
        self.url: str = answer.context["live_url"]
        self.interval: int = answer.context["interval"]

    def poll(self) -> int:
        """Ask once; the status of the answer."""
        cards = urlencode({"cards": ",".join(self.cards)})
        answer: Any = self.client.get(f"{self.url}&{cards}", headers=HTMX)
        self.new, self.changed = [], []
        if answer.status_code == 200:
            self.take(answer)
            come = [*answer.context["new"], *answer.context["grown"]]
            jobs = [card.job for each in come for card in getattr(each, "cards", [each])]
            prompts = dict(Job.objects.values_list("pk", "prompt"))
            self.new = [prompts[job.pk] for job in jobs if job.pk.hex[:12] not in self.cards]
            self.changed = [prompts[card.job.pk] for card in answer.context["cards"]]
            self.cards |= {job.pk.hex[:12] for job in jobs}
        status: int = answer.status_code
        return status


def change(job: Job, **fields: Any) -> None:
    """As `lifecycle` does it: a new version at a new moment."""
    moves.touch(job, **fields)


@pytest.fixture
def job(provider: Wire, alice: User) -> Job:
    """A running job of Alice's."""
    provider.answer(json=kie.accepted())
    return sent(alice, prompt="A fox")


@pytest.fixture
def tab(job: Job, alice_client: Client) -> Tab:
    return Tab(alice_client)


# ── What comes ───────────────────────────────────────────────────────────────
def test_nothing_comes_when_nothing_changed(tab: Tab) -> None:
    assert [tab.poll() for _ in range(3)] == [204, 204, 204]


def test_nothing_costs_at_most_two_queries(tab: Tab, django_assert_max_num_queries: Any) -> None:
    with django_assert_max_num_queries(2):
        tab.poll()


def test_nothing_has_no_body(tab: Tab) -> None:
    assert tab.client.get(tab.url, headers=HTMX).content == b""


def test_a_changed_card_comes_once(tab: Tab, job: Job) -> None:
    change(job, progress=40)
    assert (tab.poll(), tab.changed, tab.new) == (200, ["A fox"], [])
    assert tab.poll() == 204


def test_only_what_changed_comes(tab: Tab, alice: User, job: Job) -> None:
    Job.objects.update(changed_at=timezone.now() - timedelta(minutes=5))
    factories.job(alice, prompt="An owl")
    tab.poll()
    assert (tab.changed, tab.new) == ([], ["An owl"])


def test_a_job_of_another_tab_is_a_new_card(tab: Tab, alice: User) -> None:
    factories.job(alice, prompt="An owl")
    tab.poll()
    assert tab.new == ["An owl"]


def test_several_new_cards_come_with_the_newest_last_so_that_it_ends_on_top(
    tab: Tab, alice: User
) -> None:
    for prompt in ("first", "second"):
        factories.job(alice, prompt=prompt)
    tab.poll()
    content = tab.answer.content.decode()
    assert content.index(">first<") < content.index(">second<")


def test_the_answer_replaces_cards_by_name(tab: Tab, job: Job) -> None:
    change(job, progress=40)
    tab.poll()
    targets = re.findall(r'<hx-partial hx-target="#(job-[^"]+)"', tab.answer.content.decode())
    assert targets == [f"job-{job.pk}"]


def test_counts_and_credits_come_along(tab: Tab, alice: User) -> None:
    factories.job(alice)
    tab.poll()
    content = tab.answer.content.decode()
    assert '<hx-partial hx-target="#n-progress">2</hx-partial>' in content
    assert '"left": 880' in html.unescape(content)


def test_a_prompt_in_the_answer_is_only_text(tab: Tab, alice: User) -> None:
    factories.job(alice, prompt="</hx-partial><script>alert(1)</script>")
    tab.poll()
    assert b"<script>" not in tab.answer.content


def test_nobody_hears_of_other_peoples_jobs(tab: Tab, bob: User) -> None:
    factories.job(bob, prompt="private")
    assert tab.poll() == 204


def test_a_job_filed_in_a_project_is_heard_of_by_the_team(tab: Tab, bob: User) -> None:
    project = Project.objects.create(name="Autumn")
    factories.job(bob, prompt="shared", project_id=project.pk)
    tab.poll()
    assert tab.new == ["shared"]


# ── What is made of a video ──────────────────────────────────────────────────
def test_the_card_of_a_video_comes_when_something_is_made_of_it(
    alice: User, alice_client: Client
) -> None:
    take = factories.succeeded(alice, prompt="A fox")
    Job.objects.update(changed_at=timezone.now() - timedelta(minutes=5))
    tab = Tab(alice_client)
    larger = factories.upgrade(take)
    assert (tab.poll(), tab.changed, tab.new) == (200, ["A fox"], [])
    assert tab.interval == live.MOVING_SECONDS
    factories.finish(larger)
    tab.poll()
    content = tab.answer.content.decode()
    assert f'hx-target="#job-{take.pk}"' in content
    assert f"job-{larger.pk}" not in content
    assert "Upgrade to 4K: Ready" in content


def test_a_larger_copy_turns_up_among_what_is_in_progress(
    alice: User, alice_client: Client
) -> None:
    take = factories.succeeded(alice, prompt="A fox")
    tab = Tab(alice_client, "?tab=progress")
    factories.upgrade(take)
    tab.poll()
    assert tab.new == ["A fox"]


def test_the_page_of_a_video_hears_what_is_made_of_it(alice: User, alice_client: Client) -> None:
    take = factories.succeeded(alice)
    Job.objects.update(changed_at=timezone.now() - timedelta(minutes=5))
    page: Any = alice_client.get(f"/jobs/{take.pk}/")
    assert (page.context["interval"], poll_page(alice_client, page).status_code) == (30, 204)
    factories.run(factories.upgrade(take))
    answer = poll_page(alice_client, page)
    assert answer.status_code == 200
    assert answer.context["interval"] == live.MOVING_SECONDS


def poll_page(client: Client, page: Any) -> Any:
    return client.get(page.context["live_url"], headers=HTMX)


# ── Nothing is missed ────────────────────────────────────────────────────────
def test_a_row_that_commits_late_is_not_missed(tab: Tab, alice: User, job: Job) -> None:
    late = factories.job(alice, prompt="late")
    before = Job.objects.get(pk=late.pk).changed_at
    Job.objects.filter(pk=late.pk).update(changed_at=before - timedelta(minutes=1))
    change(job, progress=40)
    tab.poll()

    moment = Job.objects.get(pk=job.pk).changed_at - timedelta(seconds=1.5)
    Job.objects.filter(pk=late.pk).update(changed_at=moment, version=F("version") + 1)
    assert tab.poll() == 200
    assert "late" in tab.changed + tab.new


def test_two_changes_at_the_same_instant_are_told_apart(tab: Tab, job: Job, alice: User) -> None:
    other = factories.job(alice, prompt="An owl")
    tab.poll()
    moment = Job.objects.get(pk=other.pk).changed_at
    Job.objects.filter(pk=job.pk).update(changed_at=moment, version=F("version") + 1)
    assert tab.poll() == 200
    assert "A fox" in tab.changed


@pytest.mark.parametrize("path", ["studio", "job"])
def test_what_changes_while_a_page_is_made_comes_with_the_next_poll(
    path: str, job: Job, alice_client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = live.cursor_of

    def cursor_of(*jobs: Any) -> str:
        cursor = real(*jobs)
        change(job, progress=40)
        return cursor

    monkeypatch.setattr(live, "cursor_of", cursor_of)
    answer: Any = alice_client.get("/" if path == "studio" else f"/jobs/{job.pk}/")
    assert alice_client.get(answer.context["live_url"]).status_code == 200


def test_a_tab_that_slept_through_a_hundred_changes_misses_none_of_its_own(
    alice: User, alice_client: Client, job: Job
) -> None:
    tab = Tab(alice_client)
    change(job, progress=40)
    ledger.grant(alice, 10_000, reason="for a test", actor=None)
    start = timezone.now()
    for number in range(100):
        other = factories.job(alice)
        Job.objects.filter(pk=other.pk).update(changed_at=start + timedelta(seconds=number))
    assert (tab.poll(), tab.changed) == (200, ["A fox"])
    assert len(tab.new) == 24


# ── Tabs, searches, pages ────────────────────────────────────────────────────
def test_a_card_that_leaves_its_tab_is_still_brought_to_its_end(
    provider: Wire, job: Job, alice_client: Client
) -> None:
    tab = Tab(alice_client, "?tab=progress")
    provider.answer(json=kie.failed())
    follow()
    assert (tab.poll(), tab.changed) == (200, ["A fox"])
    assert tab.interval == live.IDLE_SECONDS


def test_a_card_comes_into_the_tab_where_it_now_belongs(
    provider: Wire, job: Job, alice_client: Client
) -> None:
    tab = Tab(alice_client, "?tab=attention")
    assert tab.cards == set()
    provider.answer(json=kie.failed())
    follow()
    tab.poll()
    assert tab.new == ["A fox"]


def test_what_does_not_belong_into_a_tab_stays_out(
    alice: User, job: Job, alice_client: Client
) -> None:
    tab = Tab(alice_client, "?tab=ready")
    factories.job(alice, prompt="An owl")
    assert (tab.poll(), tab.new) == (200, [])


def test_a_search_goes_on_as_it_was(alice: User, job: Job, alice_client: Client) -> None:
    tab = Tab(alice_client, "?q=fox&scope=me")
    factories.job(alice, prompt="An owl")
    assert tab.poll() == 204
    assert parse_qs(urlsplit(tab.url).query)["q"] == ["fox"]


def test_a_submission_leaves_the_filters_of_the_page_alone(job: Job, alice_client: Client) -> None:
    answer: Any = alice_client.post("/?q=fox&tab=ready", composer(), headers=HTMX)
    assert (
        "q=fox&amp;since=" in answer.content.decode() or "tab=ready" in answer.context["live_url"]
    )


def test_older_jobs_do_not_jump_onto_the_first_page(
    alice: User, alice_client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(paging, "PAGE_SIZE", 2)
    old = factories.job(alice, prompt="old")
    for _ in range(2):
        factories.job(alice)
    tab = Tab(alice_client)
    change(old, progress=40)
    assert (tab.poll(), tab.new) == (200, [])


def test_new_jobs_do_not_jump_onto_a_later_page(
    alice: User, alice_client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(paging, "PAGE_SIZE", 1)
    for _ in range(2):
        factories.job(alice)
    first: Any = alice_client.get("/")
    tab = Tab(alice_client, first.context["next_page"])
    factories.job(alice, prompt="new")
    assert (tab.poll(), tab.new) == (200, [])


# ── How often ────────────────────────────────────────────────────────────────
def test_a_tab_asks_every_two_seconds_while_something_runs(tab: Tab) -> None:
    assert tab.interval == 2
    assert "every 2s" in tab.answer.content.decode()


@pytest.fixture
def project(job: Job, alice: User) -> Project:
    """That in which the job is seen by all."""
    project = Project.objects.create(name="Campaign", created_by=alice)
    Job.objects.update(project=project)
    return project


@pytest.fixture
def own(alice_client: Client, project: Project) -> Tab:
    """Of whoever has something under way there."""
    return Tab(alice_client)


@pytest.fixture
def watching(bob: User, project: Project) -> Tab:
    """Of a colleague who has not."""
    return Tab(factories.signed_in(bob))


def test_who_has_nothing_under_way_asks_of_colleagues_videos_every_three_seconds(
    job: Job, bob: User, own: Tab, watching: Tab
) -> None:
    assert (own.interval, watching.interval) == (2, 3)
    change(job, progress=40)
    assert (own.poll(), watching.poll()) == (200, 200)
    assert (own.interval, watching.interval) == (2, 3)
    factories.job(bob)
    watching.poll()
    assert watching.interval == 2


def test_of_a_crowd_of_colleagues_videos_a_tab_hears_every_five_seconds_until_it_is_over(
    job: Job, alice: User, project: Project, own: Tab, watching: Tab
) -> None:
    for _ in range(live.CROWD):
        factories.job(alice, project_id=project.pk)
    watching.poll()
    assert watching.interval == live.WATCHING_SECONDS
    for _ in range(live.CROWD + 1):
        factories.job(alice, project_id=project.pk)
    own.poll()
    watching.poll()
    assert (own.interval, watching.interval) == (live.MOVING_SECONDS, live.CROWDED_SECONDS)
    change(job, progress=40)
    watching.poll()
    assert watching.interval == live.WATCHING_SECONDS


def test_a_tab_asks_seldom_while_something_needs_a_look(job: Job, alice_client: Client) -> None:
    Job.objects.update(status="uncertain")
    assert Tab(alice_client).interval == 15


def test_a_tab_asks_seldom_once_the_last_job_is_over(provider: Wire, tab: Tab) -> None:
    provider.answer(json=kie.failed())
    follow()
    tab.poll()
    assert tab.interval == live.IDLE_SECONDS
    assert 'hx-trigger="every 30s, refresh"' in flat(tab.answer.content.decode())


def test_a_tab_goes_on_until_the_file_is_stored(job: Job, alice_client: Client) -> None:
    Job.objects.update(status="succeeded", finished_at=timezone.now())
    Rendition.objects.create(job=job, resolution="720p", source_url="https://x.example/a.mp4")
    assert Tab(alice_client).interval == 2


def test_a_quiet_studio_asks_every_half_minute(alice: User, alice_client: Client) -> None:
    assert Tab(alice_client).interval == 30
    factories.succeeded(alice)
    assert Tab(alice_client).interval == 30


def test_a_submission_wakes_a_quiet_studio(alice: User, alice_client: Client) -> None:
    answer: Any = alice_client.post("/", composer(), headers=HTMX)
    assert answer.context["interval"] == 2
    assert '<hx-partial hx-target="#live"' in answer.content.decode()


def test_a_job_that_moves_while_its_first_card_is_made_is_asked_about_soon(
    alice_client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    def overtaken(*jobs: Any, **how: Any) -> Any:
        cards = cards_for(*jobs, **how)
        moves.move(cards[0].job.pk, ("queued",), "canceled")
        return cards

    monkeypatch.setattr(studio, "cards_for", overtaken)
    answer: Any = alice_client.post("/", composer(), headers=HTMX)
    assert (answer.context["card"].status, answer.context["interval"]) == ("Queued", 2)


def test_a_canceled_job_lets_the_tab_rest(alice: User, alice_client: Client) -> None:
    job = factories.job(alice)
    tab = Tab(alice_client)
    lifecycle.cancel(job, alice)
    tab.poll()
    assert tab.interval == live.IDLE_SECONDS


# ── The cursor ───────────────────────────────────────────────────────────────
@pytest.mark.parametrize(
    "cursor",
    ["", "x", "nan", "inf", "-inf", "1e99", "-5", "1e400", "9" * 400, "-", "\x00", "0x10"],
)
def test_a_cursor_that_makes_no_sense_is_refused(alice_client: Client, cursor: str) -> None:
    answer = alice_client.get("/live/", {"since": cursor})
    assert answer.status_code in (204, 400)
    assert b"Traceback" not in answer.content


def test_a_poll_without_a_cursor_is_refused(alice_client: Client) -> None:
    assert alice_client.get("/live/").status_code == 400


@pytest.mark.parametrize("cursor", ["x", "", "nan"])
def test_a_job_page_refuses_such_a_cursor_too(job: Job, alice_client: Client, cursor: str) -> None:
    assert alice_client.get(f"/jobs/{job.pk}/", {"since": cursor}).status_code == 400


@pytest.mark.parametrize("cursor", ["0", "0-x", "-62135596800", "253402300799"])
def test_an_old_or_forged_cursor_only_brings_more_or_nothing(
    job: Job, alice_client: Client, cursor: str
) -> None:
    assert alice_client.get("/live/", {"since": cursor}).status_code in (200, 204, 400)


def test_an_odd_list_of_cards_is_no_error(job: Job, alice_client: Client) -> None:
    answer = alice_client.get("/live/", {"since": "0", "cards": ",,<script>,\x00" + "x" * 3000})
    assert answer.status_code == 200


# ── The job page ─────────────────────────────────────────────────────────────
def test_a_job_page_is_silent_while_nothing_changes(job: Job, alice_client: Client) -> None:
    page: Any = alice_client.get(f"/jobs/{job.pk}/")
    answer = alice_client.get(page.context["live_url"], headers=HTMX)
    assert (answer.status_code, answer.content) == (204, b"")
    assert "Content-Type" not in answer


def test_a_job_page_hears_of_its_job(job: Job, alice_client: Client) -> None:
    page: Any = alice_client.get(f"/jobs/{job.pk}/")
    change(job, progress=40)
    answer = alice_client.get(page.context["live_url"], headers=HTMX).content.decode()
    assert '<hx-partial hx-target="#detail"' in answer
    assert "<html" not in answer


def test_a_job_page_hears_of_no_other_job(job: Job, alice: User, alice_client: Client) -> None:
    page: Any = alice_client.get(f"/jobs/{job.pk}/")
    change(factories.job(alice), progress=40)
    assert alice_client.get(page.context["live_url"], headers=HTMX).status_code == 204


def test_a_finished_jobs_page_asks_seldom(job: Job, alice_client: Client) -> None:
    ledger.release(job)
    Job.objects.update(status="failed", finished_at=timezone.now())
    page: Any = alice_client.get(f"/jobs/{job.pk}/")
    assert page.context["interval"] == live.IDLE_SECONDS


@pytest.mark.parametrize("path", ["studio", "job"])
def test_the_frame_of_the_page_comes_along(
    path: str, job: Job, alice: User, alice_client: Client
) -> None:
    page: Any = alice_client.get("/" if path == "studio" else f"/jobs/{job.pk}/")
    assert '<div id="key-troubles"></div>' in flat(page.content.decode())
    Credential.objects.filter(owner=alice, provider="kie").update(state="rejected")
    change(job, progress=40)
    answer = alice_client.get(page.context["live_url"], headers=HTMX).content.decode()
    assert '<hx-partial hx-target="#nav-live">1 live</hx-partial>' in answer
    assert '<hx-partial hx-target="#mini" hx-swap="outerMorph">' in answer
    troubles = answer.partition('<hx-partial hx-target="#key-troubles">')[2]
    assert "doesn’t accept" in troubles.partition("</hx-partial>")[0]


# ── What is moved out of sight ───────────────────────────────────────────────
@pytest.fixture
def filed(alice: User) -> Job:
    autumn = Project.objects.create(name="Autumn")
    return factories.succeeded(alice, prompt="A fox", project_id=autumn.pk)


def taken_away(answer: Any) -> list[str]:
    return re.findall(r'hx-target="#([^"]+)" hx-swap="delete"', answer.content.decode())


def test_what_is_moved_out_of_a_readers_sight_leaves_their_open_pages(
    filed: Job, alice: User, bob: User
) -> None:
    reader = factories.signed_in(bob)
    studio_tab, searching, stays = (
        Tab(reader),
        Tab(reader, "?q=fox"),
        Tab(factories.signed_in(alice)),
    )
    filing = Tab(factories.signed_in(alice), f"?project={filed.project_id}")
    keeping.refile([filed.pk], None, alice)
    for tab in (studio_tab, searching, filing):
        assert (tab.poll(), taken_away(tab.answer)) == (200, [f"job-{filed.pk}"])
    assert (stays.poll(), stays.changed, taken_away(stays.answer)) == (200, ["A fox"], [])
    assert "A fox" not in studio_tab.answer.content.decode()


def test_what_has_other_words_than_are_searched_for_stays(filed: Job, alice: User) -> None:
    tab = Tab(factories.signed_in(alice), "?q=fox")
    Job.objects.update(prompt="An owl", title="")
    keeping.refile([filed.pk], None, alice)
    assert (tab.poll(), taken_away(tab.answer)) == (200, [])


def test_a_move_elsewhere_is_told_to_pages_without_its_card_once_and_shows_nothing(
    filed: Job, alice: User, bob: User
) -> None:
    tab = Tab(factories.signed_in(bob))
    tab.cards = set()
    keeping.refile([filed.pk], None, alice)
    tab.poll()
    assert str(filed.pk) not in tab.answer.content.decode()
    assert tab.poll() == 204


def test_what_changed_within_two_seconds_comes_once_while_others_change(
    tab: Tab, job: Job, alice: User
) -> None:
    other = factories.job(alice, prompt="An owl")
    tab.poll()
    for each in (job, other, job, other):
        change(each, progress=each.version)
        each.refresh_from_db()
        assert (tab.poll(), tab.changed, tab.new) == (200, [each.prompt], [])
    assert tab.poll() == 204


def test_more_changes_than_a_cursor_lists_are_told_all_the_same(
    tab: Tab, alice: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(live, "LISTED_MAX", 2)
    for number in range(4):
        factories.job(alice, prompt=f"Owl {number}")
    tab.poll()
    assert len(tab.new) == 4
    assert tab.poll() == 204
    factories.job(alice, prompt="One more")
    assert (tab.poll(), tab.new) == (200, ["One more"])


def test_a_change_that_was_committed_late_comes_after_newer_ones(tab: Tab, job: Job) -> None:
    newer = factories.job(job.owner, prompt="An owl")
    tab.poll()
    late = Job.objects.get(pk=newer.pk).changed_at - timedelta(seconds=1)
    Job.objects.filter(pk=job.pk).update(version=9, changed_at=late)
    assert (tab.poll(), tab.changed) == (200, ["A fox"])
    assert tab.poll() == 204
