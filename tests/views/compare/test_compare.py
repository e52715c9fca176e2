"""Takes side by side: which are shown, with which files, and what is said of the others."""

from __future__ import annotations

import html
import re
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from jobs.keeping import choosing
from jobs.models import Choice, Job, Rendition, User
from jobs.views.panes import shape_of
from tests.support import factories
from tests.support.markup import flat
from tests.support.typed_forms import HTMX

pytestmark = pytest.mark.django_db

COMPARE = "/compare/"
GONE = "can’t be shown here"


def compared(client: Client, *ids: object) -> Any:
    return client.get(COMPARE, {"take": [str(each) for each in ids]})


def names(page: Any) -> list[str]:
    return re.findall(r'class="pane [a-z]+" id="pane-[0-9a-f-]+" data-name="([^"]+)"', flat(page))


def flat_of(answer: Any) -> str:
    return flat(answer.content.decode())


def panes(answer: Any) -> list[Any]:
    return [pane.of.job.pk for pane in answer.context["panes"]]


@pytest.mark.data
def test_videos_stand_side_by_side_in_the_order_they_were_chosen(
    alice: User, alice_client: Client
) -> None:
    one, other = (factories.succeeded(alice, prompt=text) for text in ("A fox", "A hare"))
    answer = compared(alice_client, other.pk, one.pk)
    assert panes(answer) == [other.pk, one.pk]
    page = flat_of(answer)
    assert names(page) == ["Video 1", "Video 2"]
    assert "A fox" in page
    assert "A hare" in page
    assert page.count("<video controls ") == 2


@pytest.mark.parametrize("left", ["/library/?q=fox", "/?tab=ready"])
def test_the_way_back_leads_to_the_list_that_led_here(
    alice: User, alice_client: Client, left: str
) -> None:
    take = factories.succeeded(alice)
    here = {"Referer": f"http://testserver{left}"}
    page = flat_of(alice_client.get(COMPARE, {"take": str(take.pk)}, headers=here))
    assert f'<a class="back" href="{left}">' in page


def test_each_film_offers_its_sizes_and_without_script_plays_the_smallest(
    alice: User, alice_client: Client
) -> None:
    take = factories.succeeded(alice)
    large = factories.finish(factories.upgrade(take, "upgrade_1080p"))
    small, larger = (reverse("video", args=[j.renditions.get().pk]) for j in (take, large))
    page = flat_of(compared(alice_client, take.pk))
    assert f'src="{small}" data-files="{small} 720, {larger} 1080"' in page


@pytest.mark.data
def test_a_film_has_its_shape_before_it_is_loaded(alice: User, alice_client: Client) -> None:
    wide, tall = factories.succeeded(alice), factories.succeeded(alice, aspect_ratio="9:16")
    Rendition.objects.filter(job=tall).update(width=720, height=1280)
    page = flat_of(compared(alice_client, wide.pk, tall.pk))
    assert 'width="1280" height="720" src=' in page
    assert 'width="720" height="1280" src=' in page
    assert 'class="panes row wide-1 square-0 tall-1"' in page


@pytest.mark.data
def test_whatever_is_wrong_with_an_id_the_sentence_is_the_same_and_the_rest_is_compared(
    alice: User, bob: User, alice_client: Client
) -> None:
    mine, his = factories.succeeded(alice), factories.succeeded(bob, prompt="A secret")
    for wrong in (his.pk, uuid4(), "nonsense", ""):
        answer = compared(alice_client, mine.pk, wrong)
        assert panes(answer) == [mine.pk]
        assert f"1 video {GONE}: it was removed, or you can’t see it." in flat_of(answer)
        assert "A secret" not in flat_of(answer)
    assert f"3 videos {GONE}" in flat_of(compared(alice_client, his.pk, uuid4(), "x"))


def test_more_than_four_are_the_first_four_with_a_word(alice: User, alice_client: Client) -> None:
    takes = [factories.succeeded(alice, seed=seed) for seed in range(10_000, 10_005)]
    answer = compared(alice_client, *(take.pk for take in takes))
    assert panes(answer) == [take.pk for take in takes[:4]]
    assert "These are the first 4." in flat_of(answer)


def test_a_larger_copy_stands_for_its_video_and_that_only_once(
    alice: User, alice_client: Client
) -> None:
    take = factories.succeeded(alice)
    large = factories.finish(factories.upgrade(take))
    assert panes(compared(alice_client, large.pk, take.pk, large.pk)) == [take.pk]


