"""Promoting a draft: what is said before, one press, and where its lineage stands."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest
from django.test import Client

from jobs import ledger, lifecycle
from jobs.models import BudgetRequest, Job, Price, Project, Team, User
from jobs.pricing import catalogue
from tests.support import factories
from tests.support.answers import omni
from tests.support.typed_forms import text

pytestmark = pytest.mark.django_db


@pytest.fixture
def project(alice: User) -> Project:
    return Project.objects.create(
        name="Autumn", created_by=alice, delivers_model="veo3_fast", delivers_size="1080p"
    )


@pytest.fixture
def draft(alice: User, project: Project) -> Job:
    return a_draft(alice, project)


def a_draft(owner: User, project: Project | None, **changes: Any) -> Job:
    settings = {"model": "veo3_lite", "is_draft": True, **changes}
    order = factories.submission(**settings, project_id=project.pk if project else None)
    return factories.finish(lifecycle.submit(owner, order, uuid4()))


def fields_of(client: Client, draft: Job) -> dict[str, str]:
    """What the button on a draft's page sends."""
    answer: Any = client.get(f"/jobs/{draft.pk}/promote/")
    offer = answer.context["promoting"]
    return {"submission_key": str(offer.key), "seen_cost": str(offer.cost or 0), "asks": "0"}


def press(client: Client, draft: Job, **changes: str) -> Any:
    sent = {**fields_of(client, draft), **changes}
    return client.post(f"/jobs/{draft.pk}/promote/", sent, follow=True)


def test_a_drafts_page_says_what_it_becomes_and_for_how_much(
    draft: Job, alice_client: Client
) -> None:
    said = text(alice_client.get(f"/jobs/{draft.pk}/"))
    assert "Autumn delivers in Veo 3.1 Fast, 1080p" in said
    assert "It is made anew with the same prompt, seed, length and format. Expect the same" in said
    assert "Promote 65 cr" in said
    assert "Change what it delivers in" in said


def test_what_cannot_be_kept_is_said_before_the_press(
    alice: User, project: Project, alice_client: Client
) -> None:
    draft = a_draft(alice, project, model=omni.FLASH, resolution="360p", duration=4)
    said = text(alice_client.get(f"/jobs/{draft.pk}/promote/"))
    assert "8 s instead of 4 s: Veo 3.1 Fast, 1080p has no other near." in said
    assert f"A new seed: Veo 3.1 Fast doesn’t take {draft.seed}." in said


def test_one_press_makes_it_and_both_pages_tell_of_each_other(
    draft: Job, alice: User, alice_client: Client
) -> None:
    answer = press(alice_client, draft)
    made = Job.objects.get(draft=draft)
    assert answer.redirect_chain == [(f"/jobs/{made.pk}/", 302)]
    assert "Queued. 65 credits are reserved for it." in text(answer)
    assert "Promoted from a draft" in text(answer)
    assert f'href="/jobs/{draft.pk}/"' in answer.content.decode()
    page = alice_client.get(f"/jobs/{draft.pk}/")
    assert "Promoted: Veo 3.1 Fast, 1080p (queued)" in text(page)
    assert "It was already promoted to Veo 3.1 Fast, 1080p." in text(page)
    assert "Promoted from a draft" in text(alice_client.get("/"))


@pytest.mark.data
def test_pressed_twice_it_is_one_order(draft: Job, alice: User, alice_client: Client) -> None:
    fields = fields_of(alice_client, draft)
    press(alice_client, draft, **fields)
    answer = press(alice_client, draft, **fields)
    assert Job.objects.filter(draft=draft).count() == 1
    assert "It was promoted already. Nothing was ordered again." in text(answer)
    assert ledger.granted_to(alice).held == 65


@pytest.mark.data
def test_a_colleague_who_sees_a_draft_promotes_it_at_their_own_cost(
    draft: Job, alice: User, bob: User
) -> None:
    press(factories.signed_in(bob), draft)
    made = Job.objects.get(draft=draft)
    assert (made.owner, made.payer, ledger.granted_to(alice).held) == (bob, bob, 0)
    assert "Change what it delivers in" not in text(
        factories.signed_in(bob).get(f"/jobs/{draft.pk}/promote/")
    )


def test_another_price_than_the_one_that_was_shown_is_told_first(
    draft: Job, alice_client: Client
) -> None:
    answer = press(alice_client, draft, seen_cost="60")
    assert answer.status_code == 422
    assert "This costs 65 credits, not the 60 shown. Press Promote again." in text(answer)
    assert not Job.objects.filter(draft=draft).exists()


