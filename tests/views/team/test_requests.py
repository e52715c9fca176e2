"""Held, not refused: what waits for its budget, and what an admin answers."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from jobs import ledger, lifecycle
from jobs.models import AuditEvent, Budget, BudgetRequest, Job, LedgerEntry, Project, Team, User
from jobs.templatetags.dailies import which_one
from tests.support import factories
from tests.support.markup import flat
from tests.support.typed_forms import BAD_AMOUNTS, HTMX, composer, text

pytestmark = pytest.mark.django_db
PAGE = "/team/requests/"
LACK = "This needs 60 credits, but you have 50."


@pytest.fixture
def parked(alice: User) -> Job:
    """A job of Alice's, who has 50 of the 60 credits that it needs."""
    ledger.grant(alice, -950, reason="for a test", actor=None)
    return factories.job(alice, prompt="A dear sunset")


def asked(job: Job) -> BudgetRequest:
    return BudgetRequest.objects.get(job=job)


def answer_to(client: Client, job: Job, action: str, **fields: Any) -> Any:
    data = {"request": asked(job).pk, "action": action, **fields}
    return client.post(PAGE, data, follow=True)


def status(job: Job) -> str:
    job.refresh_from_db()
    return job.status


# ── The member's side ────────────────────────────────────────────────────────
@pytest.mark.parametrize("headers", [{}, HTMX], ids=["plain", "htmx"])
def test_what_does_not_fit_is_kept_and_says_what_is_missing(
    alice: User, alice_client: Client, headers: dict[str, str]
) -> None:
    ledger.grant(alice, -950, reason="for a test", actor=None)
    answer = alice_client.post("/", composer(), headers=headers, follow=True)
    assert answer.status_code == 200
    job = Job.objects.get()
    page = text(answer)
    assert (job.status, ledger.standing_of(alice).held) == ("awaiting_budget", 0)
    assert f"Waiting for an admin’s approval. {LACK}" in page
    content = answer.content.decode()
    assert f'action="/jobs/{job.pk}/admit/"' in content
    assert f'action="/jobs/{job.pk}/cancel/"' in content
    assert f'href="/credits/#request-{job.budget_request_id}"' in content


def test_it_is_told_before_the_click(alice: User, alice_client: Client) -> None:
    hint = "This is more than you have available. It will wait for an admin’s approval."
    shown = f'role="status">{hint}'
    assert shown not in flat(alice_client.get("/").content.decode())
    ledger.grant(alice, -950, reason="for a test", actor=None)
    assert shown in flat(alice_client.get("/").content.decode())


def test_it_needs_attention(parked: Job, alice_client: Client) -> None:
    assert "A dear sunset" in text(alice_client.get("/?tab=attention"))


def test_an_open_page_goes_on_asking_for_the_answer(parked: Job, alice_client: Client) -> None:
    for path in ("/", f"/jobs/{parked.pk}/"):
        assert 'hx-trigger="every 15s' in alice_client.get(path).content.decode()


def test_its_page_says_how_it_stands(parked: Job, alice_client: Client) -> None:
    page = text(alice_client.get(f"/jobs/{parked.pk}/"))
    assert LACK in page
    assert "Try again now" in page
    assert "See the request" in page


@pytest.mark.data
def test_it_is_called_off(parked: Job, alice_client: Client) -> None:
    answer = alice_client.post(f"/jobs/{parked.pk}/cancel/", follow=True)
    assert "Canceled. It had no credits reserved." in text(answer)
    assert (status(parked), asked(parked).state) == ("canceled", "withdrawn")


@pytest.mark.data
def test_it_is_tried_again_once_there_is_room(
    parked: Job, alice: User, alice_client: Client
) -> None:
    admit = f"/jobs/{parked.pk}/admit/"
    assert LACK in text(alice_client.post(admit, follow=True))
    assert status(parked) == "awaiting_budget"
    ledger.grant(alice, 10, reason="x", actor=None)
    assert "60 credits are reserved for it." in text(alice_client.post(admit, follow=True))
    assert (status(parked), asked(parked).state) == ("queued", "unneeded")
    assert "It has started already." in text(alice_client.post(admit, follow=True))
    assert ledger.standing_of(alice).held == 60
    assert "No longer needed It fits its budget now." in text(alice_client.get("/credits/"))


