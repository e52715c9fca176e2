"""Where what was made of a video shows: tabs, cards, and the pages of the jobs."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.test import Client

from jobs.models import Image, Job, JobImage, Project, User
from tests.support import factories
from tests.support.pages.rails import growth
from tests.support.typed_forms import text

pytestmark = pytest.mark.django_db


# ── Where they show ────────────────────────────────────────────────────────────
def test_a_larger_copy_stands_on_the_card_of_its_source_alone(
    take: Job, alice_client: Client
) -> None:
    larger = factories.finish(factories.upgrade(take))
    for tab in ("", "?tab=ready"):
        answer: Any = alice_client.get(f"/{tab}")
        assert [each.job.pk for each in answer.context["cards"]] == [take.pk]
        assert (answer.context["counts"]["all"], answer.context["counts"]["ready"]) == (1, 1)
    assert f"job-{larger.pk}" not in alice_client.get("/").content.decode()


@pytest.mark.parametrize(("status", "tab"), [("running", "progress"), ("failed", "attention")])
def test_what_is_under_way_or_went_wrong_has_its_own_card(
    take: Job, alice_client: Client, status: str, tab: str
) -> None:
    larger = factories.run(factories.upgrade(take))
    Job.objects.filter(pk=larger.pk).update(status=status)
    answer: Any = alice_client.get(f"/?tab={tab}")
    assert [each.job.pk for each in answer.context["cards"]] == [larger.pk]
    assert answer.context["counts"][tab] == 1
    assert "4K of A fox" in text(answer)


def test_an_extension_says_what_it_extends(take: Job, alice_client: Client) -> None:
    factories.extension(take, "The fox sleeps")
    page = alice_client.get("/")
    assert "Extended from A fox" in text(page)
    assert f'href="/jobs/{take.pk}/"' in page.content.decode()


# ── The job's page ─────────────────────────────────────────────────────────────
def test_all_sizes_of_a_take_are_on_one_page(take: Job, alice_client: Client) -> None:
    larger = factories.finish(factories.upgrade(take))
    for path in (f"/jobs/{take.pk}/", f"/jobs/{larger.pk}/"):
        page = alice_client.get(path).content.decode()
        assert 'aria-label="Download 720p"' in page
        assert 'aria-label="Download 4K"' in page


@pytest.mark.data
def test_the_new_part_of_an_extension_is_there_as_well(take: Job, alice_client: Client) -> None:
    longer = factories.finish(factories.extension(take))
    part = longer.renditions.get(part="segment")
    page = alice_client.get(f"/jobs/{longer.pk}/").content.decode()
    assert f'href="/renditions/{part.pk}.mp4">New part alone</a>' in page
    film = longer.renditions.get(part="film")
    assert f'src="/renditions/{film.pk}.mp4"' in page


def test_a_chain_shows_as_one_film_with_its_clips(take: Job, alice_client: Client) -> None:
    second = factories.finish(factories.extension(take, "Second"))
    third = factories.finish(factories.extension(second, "Third"))
    for here in (take, second, third):
        answer: Any = alice_client.get(f"/jobs/{here.pk}/")
        clips = answer.context["clips"]
        assert [each.job.pk for each in clips] == [take.pk, second.pk, third.pk]
        assert [each.job.pk for each in clips if each.is_here] == [here.pk]
        assert "3 clips" in text(answer)


@pytest.mark.data
def test_of_a_video_that_was_extended_twice_the_newer_line_is_shown(
    take: Job, alice_client: Client
) -> None:
    older, newer = (factories.finish(factories.extension(take, text)) for text in "AB")
    longest = factories.finish(factories.extension(newer, "C"))
    for here, line in ((take, [take, newer, longest]), (older, [take, older])):
        answer: Any = alice_client.get(f"/jobs/{here.pk}/")
        assert [each.job for each in answer.context["clips"]] == line


@pytest.mark.data
def test_a_clip_that_one_may_not_see_is_not_shown(take: Job, bob: User) -> None:
    """Bob sees the longer film in its project, and not the private video that it began with."""
    longer = factories.finish(factories.extension(take))
    last = factories.finish(factories.extension(longer))
    project = Project.objects.create(name="Foxes")
    Job.objects.filter(pk__in=[longer.pk, last.pk]).update(project=project)
    answer: Any = factories.signed_in(bob).get(f"/jobs/{last.pk}/")
    assert [each.job for each in answer.context["clips"]] == [longer, last]


def test_an_extension_that_failed_is_no_clip(take: Job, alice_client: Client) -> None:
    longer = factories.extension(take)
    Job.objects.filter(pk=longer.pk).update(status="failed")
    assert "Clips in this film" not in text(alice_client.get(f"/jobs/{take.pk}/"))


def test_parameters_that_do_not_apply_are_not_shown(take: Job, alice_client: Client) -> None:
    longer = factories.extension(take)
    assert "Duration" not in text(alice_client.get(f"/jobs/{longer.pk}/"))
    factories.finish(longer)
    larger = factories.upgrade(take)
    page = text(alice_client.get(f"/jobs/{larger.pk}/"))
    assert "Seed" not in page
    assert "Made from A fox" in page
    assert "4K of A fox" in page


def test_the_fallback_model_is_told(alice: User, alice_client: Client) -> None:
    take = factories.finish(factories.job(alice), fallback=True)
    assert "Fallback model Yes" in text(alice_client.get(f"/jobs/{take.pk}/"))


@pytest.mark.data
def test_the_images_it_was_made_from_are_shown(alice: User, alice_client: Client) -> None:
    job = factories.job(alice)
    Job.objects.filter(pk=job.pk).update(mode="frames")
    image = Image.objects.create(
        owner=alice,
        origin="upload",
        file="images/a.jpg",
        content_type="image/jpeg",
        width=1280,
        height=720,
        bytes=1000,
        sha256="0" * 64,
    )
    JobImage.objects.create(job=job, image=image, position=1)
    page = alice_client.get(f"/jobs/{job.pk}/")
    assert "Mode Frames" in text(page)
    assert f'src="/images/{image.pk}.' in page.content.decode()
    assert 'alt="First frame"' in page.content.decode()


def test_a_frame_can_be_used(take: Job, alice_client: Client) -> None:
    page = alice_client.get(f"/jobs/{take.pk}/").content.decode()
    file = take.renditions.get()
    assert 'action="/images/"' in page
    assert f'name="rendition" value="{file.pk}"' in page
    assert 'name="at"' in page


@pytest.mark.data
def test_a_canceled_order_shows_what_was_released(take: Job, alice_client: Client) -> None:
    larger = factories.upgrade(take)
    alice_client.post(f"/jobs/{larger.pk}/cancel/")
    page = alice_client.get(f"/jobs/{larger.pk}/").content.decode()
    released = re.search(r"Released<small>.*?</td>", page, re.DOTALL)
    assert released
    assert ">120</td>" in released[0]


@pytest.mark.data
def test_the_page_of_a_chain_costs_few_queries(
    take: Job, alice_client: Client, django_assert_max_num_queries: Any
) -> None:
    factories.finish(factories.upgrade(take))
    factories.finish(factories.extension(take))
    alice_client.get(f"/jobs/{take.pk}/")
    with django_assert_max_num_queries(26):
        alice_client.get(f"/jobs/{take.pk}/")


@pytest.mark.data
def test_a_new_part_alone_is_never_shown_as_the_whole_film(
    take: Job, alice: User, alice_client: Client
) -> None:
    longer = factories.finish(factories.extension(take))
    longer.renditions.filter(part="film").delete()
    page = alice_client.get(f"/jobs/{longer.pk}/")
    content = page.content.decode()
    assert "kie.ai delivered only the new part, not the whole film." in text(page)
    assert 'aria-label="New part alone: And then the sun comes out"' in content
    assert '<span class="have">New part alone</span>' in content
    assert 'aria-label="Download 720p"' not in content
    assert next(rung.name for rung in growth(longer, alice).rail) == "New part alone"
    assert 'aria-label="Download New part alone of ' in alice_client.get("/").content.decode()


# ── Made, not stored ───────────────────────────────────────────────────────────
@pytest.mark.parametrize("state", ["expired", "rejected"])
def test_a_video_without_any_file_needs_attention(
    take: Job, alice_client: Client, state: str
) -> None:
    take.renditions.update(state=state)
    for tab, shown in (("ready", []), ("attention", [take.pk])):
        answer: Any = alice_client.get(f"/?tab={tab}")
        assert [each.job.pk for each in answer.context["cards"]] == shown
        assert answer.context["counts"][tab] == len(shown)
    page = alice_client.get(f"/jobs/{take.pk}/").content.decode()
    assert re.search(r'class="pill pill-warn">.*?</svg>Made, not stored</span>', page)


@pytest.mark.data
def test_a_film_whose_part_alone_is_gone_is_ready(take: Job, alice_client: Client) -> None:
    longer = factories.finish(factories.extension(take))
    longer.renditions.filter(part="segment").update(state="expired")
    answer: Any = alice_client.get("/?tab=ready")
    assert {each.job.pk for each in answer.context["cards"]} == {take.pk, longer.pk}
    assert (answer.context["counts"]["ready"], answer.context["counts"]["attention"]) == (2, 0)


@pytest.mark.data
def test_a_card_says_of_a_lost_answer_one_whole_sentence(alice: User, alice_client: Client) -> None:
    error = "The connection broke before an answer came, and more than fits on a card."
    lost = factories.job(alice)
    Job.objects.filter(pk=lost.pk).update(status="uncertain", error=error)
    card = text(alice_client.get("/"))
    assert "We don’t send it again, so you can’t be charged twice. Open it to decide." in card
    assert error not in card
    assert error in text(alice_client.get(f"/jobs/{lost.pk}/"))
