"""The admins' list of what is still open, and what comes next of it."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from jobs import archive, lifecycle
from jobs.archive import verify
from jobs.models import AuditEvent, Credential, Job, Mailing, Rendition, User
from jobs.views.team import requests
from jobs.views.team.unfinished import outstanding
from tests.support import factories
from tests.support.typed_forms import text

pytestmark = [pytest.mark.django_db, pytest.mark.data]

PATH = "/team/requests/"


@pytest.fixture
def file(alice: User) -> Rendition:
    """A film of Alice's that waits to be stored."""
    made = factories.finish(factories.job(alice, prompt="A fox"), stored=False)
    return made.renditions.get()


def put(file: Rendition, **fields: Any) -> None:
    Rendition.objects.filter(pk=file.pk).update(**fields)


def standing(alice: User, **fields: Any) -> Job:
    """A job of Alice's that stands so."""
    job = factories.run(factories.job(alice, prompt="A fox"))
    Job.objects.filter(pk=job.pk).update(**fields)
    job.refresh_from_db()
    return job


def sections(client: Client) -> dict[str, list[Any]]:
    answer: Any = client.get(PATH)
    return {section.name: section.rows for section in answer.context["sections"]}


# ── Nothing, and who ─────────────────────────────────────────────────────────
def test_nothing_outstanding_is_said(alice: User, admin_client: Client) -> None:
    factories.succeeded(alice)
    factories.job(alice)
    assert sections(admin_client) == {}
    assert "Nothing to do" in text(admin_client.get(PATH))


def test_for_members_it_does_not_exist(alice_client: Client) -> None:
    assert alice_client.get(PATH).status_code == 404


def test_the_team_page_leads_there_and_so_does_its_address_of_old(admin_client: Client) -> None:
    assert f'href="{PATH}"' in admin_client.get("/team/").content.decode()
    assert admin_client.get("/team/outstanding/").headers["Location"] == f"{PATH}#unfinished"


def test_all_that_needs_an_admin_stands_on_one_page_and_is_counted_on_every_page(
    alice: User, admin_client: Client
) -> None:
    standing(alice, status="uncertain")
    lifecycle.ask_ahead(alice, 500, reason="A trailer", project=None, key=uuid4())
    Credential.objects.filter(owner=alice, provider="kie").update(state="rejected")
    page = text(admin_client.get(PATH))
    for head in ("Requests 1", "Failing keys 1", "Needs a look 1"):
        assert head in page
    assert f"kie.ai: the key of alice ending in {factories.CANARY_KEY[-4:]}" in page
    counted = "3 to do: 1 request, 1 video needs a look, 1 failing key"
    assert counted in text(admin_client.get("/projects/"))


def test_a_letter_of_late_that_did_not_go_out_is_counted_among_what_there_is_to_do(
    alice: User, admin_client: Client
) -> None:
    for state in ("failed", "waiting", "sent"):
        Mailing.objects.create(person=alice, state=state, problem="No such host")
    old = Mailing.objects.create(person=alice, state="failed", problem="No such host")
    Mailing.objects.filter(pk=old.pk).update(made_at=timezone.now() - timedelta(days=8))
    assert "1 to do: 1 e-mail not sent" in text(admin_client.get("/projects/"))
    assert "Emails that didn’t go out 2" in text(admin_client.get(PATH))


def test_a_failing_key_of_who_is_gone_is_no_work(alice: User, admin_client: Client) -> None:
    Credential.objects.filter(owner=alice).update(state="rejected")
    User.objects.filter(pk=alice.pk).update(is_active=False)
    assert "Failing keys" not in text(admin_client.get(PATH))


# ── Files ────────────────────────────────────────────────────────────────────
def test_a_file_that_waits_says_when_it_is_tried_again(
    file: Rendition, admin_client: Client
) -> None:
    later = timezone.now() + timedelta(minutes=12)
    put(file, try_at=later, attempts=2, problem="the file was cut short")
    page = text(admin_client.get(PATH))
    assert "Waiting to be stored, 2 attempts: the file was cut short" in page
    assert "Next automatic attempt: in 12 min" in page
    assert "alice" in page


def test_a_file_that_is_being_fetched_needs_nothing(file: Rendition, admin_client: Client) -> None:
    put(file, state="fetching", attempts=1)
    page = admin_client.get(PATH)
    assert "Being fetched now." in text(page)
    assert "Fetch again" not in text(page)


