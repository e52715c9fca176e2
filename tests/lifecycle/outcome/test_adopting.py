"""What was paid for and that no video owns after a restore: found, adopted, or discarded."""

from __future__ import annotations

import os
import shutil
import time
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.cache import cache
from django.core.management import call_command
from django.test import Client
from django.utils import timezone

from jobs import archive, inbox, ledger, lifecycle
from jobs.archive import strays
from jobs.models import AuditEvent, Credential, Job, Life, Project, Rendition, Stray, User
from jobs.readiness import restored
from tests.support import factories, kie
from tests.support.answers import callbacks, omni, seedance
from tests.support.answers.callbacks import signed
from tests.support.answers.dialects import VEO4
from tests.support.fakes import Wire
from tests.support.media import films
from tests.support.running import drain_queue
from tests.support.typed_forms import text

pytestmark = [pytest.mark.django_db, pytest.mark.data]

__all__ = ["signed"]  # the fixture that tests here ask for by name

GONE = "/webhooks/kie/" + "x" * 43 + "/"


def restore() -> None:
    assert restored.begin_anew("It was restored by a test.")
    # As if minutes had passed, in which workers of before would have come to an end.
    Life.objects.update(began_at=timezone.now() - timedelta(minutes=10))


@pytest.fixture
def forgotten(provider: Wire, alice: User) -> Rendition:
    """The file of a video that the restored database does not know any more."""
    job = factories.job(alice)
    Job.objects.filter(pk=job.pk).update(
        status="succeeded", external_id="task-1", charged=60, finished_at=timezone.now()
    )
    ledger.settle(job, 60)
    row = Rendition.objects.create(
        job=job, resolution="720p", source_url=f"{provider.url}/film.mp4"
    )
    provider.answer(body=films.film())
    drain_queue()
    archive.store(row.pk)
    row.refresh_from_db()
    assert row.state == "stored"
    Rendition.objects.filter(pk=row.pk).delete()
    for path in (Path(settings.MEDIA_ROOT) / row.file).parent.iterdir():
        os.utime(path, (0, time.time() - 3600))
    return row


@pytest.fixture
def stray(forgotten: Rendition) -> Stray:
    restore()
    assert strays.look() == 1
    return Stray.objects.get()


def terms(owner: User, **how: Any) -> lifecycle.Adoption:
    usual: dict[str, Any] = {
        "project": None,
        "title": "A fox, found again",
        "provider": "kie",
        "model": "veo3_fast",
    }
    return lifecycle.Adoption(owner=owner, **{**usual, **how})


# ── Films that no row knows ──────────────────────────────────────────────────
def test_a_film_of_before_a_restore_is_found_at_once_with_its_facts(stray: Stray) -> None:
    assert (stray.width, stray.height) == (films.WIDTH, films.HEIGHT)
    assert stray.bytes == len(films.film())
    assert Path(settings.MEDIA_ROOT, stray.poster).exists()
    assert strays.look() == 0, "found twice"


def test_without_a_restore_a_film_is_left_alone_for_a_day(forgotten: Rendition) -> None:
    assert strays.look() == 0
    assert Path(settings.MEDIA_ROOT, forgotten.file).exists()


def test_what_is_no_film_is_told_of_and_can_only_be_discarded(stray: Stray, admin: User) -> None:
    aside = Path(settings.MEDIA_ROOT, stray.file).with_name("odd-one.mp4")
    aside.write_bytes(b"no film at all")
    assert strays.look() == 1
    odd = Stray.objects.get(file="unowned/odd-one.mp4")
    with pytest.raises(lifecycle.NotAdopted, match="can’t be read"):
        lifecycle.adopt(odd, terms(admin), admin)
    assert lifecycle.discard(odd, admin)
    assert not aside.exists()


