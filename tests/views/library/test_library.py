"""The library: what narrows it down, its orders and pages, and what stands in its address."""

from __future__ import annotations

import html
import re
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from django.http import QueryDict
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from jobs import keeping, ledger, library, lifecycle, shares
from jobs.keeping import choosing, tagging
from jobs.library import SORTS, pages
from jobs.models import Job, Project, User, search_index
from jobs.models.words import texts_first
from tests.support import factories
from tests.support.states import every_state
from tests.support.typed_forms import HTMX, text
from tests.views.test_queries import queries

pytestmark = [pytest.mark.django_db, pytest.mark.data]

LIBRARY = reverse("library")


def shown(client: Client, **asked: Any) -> list[str]:
    """The prompts of the cards on a page, in their order."""
    answer: Any = client.get(LIBRARY, asked)
    assert answer.status_code == 200, text(answer)
    prompts = dict(Job.objects.values_list("pk", "prompt"))
    return [prompts[cell.card.job.pk] for cell in answer.context["cells"]]


@pytest.fixture
def world(alice: User, bob: User) -> dict[str, Any]:
    """A fox of Alice's of which much is to be said, and a hare of Bob's in a project."""
    project = Project.objects.create(name="Autumn")
    fox = factories.succeeded(alice, prompt="Fox", aspect_ratio="9:16", model="veo3")
    big = factories.finish(factories.upgrade(fox))
    big.renditions.update(resolution="4k", bytes=80_000_000)
    tagging.tag([fox.pk], alice, ["Märchen"])
    choosing.choose([fox.pk], alice, "favorite", 1)
    choosing.choose([fox.pk], alice, "rating", 4)
    link, _ = shares.create([big.renditions.get()], shares.Terms(), alice)
    shares.say(link, link.takes.get(), "pick", name="Ana", visitor="ana")
    hare = factories.succeeded(bob, prompt="Hare", project_id=project.pk, provider="veo4")
    hare.renditions.update(frame_rate="30000/1001")
    Job.objects.filter(pk=hare.pk).update(
        film_seconds=30, created_at=timezone.now() - timedelta(days=3), mode="references"
    )
    choosing.choose([hare.pk], bob, "rejected", 1)
    return {"project": project.pk, "bob": bob.pk, "alice": alice.pk, "today": timezone.localdate()}


FOX, HARE, BOTH = ["Fox"], ["Hare"], ["Fox", "Hare"]
NARROWED: list[tuple[dict[str, str], list[str]]] = [
    ({}, BOTH),
    ({"q": "fox"}, FOX),
    ({"person": "me"}, FOX),
    ({"person": "{bob}"}, HARE),
    ({"person": "{alice}"}, FOX),
    ({"project": "{project}"}, HARE),
    ({"project": "0"}, FOX),
    ({"provider": "veo4"}, HARE),
    ({"model": "veo3"}, FOX),
    ({"made": "references"}, HARE),
    ({"made": "extend"}, []),
    ({"state": "ready"}, BOTH),
    ({"state": "progress"}, []),
    ({"state": "attention"}, []),
    ({"ratio": "9:16"}, FOX),
    ({"size": "4k"}, FOX),
    ({"size": "720p"}, HARE),
    ({"size": "1080p"}, []),
    ({"frame_rate": "30000/1001"}, HARE),
    ({"min_seconds": "9"}, HARE),
    ({"max_seconds": "8"}, FOX),
    ({"min_mb": "80"}, FOX),
    ({"min_mb": "81"}, []),
    ({"first": "{today}"}, FOX),
    ({"last": "{today}"}, BOTH),
    ({"rating": "4"}, FOX),
    ({"rating": "5"}, []),
    ({"tag": "marchen"}, []),
    ({"tag": "MÄRCHEN"}, FOX),
    ({"favorite": "on"}, FOX),
    ({"rejected": "hide"}, FOX),
    ({"rejected": "only"}, HARE),
    ({"shared": "on"}, FOX),
    ({"picked": "on"}, FOX),
    ({"extendable": "on"}, FOX),
    ({"q": "fox", "rating": "3", "size": "4k", "shared": "on"}, FOX),
]


