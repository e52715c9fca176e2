"""What an admin types on the server."""

from __future__ import annotations

import io
import sys
import threading
from collections.abc import Callable
from types import SimpleNamespace
from uuid import UUID

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.db.models.functions import Now
from django.test import Client

from jobs import follower, ledger, people
from jobs.archive.intake import images
from jobs.management.commands import follow
from jobs.models import AuditEvent, Budget, Credential, Job, LedgerEntry, Rendition, User
from jobs.secrets import vault
from tests.support import factories, kie
from tests.support.fakes import Wire
from tests.support.media import films
from tests.support.running import drain_queue, purge_queue

pytestmark = [pytest.mark.django_db, pytest.mark.data]

Captured = pytest.CaptureFixture[str]


def grant(*words: object) -> None:
    call_command("grant_credits", *map(str, words), "--reason", "for a test")


# ── grant_credits ────────────────────────────────────────────────────────────
def test_granted_credits_can_be_spent(alice: User, capsys: Captured) -> None:
    grant("alice", 500)
    assert ledger.granted_to(alice).available == 1500
    assert capsys.readouterr().out == "alice now has 1500 credits to spend.\n"


def test_the_reason_is_on_record(alice: User) -> None:
    grant("alice", 500)
    entry = LedgerEntry.objects.filter(budget__owner=alice).latest("id")
    assert (entry.credits, entry.reason, entry.actor) == (500, "for a test", None)


def test_a_negative_number_takes_credits_back(alice: User) -> None:
    grant("alice", -400)
    assert ledger.granted_to(alice).available == 600


def test_what_is_held_for_a_job_cannot_be_taken_back(alice: User) -> None:
    held = factories.job(alice).quote
    with pytest.raises(CommandError, match=f"Only {1000 - held} unspent credits are left"):
        grant("alice", -1000)
    assert ledger.granted_to(alice).balance == 1000


@pytest.mark.parametrize("number", [0, ledger.CREDITS_MAX + 1, -ledger.CREDITS_MAX - 1, 2**63])
def test_an_amount_that_no_honest_entry_has_is_refused(alice: User, number: int) -> None:
    with pytest.raises(CommandError, match="N must be between"):
        grant("alice", number)
    assert ledger.granted_to(alice).balance == 1000


@pytest.mark.parametrize("number", ["1.5", "many", "", "1e3", "0x10"])
def test_an_amount_that_is_no_whole_number_is_refused(alice: User, number: str) -> None:
    with pytest.raises(CommandError, match="invalid int value"):
        grant("alice", number)


def test_nobody_unknown_is_granted_anything(db: None) -> None:
    with pytest.raises(CommandError, match=r"There is no user mallory\."):
        grant("mallory", 500)
    assert not Budget.objects.exists()


def test_no_credits_are_granted_without_a_reason(alice: User) -> None:
    with pytest.raises(CommandError, match="--reason"):
        call_command("grant_credits", "alice", "500")


# ── createsuperuser, create_admin ────────────────────────────────────────────
def test_createsuperuser_makes_an_admin(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DJANGO_SUPERUSER_PASSWORD", factories.PASSWORD)
    call_command("createsuperuser", "--noinput", username="mara", email="mara@studio.example")
    client.post("/login/", {"username": "mara", "password": factories.PASSWORD})
    assert client.get("/team/").status_code == 200
    assert client.get("/setup/").status_code == 404


def test_who_ceases_to_be_an_admin_keeps_no_rights_of_a_superuser(admin: User) -> None:
    user = User.objects.create_superuser("noor", password=factories.PASSWORD)
    people.change_role(user, "member", admin, reason="for a test")
    user.refresh_from_db()
    assert (user.is_admin, user.is_staff, user.is_superuser) == (False, False, False)


def test_where_nobody_is_an_admin_a_command_makes_one(
    alice_client: Client, client: Client, capsys: Captured
) -> None:
    assert client.get("/setup/").status_code == 404, "a stranger must not take over"
    call_command("create_admin", "alice", "--reason", "Ada left for good")
    assert capsys.readouterr().out == "alice is an admin now.\n"
    event = AuditEvent.objects.get(action="role changed")
    assert (event.actor, event.subject, event.before, event.after, event.reason) == (
        None,
        "alice",
        "member",
        "admin",
        "Ada left for good",
    )
    assert alice_client.get("/team/").status_code == 200


def test_nobody_becomes_an_admin_twice_or_while_deactivated(admin: User, alice: User) -> None:
    people.deactivate(alice, admin, reason="for a test")
    for name, complaint in (
        ("ada", "ada already has this role"),
        ("alice", "alice is deactivated"),
        ("mallory", "There is no user mallory.*createsuperuser"),
    ):
        with pytest.raises(CommandError, match=complaint):
            call_command("create_admin", name)
    assert list(User.objects.filter(role="admin")) == [admin]


# ── set_key ──────────────────────────────────────────────────────────────────
def set_key(monkeypatch: pytest.MonkeyPatch, typed: str, *words: str) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO(typed))
    call_command("set_key", *words)