@pytest.mark.parametrize("state", ["expired", "rejected"])
def test_a_file_nobody_tries_any_more_is_fetched_again_from_here(
    file: Rendition, admin_client: Client, state: str
) -> None:
    put(file, state=state, try_at=None, problem="The host is not listed.")
    page = admin_client.get(PATH)
    assert "We stopped trying." in text(page)
    found = re.search(r'action="(/renditions/[^"]+)"', page.content.decode())
    assert found
    answer = admin_client.post(found[1], {"next": PATH}, follow=True)
    assert answer.redirect_chain == [(PATH, 302)]
    assert "We are fetching the file again." in text(answer)
    file.refresh_from_db()
    assert file.state == "waiting"


# ── Jobs ─────────────────────────────────────────────────────────────────────
def test_a_lost_answer_shows_what_it_holds_and_when_it_is_given_up(
    alice: User, admin_client: Client
) -> None:
    job = standing(alice, status="uncertain", error="The connection broke.")
    (row,) = sections(admin_client)["doubt"]
    assert (row.job, row.held, row.text) == (job, 60, "The connection broke.")
    page = text(admin_client.get(PATH))
    assert "60 cr reserved" in page
    assert "If its callback comes, it continues automatically" in page
    assert "or write it off" in page


def test_a_late_job_says_when_it_is_asked_about(alice: User, admin_client: Client) -> None:
    standing(alice, is_late=True, check_at=timezone.now() + timedelta(minutes=5))
    (row,) = sections(admin_client)["late"]
    assert "Next automatic check: in 5 min" in row.next_step


def test_a_job_without_a_working_key_names_who_can_replace_it(
    alice: User, admin_client: Client
) -> None:
    waiting = factories.job(alice)
    Job.objects.filter(pk=waiting.pk).update(error_code=Job.PAUSED, error="Waiting for a key.")
    (row,) = sections(admin_client)["keys"]
    assert row.text == "Waiting for a key."
    assert row.next_step.startswith("alice can replace the key ending in")


def test_a_running_job_whose_key_was_refused_is_listed(alice: User, admin_client: Client) -> None:
    standing(alice)
    Credential.objects.filter(owner=alice).update(state="rejected")
    (row,) = sections(admin_client)["keys"]
    assert "can’t be asked" in row.text


def test_an_empty_account_is_to_be_topped_up(alice: User, admin_client: Client) -> None:
    waiting = factories.job(alice)
    Job.objects.filter(pk=waiting.pk).update(error_code=Job.PAUSED)
    Credential.objects.filter(owner=alice).update(state="empty")
    (row,) = sections(admin_client)["keys"]
    assert row.next_step.startswith("Top up the provider’s account")


def test_what_was_charged_without_proof_is_listed(alice: User, admin_client: Client) -> None:
    standing(
        alice,
        status="lost",
        is_unverified=True,
        charged=60,
        finished_at=timezone.now() - timedelta(days=2),
        error="No record left.",
    )
    (row,) = sections(admin_client)["lost"]
    assert row.text == "No record left. 60 credits were spent."
    assert "for 2 days" in text(admin_client.get(PATH))