def test_an_adopted_film_is_a_video_like_any_other_and_costs_nothing(
    stray: Stray, forgotten: Rendition, alice: User, admin: User
) -> None:
    before = ledger.standing_of(alice)
    project = Project.objects.create(name="Autumn", created_by=admin)
    job = lifecycle.adopt(stray, terms(alice, project=project), admin)
    assert (job.status, job.charged, job.label) == ("succeeded", 0, "A fox, found again")
    file = job.renditions.get()
    assert (file.pk, file.file, file.sha256) == (forgotten.pk, forgotten.file, forgotten.sha256)
    client = factories.signed_in(alice)
    played = client.get(f"/renditions/{file.pk}.mp4")
    assert b"".join(played.streaming_content) == films.film()  # type: ignore[attr-defined]
    page = text(client.get(f"/jobs/{job.pk}/"))
    assert "Adopted after a restore" in page
    assert ledger.standing_of(alice) == before
    assert ledger.audit() == []
    event = AuditEvent.objects.get(action="film adopted")
    assert (event.actor, event.job) == (admin, job)
    call_command("verify_archive")
    assert not Stray.objects.exists()


def test_an_adopted_film_is_said_to_be_of_the_nearest_format_that_its_model_makes(
    stray: Stray, alice: User, admin: User
) -> None:
    Stray.objects.update(width=1120, height=480)
    stray.refresh_from_db()
    as_wide = replace(terms(alice), provider="kie", model=seedance.MODEL)
    assert lifecycle.adopt(stray, as_wide, admin).aspect_ratio == "21:9"


def test_of_two_admins_the_second_adopts_nothing(stray: Stray, alice: User, admin: User) -> None:
    again = Stray.objects.get()
    lifecycle.adopt(stray, terms(alice), admin)
    with pytest.raises(lifecycle.NotAdopted, match="Somebody has just"):
        lifecycle.adopt(again, terms(admin), admin)
    assert not lifecycle.discard(again, admin)
    assert Job.objects.filter(title="", prompt="A fox, found again").count() == 1


def test_a_film_that_cannot_be_moved_stays_where_it_is(
    stray: Stray, alice: User, admin: User
) -> None:
    shutil.move(Path(settings.MEDIA_ROOT, stray.file), settings.MEDIA_ROOT)
    with pytest.raises(lifecycle.NotAdopted, match="couldn’t be moved"):
        lifecycle.adopt(stray, terms(alice), admin)
    assert Stray.objects.filter(pk=stray.pk).exists()
    assert not Rendition.objects.exists()


def test_an_admin_sees_adopts_and_discards_on_pages(
    stray: Stray, alice: User, admin_client: Client
) -> None:
    assert "Unclaimed videos" in text(admin_client.get("/team/requests/"))
    page = admin_client.get("/team/strays/")
    assert f"/team/strays/{stray.pk}.mp4" in page.content.decode()
    film = admin_client.get(f"/team/strays/{stray.pk}.mp4")
    assert b"".join(film.streaming_content) == films.film()  # type: ignore[attr-defined]
    poster = admin_client.get(f"/team/strays/{stray.pk}.webp")
    assert b"".join(poster.streaming_content)[8:12] == b"WEBP"  # type: ignore[attr-defined]
    path = f"/team/strays/{stray.pk}/adopt/"
    wrong = admin_client.post(path, {"title": "Found again", "model": "kie:veo3_fast"})
    assert wrong.status_code == 422
    assert 'value="Found again"' in wrong.content.decode()
    form = {"title": "Found again", "owner": alice.pk, "model": "kie:veo3_fast"}
    done = admin_client.post(path, form, follow=True)
    assert "Adopted. Nothing was charged for it." in text(done)
    assert Job.objects.get(prompt="Found again").owner == alice
    assert admin_client.get(path).status_code == 404


def test_discarding_asks_first(stray: Stray, admin_client: Client) -> None:
    path = f"/team/strays/{stray.pk}/discard/"
    assert "can’t be undone" in text(admin_client.get(path))
    assert Stray.objects.exists()
    admin_client.post(path)
    assert not Stray.objects.exists()
    assert not Path(settings.MEDIA_ROOT, stray.file).exists()
    assert AuditEvent.objects.filter(action="film discarded").count() == 1


