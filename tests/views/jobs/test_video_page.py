"""A video’s page: what leads it, what folds, and what it cost with all made of it (350-355)."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.test import Client

from jobs import ledger, lifecycle
from jobs.models import BudgetRequest, Job, Project, User
from tests.support import factories
from tests.support.markup import flat
from tests.support.typed_forms import text

pytestmark = pytest.mark.django_db


def page_of(client: Client, job: Job, query: str = "") -> str:
    return flat(client.get(f"/jobs/{job.pk}/{query}").content.decode())


def details_of(page: str) -> str:
    """What folds."""
    found = re.search(r'<details class="panel details".*?</details>', page)
    assert found
    return found[0]


def failed(owner: User, code: str, error: str) -> Job:
    job = factories.run(factories.job(owner))
    Job.objects.filter(pk=job.pk).update(status="failed", error_code=code, error=error, charged=0)
    return job


# ── What leads, and what folds ─────────────────────────────────────────────────
def test_film_and_actions_come_first_and_what_is_looked_up_folds(
    take: Job, alice_client: Client
) -> None:
    page = page_of(alice_client, take)
    order = ['id="player"', ">Share<", ">Download 720p<", "Extend or upgrade", 'id="details"']
    assert sorted(order, key=page.index) == order
    folded = details_of(page)
    for part in ("parameters", "files", "credits", "timeline"):
        assert f'id="{part}"' in folded
        assert f'id="{part}"' not in page.replace(folded, "")
    assert "sha256" not in page.replace(folded, "")


def test_above_a_finished_video_stands_what_it_is_and_not_how_it_was_ordered(
    take: Job, alice_client: Client
) -> None:
    larger, longer = factories.upgrade(take), factories.extension(take)
    for job, name in ((take, "Video"), (larger, "4K"), (longer, "Extension")):
        assert f'aria-current="page">{name}<' in page_of(alice_client, job)


# ── Sizes ──────────────────────────────────────────────────────────────────────
def test_each_kept_size_can_be_played_and_downloaded(take: Job, alice_client: Client) -> None:
    larger = factories.finish(factories.upgrade(take))
    small, large = (job.renditions.get().pk for job in (take, larger))
    page = page_of(alice_client, take)
    for size, file in (("720p", small), ("4k", large)):
        assert f'<a href="?size={size}#player" data-src="/renditions/{file}.mp4">' in page
    assert f'href="/renditions/{small}.mp4?download=1" download>' in page
    chosen = page_of(alice_client, take, "?size=720p")
    assert re.search(rf'<video [^>]*src="/renditions/{small}\.mp4"', chosen)
    assert f'data-src="/renditions/{small}.mp4" aria-current="true">720p<' in chosen
    unknown = page_of(alice_client, take, "?size=8k")
    assert "aria-current" not in unknown.partition('class="seg sizes"')[2].partition("</div>")[0]


def test_a_size_on_its_way_stands_beside_those_that_play(take: Job, alice_client: Client) -> None:
    larger = factories.run(factories.upgrade(take))
    assert f'href="/jobs/{larger.pk}/"' in page_of(alice_client, take)
    assert "4K: rendering" in text(alice_client.get(f"/jobs/{take.pk}/"))


def test_the_player_is_told_the_frame_rate_of_the_file(take: Job, alice_client: Client) -> None:
    take.renditions.update(frame_rate="30000/1001")
    page = page_of(alice_client, take)
    assert 'data-rate="30000/1001"' in page
    assert "29.97 fps" in details_of(page)


# ── Credits and timeline, of it and of what was made of it ─────────────────────
def test_the_books_of_a_video_hold_what_was_made_of_it(take: Job, alice_client: Client) -> None:
    factories.finish(factories.upgrade(take, "upgrade_4k"))
    longer = factories.finish(factories.extension(take))
    factories.extension(longer, "Still under way")
    called_off = factories.extension(take, "Called off")
    lifecycle.cancel(called_off, called_off.owner)
    answer: Any = alice_client.get(f"/jobs/{take.pk}/")
    books = answer.context["books"]
    assert [each.name for each in books.accounts] == ["Video", "4K", *3 * ["Extension"]]
    assert (books.reserved, books.spent, books.returned) == (60, 60 + 120 + 60, 60)
    assert "Reserved now 60 Spent 240 Returned 60" in text(answer)


def test_a_charge_below_its_hold_returns_the_rest_and_a_grant_for_it_is_not_spent(
    alice: User, admin: User, alice_client: Client
) -> None:
    ledger.grant(alice, -ledger.standing_of(alice).available, reason="x", actor=None)
    job = factories.job(alice)
    lifecycle.approve(BudgetRequest.objects.get(job=job), admin, answer="Go")
    Job.objects.filter(pk=job.pk).update(status="running", external_id="task-1")
    job.refresh_from_db()
    ledger.settle(job, 45)
    answer: Any = alice_client.get(f"/jobs/{job.pk}/")
    books = answer.context["books"]
    assert (books.reserved, books.spent, books.returned) == (0, 45, 15)


@pytest.mark.data
def test_what_a_colleague_may_not_see_is_not_in_the_books_that_they_see(
    alice: User, bob: User, alice_client: Client
) -> None:
    take = factories.succeeded(alice, project_id=Project.objects.create(name="Foxes").pk)
    larger = factories.finish(factories.upgrade(take))
    Job.objects.filter(pk=larger.pk).update(project=None)
    seen: Any = factories.signed_in(bob).get(f"/jobs/{take.pk}/")
    assert [each.job for each in seen.context["books"].accounts] == [take]
    assert "4K:" not in text(seen)
    own: Any = alice_client.get(f"/jobs/{take.pk}/")
    assert [each.job for each in own.context["books"].accounts] == [take, larger]


@pytest.mark.data
def test_the_timeline_tells_of_what_was_made_of_it_in_order(
    take: Job, alice_client: Client
) -> None:
    factories.finish(factories.upgrade(take))
    told = text(alice_client.get(f"/jobs/{take.pk}/")).partition("Timeline")[2]
    words = ["Queued by alice", "Ready", "4K: queued by alice", "4K: ready"]
    assert sorted(words, key=told.index) == words


# ── Ends that nobody wanted ────────────────────────────────────────────────────
@pytest.mark.parametrize(
    ("code", "error", "ours"),
    [
        ("501", "PUBLIC_ERROR_UNSAFE_GENERATION", ""),
        (
            "content-blocked",
            "Turned down. Change it, then retry. It said: “PUBLIC_ERROR_UNSAFE_GENERATION”",
            "Turned down. Change it, then retry.",
        ),
    ],
)
def test_a_failure_is_told_in_our_words_and_the_providers_own_are_in_the_details(
    alice: User, alice_client: Client, code: str, error: str, ours: str
) -> None:
    page = page_of(alice_client, failed(alice, code, error))
    folded = details_of(page)
    assert "PUBLIC_ERROR_UNSAFE_GENERATION" in folded
    assert "What kie.ai said" in folded
    first = page.replace(folded, "")
    assert ours in first
    assert "PUBLIC_ERROR" not in first
    assert "It said" not in page
    assert 'href="#said"' in first


@pytest.mark.data
def test_what_to_do_about_an_empty_account_does_not_fold(alice: User, alice_client: Client) -> None:
    sentence = "The provider account has run out of credits. Top it up there, then retry."
    page = page_of(alice_client, failed(alice, "out-of-provider-credits", sentence))
    assert sentence in page.replace(details_of(page), "")
    assert 'id="said"' not in page


# ── Decisions ──────────────────────────────────────────────────────────────────
def test_a_decision_is_seen_on_the_page_of_its_video(
    alice: User, admin: User, alice_client: Client
) -> None:
    ledger.grant(alice, -ledger.standing_of(alice).available, reason="x", actor=None)
    job = factories.job(alice)
    lifecycle.approve(BudgetRequest.objects.get(job=job), admin, answer="For the launch")
    page = page_of(alice_client, job)
    words = f"Approved by {admin.label}"
    assert words in page.replace(details_of(page), "")
    assert "For the launch" in page
    factories.finish(job)
    page = page_of(alice_client, job)
    assert words in details_of(page)
