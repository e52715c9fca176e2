"""One job: its page, calling it off, trying again; and who may."""

from __future__ import annotations

import re
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.db.models.functions import Now
from django.test import Client
from django.utils import timezone

from jobs import ledger
from jobs.models import Budget, Credential, Job, Project, Rendition, User
from jobs.views.access import job_to_see
from tests.support import factories, kie
from tests.support.fakes import Wire
from tests.support.running import follow
from tests.support.sending import sent
from tests.support.typed_forms import text

pytestmark = pytest.mark.django_db


@pytest.fixture
def bob_client(bob: User) -> Client:
    return factories.signed_in(bob)


@pytest.fixture
def job(alice: User) -> Job:
    """A queued job of Alice's."""
    return factories.job(alice, prompt="A fox", seed=23456, watermark="ACME")


@pytest.fixture
def shared(alice: User) -> Job:
    """A queued job of Alice's in a project."""
    project = Project.objects.create(name="Autumn")
    return factories.job(alice, prompt="A fox", project_id=project.pk)


@pytest.fixture
def failed(provider: Wire, alice: User) -> Job:
    provider.answer(json=kie.accepted())
    job = sent(alice, prompt="A fox", seed=23456)
    provider.answer(json=kie.failed("The <model> could not do it."))
    follow()
    job.refresh_from_db()
    return job


# ── The page ─────────────────────────────────────────────────────────────────
def test_the_page_tells_what_was_asked_for(job: Job, alice_client: Client) -> None:
    page = text(alice_client.get(f"/jobs/{job.pk}/"))
    for fact in ("A fox", "kie.ai", "Veo 3.1 Fast", "16:9", "720p", "8 s", "23456", "ACME"):
        assert fact in page


def test_its_times_are_such_as_machines_read(job: Job, alice_client: Client) -> None:
    page = alice_client.get(f"/jobs/{job.pk}/").content.decode()
    times = re.findall(r'datetime="([^"]*)"', page)
    assert times
    assert not [at for at in times if not re.fullmatch(r"[\d-]{10}T[\d:]{8}[+-]\d\d:\d\d", at)]


def test_the_page_tells_the_history_and_the_credits(job: Job, alice_client: Client) -> None:
    page = text(alice_client.get(f"/jobs/{job.pk}/"))
    assert "Queued by alice" in page
    assert "60 credits reserved" in page


def test_a_failure_is_told_as_text_and_with_its_cost(failed: Job, alice_client: Client) -> None:
    answer = alice_client.get(f"/jobs/{failed.pk}/")
    assert "The <model> could not do it." in text(answer)
    assert b"<model>" not in answer.content
    assert "not charged" in text(answer)


def test_a_stored_video_is_played_from_us_and_the_providers_address_is_not_shown(
    job: Job, alice_client: Client
) -> None:
    Job.objects.update(status="succeeded", charged=60, finished_at=timezone.now())
    film = Rendition.objects.create(
        job=job,
        resolution="720p",
        state="stored",
        source_url="https://tempfile.provider.example/secret.mp4",
        file="a.mp4",
        sha256="0" * 64,
        bytes=10,
        stored_at=timezone.now(),
    )
    page = alice_client.get(f"/jobs/{job.pk}/").content.decode()
    assert f'src="/renditions/{film.pk}.mp4"' in page
    assert "provider.example" not in page + alice_client.get("/").content.decode()


@pytest.mark.data
@pytest.mark.parametrize("state", ["waiting", "fetching", "expired", "rejected"])
def test_a_file_that_is_not_here_is_not_offered(job: Job, alice_client: Client, state: str) -> None:
    Job.objects.update(status="succeeded", charged=60, finished_at=timezone.now())
    film = Rendition.objects.create(job=job, resolution="720p", state=state, source_url="https://x")
    for path in ("/", f"/jobs/{job.pk}/"):
        assert f"{film.pk}.mp4" not in alice_client.get(path).content.decode()
    assert alice_client.get(f"/renditions/{film.pk}.mp4").status_code == 404


@pytest.mark.parametrize(
    "status", ["queued", "running", "uncertain", "succeeded", "failed", "canceled", "lost"]
)
@pytest.mark.parametrize("path", ["/", "job"])
def test_every_status_has_a_page_and_a_card(
    job: Job, alice_client: Client, status: str, path: str
) -> None:
    Job.objects.update(status=status, external_id="task-1")
    job.refresh_from_db()
    answer = alice_client.get("/" if path == "/" else f"/jobs/{job.pk}/")
    assert job.get_status_display() in text(answer)


@pytest.mark.data
def test_the_page_outlives_the_key_the_job_was_made_with(job: Job, alice_client: Client) -> None:
    Credential.objects.all().delete()
    assert alice_client.get(f"/jobs/{job.pk}/").status_code == 200