def test_a_key_from_standard_input_is_tried_and_sealed(
    provider: Wire, monkeypatch: pytest.MonkeyPatch, capsys: Captured
) -> None:
    carol = factories.person("carol", User.Role.MEMBER)
    provider.answer(json={"code": 200, "msg": "success", "data": 340})
    set_key(monkeypatch, "kie-typed-key-9876\n", "carol", "kie")
    row = Credential.objects.get(owner=carol)
    assert vault.unseal(row.sealed_key, row.seal_context) == "kie-typed-key-9876"
    assert capsys.readouterr().out == "Saved the kie key ending in 9876.\n"


def test_a_key_in_the_place_of_another_is_named_by_its_own_end(
    provider: Wire, alice: User, monkeypatch: pytest.MonkeyPatch, capsys: Captured
) -> None:
    provider.answer(json={"code": 200, "msg": "success", "data": 340})
    set_key(monkeypatch, "kie-typed-key-9876\n", "alice", "kie")
    assert capsys.readouterr().out == "Saved the kie key ending in 9876.\n"


def test_a_key_that_the_provider_refuses_is_not_saved(
    provider: Wire, monkeypatch: pytest.MonkeyPatch
) -> None:
    factories.person("carol", User.Role.MEMBER)
    provider.answer(json=kie.refused(401))
    with pytest.raises(CommandError, match="did not accept the key"):
        set_key(monkeypatch, "kie-typed-key-9876\n", "carol", "kie")
    assert not Credential.objects.exists()


@pytest.mark.parametrize(
    "typed",
    ["", "\n", "short\n", "kie key with blanks\n", "kie-kéy-12345\n", "kie\u200bkey-1234\n"],
)
def test_what_cannot_be_a_key_is_not_even_tried(
    provider: Wire, alice: User, monkeypatch: pytest.MonkeyPatch, typed: str
) -> None:
    with pytest.raises(CommandError):
        set_key(monkeypatch, typed, "alice", "kie")
    assert provider.connections == 0


@pytest.mark.parametrize(
    ("words", "complaint"),
    [(("mallory", "kie"), "There is no user mallory"), (("alice", "sora"), "invalid choice")],
)
def test_a_key_needs_a_user_and_a_provider_that_exist(
    alice: User, monkeypatch: pytest.MonkeyPatch, words: tuple[str, str], complaint: str
) -> None:
    with pytest.raises(CommandError, match=complaint):
        set_key(monkeypatch, "kie-typed-key-9876\n", *words)


# ── check_ledger ─────────────────────────────────────────────────────────────
def test_a_ledger_that_adds_up_passes(alice: User, bob: User, capsys: Captured) -> None:
    factories.job(alice)
    call_command("check_ledger")
    assert capsys.readouterr().out == "3 budgets add up.\n"


@pytest.mark.parametrize("tampered", [{"balance": 5000}, {"held": 1}, {"balance": -1, "held": 9}])
def test_a_tampered_figure_fails_and_names_the_budget(
    alice: User, bob: User, capsys: Captured, tampered: dict[str, int]
) -> None:
    Budget.objects.filter(owner=alice).update(**tampered)
    with pytest.raises(CommandError, match=r"1 figures do not add up\.") as failure:
        call_command("check_ledger")
    named = capsys.readouterr().err
    assert failure.value.returncode == 1
    assert "alice: shows" in named
    assert "bob" not in named


def test_a_job_that_is_over_with_its_hold_open_is_named(alice: User, capsys: Captured) -> None:
    job = factories.job(alice)
    Job.objects.filter(pk=job.pk).update(status="failed")
    with pytest.raises(CommandError):
        call_command("check_ledger")
    assert str(job.pk) in capsys.readouterr().err


# ── follow ───────────────────────────────────────────────────────────────────
@pytest.fixture
def _tidy_threads(monkeypatch: pytest.MonkeyPatch) -> None:
    """The threads of a single round end at once, and their connections with them."""
    ask = follower.ask

    def tidy(job: Job) -> None:
        try:
            ask(job)
        finally:
            connection.close()

    monkeypatch.setattr(follower, "ask", tidy)


