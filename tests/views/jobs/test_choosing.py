"""Favorites, ratings, what is rejected and tags: one truth for all who see a video."""

from __future__ import annotations

import re
from typing import Any
from uuid import UUID

import pytest
from django.core import signing
from django.db import IntegrityError, transaction
from django.test import Client

from jobs.keeping import choosing, tagging
from jobs.limits import Limit
from jobs.models import Choice, Job, LedgerEntry, Project, Tag, User
from jobs.views.jobs.keeping.undoing import SALT
from tests.support import factories
from tests.support.limited import allow
from tests.support.racing import together
from tests.support.typed_forms import HTMX, text
from tests.views.jobs.test_live import Tab

pytestmark = [pytest.mark.django_db, pytest.mark.data]


def press(client: Client, do: str, *videos: Job, **more: Any) -> Any:
    """A button of the bar, for these videos; the page that answers."""
    body = {"do": do, "video": [str(video.pk) for video in videos], **more}
    return client.post(
        "/jobs/choose/", body, follow=True, headers={"Referer": "http://testserver/"}
    )


def facts(video: Job) -> tuple[bool, int, bool]:
    row = Job.objects.get(pk=video.pk)
    return row.is_favorite, row.rating, row.is_rejected


def tags(video: Job) -> list[str]:
    return list(Tag.objects.filter(job=video).values_list("name", flat=True))


@pytest.fixture
def three(alice: User) -> list[Job]:
    return [factories.job(alice, prompt=f"Fox {number}") for number in "123"]


# ── Who, and what ──────────────────────────────────────────────────────────────────────────────
def test_all_who_see_a_video_say_what_they_think_of_it_and_see_the_same(
    alice_client: Client, take: Job, bob: User
) -> None:
    Job.objects.update(project=Project.objects.create(name="Fox"))
    press(factories.signed_in(bob), "rate-4", take)
    assert "Rated 4 of 5" in text(alice_client.get("/"))
    row = Choice.objects.get()
    assert (row.job.rating, row.rating_by) == (4, bob)


def test_what_somebody_may_not_see_stays_as_it_is(take: Job, bob: User) -> None:
    own = factories.job(bob)
    answer = press(factories.signed_in(bob), "favorite", own, take)
    assert "1 video is a favorite now. 1 is no longer there." in text(answer)
    assert list(Choice.objects.values_list("pk", flat=True)) == [own.pk]
    assert "no longer there" in text(press(factories.signed_in(bob), "reject", take))


def test_a_favorite_is_not_rejected_and_what_is_rejected_no_favorite(
    alice_client: Client, take: Job
) -> None:
    said = []
    for do in ("favorite", "rate-3", "reject", "favorite", "unfavorite", "rate-0"):
        press(alice_client, do, take)
        said.append(facts(take))
    assert said == [
        (True, 0, False),
        (True, 3, False),
        (False, 3, True),
        (True, 3, False),
        (False, 3, False),
        (False, 0, False),
    ]


def test_many_are_chosen_with_one_click_and_the_answer_says_how_many(
    alice_client: Client, three: list[Job]
) -> None:
    assert "3 videos rated 5." in text(press(alice_client, "rate-5", *three))
    assert [facts(video) for video in three] == [(False, 5, False)] * 3
    answer = press(alice_client, "rate-5")
    assert "Choose at least one video." in text(answer)


def test_one_is_chosen_from_its_menu_whatever_else_is_ticked(
    alice_client: Client, three: list[Job]
) -> None:
    ticked = [str(three[1].pk), str(three[2].pk)]
    alice_client.post("/jobs/choose/", {"one": f"reject {three[0].pk}", "video": ticked})
    assert list(Choice.objects.values_list("pk", "job__is_rejected")) == [(three[0].pk, True)]


def test_choosing_touches_neither_money_nor_a_status(alice_client: Client, take: Job) -> None:
    def books() -> list[Any]:
        jobs = Job.objects.values("status", "quote", "charged", "owner", "prompt")
        return [*LedgerEntry.objects.values(), *jobs, *take.events.values()]

    before = books()
    for do in ("favorite", "rate-2", "reject", "tag"):
        press(alice_client, do, take, tags="night")
    assert books() == before
    assert facts(take) == (False, 2, True)


def test_a_larger_copy_is_chosen_with_its_video(alice_client: Client, take: Job) -> None:
    press(alice_client, "favorite", factories.upgrade(take))
    assert not Choice.objects.exists()


def test_saying_the_same_again_changes_nothing(alice_client: Client, take: Job) -> None:
    press(alice_client, "rate-2", take)
    take.refresh_from_db()
    answer = press(alice_client, "rate-2", take)
    assert Job.objects.get(pk=take.pk).version == take.version
    assert "1 video rated 2." in text(answer)


def test_the_database_knows_what_a_choice_can_be(take: Job, alice: User) -> None:
    for wrong in ({"rating": 6}, {"is_favorite": True, "is_rejected": True}):
        with pytest.raises(IntegrityError), transaction.atomic():
            Job.objects.filter(pk=take.pk).update(**wrong)
    Tag.objects.create(job=take, name="Night", by=alice)
    for name in ("night", ""):
        with pytest.raises(IntegrityError), transaction.atomic():
            Tag.objects.create(job=take, name=name, by=alice)