@pytest.mark.data
def test_the_takes_of_an_order_stand_in_their_order_and_are_called_takes(
    alice: User, alice_client: Client
) -> None:
    group = uuid4()
    takes = [factories.succeeded(alice, seed=seed) for seed in (10_001, 10_002, 10_003)]
    for number, take in enumerate(reversed(takes), 1):
        Job.objects.filter(pk=take.pk).update(take_group=group, take=number)
    answer = alice_client.get(COMPARE, {"group": str(group)})
    assert panes(answer) == [take.pk for take in reversed(takes)]
    assert names(flat_of(answer)) == ["Take 1", "Take 2", "Take 3"]
    # What they have in common is said once.
    assert flat_of(answer).count("A lighthouse in the rain</p>") == 1


def test_a_group_of_somebody_else_is_none(bob: User, alice_client: Client) -> None:
    group = uuid4()
    Job.objects.filter(pk=factories.succeeded(bob).pk).update(take_group=group, take=1)
    for wrong in (str(group), str(uuid4()), "x"):
        answer = alice_client.get(COMPARE, {"group": wrong})
        assert panes(answer) == []
        assert GONE in flat_of(answer)


@pytest.mark.data
def test_a_video_is_compared_with_what_was_made_from_the_same(
    alice: User, bob: User, alice_client: Client
) -> None:
    first, second, _ = (factories.succeeded(alice) for _ in range(3))
    factories.succeeded(bob)
    Job.objects.filter(pk=second.pk).update(status="failed")
    other = factories.succeeded(alice, prompt="Something else")
    answer = alice_client.get(COMPARE, {"like": str(first.pk)})
    shown = panes(answer)
    assert shown[0] == first.pk
    assert len(shown) == 2
    assert other.pk not in shown
    assert alice_client.get(COMPARE, {"like": "x"}).context["panes"] == []


def test_one_video_and_none_lead_to_where_more_are_chosen(
    alice: User, alice_client: Client
) -> None:
    assert "This is one video." in flat_of(compared(alice_client, factories.succeeded(alice).pk))
    empty = flat_of(alice_client.get(COMPARE))
    assert "Nothing to compare" in empty
    assert 'id="live"' not in empty


def test_a_take_that_is_finished_meanwhile_comes_with_the_next_poll(
    alice: User, alice_client: Client
) -> None:
    ready, going = factories.succeeded(alice), factories.run(factories.job(alice))
    answer = compared(alice_client, ready.pk, going.pk)
    assert flat_of(answer).count("<video controls ") == 1
    assert 'class="leader on"' in flat_of(answer)
    url = answer.context["live_url"]
    assert alice_client.get(url, headers=HTMX).status_code == 204
    factories.finish(going)
    news = alice_client.get(url, headers=HTMX)
    assert flat_of(news).count("<video controls ") == 2
    assert "<html" not in flat_of(news)
    assert alice_client.get(news.context["live_url"], headers=HTMX).status_code == 204
    assert alice_client.get(COMPARE, {"since": "x"}).status_code == 400


@pytest.mark.parametrize("state", ["failed", "canceled", "uncertain", "awaiting_budget"])
def test_what_has_no_film_says_why_and_the_others_are_compared(
    alice: User, alice_client: Client, state: str
) -> None:
    ready, other = factories.succeeded(alice), factories.job(alice)
    Job.objects.filter(pk=other.pk).update(status=state, check_at=None)
    page = flat_of(compared(alice_client, ready.pk, other.pk))
    assert page.count("<video controls ") == 1
    assert Job.objects.get(pk=other.pk).get_status_display() in page


@pytest.mark.data
def test_only_what_has_a_film_can_be_picked(alice: User, alice_client: Client) -> None:
    ready, failed = factories.succeeded(alice), factories.job(alice)
    Job.objects.filter(pk=failed.pk).update(status="failed", check_at=None)
    page = flat_of(compared(alice_client, ready.pk, failed.pk))
    assert re.findall(r'name="pick" value="([^"]+)"', page) == [str(ready.pk)]


@pytest.mark.data
def test_a_providers_code_stands_on_the_page_of_the_video_alone(
    alice: User, alice_client: Client
) -> None:
    ready, other = factories.succeeded(alice), factories.job(alice)
    code = "PUBLIC_ERROR_UNSAFE_GENERATION"
    Job.objects.filter(pk=other.pk).update(status="failed", check_at=None, error=code)
    page = flat_of(compared(alice_client, ready.pk, other.pk))
    assert "Blocked by filter" in page
    assert code not in page
    assert code in flat_of(alice_client.get(f"/jobs/{other.pk}/"))