def test_what_fits_by_now_says_so_and_starts_with_one_press(
    parked: Job, alice: User, alice_client: Client, admin_client: Client
) -> None:
    ledger.grant(alice, 10, reason="x", actor=None)
    tab = alice_client.get("/")
    assert LACK in text(tab)
    lifecycle.notice_room()
    told = alice_client.get(tab.context["live_url"] + f"&cards={parked.pk.hex[:12]}", headers=HTMX)
    assert "It now fits the budget: start it here." in text(told)
    assert f"Start {which_one(parked)} for 60 cr" in text(told)
    assert LACK not in text(told)
    page = text(alice_client.get(f"/jobs/{parked.pk}/"))
    assert "It now fits the budget, and no longer needs an approval." in page
    assert page.index("Start for 60 credits") < page.index("Timeline")
    assert "Open the video to start it." in text(alice_client.get("/credits/"))
    assert "It now fits the budget, and needs no approval." in text(admin_client.get(PAGE))
    assert "60 credits are reserved for it." in text(
        alice_client.post(f"/jobs/{parked.pk}/admit/", follow=True)
    )


def test_an_admin_starts_what_fits_by_now_without_granting_anything(
    parked: Job, alice: User, admin_client: Client
) -> None:
    ledger.grant(alice, 10, reason="x", actor=None)
    offered = admin_client.get(PAGE).content.decode()
    assert 'value="start"' in offered
    assert 'value="approve"' not in offered
    assert 'value="raise"' not in offered
    assert "60 credits are reserved for it." in text(answer_to(admin_client, parked, "start"))
    assert (status(parked), asked(parked).state) == ("queued", "unneeded")
    assert ledger.standing_of(alice).balance == 60
    assert "no longer waiting" in text(answer_to(admin_client, parked, "start"))
    page = text(admin_client.get(PAGE))
    assert "No longer needed by ada" in page


def test_what_fits_no_more_is_not_started(parked: Job, admin_client: Client) -> None:
    answer = answer_to(admin_client, parked, "start")
    assert "This needs 60 credits, but alice has 50. Nothing was granted." in text(answer)
    assert (status(parked), asked(parked).state) == ("awaiting_budget", "open")


@pytest.mark.data
def test_only_its_owner_and_admins_may_try_it_again(
    parked: Job, bob: User, admin_client: Client
) -> None:
    project = Project.objects.create(name="Shared")
    Job.objects.filter(pk=parked.pk).update(project=project)
    client = factories.signed_in(bob)
    page = client.get("/").content.decode()
    assert "A dear sunset" in page
    assert "/admit/" not in page
    assert client.post(f"/jobs/{parked.pk}/admit/").status_code == 404
    answer = admin_client.post(f"/jobs/{parked.pk}/admit/", follow=True)
    assert "This needs 60 credits, but alice has 50." in text(answer)


@pytest.mark.data
def test_an_order_of_a_larger_copy_waits_as_well(
    take: Job, alice: User, alice_client: Client
) -> None:
    ledger.grant(alice, -930, reason="x", actor=None)
    data = {"kind": "upgrade_4k", "submission_key": "6f1d9c4a-0a5b-4b55-8a25-0c6a4c1d2e3f"}
    answer = alice_client.post(f"/jobs/{take.pk}/upgrade/", data, follow=True)
    assert "4K ordered. Waiting for an admin’s approval." in text(answer)


@pytest.mark.data
def test_a_second_try_waits_as_well(alice: User, alice_client: Client) -> None:
    job = factories.job(alice)
    lifecycle.cancel(job, alice)
    ledger.grant(alice, -950, reason="x", actor=None)
    answer = alice_client.post(f"/jobs/{job.pk}/retry/", follow=True)
    assert f"Waiting for an admin’s approval. {LACK}" in text(answer)


# ── The admin's side ─────────────────────────────────────────────────────────
def test_a_request_shows_what_it_is_decided_by(parked: Job, admin_client: Client) -> None:
    page = text(admin_client.get(PAGE))
    for words in ("A dear sunset", "alice has 50 available", "Cost 60 cr", "The team no cap"):
        assert words in page