# ── Cancel ───────────────────────────────────────────────────────────────────
@pytest.mark.data
def test_a_video_that_is_stored_while_its_page_is_made_is_asked_about_again(
    job: Job, alice_client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    factories.finish(job, stored=False)

    def read_and_store(user: User, job_id: UUID) -> Job:
        found = job_to_see(user, job_id)
        facts = {"file": "a.mp4", "sha256": "5" * 64, "bytes": 9, "stored_at": Now()}
        Rendition.objects.filter(job=found).update(state="stored", **facts)
        return found

    monkeypatch.setattr("jobs.views.jobs.video.page.job_to_see", read_and_store)
    page: Any = alice_client.get(f"/jobs/{job.pk}/")
    assert "Storing…" in text(page)
    assert page.context["interval"] == 2


def test_a_queued_job_is_called_off_and_its_credits_are_free(
    job: Job, alice: User, alice_client: Client
) -> None:
    answer = alice_client.post(f"/jobs/{job.pk}/cancel/", follow=True)
    assert "Canceled. 60 credits are available again." in text(answer)
    assert (Job.objects.get().status, Budget.objects.get(owner=alice).held) == ("canceled", 0)


def test_a_job_under_way_goes_on(job: Job, alice: User, alice_client: Client) -> None:
    Job.objects.update(status="running", external_id="task-1")
    answer = alice_client.post(f"/jobs/{job.pk}/cancel/", follow=True)
    assert "Too late" in text(answer)
    assert (Job.objects.get().status, Budget.objects.get(owner=alice).held) == ("running", 60)


@pytest.mark.data
def test_canceling_twice_frees_the_credits_once(
    job: Job, alice: User, alice_client: Client
) -> None:
    for _ in range(2):
        alice_client.post(f"/jobs/{job.pk}/cancel/")
    assert Budget.objects.get(owner=alice).available == 1000
    assert ledger.check() == []


@pytest.mark.data
def test_an_admin_may_cancel_for_others_and_is_named(
    job: Job, admin: User, admin_client: Client
) -> None:
    admin_client.post(f"/jobs/{job.pk}/cancel/")
    assert job.events.get(after="canceled").actor == admin


# ── Retry ────────────────────────────────────────────────────────────────────
@pytest.mark.data
def test_retry_makes_a_new_job_with_the_same_settings(
    failed: Job, alice: User, alice_client: Client
) -> None:
    answer = alice_client.post(f"/jobs/{failed.pk}/retry/", follow=True)
    again = Job.objects.exclude(pk=failed.pk).get()
    assert answer.redirect_chain == [(f"/jobs/{again.pk}/", 302)]
    assert (again.prompt, again.seed, again.status) == ("A fox", 23456, "queued")
    assert Budget.objects.get(owner=alice).held == 60


@pytest.mark.data
def test_two_clicks_on_retry_make_one_job(failed: Job, alice_client: Client) -> None:
    targets = {alice_client.post(f"/jobs/{failed.pk}/retry/").headers["Location"] for _ in "ab"}
    assert (len(targets), Job.objects.count()) == (1, 2)


@pytest.mark.parametrize("status", ["queued", "running", "uncertain", "succeeded"])
def test_a_job_that_may_still_come_is_not_made_again(
    job: Job, alice_client: Client, status: str
) -> None:
    Job.objects.update(status=status, external_id="task-1")
    answer = alice_client.post(f"/jobs/{job.pk}/retry/", follow=True)
    assert "Only a video that wasn’t made" in text(answer)
    assert Job.objects.count() == 1


@pytest.mark.data
def test_retry_without_credits_waits_and_says_so(
    failed: Job, alice: User, alice_client: Client
) -> None:
    ledger.grant(alice, -1000, reason="for a test", actor=None)
    answer = alice_client.post(f"/jobs/{failed.pk}/retry/", follow=True)
    assert "This needs 60 credits, but you have 0." in text(answer)
    assert sorted(job.status for job in Job.objects.all()) == ["awaiting_budget", "failed"]


# ── What a card says while one waits ─────────────────────────────────────────
@pytest.mark.data
def test_those_who_wait_for_a_key_are_told_their_place(
    alice: User, bob: User, alice_client: Client
) -> None:
    factories.job(bob)
    waiting = [factories.job(alice, prompt=f"Number {number}") for number in (1, 2, 3)]
    page = text(alice_client.get("/"))
    assert "2nd in line" in page
    assert "3rd in line" in page
    assert "1st in line" not in page
    assert "3rd in line" in text(alice_client.get(f"/jobs/{waiting[2].pk}/"))


@pytest.mark.data
def test_a_waiting_card_says_why_it_waits(job: Job, alice_client: Client) -> None:
    Job.objects.update(error="kie.ai asked us to slow down.")
    assert "kie.ai asked us to slow down." in text(alice_client.get("/"))


@pytest.mark.parametrize("path", ["/", "job"])
@pytest.mark.parametrize(
    ("status", "words"),
    [
        ("queued", "costs nothing"),
        ("running", "Can’t be canceled: kie.ai is already working on it."),
    ],
)
def test_what_calling_off_would_mean_is_said_truthfully(
    job: Job, alice_client: Client, status: str, words: str, path: str
) -> None:
    Job.objects.update(status=status, external_id="task-1")
    assert words in text(alice_client.get("/" if path == "/" else f"/jobs/{job.pk}/"))


@pytest.mark.data
@pytest.mark.parametrize("path", ["/", "job"])
def test_a_late_job_says_so(job: Job, alice_client: Client, path: str) -> None:
    Job.objects.update(status="running", external_id="task-1", is_late=True)
    page = text(alice_client.get("/" if path == "/" else f"/jobs/{job.pk}/"))
    assert "Taking longer than usual" in page


@pytest.mark.data
@pytest.mark.parametrize("path", ["/", "job"])
def test_a_job_whose_key_was_refused_says_so(job: Job, alice_client: Client, path: str) -> None:
    Job.objects.update(status="running", external_id="task-1")
    Credential.objects.update(state="rejected")
    page = text(alice_client.get("/" if path == "/" else f"/jobs/{job.pk}/"))
    assert "is not accepted, so kie.ai can’t be asked." in page


# ── A file that could not be stored ──────────────────────────────────────────
@pytest.fixture
def refused(shared: Job) -> Rendition:
    """A film of Alice's, seen by the team, that was not taken into our storage."""
    Job.objects.update(status="succeeded", charged=60, finished_at=timezone.now())
    return Rendition.objects.create(
        job=shared, resolution="720p", state="rejected", source_url="https://x.example/a.mp4"
    )


def test_a_file_that_was_refused_is_tried_again(refused: Rendition, alice_client: Client) -> None:
    answer = alice_client.post(f"/renditions/{refused.pk}/store/", follow=True)
    refused.refresh_from_db()
    assert (refused.state, refused.problem) == ("waiting", "")
    assert "We are fetching the file again." in text(answer)


def test_colleagues_cannot_have_it_tried_again(refused: Rendition, bob_client: Client) -> None:
    assert bob_client.post(f"/renditions/{refused.pk}/store/").status_code == 404
    refused.refresh_from_db()
    assert refused.state == "rejected"


# ── Who may ──────────────────────────────────────────────────────────────────
ACTIONS = ["", "cancel/", "retry/"]


def ask(client: Client, job_id: object, action: str) -> Any:
    return (client.post if action else client.get)(f"/jobs/{job_id}/{action}")


@pytest.mark.parametrize("action", ACTIONS)
def test_a_foreign_job_looks_like_one_that_never_was(
    job: Job, bob_client: Client, action: str
) -> None:
    foreign, missing = ask(bob_client, job.pk, action), ask(bob_client, uuid4(), action)
    assert (foreign.status_code, missing.status_code) == (404, 404)
    assert foreign.content == missing.content
    job.refresh_from_db()
    assert job.status == "queued"


def test_the_poll_of_a_foreign_job_is_no_way_in(job: Job, bob_client: Client) -> None:
    assert bob_client.get(f"/jobs/{job.pk}/?since=0").status_code == 404


def test_a_project_lets_colleagues_look(shared: Job, bob_client: Client) -> None:
    assert "A fox" in text(bob_client.get(f"/jobs/{shared.pk}/"))


@pytest.mark.parametrize("action", ["cancel/", "retry/"])
def test_a_project_does_not_let_colleagues_act(
    shared: Job, bob_client: Client, action: str
) -> None:
    assert ask(bob_client, shared.pk, action).status_code == 404
    assert Job.objects.get().status == "queued"


@pytest.mark.parametrize("path", ["/", "job"])
def test_colleagues_are_not_offered_what_they_may_not_do(
    shared: Job, bob_client: Client, path: str
) -> None:
    page = bob_client.get("/" if path == "/" else f"/jobs/{shared.pk}/").content.decode()
    assert f"/jobs/{shared.pk}/cancel/" not in page


@pytest.mark.parametrize("path", ["/", "job"])
def test_what_one_may_do_is_offered(job: Job, alice_client: Client, path: str) -> None:
    address = "/" if path == "/" else f"/jobs/{job.pk}/"
    assert f"/jobs/{job.pk}/cancel/" in alice_client.get(address).content.decode()


@pytest.mark.data
def test_the_credits_of_a_job_in_a_project_are_listed_once(
    alice: User, alice_client: Client
) -> None:
    project = Project.objects.create(name="Launch film")
    job = factories.job(alice, project_id=project.pk)
    answer: Any = alice_client.get(f"/jobs/{job.pk}/")
    accounts = answer.context["books"].accounts
    assert [[entry.held for entry in account.entries] for account in accounts] == [[60]]