def test_each_filter_leaves_what_it_says_and_has_a_chip_that_takes_it_off(
    world: dict[str, Any], alice_client: Client
) -> None:
    names = dict(Job.objects.values_list("pk", "prompt"))
    for asked, expected in NARROWED:
        address = {name: value.format(**world) for name, value in asked.items()}
        answer: Any = alice_client.get(LIBRARY, address)
        assert [names[cell.card.job.pk] for cell in answer.context["cells"]] == expected, address
        assert f"{len(expected)} video" in text(answer)
        form = answer.context["form"]
        page = answer.content.decode().replace("&amp;", "&")
        for chip in form.chips:
            rest = QueryDict(chip.without)
            assert set(rest) < set(address)
            assert f'href="{LIBRARY}{chip.without and "?"}{chip.without}"' in page
        assert len(form.chips) == len(address)


def test_a_link_that_ended_and_a_pick_that_was_taken_back_count_no_more(
    world: dict[str, Any], alice: User, alice_client: Client
) -> None:
    link = alice.share_links.get()
    shares.say(link, link.takes.get(), "changes", name="Ana", visitor="ana", text="Slower")
    assert shown(alice_client, picked="on") == []
    shares.revoke(link, alice)
    assert shown(alice_client, shared="on") == []


def test_what_can_still_be_extended_is_what_its_card_would_let_one_extend(
    alice: User, admin: User
) -> None:
    for provider in ("kie", "veo4"):
        factories.credential(admin, provider)
    every_state.make(alice, admin)
    ledger.grant(alice, 9000, reason="for a test", actor=None)
    for kind in ("upgrade_1080p", "extend"):
        for end in (factories.run, factories.finish):
            take = factories.succeeded(alice, prompt=f"With {kind}")
            end(
                factories.extension(take)
                if kind == "extend"
                else factories.upgrade(take, "upgrade_1080p")
            )
    called_off = factories.succeeded(alice, prompt="Its 1080p was canceled")
    lifecycle.cancel(factories.upgrade(called_off, "upgrade_1080p"), alice)
    factories.finish(factories.job(alice, prompt="By the fallback"), fallback=True)
    Job.objects.filter(prompt="Ready, in one line").update(resolution="1080p")
    factories.age(factories.succeeded(alice, prompt="Let go of"), days=15)
    for kind in ("extend", "upgrade_1080p", "upgrade_4k"):
        jobs = Job.objects.for_cards()
        able = {job.pk for job in jobs if not lifecycle.refusal(job, kind, alice)}
        found = Job.objects.filter(lifecycle.still_possible(kind, alice))
        assert set(found.values_list("pk", flat=True)) == able
        assert 0 < len(able) < len(jobs)


@pytest.fixture
def twelve(alice: User, monkeypatch: pytest.MonkeyPatch) -> list[Job]:
    """Twelve videos on pages of five: takes of one order among them, and equals in every way."""
    monkeypatch.setattr(pages, "PAGE_SIZE", 5)
    one_order = factories.submission(prompt="Take")
    lifecycle.submit_takes(alice, one_order, uuid4(), 4)
    rest = [factories.job(alice, prompt=f"Wolf {number % 3}") for number in range(8)]
    then = timezone.now() - timedelta(days=2)
    Job.objects.filter(pk__in=[job.pk for job in rest[:4]]).update(created_at=then, changed_at=then)
    Job.objects.filter(pk__in=[job.pk for job in rest[2:6]]).update(film_seconds=15)
    choosing.choose([job.pk for job in rest[3:7]], alice, "rating", 3)
    return list(Job.objects.order_by("created_at", "take", "-pk"))