@pytest.mark.data
def test_the_open_ones_are_counted_for_admins(
    parked: Job, admin_client: Client, alice_client: Client
) -> None:
    admins: Any = admin_client.get(PAGE)
    assert admins.context["shell"].waiting.requests == 1
    members: Any = alice_client.get("/")
    assert members.context["shell"].waiting.requests == 0


@pytest.mark.data
def test_an_approved_one_gets_what_it_lacks_and_is_sent(
    parked: Job, alice: User, admin: User, admin_client: Client
) -> None:
    answer = answer_to(admin_client, parked, "approve")
    assert "Approved: 60 credits are reserved" in text(answer)
    assert (status(parked), ledger.standing_of(alice).available) == ("queued", 0)
    assert (asked(parked).state, asked(parked).decided_by) == ("approved", admin)
    assert LedgerEntry.objects.get(job=parked, kind="grant").credits == 10
    assert "Approved by ada" in text(admin_client.get(PAGE))


@pytest.mark.data
def test_two_clicks_approve_once(parked: Job, alice: User, admin_client: Client) -> None:
    answer_to(admin_client, parked, "approve")
    answer = answer_to(admin_client, parked, "approve")
    assert "This request has already been approved." in text(answer)
    assert ledger.standing_of(alice).balance == 60


def test_a_declined_one_is_over_and_its_owner_reads_why(
    parked: Job, admin_client: Client, alice_client: Client
) -> None:
    answer_to(admin_client, parked, "decline", answer="Use the lite model.")
    assert status(parked) == "canceled"
    for path in ("/credits/", "/", f"/jobs/{parked.pk}/"):
        assert "Use the lite model." in text(alice_client.get(path))


def test_to_decline_takes_a_sentence(parked: Job, admin_client: Client) -> None:
    answer = answer_to(admin_client, parked, "decline", answer=" ")
    assert answer.status_code == 422
    assert status(parked) == "awaiting_budget"


@pytest.mark.data
@pytest.mark.parametrize("limit", ["grant", "allowance"])
def test_a_raised_limit_sends_the_job(
    parked: Job, alice: User, admin_client: Client, limit: str
) -> None:
    answer_to(admin_client, parked, "raise", own=limit, own_by="200", reason="Go on")
    assert status(parked) == "queued"
    alice.refresh_from_db()
    assert alice.allowance == (200 if limit == "allowance" else 0)
    assert ledger.standing_of(alice).available == 190
    assert asked(parked).answer == "Go on"
    assert ledger.audit() == []


def test_a_cap_is_raised_by_what_is_said(alice: User, admin: User, admin_client: Client) -> None:
    project = Project.objects.create(name="Autumn")
    ledger.set_project_cap(project, 30, reason="x", actor=admin)
    ledger.set_team_cap(1000, reason="x", actor=admin)
    parked = factories.job(alice, project_id=project.pk)
    assert "Autumn 30 of 30 left" in text(admin_client.get(PAGE))
    answer_to(admin_client, parked, "raise", project_by="70", reason="Go on")
    project.refresh_from_db()
    assert (status(parked), project.cap) == ("queued", 100)


def test_the_teams_cap_is_raised(alice: User, admin: User, admin_client: Client) -> None:
    ledger.set_team_cap(30, reason="x", actor=admin)
    parked = factories.job(alice)
    answer_to(admin_client, parked, "raise", team_by="70", reason="Go on")
    assert (status(parked), Team.current().monthly_cap) == ("queued", 100)


def test_what_is_raised_too_little_is_not_raised_at_all(
    parked: Job, alice: User, admin_client: Client
) -> None:
    answer = answer_to(admin_client, parked, "raise", own_by="5", reason="x")
    assert answer.status_code == 422
    assert "Nothing was raised. This needs 60 credits, but alice has 55." in text(answer)
    assert (status(parked), ledger.standing_of(alice).available) == ("awaiting_budget", 50)
    assert asked(parked).state == "open"


def test_a_cap_that_is_not_there_is_not_made(parked: Job, admin_client: Client) -> None:
    for limit in ("team", "project"):
        answer = answer_to(admin_client, parked, "raise", reason="x", **{f"{limit}_by": "5"})
        assert answer.status_code == 422
    assert Team.current().monthly_cap is None