# ── Callbacks for what is gone ───────────────────────────────────────────────
def called_back(client: Client, key: str, task: str = "gone-1") -> int:
    stamp = f"{time.time():.0f}"
    headers = kie.signature(task, stamp, key)
    status: int = callbacks.post(client, GONE, kie.callback(task), headers).status_code
    return status


def test_a_genuine_callback_for_a_job_that_is_gone_is_kept_after_a_restore(
    client: Client, signed: str, key: Credential
) -> None:
    assert (called_back(client, signed), Stray.objects.count()) == (404, 0)
    restore()
    assert [called_back(client, signed) for _ in range(3)] == [200, 200, 200]
    stray = Stray.objects.get()
    assert (stray.provider, stray.external_id, stray.credential) == ("kie", "gone-1", key)
    assert "evil.example" not in str(list(Stray.objects.values()))


def test_nobody_elses_callback_leaves_anything(
    client: Client, signed: str, provider: Wire, monkeypatch: pytest.MonkeyPatch
) -> None:
    restore()
    assert called_back(client, "another-key") == 404
    assert callbacks.post(client, GONE).status_code == 404
    assert callbacks.post(client, GONE, b"[]").status_code == 404
    assert callbacks.post(client, GONE.replace("kie", "nobody")).status_code == 404
    monkeypatch.setattr(inbox, "STRAYS_MAX", 1)
    assert [called_back(client, signed, f"gone-{n}") for n in range(3)] == [200, 404, 404]
    Life.objects.update(began_at=timezone.now() - timedelta(days=15))
    Stray.objects.all().delete()
    assert called_back(client, signed) == 404


def test_of_who_guesses_too_often_no_key_is_tried_until_later(
    client: Client, signed: str, key: Credential
) -> None:
    restore()
    assert {called_back(client, "another-key") for _ in range(62)} == {404, 429}
    assert (called_back(client, signed), Stray.objects.count()) == (429, 0)
    cache.clear()  # as after a minute
    assert (called_back(client, signed), Stray.objects.count()) == (200, 1)


@pytest.fixture
def named(signed: str, key: Credential, client: Client) -> Stray:
    restore()
    assert called_back(client, signed) == 200
    return Stray.objects.get()


def test_adopting_it_fetches_its_film_by_the_ordinary_way(
    named: Stray, provider: Wire, alice: User, admin: User
) -> None:
    echo = kie.echo("A fox in the snow", 4711)
    provider.answer(json=kie.succeeded(f"{provider.url}/film.mp4", "gone-1", **echo))
    job = lifecycle.adopt(named, terms(alice, title=""), admin)
    assert (job.prompt, job.seed, job.external_id) == ("A fox in the snow", 4711, "gone-1")
    provider.answer(body=films.film())
    drain_queue()
    assert job.renditions.get().state == "stored"
    assert (job.charged, ledger.audit(), provider.posts) == (0, [], [])
    assert called_back(Client(), "test-webhook-hmac-key") == 404


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (kie.running("gone-1"), "isn’t finished yet"),
        (kie.failed(task="gone-1"), "couldn’t make it"),
        ({"code": 422, "msg": "record is null", "data": None}, "doesn’t know this ID"),
    ],
)
def test_what_is_no_finished_video_stays_unclaimed(
    named: Stray, provider: Wire, admin: User, answer: Any, said: str
) -> None:
    provider.answer(json=answer, always=True)
    with pytest.raises(lifecycle.NotAdopted, match=said):
        lifecycle.adopt(named, terms(admin), admin)
    assert Stray.objects.exists()
    assert not Job.objects.exists()


