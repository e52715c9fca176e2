"""Taking a click back after others have clicked: what no longer goes stays, and nothing breaks."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

import hypothesis
import pytest
from django.db import transaction
from django.test import Client
from hypothesis import HealthCheck, given
from hypothesis import strategies as st

from jobs.keeping import choosing, tagging, taking_back
from jobs.keeping.choosing import Chosen
from jobs.limits import Limit
from jobs.models import Job, Tag, User
from tests.support import factories
from tests.support.limited import allow
from tests.support.typed_forms import text
from tests.views.jobs.test_choosing import facts, press, tags, undo

pytestmark = [pytest.mark.django_db, pytest.mark.data]

VIDEOS = 2
KINDS = [*("favorite", "rejected") * 3, "rating", "pick", "tag", "untag", "undo"]
CLICKS = st.lists(
    st.tuples(st.sampled_from(KINDS), st.integers(0, 5), st.integers(0, VIDEOS), st.booleans()),
    min_size=5,
    max_size=8,
)


@pytest.fixture
def two(alice: User) -> list[Job]:
    return [factories.job(alice) for _ in range(VIDEOS)]


@pytest.mark.parametrize(
    ("first", "back", "meanwhile", "left"),
    [
        ("favorite", "unfavorite", "reject", (False, 0, True)),
        ("reject", "restore", "favorite", (True, 0, False)),
    ],
)
def test_what_a_colleague_said_meanwhile_is_not_contradicted_by_undo(
    alice_client: Client,
    admin_client: Client,
    two: list[Job],
    first: str,
    back: str,
    meanwhile: str,
    left: tuple[bool, int, bool],
) -> None:
    press(alice_client, first, *two)
    there = facts(two[1])
    answer = press(alice_client, back, *two)
    press(admin_client, meanwhile, two[0])
    assert "Undone for 1 video." in text(undo(alice_client, answer))
    assert [facts(video) for video in two] == [left, there]


def test_a_tag_comes_back_only_where_there_is_room(
    alice_client: Client,
    admin_client: Client,
    two: list[Job],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    press(alice_client, "tag", *two, tags="night")
    answer = press(alice_client, "untag", *two, tags="night")
    press(admin_client, "tag", two[0], tags=",".join(map(str, range(20))))
    assert "A video can have up to 20 tags." in text(undo(alice_client, answer))
    assert [len(tags(video)) for video in two] == [20, 0]
    press(admin_client, "untag", two[0], tags="7")
    monkeypatch.setattr(tagging, "TAGS_MAX", 19)
    assert "The team has 19 tags." in text(undo(alice_client, answer))
    monkeypatch.setattr(tagging, "TAGS_MAX", 20)
    assert "Undone for 2 videos." in text(undo(alice_client, answer))
    assert [len(tags(video)) for video in two] == [20, 1]


def click(kind: str, number: int, which: int, by: User, ids: list[Any]) -> Chosen:
    some = [ids[which]] if which < VIDEOS else ids
    match kind:
        case "pick":
            return choosing.pick(some[0], ids, by)
        case "tag" | "untag":
            change = tagging.tag if kind == "tag" else tagging.untag
            return change(some, by, ["a", "b", "c"][: number % 3 + 1])
        case "rating":
            return choosing.choose(some, by, kind, number)
        case _:
            # As the button does it: what is so already is taken back.
            before = choosing.facts_of(Job.objects.get(pk=some[0]))[kind]
            return choosing.choose(some, by, kind, not before)


def undone(chosen: Chosen, whose: User, ids: list[Any]) -> None:
    """It is taken back, or refused with a sentence; either way all is within what may be."""
    with suppress(choosing.NotChosen), transaction.atomic():
        taking_back.undo(chosen.steps, whose)
    assert not Job.objects.filter(is_favorite=True, is_rejected=True).exists()
    for video in ids:
        assert Tag.objects.filter(job=video).count() <= tagging.TAGS_OF_VIDEO_MAX


@hypothesis.settings(max_examples=25, derandomize=True, suppress_health_check=list(HealthCheck))
@given(clicks=CLICKS)
def test_any_click_of_two_people_can_be_taken_back_at_any_time(
    alice: User,
    admin: User,
    two: list[Job],
    settings: Any,
    monkeypatch: pytest.MonkeyPatch,
    clicks: list[tuple[str, int, int, bool]],
) -> None:
    allow(settings, Limit.CHOICES, "1000000/10m")
    monkeypatch.setattr(tagging, "TAGS_OF_VIDEO_MAX", 2)
    ids = [video.pk for video in two]
    made: list[tuple[Chosen, User]] = []
    with transaction.atomic():
        for kind, number, which, is_hers in clicks:
            by = alice if is_hers else admin
            if kind == "undo" and made:
                undone(*made[-1 - number % len(made)], ids)
            elif kind != "undo":
                with suppress(choosing.NotChosen), transaction.atomic():
                    made.append((click(kind, number, which, by, ids), by))
        # Each of them as if it alone was taken back now.
        for chosen, whose in made:
            with transaction.atomic():
                undone(chosen, whose, ids)
                transaction.set_rollback(True)
        transaction.set_rollback(True)