# ── Tags ───────────────────────────────────────────────────────────────────────────────────────
def test_a_tag_is_the_same_however_it_is_written(alice_client: Client, three: list[Job]) -> None:
    press(alice_client, "tag", three[0], tags="Night shot,  #hero")
    press(alice_client, "tag", *three[:2], tags="NIGHT  shot")
    assert tags(three[0]) == ["hero", "Night shot"]
    assert tags(three[1]) == ["Night shot"]
    assert "Tag “nıght” removed" not in text(
        press(alice_client, "untag", *three, tags="night shot")
    )
    assert tags(three[0]) == ["hero"]


@pytest.mark.parametrize("typed", ["", " , #,", "x" * 41, "\u200b"])
def test_what_is_no_tag_is_refused_with_a_reason(
    alice_client: Client, take: Job, typed: str
) -> None:
    answer = press(alice_client, "tag", take, tags=typed)
    assert "is too long: a tag has up to 40" in text(answer) or "Type a tag first." in text(answer)
    assert not Tag.objects.exists()


def test_neither_a_video_nor_the_team_has_tags_without_end(
    alice_client: Client, three: list[Job], monkeypatch: pytest.MonkeyPatch
) -> None:
    many = ",".join(map(str, range(20)))
    press(alice_client, "tag", three[0], tags=many)
    answer = press(alice_client, "tag", *three[:2], tags="one more")
    assert "A video can have up to 20 tags." in text(answer)
    assert tags(three[1]) == []
    monkeypatch.setattr(tagging, "TAGS_MAX", 20)
    assert "The team has 20 tags." in text(press(alice_client, "tag", three[1], tags="another"))
    press(alice_client, "tag", three[1], tags="7")
    assert tags(three[1]) == ["7"]


def test_only_tags_of_videos_that_one_sees_are_offered(
    alice_client: Client, take: Job, bob: User
) -> None:
    press(alice_client, "tag", take, tags="secret")
    assert 'value="secret"' in alice_client.get("/jobs/tags/").content.decode()
    assert factories.signed_in(bob).get("/jobs/tags/").content.strip() == b""


def test_tags_come_by_their_use_each_as_the_oldest_that_one_sees_spells_it(
    alice: User, bob: User, alice_client: Client, three: list[Job]
) -> None:
    hidden = factories.succeeded(bob)
    for name, videos in (("Night", [hidden, *three[:2]]), ("day", three[:1]), ("dusk", three)):
        for video in videos:
            Tag.objects.create(job=video, name=name, by=video.owner)
    Tag.objects.filter(job__in=three, name="Night").update(name="NIGHT")
    offered = alice_client.get("/jobs/tags/").content.decode()
    assert re.findall(r'value="(\w+)"', offered) == ["dusk", "NIGHT", "day"]
    assert tagging.tags_seen_by(bob) == ["Night"]


# ── Undo ───────────────────────────────────────────────────────────────────────────────────────
def undo(client: Client, answer: Any, **headers: str) -> Any:
    found = re.search(r'name="steps" value="([^"]+)"', answer.content.decode())
    assert found
    return client.post("/jobs/choose/undo/", {"steps": found[1]}, follow=True, headers=headers)


def test_undo_puts_back_what_was_before(alice_client: Client, three: list[Job]) -> None:
    press(alice_client, "favorite", three[0])
    press(alice_client, "tag", three[1], tags="night")
    rejected = press(alice_client, "reject", *three)
    tagged = press(alice_client, "tag", *three, tags="night")
    assert "Undone for 2 videos." in text(undo(alice_client, tagged))
    assert "Undone for 3 videos." in text(undo(alice_client, rejected))
    assert [facts(video) for video in three] == [(True, 0, False)] + [(False, 0, False)] * 2
    assert [tags(video) for video in three] == [[], ["night"], []]


def test_undo_leaves_alone_what_somebody_changed_since(
    alice_client: Client, admin_client: Client, three: list[Job]
) -> None:
    answer = press(alice_client, "rate-2", *three)
    press(admin_client, "rate-5", three[0])
    assert "Undone for 2 videos." in text(undo(alice_client, answer))
    assert [facts(video)[1] for video in three] == [5, 0, 0]
    assert "Nothing was undone" in text(undo(alice_client, answer))


@pytest.mark.parametrize("whose", ["somebody else's", "forged"])
def test_what_was_not_said_to_this_person_is_not_undone(
    alice: User, admin_client: Client, take: Job, whose: str
) -> None:
    steps = [(take.pk.hex, "rating", 0, 0)]
    token = signing.dumps((alice.pk, steps), salt=SALT)
    sent = token if whose == "somebody else's" else f"{token}x"
    answer = admin_client.post("/jobs/choose/undo/", {"steps": sent}, follow=True)
    assert "This can’t be undone any more." in text(answer)