@pytest.mark.usefixtures("_tidy_threads")
@pytest.mark.django_db(transaction=True)
def test_one_round_of_following_asks_about_what_is_due(provider: Wire, alice: User) -> None:
    provider.answer(json=kie.accepted())
    job = factories.job(alice)
    drain_queue()
    Job.objects.filter(pk=job.pk).update(check_at="2000-01-01T00:00Z")
    provider.answer(json=kie.succeeded(f"{provider.url}/film.mp4"), path="record-info")
    call_command("follow", "--once")
    job.refresh_from_db()
    assert job.status == "succeeded"


@pytest.mark.django_db(transaction=True)
def test_one_round_of_following_wakes_workers_for_forgotten_files(
    provider: Wire, alice: User
) -> None:
    rendition = Rendition.objects.create(
        job=factories.job(alice), resolution="720p", source_url=f"{provider.url}/film.mp4"
    )
    purge_queue()
    call_command("follow", "--once")
    provider.answer(body=films.film())
    drain_queue()
    rendition.refresh_from_db()
    assert rendition.state == Rendition.State.STORED


@pytest.mark.django_db(transaction=True)
def test_one_round_of_following_proves_the_ledger(
    alice: User, caplog: pytest.LogCaptureFixture
) -> None:
    Budget.objects.filter(owner=alice).update(balance=5000)
    call_command("follow", "--once")
    assert Budget.objects.get(owner=alice).is_frozen
    assert "the ledger does not add up: alice" in caplog.text


@pytest.fixture
def rounds(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Lets the follower stop by itself, after five rounds."""
    seen: list[float] = []

    class Stop(threading.Event):
        def wait(self, timeout: float | None = None) -> bool:
            seen.append(timeout or 0)
            if len(seen) == 5:
                self.set()
            return self.is_set()

    monkeypatch.setattr(follow, "threading", SimpleNamespace(Event=Stop))
    monkeypatch.setattr("signal.signal", lambda *_: None)
    return seen


NIGHT = {
    "sessions that are over": "jobs.sessions.SessionStore.clear_expired",
    "the ledger": "jobs.ledger.check",
    "jobs to give up": "jobs.follower.give_up",
    "unused pictures": "jobs.archive.intake.images.remove_unused",
    "orphans": "jobs.archive.verify.remove_orphans",
    "the share": "jobs.archive.verify.check",
}


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("broken", NIGHT)
def test_a_part_of_the_night_that_breaks_runs_once_and_spares_the_others(
    alice: User, rounds: list[float], monkeypatch: pytest.MonkeyPatch, broken: str
) -> None:
    Credential.objects.update(checked_at=Now())
    ran: list[str] = []

    def part(name: str) -> Callable[..., list[str]]:
        def run(*_: object) -> list[str]:
            ran.append(name)
            if name == broken:
                raise PermissionError("restored as root")
            return []

        return run

    for name, place in NIGHT.items():
        monkeypatch.setattr(place, part(name))
    follow.Command().handle(seconds=0, once=False)
    assert len(rounds) == 5
    assert sorted(ran) == sorted(NIGHT)


@pytest.mark.django_db(transaction=True)
def test_following_does_not_wait_for_the_disk(
    rounds: list[float], monkeypatch: pytest.MonkeyPatch
) -> None:
    fourth, seen = threading.Event(), []
    sweep = follower.claim_due

    def counted(limit: int) -> list[UUID]:
        if len(rounds) == 3:
            fourth.set()
        return sweep(limit)

    monkeypatch.setattr(follower, "claim_due", counted)
    monkeypatch.setattr(images, "remove_unused", lambda: seen.append(fourth.wait(20)))
    follow.Command().handle(seconds=0, once=False)
    assert seen == [True]


@pytest.mark.django_db(transaction=True)
def test_following_goes_on_after_an_answer_that_breaks_it(
    provider: Wire, alice: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    def odd(job: Job) -> None:
        connection.close()
        raise RuntimeError("odd")

    provider.answer(json=kie.accepted())
    job = factories.job(alice)
    drain_queue()
    Job.objects.filter(pk=job.pk).update(check_at="2000-01-01T00:00Z")
    monkeypatch.setattr(follower, "ask", odd)
    call_command("follow", "--once")
    job.refresh_from_db()
    assert (job.status, job.check_at is not None) == ("running", True)