def test_in_every_order_the_pages_hold_each_video_once_in_both_directions(
    twelve: list[Job], alice: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    jobs = library.Sought().of(alice)
    for sort in SORTS.values():
        page = library.page_of(jobs, sort, alice)
        onward = list(page.places)
        while page.after:
            page = library.page_of(jobs, sort, alice, after=page.after)
            onward += page.places
        assert sorted(onward) == sorted(job.pk for job in twelve), sort
        back = list(page.places)
        while page.before:
            page = library.page_of(jobs, sort, alice, before=page.before)
            back = [*page.places, *back]
        assert back == onward, sort
        assert not library.page_of(jobs, sort, alice).before


def test_the_orders_are_what_they_are_called(
    twelve: list[Job], alice: User, alice_client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pages, "PAGE_SIZE", 24)

    def column(sort: str, name: str) -> list[Any]:
        found = library.page_of(library.Sought().of(alice), SORTS[sort], alice)
        rows = Job.objects.in_bulk(list(found.places))
        return [getattr(rows[pk], name) for pk in found.places]

    assert column("newest", "created_at") == sorted(column("newest", "created_at"), reverse=True)
    assert column("newest", "take")[:8].count(None) == 4
    takes = [take for take in column("newest", "take") if take]
    assert takes == [1, 2, 3, 4] == [take for take in column("oldest", "take") if take]
    assert column("oldest", "created_at") == sorted(column("newest", "created_at"))
    assert column("changed", "changed_at") == sorted(column("changed", "changed_at"), reverse=True)
    assert column("longest", "film_seconds") == [15] * 4 + [0] * 8
    assert column("title", "prompt") == ["Take"] * 4 + sorted(column("title", "prompt")[4:])
    assert column("rated", "rating") == [3] * 4 + [0] * 8


def test_the_next_page_goes_on_where_this_one_ended_whatever_is_rated_or_made_meanwhile(
    twelve: list[Job], alice: User, alice_client: Client
) -> None:
    first: Any = alice_client.get(LIBRARY, {"sort": "rated"})
    seen = [cell.card.job.pk for cell in first.context["cells"]]
    rest = {job.pk for job in twelve} - set(seen)
    choosing.choose([seen[-1]], alice, "rating", 1)
    factories.job(alice, prompt="Made meanwhile")
    after: set[Any] = set()
    page = first
    while page.context["older"]:
        page = alice_client.get(page.context["older"])
        after |= {cell.card.job.pk for cell in page.context["cells"]}
    assert rest <= after


def test_a_page_that_scrolling_asks_for_is_its_cards_and_the_way_on(
    twelve: list[Job], alice_client: Client
) -> None:
    first: Any = alice_client.get(LIBRARY)
    more = alice_client.get(first.context["older"], headers=HTMX).content.decode()
    assert more.count('class="cell"') == 5
    assert "<html" not in more
    assert more.count("<hx-partial") == 2


def test_days_have_a_heading_in_the_zone_of_the_team(
    alice: User, alice_client: Client, settings: Any
) -> None:
    settings.TIME_ZONE = "Pacific/Kiritimati"
    now = timezone.now()
    for days in (0, 0, 1, 9):
        job = factories.job(alice)
        Job.objects.filter(pk=job.pk).update(created_at=now - timedelta(days=days))
    answer: Any = alice_client.get(LIBRARY)
    day = timezone.localdate(now - timedelta(days=9))
    told = [cell.day for cell in answer.context["cells"]]
    assert told == ["Today", "", "Yesterday", f"{day:%A}, {day.day} {day:%b} {day.year}"]
    by_title: Any = alice_client.get(LIBRARY, {"sort": "title"})
    assert not any(cell.day or cell.at for cell in by_title.context["cells"])


def test_nobody_finds_what_they_may_not_see_nor_reads_who_else_there_is(
    world: dict[str, Any], bob: User, admin_client: Client
) -> None:
    factories.member("carol")
    bobs = factories.signed_in(bob)
    assert shown(bobs) == HARE
    assert shown(admin_client) == BOTH
    for asked in ({"tag": "Märchen"}, {"favorite": "on"}, {"shared": "on"}, {"q": "fox"}):
        assert shown(bobs, **asked) == []
    page = bobs.get(LIBRARY).content.decode()
    assert "carol" not in page
    assert "alice" not in page


WRONG = [
    *("person=x", "person=0", "project=9999", "provider=acme", "model=m", "state=s", "made=m"),
    *("ratio=1:7", "size=8k", "frame_rate=0", "min_seconds=0", "min_seconds=x", "max_seconds=-1"),
    *("min_mb=9999999999999", "first=yesterday", "last=2026-02-31", "rating=6", "rating=x"),
    *("q=%00", "rejected=maybe", "sort=random", "first=2026-05-02&last=2026-05-01"),
    *("min_seconds=9&max_seconds=8", "person=%00", "first=0001-01-01", "last=9999-12-31"),
]


def test_what_cannot_be_found_by_is_said_and_nothing_is_shown(
    world: dict[str, Any], alice_client: Client
) -> None:
    for query in WRONG:
        answer: Any = alice_client.get(f"{LIBRARY}?{query}")
        assert answer.status_code == 422, query
        said = text(answer)
        assert "This address asks for something that can’t be found by." in said
        assert "Nothing is shown until the filters are correct" in said
        assert answer.context["cells"] == []


def test_a_place_that_is_none_leads_to_the_beginning_and_says_so(
    world: dict[str, Any], alice_client: Client
) -> None:
    nowhere = ["x", "..", "1.2.3", "\0", "9" * 400, f"x.{uuid4().hex}", uuid4().hex, "é"]
    asked = [{way: place} for way in ("after", "before") for place in nowhere]
    fox = factories.job(User.objects.get(username="alice")).pk.hex
    # Of an order that people change, a video alone is no place, nor one with nonsense.
    asked += [{"sort": "rated", "after": each} for each in (fox, f"-1.{fox}", f"{'9' * 99}.{fox}")]
    asked += [{"sort": "title", "after": f"{each}.{fox}"} for each in ("é", "AA", "_w")]
    for each in asked:
        answer: Any = alice_client.get(LIBRARY, each)
        assert "That place in the list is no longer there." in text(answer), each
        assert len(answer.context["cells"]) == 3


def test_the_place_of_a_video_that_somebody_may_not_see_is_none_to_them(
    alice: User, bob: User, alice_client: Client
) -> None:
    secret, bobs = factories.succeeded(alice), factories.signed_in(bob)
    for way in ("after", "before"):
        said = text(bobs.get(LIBRARY, {way: secret.pk.hex}))
        assert "That place in the list is no longer there." in said
        # Who scrolls there is led to the beginning, and not left with nothing.
        led = bobs.get(LIBRARY, {"q": "fox", way: secret.pk.hex}, headers=HTMX)
        assert led.headers["HX-Redirect"] == f"{LIBRARY}?q=fox"
    # Its owner goes on behind it, also once it is in the trash.
    keeping.throw_away([secret.pk], alice)
    assert "no longer there" not in text(alice_client.get(LIBRARY, {"after": secret.pk.hex}))


def test_words_of_any_length_and_kind_are_searched_for_or_found_nowhere(
    world: dict[str, Any], alice_client: Client
) -> None:
    for words in ("fox" * 500, "%", "' OR 1=1", "🦊", "fox\nfox"):
        assert alice_client.get(LIBRARY, {"q": words, "tag": words}).status_code == 200


def test_an_empty_library_says_whether_there_is_nothing_or_nothing_like_that(
    alice: User, alice_client: Client
) -> None:
    assert "Nothing here yet" in text(alice_client.get(LIBRARY))
    factories.job(alice)
    answer = text(alice_client.get(LIBRARY, {"q": "nowhere"}))
    assert "No videos match" in answer
    assert "Clear all" in answer


def test_of_very_many_videos_nobody_waits_for_the_number(
    alice: User, alice_client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    for _ in range(4):
        factories.job(alice)
    monkeypatch.setattr("jobs.letters.counts.COUNTED_MAX", 3)
    assert "3+ videos" in text(alice_client.get(LIBRARY))


def test_of_a_tag_that_very_many_have_those_are_counted_that_one_sees(
    alice: User, alice_client: Client, bob: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(search_index, "HITS_MAX", 2)
    for owner, number in ((alice, 26), (bob, 3)):
        for _ in range(number):
            factories.job(owner).tags.create(name="Urgent", by=owner)
    factories.job(alice)
    assert "26 videos" in text(alice_client.get(LIBRARY, {"tag": "urgent"}))
    Job.objects.filter(pk=Job.objects.filter(owner=alice, tags__name="Urgent")[0].pk).update(
        is_rejected=True
    )
    asked = {"tag": "urgent", "rejected": "hide", "person": "me"}
    assert "25 videos" in text(alice_client.get(LIBRARY, asked))


@pytest.mark.parametrize("words", ["fox", "fox den", "f", "fo de", "街道", "fox 街道"])
def test_of_words_that_very_many_have_those_are_counted_that_one_sees(
    alice: User,
    alice_client: Client,
    bob: User,
    monkeypatch: pytest.MonkeyPatch,
    words: str,
) -> None:
    monkeypatch.setattr(search_index, "HITS_MAX", 2)
    project, prompt = Project.objects.create(name="Spot", created_by=bob), "A fox in its den, 街道"
    for _ in range(26):
        factories.job(alice, prompt=prompt)
    factories.job(alice, prompt="An owl on a tree")
    factories.job(bob, prompt=prompt)
    factories.job(bob, prompt=prompt, project_id=project.pk, aspect_ratio="9:16")
    narrowed = (("", 27), ("&ratio=16:9", 26), (f"&project={project.pk}", 1))
    for more, total in (*narrowed, ("&first=2020-01-01", 27), ("&last=2020-01-01", 0)):
        shown: Any = alice_client.get(f"{LIBRARY}?q={words}{more}")
        assert (shown.context["total"], bool(shown.context["seen"])) == (total, total > 24)
    monkeypatch.setattr("jobs.letters.counts.COUNTED_MAX", 25)
    assert "25+ videos" in text(alice_client.get(LIBRARY, {"q": words}))


def test_words_that_very_many_have_are_looked_for_in_the_texts_once(
    alice: User, alice_client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("jobs.letters.counts.COUNTED_MAX", 25)
    for _ in range(26):
        factories.job(alice, prompt="A fox in its den")
    with CaptureQueriesContext(connection) as asked:
        assert "25+ videos" in text(alice_client.get(LIBRARY, {"q": "fox den"}))
    assert len([each for each in asked if "jobs_jobtext" in each["sql"]]) == 1


@pytest.mark.parametrize("most", [60, 20], ids=["sorted from the texts", "met in their order"])
def test_words_that_very_many_have_are_found_by_title_page_by_page(
    alice: User,
    alice_client: Client,
    bob: User,
    monkeypatch: pytest.MonkeyPatch,
    most: int,
) -> None:
    monkeypatch.setattr(search_index, "HITS_MAX", 2)
    monkeypatch.setattr("jobs.letters.counts.COUNTED_MAX", 25)
    monkeypatch.setattr(texts_first, "SORTED_MAX", most)
    for number in range(26):
        factories.job(alice, prompt=f"{number % 7} foxes in their den")
    factories.job(alice, prompt="An owl in its den")
    factories.job(bob, prompt="A fox in its den")
    with CaptureQueriesContext(connection) as asked:
        first: Any = alice_client.get(LIBRARY, {"q": "fox den", "sort": "title"})
        more: Any = alice_client.get(first.context["older"])
    shown = [cell.card.job.pk for page in (first, more) for cell in page.context["cells"]]
    wanted = Job.objects.filter(owner=alice, prompt__contains="fox").order_by("title_key")
    assert sorted(shown) == sorted(job.pk for job in wanted)
    title_of = {job.pk: job.title_key for job in wanted}
    assert [title_of[each] for each in shown] == [job.title_key for job in wanted]
    sorting = [each["sql"] for each in asked if "title_key" in each["sql"]]
    are_named = any("json_each(" in each or "= ANY(" in each for each in sorting)
    assert are_named == (most == 60)


def test_a_choice_in_the_library_is_answered_with_the_card_as_it_is_now(
    alice: User, alice_client: Client
) -> None:
    job = factories.job(alice)
    here = {**HTMX, "HX-Current-URL": f"http://testserver{LIBRARY}?sort=title"}
    body = {"do": "favorite", "video": [str(job.pk)]}
    answer = alice_client.post("/jobs/choose/", body, headers=here).content.decode()
    assert f'hx-target="#job-{job.pk}"' in answer


def test_what_is_moved_out_of_the_filter_or_deleted_leaves_the_library_and_its_count(
    world: dict[str, Any], alice: User, alice_client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    project = world["project"]
    made = [factories.succeeded(alice, project_id=project, prompt="Owl") for _ in range(2)]
    one, other = made
    here = f"http://testserver{LIBRARY}?q=owl&project={project}"

    def posted(address: str, *videos: Job, **more: str) -> str:
        body = {"video": [str(each.pk) for each in videos], **more}
        answer = alice_client.post(address, body, headers={**HTMX, "HX-Current-URL": here})
        return answer.headers.get("HX-Refresh") or answer.content.decode()

    answer = posted(reverse("move-videos"), one, to="none")
    assert f'hx-target="#cell-{one.pk}"></hx-partial>' in answer
    assert "<b>1</b> video" in answer
    answer = posted(reverse("trash-videos"), other)
    assert f'hx-target="#cell-{other.pk}"></hx-partial>' in answer
    assert "No videos match" in answer
    # Of more than an answer draws, the page is shown anew.
    monkeypatch.setattr("jobs.views.jobs.keeping.chosen.CARDS_MAX", 0)
    assert posted(reverse("move-videos"), one, to=str(project)) == "true"


@pytest.mark.parametrize(
    ("came_from", "name", "back"),
    [
        (f"{LIBRARY}?q=fox", "Library", f"{LIBRARY}?q=fox"),
        ("/?q=fox", "Studio", "/?q=fox"),
        ("/projects/7/", "Project", "/projects/7/"),
        ("/shares/", "Library", LIBRARY),
    ],
)
def test_a_video_and_its_download_lead_back_to_the_list_they_were_opened_from(
    alice: User, alice_client: Client, came_from: str, name: str, back: str
) -> None:
    job = factories.succeeded(alice)
    for address in (f"/jobs/{job.pk}/", f"/files/?video={job.pk}"):
        headers = {"Referer": f"http://testserver{came_from}"}
        page = alice_client.get(address, headers=headers).content.decode()
        link = re.search(r'<a class="back" href="([^"]*)">(.*?)</a>', page, re.DOTALL)
        assert link, address
        assert (link[1], link[2].rpartition(">")[2]) == (back, name)
        current = re.findall(r'<a\s+href="([^"]*)"\s+aria-current="page"', page)
        assert set(current) == {reverse("projects" if name == "Project" else name.lower())}


def test_so_do_deleting_a_video_on_its_page_and_moving_it(
    alice: User, alice_client: Client
) -> None:
    job, place = factories.succeeded(alice), f"{LIBRARY}?q=fox&after={uuid4().hex}"
    page, next_ = f"/jobs/{job.pk}/", re.compile('name="next" value="([^"]*)"')

    def form(address: str, came_from: str) -> str:
        headers = {"Referer": f"http://testserver{came_from}"}
        content = alice_client.get(address, headers=headers).content.decode()
        return html.unescape(next_.findall(content)[-1])

    move, trash = reverse("move-videos"), reverse("trash-videos")
    assert form(page, place) == place
    assert form(f"{move}?video={job.pk}", page) == page
    chosen = {"video": job.pk, "to": "none"}
    assert alice_client.post(move, {**chosen, "next": page})["Location"] == page
    # Of what nobody here wrote, only what is ours is believed.
    for elsewhere in ("https://elsewhere.example/jobs/", "//elsewhere.example/", "http://[", "x"):
        answer = alice_client.post(move, {**chosen, "next": elsewhere})
        assert answer["Location"] in (LIBRARY, "/"), elsewhere
    assert alice_client.post(trash, {"video": job.pk, "next": place})["Location"] == place


def test_the_library_asks_as_much_for_many_videos_as_for_few(
    alice: User, alice_client: Client
) -> None:
    factories.succeeded(alice)
    few = queries(alice_client, LIBRARY)
    for _ in range(5):
        tagging.tag([factories.succeeded(alice).pk], alice, ["fox"])
    assert len(queries(alice_client, LIBRARY)) == len(few) <= 16, few
