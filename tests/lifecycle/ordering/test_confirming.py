"""Answers before an order is paid for, whoever brings it: here no form does."""

from __future__ import annotations

from typing import Any
from uuid import UUID, uuid4

import pytest

from jobs import lifecycle
from jobs.archive.intake import images
from jobs.lifecycle import AlreadyMade, CostsOtherwise
from jobs.models import Image, Job, Price, Project, User
from tests.support import factories
from tests.support.media import pictures
from tests.support.takes import finished

pytestmark = [pytest.mark.django_db, pytest.mark.data]


def confirmed(
    owner: User,
    submission: lifecycle.Submission | None = None,
    key: UUID | None = None,
    *,
    seen_cost: int | None = 60,
    seen_duplicate: UUID | None = None,
) -> CostsOtherwise | AlreadyMade | None:
    """The answer to an order of a video for 60 credits."""
    return lifecycle.confirm(
        owner,
        submission or factories.submission(),
        key or uuid4(),
        seen_cost=seen_cost,
        seen_duplicate=seen_duplicate,
    )


# ── The price ────────────────────────────────────────────────────────────────
def test_an_order_that_costs_what_was_seen_is_confirmed(alice: User) -> None:
    assert confirmed(alice) is None


@pytest.mark.parametrize(
    ("seen", "sentence"),
    [
        (50, "This costs 60 credits, not the 50 shown."),
        (5000, "This costs 60 credits, not the 5,000 shown."),
        (0, "This costs 60 credits, and no price was shown."),
    ],
)
def test_an_order_that_costs_otherwise_than_was_seen_is_not_taken_whoever_brings_it(
    alice: User, seen: int, sentence: str
) -> None:
    answer = confirmed(alice, seen_cost=seen)
    assert answer == CostsOtherwise(cost=60, seen=seen)
    assert answer.user_message == sentence
    assert not Job.objects.exists()


def test_who_cannot_tell_what_was_seen_is_not_asked(alice: User) -> None:
    assert confirmed(alice, seen_cost=None) is None


def test_where_there_is_no_price_the_submission_says_so(alice: User) -> None:
    Price.objects.all().delete()
    assert confirmed(alice, seen_cost=60) is None
    with pytest.raises(lifecycle.NotSubmitted, match="no price"):
        lifecycle.submit(alice, factories.submission(), uuid4())


def test_an_extension_costs_what_was_seen_too(alice: User) -> None:
    take = finished(alice)
    longer = lifecycle.extension_of(take, "And then the sun comes out", take.model)
    cost = lifecycle.submit(alice, longer, uuid4()).quote
    assert confirmed(alice, longer, seen_cost=cost) is None
    assert confirmed(alice, longer, seen_cost=cost - 1) == CostsOtherwise(cost, cost - 1)


def test_an_order_that_was_taken_before_is_not_asked_about_again(alice: User) -> None:
    key = uuid4()
    lifecycle.submit(alice, factories.submission(seed=23456), key)
    Price.objects.update(credits=70)
    assert confirmed(alice, factories.submission(seed=23456), key) is None
    assert confirmed(alice, factories.submission(seed=23456)) == CostsOtherwise(70, 60)


# ── The same once more ───────────────────────────────────────────────────────
@pytest.fixture
def theirs(bob: User) -> Job:
    """A colleague's video, which the team may see."""
    project = Project.objects.create(name="Launch film")
    return factories.job(bob, project_id=project.pk)


def test_what_a_colleague_made_is_said_once(alice: User, theirs: Job) -> None:
    assert confirmed(alice) == AlreadyMade(theirs)
    assert confirmed(alice, seen_duplicate=theirs.pk) is None
    assert confirmed(alice, seen_duplicate=uuid4()) == AlreadyMade(theirs)


@pytest.mark.parametrize(("seed", "is_news"), [(None, False), (23456, True)])
def test_one_more_try_of_ones_own_is_news_only_where_it_would_come_out_the_same(
    alice: User, seed: int | None, is_news: bool
) -> None:
    own = factories.job(alice, seed=seed)
    factories.age(own, seconds=70)
    answer = confirmed(alice, factories.submission(seed=seed))
    assert answer == (AlreadyMade(own) if is_news else None)


def test_for_a_minute_one_more_try_may_be_one_press_too_many(alice: User) -> None:
    own = factories.job(alice)
    factories.age(own, seconds=50)
    assert confirmed(alice) == AlreadyMade(own)
    assert confirmed(alice, seen_duplicate=own.pk) is None
    assert confirmed(alice, factories.submission(prompt="Another idea")) is None


@pytest.mark.parametrize(
    "other", [{"prompt": "A lighthouse"}, {"seed": 23456}, {"watermark": "Acme"}]
)
def test_what_differs_in_anything_that_shows_is_not_the_same(
    alice: User, theirs: Job, other: dict[str, Any]
) -> None:
    assert confirmed(alice, factories.submission(**other)) is None


def test_the_same_pictures_in_another_order_are_not_the_same(alice: User) -> None:
    first, last = (
        str(images.add(alice, pictures.picture(colour=(shade, 0, 0)), Image.Origin.UPLOAD).pk)
        for shade in (10, 200)
    )
    frames = {"mode": "frames", "seed": 23456}
    own = factories.job(alice, **frames, image_ids=(first, last))
    same = factories.submission(**frames, image_ids=(first, last))
    assert confirmed(alice, same) == AlreadyMade(own)
    turned = factories.submission(**frames, image_ids=(last, first))
    assert confirmed(alice, turned) is None


def test_the_price_is_asked_about_first(alice: User, theirs: Job) -> None:
    assert confirmed(alice, seen_cost=50) == CostsOtherwise(60, 50)


def test_what_is_made_of_a_video_is_not_asked_about_twice(alice: User) -> None:
    take = finished(alice)
    longer = lifecycle.extension_of(take, "And then the sun comes out", take.model, 23456)
    cost = lifecycle.submit(alice, longer, uuid4()).quote
    assert confirmed(alice, longer, seen_cost=cost) is None