# ── Many ─────────────────────────────────────────────────────────────────────
def test_of_many_the_oldest_are_shown_with_a_way_to_every_one(
    alice: User, admin_client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(outstanding, "ROWS_SHOWN", 2)
    monkeypatch.setattr(outstanding, "PAGE_SIZE", 3)
    jobs = [standing(alice, status="uncertain") for _ in range(5)]
    assert [row.job for row in sections(admin_client)["doubt"]] == jobs[:2]
    assert "The oldest 2 are shown. Show all 5 of “Needs a look”" in text(admin_client.get(PATH))
    pages: list[Any] = [admin_client.get(f"{PATH}?kind=doubt&page={page}") for page in (1, 2)]
    assert [row.job for page in pages for row in page.context["section"].rows] == jobs
    assert "Page 1 of 2 Newer" in text(pages[0])
    assert "Nothing left here" in text(admin_client.get(f"{PATH}?kind=lost"))
    assert "Needs a look 5" in text(admin_client.get(f"{PATH}?kind=nonsense"))


def test_of_many_requests_every_one_can_be_decided(
    alice: User, admin_client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(requests, "OPEN_SHOWN", 1)
    for reason in ("A trailer", "A teaser"):
        lifecycle.ask_ahead(alice, 500, reason=reason, project=None, key=uuid4())
    assert "Requests 2" in (first := text(admin_client.get(PATH)))
    assert "A teaser" not in first
    assert "A teaser" in text(admin_client.get(f"{PATH}?page=2"))


# ── Done ─────────────────────────────────────────────────────────────────────
def test_what_was_sent_again_is_no_longer_to_do(alice: User, admin_client: Client) -> None:
    lifecycle.resubmit(standing(alice, status="uncertain"), alice)
    assert sections(admin_client) == {}
    assert "sent again by alice" in text(admin_client.get(PATH))
    assert "to do" not in text(admin_client.get("/projects/"))


@pytest.mark.parametrize("kind", ["doubt", "lost", "files"])
def test_what_an_admin_marks_as_done_leaves_and_can_be_put_back(
    request: pytest.FixtureRequest, alice: User, admin: User, admin_client: Client, kind: str
) -> None:
    if kind == "files":
        file = request.getfixturevalue("file")
        put(file, state="rejected", try_at=None)
        job = file.job
    else:
        states = {"doubt": "uncertain", "lost": "lost"}
        job = standing(alice, status=states[kind], is_unverified=True, finished_at=timezone.now())
    assert list(sections(admin_client)) == [kind]
    answer = admin_client.post(f"/team/outstanding/{job.pk}/done/", follow=True)
    assert "Marked as done." in text(answer)
    assert sections(admin_client) == {}
    assert f"marked as done by {admin.label}" in text(admin_client.get(PATH))
    assert AuditEvent.objects.get(action="marked as done").job == job
    admin_client.post(f"/team/outstanding/{job.pk}/put-back/")
    assert list(sections(admin_client)) == [kind]


def test_what_goes_on_by_itself_cannot_be_marked_as_done(
    alice: User, admin_client: Client, file: Rendition
) -> None:
    for job in (file.job, standing(alice, is_late=True)):
        answer = admin_client.post(f"/team/outstanding/{job.pk}/done/", follow=True)
        assert "Nothing was changed now." in text(answer)
    assert set(sections(admin_client)) == {"files", "late"}


def test_the_next_move_or_another_try_of_its_file_takes_that_back(
    alice: User, admin: User, admin_client: Client, file: Rendition
) -> None:
    doubt = standing(alice, status="uncertain")
    put(file, state="rejected", try_at=None)
    for job in (doubt, file.job):
        lifecycle.close(job, admin)
    lifecycle.lose(doubt, "No record left.")
    archive.store_again(file.pk)
    put(file, state="rejected", try_at=None)
    assert set(sections(admin_client)) == {"files", "lost"}


# ── How much it costs ────────────────────────────────────────────────────────
def test_what_is_in_doubt_is_counted_by_its_index_alone() -> None:
    if connection.vendor != "sqlite":
        pytest.skip("a small table is read as a whole elsewhere")
    # Every page of an admin asks it. By `resubmitted_as` it read all videos there are.
    plan = Job.objects.in_doubt().order_by().values("status").explain()
    assert "USING COVERING INDEX job_status_seen (status=?)" in plan


def test_it_costs_as_much_for_many_as_for_few(alice: User, admin_client: Client) -> None:
    def cost() -> int:
        admin_client.get(PATH)  # notes once that somebody is there
        with CaptureQueriesContext(connection) as captured:
            admin_client.get(PATH)
        return len(captured)

    def add() -> None:
        standing(alice, status="uncertain")
        standing(alice, is_late=True)
        factories.finish(factories.job(alice), stored=False)

    add()
    few = cost()
    for _ in range(4):
        add()
    assert cost() == few


def test_a_film_that_is_lost_after_it_was_marked_as_done_is_listed_again(
    alice: User, admin: User, admin_client: Client
) -> None:
    film = factories.film(alice)
    factories.age(film.job, days=20)
    Job.objects.filter(pk=film.job_id).update(closed_at=timezone.now(), closed_by=admin)
    assert "files" not in sections(admin_client)
    assert list(verify.check(believe=True))
    assert "files" in sections(admin_client)
