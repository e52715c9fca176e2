"""Callbacks that are forged, repeated, reordered, late or endless: never more than a question."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from typing import Any

import pytest
from django.core.handlers.wsgi import WSGIRequest
from django.db.models import ProtectedError
from django.test import Client, RequestFactory

from jobs import inbox, lifecycle
from jobs.follower import searching
from jobs.models import Credential, Job, LedgerEntry, User, WebhookEvent
from jobs.times import clock
from jobs.views import webhooks
from tests.support import factories, kie
from tests.support.answers.callbacks import job, lost_answer, post, signed
from tests.support.fakes import Wire
from tests.support.media import films
from tests.support.pages.composer_form import composer
from tests.support.racing import together
from tests.support.running import drain_queue, follow, purge_queue
from tests.support.sending import held, sent

pytestmark = [pytest.mark.django_db, pytest.mark.data]

__all__ = ["job", "lost_answer", "signed"]  # the fixtures that tests here ask for by name

DAY = 24 * 3600


@pytest.fixture
def path(provider: Wire) -> Callable[[], str]:
    return lambda: kie.callback_path(provider)


def questions(wire: Wire) -> int:
    return sum("record-info" in seen.path for seen in wire.requests)


# ── Many at once (31) ────────────────────────────────────────────────────────
@pytest.mark.django_db(transaction=True)
def test_a_hundred_equal_callbacks_in_parallel_are_one_row_and_one_settlement(
    provider: Wire, job: Job, path: Callable[[], str]
) -> None:
    address, body = path(), kie.callback()
    codes = [
        code
        for _ in range(5)
        for code in together(20, lambda _: post(Client(), address, body).status_code)
    ]
    assert codes == [200] * 100
    assert WebhookEvent.objects.count() == 1
    provider.answer(json=kie.succeeded(f"{provider.url}/film.mp4"), path="record", always=True)
    provider.answer(body=films.film(), path="film.mp4")
    drain_queue()
    follow()
    assert questions(provider) == 1
    assert LedgerEntry.objects.of_people().filter(kind="settle").count() == 1


# ── In any order (32, 33) ────────────────────────────────────────────────────
SAYS_DONE, SAYS_FAILED = (
    kie.callback(),
    json.dumps({"code": 400, "msg": "failed", "data": {"taskId": "task-1"}}).encode(),
)


@pytest.mark.parametrize("order", [(SAYS_DONE, SAYS_FAILED), (SAYS_FAILED, SAYS_DONE)])
@pytest.mark.parametrize("outcome", ["succeeded", "failed"])
def test_whatever_callbacks_say_and_when_the_record_decides(
    provider: Wire, job: Job, path: Callable[[], str], order: tuple[bytes, ...], outcome: str
) -> None:
    record = kie.failed() if outcome == "failed" else kie.succeeded(f"{provider.url}/film.mp4")
    provider.answer(json=record, path="record-info", always=True)
    provider.answer(body=films.film(), path="film.mp4")
    for body in order:
        assert post(Client(), path(), body).status_code == 200
        follow()
    job.refresh_from_db()
    assert job.status == outcome


def test_a_signed_lie_is_only_a_question(
    provider: Wire, job: Job, signed: str, alice: User, path: Callable[[], str]
) -> None:
    """kie signs the id and the time, not the body: who has a signature may say anything."""
    headers = kie.signature("task-1", str(int(time.time())), signed)
    lie = kie.callback(info={"resultUrls": ["https://attacker.example/x.mp4"]})
    assert post(Client(), path(), lie, headers=headers).status_code == 200
    provider.answer(json=kie.running(), path="record-info")
    drain_queue()
    job.refresh_from_db()
    assert (job.status, held(alice), job.renditions.count()) == ("running", 60, 0)
    page = factories.signed_in(alice).get(f"/jobs/{job.pk}/").content.decode()
    assert "attacker.example" not in page
    assert "attacker.example" not in str(list(WebhookEvent.objects.values()))


# ── Somebody else's id, and many false ones (34, 35) ─────────────────────────
def test_the_running_job_of_another_user_is_not_taken_over(
    provider: Wire, alice: User, bob: User, caplog: pytest.LogCaptureFixture
) -> None:
    provider.answer(json=kie.accepted("bobs-task"))
    theirs = sent(bob, prompt="Bob's idea")
    provider.rst()
    mine = sent(alice)
    address = kie.callback_path(provider)
    post(Client(), address, kie.callback("bobs-task"))
    echo = kie.echo(mine.prompt, mine.seed)
    provider.answer(json=kie.running("bobs-task", **echo), path="record-info", always=True)
    for _ in range(2):
        drain_queue()
    mine.refresh_from_db()
    theirs.refresh_from_db()
    assert (mine.status, mine.external_id) == ("uncertain", "")
    assert (theirs.status, theirs.external_id) == ("running", "bobs-task")
    assert WebhookEvent.objects.get().verdict == "refused"
    assert f"job {mine.pk}: a callback named bobs-task, which is not its" in caplog.text


@pytest.mark.parametrize("genuine", [0, 50], ids=["first", "last"])
def test_fifty_false_ids_delay_the_genuine_one_and_no_more(
    provider: Wire, lost_answer: Job, path: Callable[[], str], genuine: int
) -> None:
    ids = [f"fake-{number}" for number in range(50)]
    ids.insert(genuine, "genuine")
    for task in ids:
        assert post(Client(), path(), kie.callback(task)).status_code == 200

    def record(seen: Any) -> kie.Answer:
        if seen.query["taskId"] == "genuine":
            return kie.running("genuine", **kie.echo(lost_answer.prompt, lost_answer.seed))
        return kie.refused(422, "record is null")

    provider.reply(record, path="record-info", always=True)
    for _ in range(11):
        before = questions(provider)
        Job.objects.filter(pk=lost_answer.pk).update(check_at=clock.after(-1))
        factories.forget_rates()
        drain_queue()
        assert questions(provider) - before <= searching.CANDIDATES_PER_ASK
        lost_answer.refresh_from_db()
        if lost_answer.external_id:
            break
        # The next look at them is not before ten seconds are over.
        soon = Job.objects.filter(pk=lost_answer.pk, check_at__lt=clock.after(9))
        assert not soon.exists()
    assert (lost_answer.status, lost_answer.external_id) == ("running", "genuine")
    assert questions(provider) <= 51


# ── Bodies that are not read (39) ────────────────────────────────────────────
class Unread:
    """A body without an end: whoever begins to read it has lost."""

    def read(self, *_: object) -> bytes:
        raise AssertionError("the body was read")

    readline = readlines = read


def environ_of(**told: Any) -> dict[str, Any]:
    return RequestFactory()._base_environ(**told)  # type: ignore[attr-defined,no-any-return]


@pytest.mark.parametrize(
    ("told", "status"),
    [({"HTTP_TRANSFER_ENCODING": "chunked"}, 400), ({"CONTENT_LENGTH": "99999999999"}, 413)],
    ids=["chunked", "huge"],
)
def test_a_body_that_has_no_end_is_not_even_begun(
    provider: Wire, job: Job, path: Callable[[], str], told: dict[str, str], status: int
) -> None:
    token = path().rstrip("/").rpartition("/")[2]
    environ = environ_of(
        **{"REQUEST_METHOD": "POST", "CONTENT_TYPE": "application/json", "wsgi.input": Unread()},
        **told,
    )
    answer = webhooks.receive(WSGIRequest(environ), "kie", token)
    assert answer.status_code == status
    assert not WebhookEvent.objects.exists()


def test_the_body_of_an_unknown_address_is_not_read_either(client: Client, db: None) -> None:
    environ = environ_of(
        **{"REQUEST_METHOD": "POST", "CONTENT_LENGTH": "100", "wsgi.input": Unread()}
    )
    assert webhooks.receive(WSGIRequest(environ), "kie", "A" * 43).status_code == 404


# ── Late (41) ────────────────────────────────────────────────────────────────
def test_a_callback_thirteen_days_after_the_loss_still_recovers(
    provider: Wire, job: Job, path: Callable[[], str]
) -> None:
    lifecycle.lose(job, "gone")
    Job.objects.filter(pk=job.pk).update(
        sent_at=clock.after(-13 * DAY), finished_at=clock.after(-13 * DAY)
    )
    provider.answer(json=kie.succeeded(f"{provider.url}/film.mp4"), path="record-info")
    provider.answer(body=films.film(), path="film.mp4")
    assert post(Client(), path()).status_code == 200
    drain_queue()
    job.refresh_from_db()
    assert (job.status, job.renditions.get().state) == ("succeeded", "stored")


def test_a_job_that_is_deleted_after_all_answers_like_one_that_never_was(
    provider: Wire, job: Job, path: Callable[[], str]
) -> None:
    """What was paid for cannot be deleted; should a hand do it by SQL, its address is unknown."""
    with pytest.raises(ProtectedError):
        job.delete()
    Job.objects.filter(pk=job.pk).update(callback_hash="")
    assert post(Client(), path()).status_code == 404


def test_a_user_with_jobs_cannot_be_deleted_and_a_closed_account_still_gets_the_end(
    provider: Wire, job: Job, alice: User, path: Callable[[], str]
) -> None:
    with pytest.raises(ProtectedError):
        alice.delete()
    User.objects.filter(pk=alice.pk).update(is_active=False)
    provider.answer(json=kie.failed(), path="record-info")
    assert post(Client(), path()).status_code == 200
    drain_queue()
    job.refresh_from_db()
    assert (job.status, held(alice)) == ("failed", 0)


def test_after_its_key_was_deleted_a_callback_waits_for_another_one(
    provider: Wire, job: Job, key: Credential, alice: User, path: Callable[[], str]
) -> None:
    key.delete()
    assert post(Client(), path()).status_code == 200
    drain_queue()
    job.refresh_from_db()
    assert (job.status, questions(provider)) == ("running", 0)
    factories.credential(alice, "kie")
    provider.answer(json=kie.failed(), path="record-info")
    follow()
    job.refresh_from_db()
    assert job.status == "failed"


# ── A flood (42) ─────────────────────────────────────────────────────────────
def test_a_thousand_callbacks_make_no_more_than_a_question_in_ten_seconds(
    provider: Wire, job: Job, path: Callable[[], str]
) -> None:
    provider.answer(json=kie.running(), path="record-info", always=True)
    began = time.monotonic()
    address = path()
    for number in range(1000):
        body = kie.callback(extra=number)
        answer = post(Client(), address, body)
        assert answer.status_code == 200
        if number % 50 == 0:
            drain_queue()
    drain_queue()
    seconds = time.monotonic() - began
    assert 1 <= questions(provider) <= 1 + seconds / inbox.NUDGE_SECONDS
    # And it goes on being asked about, by its ordinary cadence at the latest.
    assert Job.objects.filter(pk=job.pk, check_at__lte=clock.after(60)).exists()


# ── Odd JSON, odd hosts (43, 45) ─────────────────────────────────────────────
def test_of_two_ids_under_one_name_neither_is_believed(
    provider: Wire, lost_answer: Job, path: Callable[[], str]
) -> None:
    body = b'{"data":{"taskId":"first","taskId":"second"},"data":{"taskId":"a","taskId":"b"}}'
    assert post(Client(), path(), body).status_code == 200
    assert WebhookEvent.objects.get().external_id == "b"
    provider.answer(json=kie.running("b", **kie.echo("Another", 11111)), path="record-info")
    drain_queue()
    lost_answer.refresh_from_db()
    assert (lost_answer.status, lost_answer.external_id) == ("uncertain", "")


@pytest.mark.parametrize(
    "headers",
    [{"Host": "localhost"}, {"Host": "localhost:9", "X-Forwarded-Host": "evil.example"}],
    ids=["another of ours", "forwarded"],
)
def test_the_callback_address_owes_nothing_to_the_host_header(
    provider: Wire, alice: User, headers: dict[str, str]
) -> None:
    provider.answer(json=kie.accepted())
    answer = factories.signed_in(alice).post("/", composer(), headers=headers)
    assert answer.status_code == 302
    drain_queue()
    sent_to = provider.posts[0].json["callBackUrl"]
    assert sent_to.startswith("https://dailies.example/webhooks/kie/")


def test_a_foreign_host_does_not_even_get_to_the_form(provider: Wire, alice: User) -> None:
    browser = factories.signed_in(alice)
    answer = browser.post("/", composer(), headers={"Host": "evil.example"})
    assert (answer.status_code, Job.objects.count()) == (400, 0)
    purge_queue()
