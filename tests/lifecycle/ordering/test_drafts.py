"""Drafts: the cheapest look at a prompt, and promoting one to what its project delivers in."""

from __future__ import annotations

from dataclasses import replace
from typing import Any
from uuid import uuid4

import pytest
from django.db import IntegrityError, transaction

from jobs import lifecycle, usage
from jobs.ledger import today
from jobs.lifecycle import NotSubmitted, Submission
from jobs.models import Job, Project, Team, User
from jobs.pricing import PriceList, catalogue
from jobs.providers import PROVIDERS
from tests.support import factories
from tests.support.answers import omni
from tests.support.racing import together

pytestmark = [pytest.mark.django_db, pytest.mark.data]

LITE, QUALITY = "veo3_lite", "veo3"


def draft_of(**changes: Any) -> Submission | None:
    return lifecycle.draft_of(factories.submission(**changes), PROVIDERS, PriceList())


def made_in(order: Submission | None) -> tuple[str, str] | None:
    return (order.model, order.resolution) if order else None


@pytest.fixture
def project(db: None) -> Project:
    return Project.objects.create(name="Autumn", delivers_model="veo3_fast", delivers_size="1080p")


def a_draft(owner: User, **changes: Any) -> Job:
    """A finished draft of these settings."""
    order = draft_of(**changes)
    assert order
    return factories.finish(lifecycle.submit(owner, order, uuid4()))


def promote(draft: Job, by: User) -> Job:
    return lifecycle.submit(by, lifecycle.promotion_of(draft).submission, uuid4())


# ── The cheapest look ─────────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, (LITE, "720p")),
        ({"model": QUALITY, "resolution": "4k"}, (LITE, "720p")),
        # Of equal prices the smallest, which is there soonest.
        ({"model": omni.FLASH, "duration": 10}, (omni.FLASH, "360p")),
        ({"seed": 5, "duration": 6}, (omni.FLASH, "360p")),
        ({"watermark": "Okafor"}, (LITE, "720p")),
        ({"model": omni.FLASH, "duration": 10, "watermark": "Okafor"}, None),
        ({"prompt": "x" * 6000}, (omni.FLASH, "360p")),
        ({"aspect_ratio": "1:1"}, ("veo-4", "720p")),
        ({"aspect_ratio": "21:9"}, None),
    ],
)
def test_a_draft_is_made_by_the_cheapest_model_and_size_that_can(
    db: None, changes: dict[str, Any], expected: tuple[str, str] | None
) -> None:
    assert made_in(draft_of(**changes)) == expected


def test_a_draft_goes_by_the_prices_in_force_and_the_models_that_are_offered(admin: User) -> None:
    catalogue.withdraw("kie", LITE, reason="Too slow", actor=admin)
    assert made_in(draft_of()) == ("veo3_fast", "720p")
    assert lifecycle.draft_of(factories.submission(), ("veo4",), PriceList()) == replace(
        factories.submission(provider="veo4"), is_draft=True
    )


def test_a_draft_remembers_its_price_in_full_that_day(alice: User, project: Project) -> None:
    assert a_draft(alice).full_price == 60
    assert a_draft(alice, project_id=project.pk).full_price == 65
    assert factories.job(alice).full_price is None


# ── What a project delivers in ────────────────────────────────────────────────────────────────
def test_a_project_delivers_in_its_own_choice_or_the_teams_or_the_usual(project: Project) -> None:
    def target(project: Project | None) -> str:
        return lifecycle.target_of(project).label

    assert (target(project), target(None)) == ("Veo 3.1 Fast, 1080p", "Veo 3.1 Fast, 720p")
    Team.objects.update_or_create(pk=1, defaults={"delivers_model": LITE, "delivers_size": "4k"})
    other = Project.objects.create(name="Fjord")
    assert (target(other), target(None)) == ("Veo 3.1 Lite, 4K", "Veo 3.1 Lite, 4K")
    # What there is no more counts as no choice.
    other.delivers_model, other.delivers_size = "veo2", "720p"
    assert target(other) == "Veo 3.1 Lite, 4K"


def test_where_nobody_has_said_no_withdrawn_model_is_delivered_in(admin: User) -> None:
    catalogue.withdraw("kie", "veo3_fast", reason="Gone", actor=admin)
    assert lifecycle.target_of(None).model.name != "veo3_fast"
    for provider in PROVIDERS.values():
        for model in provider.models:
            catalogue.withdraw(provider.name, model.name, reason="Gone", actor=admin)
    assert lifecycle.target_of(None).model.name == "veo3_fast"


def test_a_model_without_a_size_is_no_choice(project: Project) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        Project.objects.filter(pk=project.pk).update(delivers_size="")


# ── Promoting ─────────────────────────────────────────────────────────────────────────────────
def test_a_promotion_has_the_prompt_seed_and_format_of_its_draft(
    alice: User, project: Project
) -> None:
    draft = a_draft(alice, project_id=project.pk, aspect_ratio="9:16")
    made = promote(draft, alice)
    assert (made.model, made.resolution, made.quote) == ("veo3_fast", "1080p", 65)
    assert (made.prompt, made.seed, made.aspect_ratio) == (draft.prompt, draft.seed, "9:16")
    assert (made.draft, made.project, made.is_draft) == (draft, project, False)
    assert lifecycle.promotion_of(draft).changes == ()