@pytest.mark.data
def test_a_target_that_changed_since_the_button_was_shown_is_not_ordered(
    draft: Job, alice_client: Client
) -> None:
    fields = fields_of(alice_client, draft)
    Project.objects.update(delivers_model="veo3")
    answer = alice_client.post(f"/jobs/{draft.pk}/promote/", fields)
    assert "What it is promoted to was changed meanwhile." in text(answer)
    assert not Job.objects.filter(draft=draft).exists()


@pytest.mark.data
def test_the_same_that_was_made_before_is_shown_and_can_be_made_again(
    draft: Job, alice: User, alice_client: Client
) -> None:
    settings = {"resolution": "1080p", "project_id": draft.project_id, "seed": draft.seed}
    before = factories.succeeded(alice, **settings)
    answer = press(alice_client, draft)
    assert "The same was made already." in text(answer)
    press(alice_client, draft, same=str(before.pk))
    assert Job.objects.filter(draft=draft).exists()


def test_beyond_the_budget_it_is_asked_for_with_a_reason(
    draft: Job, alice: User, admin: User, alice_client: Client
) -> None:
    left = ledger.granted_to(alice).available
    ledger.grant(alice, 10 - left, reason="for a test", actor=admin)
    page = f"/jobs/{draft.pk}/promote/"
    assert "Ask for approval 65 cr" in text(alice_client.get(f"/jobs/{draft.pk}/"))
    assert "This is more than you have available." in text(alice_client.get(page))
    press(alice_client, draft, asks="1", reason="The client chose it")
    made = Job.objects.get(draft=draft)
    assert (made.status, BudgetRequest.objects.get().reason) == (
        "awaiting_budget",
        "The client chose it",
    )


@pytest.mark.data
@pytest.mark.parametrize(
    ("target", "changes", "why"),
    [
        (("veo3_lite", "720p"), {}, "It already is what its project delivers"),
        (("gemini-omni-video", "4k"), {}, "Gemini Omni is no longer offered at kie.ai."),
        (("veo3", "1080p"), {"prompt": "x" * 5001, "model": omni.FLASH}, "takes 5,000 characters"),
        (("veo-4", "720p"), {}, "These settings have no price yet."),
    ],
)
def test_what_cannot_be_promoted_says_why(
    alice: User,
    project: Project,
    alice_client: Client,
    target: tuple[str, str],
    changes: dict[str, Any],
    why: str,
) -> None:
    draft = a_draft(alice, project, **changes)
    Project.objects.update(delivers_model=target[0], delivers_size=target[1])
    catalogue.withdraw("kie", "gemini-omni-video", reason="x", actor=None)
    Price.objects.filter(provider="veo4").delete()
    assert why in text(alice_client.get(f"/jobs/{draft.pk}/promote/"))
    assert why in text(press(alice_client, draft))
    assert not Job.objects.filter(draft=draft).exists()


@pytest.mark.data
def test_who_is_told_that_the_teams_model_is_gone_learns_who_changes_it(
    alice: User, alice_client: Client, admin_client: Client
) -> None:
    Team.objects.create(delivers_model="veo3_fast", delivers_size="1080p")
    draft = a_draft(alice, None)
    catalogue.withdraw("kie", "veo3_fast", reason="x", actor=None)
    page = f"/jobs/{draft.pk}/promote/"
    assert "An admin can change what the team delivers in." in text(alice_client.get(page))
    assert 'href="/team/settings/">Change what the team' in admin_client.get(page).content.decode()


def test_what_is_no_draft_has_no_such_page(alice: User, alice_client: Client) -> None:
    take = factories.succeeded(alice)
    assert alice_client.get(f"/jobs/{take.pk}/promote/").status_code == 404


def test_cards_and_compare_lead_there_and_say_that_it_is_a_draft(
    draft: Job, alice: User, alice_client: Client
) -> None:
    factories.succeeded(alice, prompt="No draft")
    studio = alice_client.get("/")
    assert text(studio).count(" Draft ") == 2, "one chip, and the composer’s button"
    for address in ("/", f"/compare/?take={draft.pk}"):
        page = alice_client.get(address).content.decode()
        assert page.count(f'href="/jobs/{draft.pk}/promote/"') == 1


@pytest.mark.data
def test_the_library_finds_drafts(draft: Job, alice: User, alice_client: Client) -> None:
    factories.succeeded(alice, prompt="No draft")
    answer: Any = alice_client.get("/library/", {"draft": "on"})
    assert [cell.card.job.pk for cell in answer.context["cells"]] == [draft.pk]