@pytest.fixture
def short_of_all(parked: Job, admin: User) -> Job:
    """A job whose owner lacks 10, its project 30 and the team 20 of its 60 credits."""
    project = Project.objects.create(name="Autumn")
    ledger.set_project_cap(project, 30, reason="x", actor=admin)
    ledger.set_team_cap(40, reason="x", actor=admin)
    Job.objects.filter(pk=parked.pk).update(project=project, paid_project=project)
    BudgetRequest.objects.update(project=project)
    return parked


def amounts(client: Client, job: Job) -> dict[str, str]:
    """What the form to raise the limits offers, as it would be sent."""
    page: Any = client.get(PAGE)
    form = next(each.raising for each in page.context["open"] if each.job == job)
    return {field.name: str(field.value() or "") for field in form.amounts}


@pytest.mark.data
def test_every_limit_that_is_short_is_named_and_raised_at_once(
    short_of_all: Job, alice: User, admin_client: Client
) -> None:
    offered = amounts(admin_client, short_of_all)
    assert offered == {"own": "", "own_by": "10", "project_by": "30", "team_by": "20"}
    page = text(admin_client.get(PAGE))
    assert "Cap of Autumn, by" in page
    assert "Monthly cap of the team, by" in page
    answer_to(admin_client, short_of_all, "raise", reason="Go on", **offered)
    assert status(short_of_all) == "queued"
    assert (ledger.standing_of(alice).balance, Team.current().monthly_cap) == (60, 60)
    assert Project.objects.get().cap == 60
    changed = AuditEvent.objects.filter(reason="Go on").values_list("action", flat=True)
    assert sorted(changed) == ["credits granted", "project cap changed", "team cap changed"]
    assert ledger.audit() == []


@pytest.mark.data
def test_of_two_that_are_short_only_these_are_named(
    short_of_all: Job, alice: User, admin: User, admin_client: Client
) -> None:
    ledger.grant(alice, 1000, reason="x", actor=admin)
    assert list(amounts(admin_client, short_of_all)) == ["project_by", "team_by"]
    raised = {"project_by": "30", "team_by": "20"}
    answer_to(admin_client, short_of_all, "raise", reason="Go on", **raised)
    assert (status(short_of_all), Team.current().monthly_cap) == ("queued", 60)
    assert ledger.audit() == []


def test_a_cap_below_what_is_held_is_raised_by_what_is_short(
    alice: User, admin: User, admin_client: Client
) -> None:
    factories.job(alice)
    ledger.set_team_cap(20, reason="Stop", actor=admin)
    parked = factories.job(alice)
    offered = amounts(admin_client, parked)
    assert offered == {"team_by": "100"}
    answer_to(admin_client, parked, "raise", reason="Go on", **offered)
    assert (status(parked), Team.current().monthly_cap) == ("queued", 120)


@pytest.mark.parametrize("left_out", ["own_by", "project_by", "team_by"])
def test_where_one_of_three_stays_short_none_is_raised(
    short_of_all: Job, alice: User, admin_client: Client, left_out: str
) -> None:
    raised = {"own_by": "10", "project_by": "30", "team_by": "20", left_out: ""}
    answer = answer_to(admin_client, short_of_all, "raise", reason="x", **raised)
    assert (answer.status_code, status(short_of_all)) == (422, "awaiting_budget")
    assert "Nothing was raised. This needs 60 credits" in text(answer)
    assert (ledger.standing_of(alice).balance, Team.current().monthly_cap) == (50, 40)
    assert Project.objects.get().cap == 30


def test_without_any_amount_nothing_is_raised(short_of_all: Job, admin_client: Client) -> None:
    answer = answer_to(admin_client, short_of_all, "raise", reason="x")
    assert answer.status_code == 422
    assert "Enter by how much to raise." in text(answer)


@pytest.mark.data
def test_an_odd_amount_raises_nothing(parked: Job, admin_client: Client) -> None:
    before = LedgerEntry.objects.count()
    for amount in ("", "0", *BAD_AMOUNTS):
        answer = answer_to(admin_client, parked, "raise", own_by=amount, reason="x")
        assert (answer.status_code, LedgerEntry.objects.count()) == (422, before), amount