@pytest.mark.parametrize(
    ("target", "changes", "told"),
    [
        (
            ("veo3_fast", "1080p"),
            {"model": omni.FLASH, "duration": 10},
            "8 s instead of 10 s: Veo 3.1 Fast, 1080p has no other near.",
        ),
        (
            ("veo3_fast", "720p"),
            {"model": omni.FLASH, "seed": 7},
            "A new seed: Veo 3.1 Fast doesn’t take 7.",
        ),
        (
            (omni.FLASH, "4k"),
            {"watermark": "Okafor"},
            "No watermark: Gemini Omni 1.1 Flash adds no watermark.",
        ),
        (
            (omni.FLASH, "4k"),
            {},
            "The prompt isn’t translated: Gemini Omni 1.1 Flash takes the prompt as it is.",
        ),
        (
            ("veo3_fast", "720p"),
            {"provider": "veo4", "aspect_ratio": "1:1"},
            "16:9 instead of 1:1, which Veo 3.1 Fast, 720p lacks.",
        ),
    ],
)
def test_what_the_target_cannot_keep_is_said_before(
    alice: User,
    project: Project,
    target: tuple[str, str],
    changes: dict[str, Any],
    told: str,
) -> None:
    project.delivers_model, project.delivers_size = target
    project.save(update_fields=["delivers_model", "delivers_size"])
    order = factories.submission(**changes, project_id=project.pk, is_draft=True)
    draft = factories.finish(lifecycle.submit(alice, order, uuid4()))
    promotion = lifecycle.promotion_of(draft)
    assert told in promotion.changes
    assert lifecycle.check(alice, promotion.submission) == []
    assert promote(draft, alice).draft == draft


def test_only_a_finished_draft_is_promoted_and_once_to_each_target(
    alice: User, bob: User, project: Project
) -> None:
    order = draft_of(project_id=project.pk)
    assert order
    waiting = lifecycle.submit(alice, order, uuid4())
    with pytest.raises(NotSubmitted, match="Only a finished draft"):
        promote(waiting, alice)
    draft = factories.finish(waiting)
    first = promote(draft, alice)
    with pytest.raises(NotSubmitted, match=r"already promoted to Veo 3\.1 Fast, 1080p"):
        promote(draft, bob)
    lifecycle.cancel(first, alice)
    assert promote(draft, bob).draft == draft
    Project.objects.update(delivers_size="4k")
    draft.refresh_from_db()
    assert promote(draft, bob).resolution == "4k"


def test_what_is_already_delivered_so_is_not_promoted(alice: User, project: Project) -> None:
    Project.objects.update(delivers_model=LITE, delivers_size="720p")
    with pytest.raises(NotSubmitted, match="It already is what its project delivers"):
        promote(a_draft(alice, project_id=project.pk), alice)


def test_what_nobody_may_see_is_not_promoted(alice: User, bob: User) -> None:
    with pytest.raises(NotSubmitted, match="no longer available"):
        promote(a_draft(alice), bob)


@pytest.mark.django_db(transaction=True)
def test_of_two_people_who_promote_a_draft_at_once_one_does(
    alice: User, bob: User, project: Project
) -> None:
    draft = a_draft(alice, project_id=project.pk)

    answers = together(2, lambda number: promote(draft, (alice, bob)[number]))
    (refused,) = [answer for answer in answers if isinstance(answer, NotSubmitted)]
    assert "already promoted" in refused.user_message
    assert Job.objects.filter(draft=draft).count() == 1


def test_a_promotion_in_doubt_that_is_sent_again_hands_its_place_on(
    alice: User, project: Project
) -> None:
    draft = a_draft(alice, project_id=project.pk)
    lost = promote(draft, alice)
    Job.objects.filter(pk=lost.pk).update(status="uncertain")
    lost.refresh_from_db()
    again = lifecycle.resubmit(lost, alice)
    assert list(draft.promotions.all()) == [again]


# ── What drafts saved ─────────────────────────────────────────────────────────────────────────
def test_drafts_saved_their_price_in_full_less_what_they_and_their_promotions_cost(
    alice: User, project: Project
) -> None:
    days = usage.UsageFilter(today(), today(), person=alice.pk)
    assert usage.saved(days) == usage.Saved()
    chosen, *_ = (a_draft(alice, project_id=project.pk) for _ in range(3))
    a_failed_one = draft_of(project_id=project.pk)
    assert a_failed_one
    lifecycle.cancel(lifecycle.submit(alice, a_failed_one, uuid4()), alice)
    saved = usage.saved(days)
    assert (saved.drafts, saved.in_full, saved.spent) == (3, 195, 90)
    assert saved.credits == 105
    factories.finish(promote(chosen, alice))
    saved = usage.saved(days)
    assert (saved.promoted, saved.promotions, saved.credits) == (1, 65, 40)