@pytest.mark.data
def test_a_film_that_could_not_be_kept_says_so(alice: User, alice_client: Client) -> None:
    lost = factories.succeeded(alice)
    Rendition.objects.filter(job=lost).update(state="expired")
    page = flat_of(compared(alice_client, lost.pk))
    assert "File no longer available" in page
    assert "<video" not in page


@pytest.mark.data
def test_four_cost_as_many_questions_as_two(alice: User, alice_client: Client) -> None:
    takes = [factories.succeeded(alice, seed=seed).pk for seed in range(10_000, 10_004)]
    counts = []
    for number in (2, 2, 4):
        with CaptureQueriesContext(connection) as captured:
            compared(alice_client, *takes[:number])
        counts.append(len(captured))
    assert counts[2] == counts[1]


def test_the_page_of_a_video_leads_to_what_it_is_best_compared_with(
    alice: User, bob: User, alice_client: Client
) -> None:
    def leads(job: Job) -> str:
        page = html.unescape(alice_client.get(f"/jobs/{job.pk}/").content.decode())
        found = re.search(r'href="(/compare/[^"]+)"', page)
        return found[1] if found else ""

    alone = factories.succeeded(alice, prompt="Only one")
    factories.succeeded(bob, prompt="Only one")
    assert leads(alone) == ""
    longer = factories.finish(factories.extension(alone))
    assert leads(longer) == f"/compare/?take={alone.pk}&take={longer.pk}"
    one, _ = (factories.succeeded(alice) for _ in range(2))
    assert leads(one) == f"/compare/?like={one.pk}"
    group = uuid4()
    Job.objects.filter(pk=one.pk).update(take_group=group, take=1)
    assert leads(one) == f"/compare/?group={group}"


def test_what_is_ticked_in_the_studio_is_led_to_its_address(alice_client: Client) -> None:
    ids = [str(uuid4()), str(uuid4())]
    answer: Any = alice_client.post(COMPARE, {"video": ids})
    assert answer.headers["Location"] == f"{COMPARE}?take={ids[0]}&take={ids[1]}"


def facts(*videos: Job) -> list[tuple[bool, bool]]:
    rows = Job.objects.in_bulk([video.pk for video in videos])
    return [(row.is_favorite, row.is_rejected) for row in (rows[video.pk] for video in videos)]


@pytest.mark.data
def test_a_pick_favors_one_rejects_the_others_and_can_be_undone(
    alice: User, alice_client: Client
) -> None:
    takes = [factories.succeeded(alice, seed=seed) for seed in (10_001, 10_002, 10_003)]
    url = compared(alice_client, *(take.pk for take in takes)).context["live_url"]
    choosing.choose([takes[1].pk], alice, "rejected", 1)
    asked = {"video": [str(take.pk) for take in takes], "pick": str(takes[1].pk), "page": "compare"}
    said = flat_of(alice_client.post("/jobs/choose/", asked, headers=HTMX))
    assert "Picked. 2 others rejected." in said
    # The boxes themselves come with the next poll.
    assert 'hx-target="#job-' not in said
    assert facts(*takes) == [(False, True), (True, False), (False, True)]
    news = flat_of(alice_client.get(url, headers=HTMX))
    assert news.count("data-rejected") == 2
    steps = html.unescape(said).partition('name="steps" value="')[2].partition('"')[0]
    alice_client.post("/jobs/choose/undo/", {"steps": steps})
    assert facts(*takes) == [(False, False), (False, True), (False, False)]


@pytest.mark.data
def test_nothing_is_picked_that_somebody_may_not_see(
    alice: User, bob: User, alice_client: Client
) -> None:
    mine, his = factories.succeeded(alice), factories.succeeded(bob)
    for picked, among in ((his, mine), (mine, his)):
        wish = {"pick": str(picked.pk), "video": [str(among.pk)]}
        alice_client.post("/jobs/choose/", wish)
    assert list(Choice.objects.values_list("job", "job__is_favorite")) == [(mine.pk, True)]
    alice_client.post("/jobs/choose/", {"pick": "x", "video": [str(mine.pk)]})
    assert Choice.objects.count() == 1


@pytest.mark.parametrize(
    ("ratio", "shape"),
    [
        ("21:9", "wide"),
        ("16:9", "wide"),
        ("4:3", "wide"),
        ("1:1", "square"),
        ("3:4", "tall"),
        ("9:16", "tall"),
        ("Auto", "wide"),
    ],
)
def test_a_box_has_the_nearest_shape_of_its_film_before_there_is_one_and_after(
    ratio: str, shape: str
) -> None:
    assert shape_of(None, ratio) == shape
    if ":" in ratio:
        across, down = (100 * int(part) for part in ratio.split(":"))
        assert shape_of(Rendition(width=across, height=down), "16:9") == shape