def test_credits_asked_for_ahead_are_granted(
    alice: User, alice_client: Client, admin_client: Client
) -> None:
    form: Any = alice_client.get("/credits/").context["form"]
    key = str(form["submission_key"].value())
    data = {"submission_key": key, "credits": "600", "reason": "The launch film"}
    for _ in range(2):
        alice_client.post("/credits/", data)
    request = BudgetRequest.objects.get()
    assert "The launch film" in text(admin_client.get(PAGE))
    answer = admin_client.post(PAGE, {"request": request.pk, "action": "approve"}, follow=True)
    assert "600 credits granted to alice." in text(answer)
    assert ledger.standing_of(alice).available == 1600


@pytest.fixture
def ahead(alice: User, admin: User) -> BudgetRequest:
    """600 credits asked for ahead, for a project with 100 left."""
    project = Project.objects.create(name="Launch film")
    ledger.set_project_cap(project, 100, reason="x", actor=admin)
    return lifecycle.ask_ahead(alice, 600, reason="The launch film", project=project, key=uuid4())


def grant(client: Client, request: BudgetRequest, **fields: Any) -> Any:
    data = {"request": request.pk, "action": "approve", **fields}
    return client.post(PAGE, data, follow=True)


@pytest.mark.data
def test_what_is_asked_for_ahead_raises_the_cap_of_its_project_as_well(
    ahead: BudgetRequest, alice: User, admin_client: Client
) -> None:
    offered = "Also raise the cap of Launch film by 500 for alice : 100 left"
    assert offered in text(admin_client.get(PAGE))
    answer = grant(admin_client, ahead, raise_cap="on")
    assert "600 credits granted to alice. The cap of Launch film was raised by 500." in text(answer)
    assert (ledger.standing_of(alice).available, Project.objects.get().cap) == (1600, 600)
    event = AuditEvent.objects.get(action="project cap changed", after="600")
    assert (event.before, event.reason) == ("100", "Asked for by alice: The launch film")
    assert "already" in text(grant(admin_client, ahead, raise_cap="on"))
    assert Project.objects.get().cap == 600
    assert ledger.audit() == []


def test_the_cap_stays_where_the_admin_unticks_it(
    ahead: BudgetRequest, alice: User, admin_client: Client
) -> None:
    grant(admin_client, ahead)
    assert (ledger.standing_of(alice).available, Project.objects.get().cap) == (1600, 100)


def test_a_cap_that_has_room_by_now_is_not_raised(
    ahead: BudgetRequest, admin: User, admin_client: Client
) -> None:
    ledger.set_project_cap(Project.objects.get(), 900, reason="x", actor=admin)
    assert "Also raise" not in text(admin_client.get(PAGE))
    assert "it already has enough left" in text(grant(admin_client, ahead, raise_cap="on"))
    assert Project.objects.get().cap == 900


@pytest.mark.data
def test_a_cap_beyond_all_bounds_grants_nothing(
    ahead: BudgetRequest, alice: User, admin: User, admin_client: Client
) -> None:
    ledger.set_project_cap(Project.objects.get(), ledger.CREDITS_MAX, reason="x", actor=admin)
    Budget.objects.filter(project__isnull=False).update(held=ledger.CREDITS_MAX)
    assert "Nothing was granted." in text(grant(admin_client, ahead, raise_cap="on"))
    assert ledger.standing_of(alice).available == 1000
    ahead.refresh_from_db()
    assert ahead.state == "open"


@pytest.mark.data
@pytest.mark.parametrize("number", ["", "0", "x", "²", "9" * 30])
def test_a_request_that_is_not_there_is_not_found(admin_client: Client, number: str) -> None:
    data = {"request": number, "action": "approve"}
    assert admin_client.post(PAGE, data).status_code == 404


def test_a_member_decides_nothing(parked: Job, alice_client: Client) -> None:
    answer = answer_to(alice_client, parked, "approve")
    assert (answer.status_code, status(parked)) == (404, "awaiting_budget")


@pytest.mark.data
def test_more_requests_cost_no_more_queries(parked: Job, admin_client: Client) -> None:
    counts = []
    for number in range(3):
        admin_client.get(PAGE)  # what is new on it is news no more
        with CaptureQueriesContext(connection) as captured:
            admin_client.get(PAGE)
        counts.append(len(captured))
        factories.job(factories.member(f"m{number}"))
    # Nine of them for the unfinished work on the same page, one for a restore and one for what it
    # left behind.
    assert counts[0] == counts[1] == counts[2] <= 31