@pytest.mark.parametrize("guess", ["veo3_fast", omni.FLASH])
def test_its_model_may_be_of_another_api_than_was_thought(
    named: Stray, provider: Wire, alice: User, admin: User, guess: str
) -> None:
    provider.answer(
        json={"code": 422, "msg": "record is null", "data": None}, path="/api/v1/veo/record-info"
    )
    told = omni.succeeded(f"{provider.url}/film.mp4", taskId="gone-1")
    provider.answer(json=told, path="/api/v1/jobs/recordInfo")
    job = lifecycle.adopt(named, terms(alice, model=guess), admin)
    assert job.external_id == "gone-1"
    assert job.renditions.get().source_url.endswith("/film.mp4")


def test_of_an_extended_film_the_whole_is_adopted(
    named: Stray, provider: Wire, alice: User, admin: User
) -> None:
    links = {
        "resultUrls": [f"{provider.url}/tail.mp4"],
        "fullResultUrls": [f"{provider.url}/whole.mp4"],
    }
    provider.answer(json=kie.record(1, "gone-1", response=links))
    job = lifecycle.adopt(named, terms(alice), admin)
    file = job.renditions.get()
    assert (file.part, file.source_url) == ("film", f"{provider.url}/whole.mp4")


def test_a_key_of_the_other_mode_is_not_asked_with(
    named: Stray, provider: Wire, admin: User, settings: Any
) -> None:
    settings.PRACTICE = not settings.PRACTICE
    with pytest.raises(lifecycle.NotAdopted, match="in the other mode"):
        lifecycle.adopt(named, terms(admin), admin)
    assert provider.requests == []


def test_what_a_video_in_doubt_shows_to_be_its_own_is_not_adopted_beside_it(
    signed: str, provider: Wire, alice: User, admin: User, client: Client
) -> None:
    doubtful = factories.job(alice, prompt="A fox in the snow")
    restore()
    assert called_back(client, signed) == 200
    address = "https://dailies.example" + GONE
    echo = kie.echo(doubtful.prompt, doubtful.seed, address)
    provider.answer(json=kie.succeeded(f"{provider.url}/film.mp4", "gone-1", **echo))
    with pytest.raises(lifecycle.NotAdopted, match=r"needs a look\. Attach the ID gone-1"):
        lifecycle.adopt(Stray.objects.get(), terms(alice), admin)


def test_an_id_of_the_providers_log_can_be_adopted_by_hand(
    key: Credential, provider: Wire, alice: User, admin_client: Client
) -> None:
    wrong = admin_client.post("/team/strays/", {"key": key.pk, "external_id": "no id"})
    assert wrong.status_code == 422
    led = admin_client.post("/team/strays/", {"key": key.pk, "external_id": "seen-1"})
    provider.answer(json=kie.succeeded(f"{provider.url}/film.mp4", "seen-1"))
    form = {"owner": alice.pk, "model": "kie:veo3_fast", "title": "Seen"}
    assert admin_client.post(led["Location"], form).status_code == 302
    assert Job.objects.get().external_id == "seen-1"
    again = admin_client.post("/team/strays/", {"key": key.pk, "external_id": "seen-1"})
    assert "already belongs to a video here" in text(again)


@pytest.mark.parametrize(("credits", "fits"), [(1000, True), (0, False)])
def test_a_charge_that_the_provider_tells_is_booked_where_an_admin_wants_it(
    provider: Wire, admin: User, credits: int, fits: bool
) -> None:
    owner = factories.member("zoe", credits=credits)
    key = Credential.objects.get(owner=owner, provider="veo4")
    stray = Stray.objects.create(provider="veo4", external_id="task-9", credential=key)
    answer = VEO4.succeeded(f"{provider.url}/film.mp4")
    provider.answer(json={**answer, "task_id": "task-9", "credits_charged": 70})
    if not fits:
        with pytest.raises(lifecycle.NotAdopted, match="credits don’t fit"):
            lifecycle.adopt(stray, terms(owner, books_charge=True), admin)
        assert not Job.objects.exists()
        return
    job = lifecycle.adopt(stray, terms(owner, books_charge=True), admin)
    assert (job.charged, ledger.standing_of(owner).available) == (70, 930)
    assert ledger.audit() == []