# ── Live, and kept cards ───────────────────────────────────────────────────────────────────────
def test_another_open_studio_shows_it_and_interrupts_nobody(
    alice_client: Client, admin_client: Client, take: Job
) -> None:
    tab = Tab(admin_client)
    assert "Favorite</span>" not in tab.answer.content.decode().partition('id="jobs"')[2]
    press(alice_client, "favorite", take)
    assert (tab.poll(), tab.changed) == (200, ["A fox"])
    assert "Favorite" in text(tab.answer)
    assert tab.answer.context["announcements"] == []


def test_a_card_that_no_longer_passes_the_filter_is_kept_true(
    alice_client: Client, admin_client: Client, take: Job
) -> None:
    press(alice_client, "rate-4", take)
    tab = Tab(admin_client, "?rating=4")
    press(alice_client, "rate-1", take)
    assert (tab.poll(), tab.changed) == (200, ["A fox"])
    assert "Rated 1 of 5" in text(tab.answer)
    assert tab.answer.context["counts"]["all"] == 0


def test_a_card_that_was_kept_shows_what_was_said_since(alice_client: Client, take: Job) -> None:
    for do, shown in (("rate-3", "Rated 3 of 5"), ("reject", "Rejected"), ("tag", "night")):
        assert shown not in text(alice_client.get("/")).partition("A fox")[0]
        answer = press(alice_client, do, take, tags="night")
        assert shown in text(answer)


def test_with_script_only_the_cards_that_were_chosen_come_back(
    alice_client: Client, three: list[Job]
) -> None:
    body = {"do": "favorite", "video": [str(three[0].pk)]}
    answer = alice_client.post("/jobs/choose/", body, headers=HTMX)
    shown = re.findall(r'hx-target="#job-([^"]+)"', answer.content.decode())
    assert shown == [str(three[0].pk)]
    assert "1 video is a favorite now." in text(answer)


def test_the_page_of_a_video_says_who_set_what_and_changes_it_in_its_place(
    alice_client: Client, take: Job
) -> None:
    press(alice_client, "rate-4", take)
    page = text(alice_client.get(f"/jobs/{take.pk}/"))
    assert "Rated 4 by alice" in page
    body = {"do": "reject", "video": [str(take.pk)]}
    open_page = {**HTMX, "HX-Current-URL": f"http://testserver/jobs/{take.pk}/"}
    answer = alice_client.post("/jobs/choose/", body, headers=open_page)
    assert 'hx-target="#choice"' in answer.content.decode()
    assert "rejected by alice" in text(answer)
    undone = undo(alice_client, answer, **open_page)
    assert 'hx-target="#choice"' in undone.content.decode()


# ── The filter ─────────────────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize(
    ("query", "shown"),
    [
        ("tab=favorites", {"Fox 1"}),
        ("rating=4", {"Fox 2"}),
        ("rating=2", {"Fox 2", "Fox 3"}),
        ("rejected=hide", {"Fox 1", "Fox 2"}),
        ("tag=NIGHT", {"Fox 2", "Fox 3"}),
        ("tag=night&rejected=hide", {"Fox 2"}),
        ("rating=9&tag=%00", {"Fox 1", "Fox 2", "Fox 3"}),
    ],
)
def test_the_studio_shows_what_is_asked_for(
    alice_client: Client, three: list[Job], query: str, shown: set[str]
) -> None:
    press(alice_client, "favorite", three[0])
    press(alice_client, "rate-5", three[1])
    press(alice_client, "rate-2", three[2])
    press(alice_client, "reject", three[2])
    press(alice_client, "tag", *three[1:], tags="night")
    page = alice_client.get(f"/?{query}")
    prompts = {video.pk: video.prompt for video in three}
    assert {prompts[card.job.pk] for card in page.context["cards"]} == shown
    count = "favorites" if "favorites" in query else "all"
    assert page.context["counts"][count] == len(shown)


# ── Floods and races ───────────────────────────────────────────────────────────────────────────
def test_who_rates_without_end_is_told_when_to_go_on(
    alice_client: Client, three: list[Job], settings: Any
) -> None:
    allow(settings, Limit.CHOICES, "4/10m")
    press(alice_client, "rate-1", *three)
    answer = press(alice_client, "rate-2", *three)
    assert answer.status_code == 429
    assert [facts(video)[1] for video in three] == [1, 1, 1]
    too_many = [str(UUID(int=number)) for number in range(301)]
    answer = alice_client.post("/jobs/choose/", {"do": "reject", "video": too_many}, follow=True)
    assert "Choose up to 300 videos at once." in text(answer)


@pytest.mark.django_db(transaction=True)
def test_two_who_choose_the_same_videos_at_once_wait_for_each_other(
    alice: User, admin: User
) -> None:
    ids = [factories.job(alice).pk for _ in range(6)]

    def act(index: int) -> int:
        order = ids if index % 2 else ids[::-1]
        steps = [
            *choosing.choose(order, admin if index % 2 else alice, "rating", index + 1).steps,
            *tagging.tag(order, alice, [f"tag {index}"]).steps,
        ]
        return len(steps)

    assert together(4, act) == [12] * 4
    assert Job.objects.order_by().values("rating").distinct().count() == 1
    assert Tag.objects.count() == 24
