"""Who joins, who may do what, and what becomes of somebody who leaves."""

from __future__ import annotations

import hashlib
from datetime import timedelta
from decimal import Decimal
from uuid import NAMESPACE_URL, uuid5

import pytest
from django.core.management import call_command
from django.db import IntegrityError
from django.db.models.functions import Now
from django.test import Client
from django.utils import timezone

from jobs import credentials, ledger, lifecycle, people
from jobs.models import (
    AuditEvent,
    BudgetRequest,
    Credential,
    Image,
    Invitation,
    Job,
    JobImage,
    LedgerEntry,
    Project,
    Rendition,
    Session,
    Team,
    User,
)
from jobs.providers.base import Result, Snapshot, State
from tests.support import factories
from tests.support.racing import together

pytestmark = [pytest.mark.django_db, pytest.mark.data]


@pytest.fixture
def eve(admin: User) -> User:
    """A second admin."""
    return factories.admin("eve")


def fresh(person: User) -> User:
    return User.objects.get(pk=person.pk)


def last_event() -> AuditEvent:
    return AuditEvent.objects.order_by("-id")[0]


def newcomer(username: str = "carol") -> User:
    person = User(username=username)
    person.set_password(factories.PASSWORD)
    return person


# ── Invitations ──────────────────────────────────────────────────────────────
def test_only_the_hash_of_a_token_is_kept(admin: User) -> None:
    token = people.invite("member", admin, note="Carol")
    kept = str(list(Invitation.objects.values())) + str(list(AuditEvent.objects.values()))
    assert Invitation.objects.get().token_hash == hashlib.sha256(token.encode()).hexdigest()
    assert token not in kept
    assert len(token) == 43


def test_who_is_invited_joins_once_with_the_role_of_the_invitation(admin: User) -> None:
    token = people.invite("admin", admin, note="Carol")
    people.accept(token, newcomer())
    assert fresh(User.objects.get(username="carol")).is_admin
    with pytest.raises(people.NotValid):
        people.accept(token, newcomer("mallory"))
    assert not User.objects.filter(username="mallory").exists()


def test_joining_is_on_record_with_who_invited(admin: User) -> None:
    people.accept(people.invite("member", admin, note="Carol"), newcomer())
    event = last_event()
    assert event.actor
    assert (event.action, event.subject, event.before, event.after) == (
        *("person joined", "carol"),
        *("invited by ada", "member"),
    )


@pytest.mark.parametrize("change", ["expired", "revoked", "unknown"])
def test_a_link_that_is_over_lets_nobody_in(admin: User, change: str) -> None:
    token = people.invite("member", admin)
    if change == "expired":
        Invitation.objects.update(expires_at=timezone.now())
    elif change == "revoked":
        assert people.revoke(Invitation.objects.get(), admin)
    else:
        token = token[:-1]
    with pytest.raises(people.NotValid):
        people.accept(token, newcomer())
    assert User.objects.count() == 1


def test_a_link_holds_for_seven_days(admin: User) -> None:
    people.invite("member", admin)
    lasts = Invitation.objects.get().expires_at - timezone.now()
    assert timedelta(days=6, hours=23) < lasts < timedelta(days=7, seconds=5)


def test_a_link_is_revoked_once(admin: User) -> None:
    people.invite("member", admin, note="Carol")
    link = Invitation.objects.get()
    assert [people.revoke(link, admin), people.revoke(link, admin)] == [True, False]
    assert AuditEvent.objects.filter(action="invitation revoked", subject="Carol").count() == 1


@pytest.mark.django_db(transaction=True)
def test_of_ten_who_use_a_link_at_once_one_joins_and_is_given_what_it_carries() -> None:
    token = people.invite("member", factories.admin("ada"), credits=250, allowance=1000)
    outcomes = together(10, lambda n: people.accept(token, newcomer(f"carol{n}")))
    assert outcomes.count(None) == 1
    assert User.objects.count() == 2
    given = LedgerEntry.objects.filter(job=None).values_list("credits", flat=True)
    assert sorted(given) == [250, 1000]


@pytest.mark.parametrize("end", ["revoked", "expired"])
def test_a_link_that_is_over_gives_nothing(admin: User, end: str) -> None:
    token = people.invite("member", admin, credits=250, allowance=1000)
    over = timezone.now() - timedelta(seconds=1)
    Invitation.objects.update(**{"revoked_at" if end == "revoked" else "expires_at": over})
    with pytest.raises(people.NotValid):
        people.accept(token, newcomer())
    assert not LedgerEntry.objects.exists()


@pytest.mark.parametrize("act", ["demote", "deactivate"])
def test_who_is_no_admin_any_more_lets_nobody_in(admin: User, eve: User, act: str) -> None:
    token = people.invite("admin", eve)
    if act == "demote":
        people.change_role(eve, "member", admin, reason="x")
    else:
        people.deactivate(eve, admin, reason="x")
    with pytest.raises(people.NotValid):
        people.accept(token, newcomer())


# ── Roles ────────────────────────────────────────────────────────────────────
def test_a_role_changes_with_its_reason_on_record(alice: User, admin: User) -> None:
    people.change_role(alice, "admin", admin, reason="She pays now")
    event = last_event()
    assert fresh(alice).is_admin
    assert (event.actor, event.subject, event.before, event.after, event.reason) == (
        *(admin, "alice", "member", "admin"),
        "She pays now",
    )


def test_the_last_admin_stays_one(alice: User, admin: User) -> None:
    with pytest.raises(people.PersonNotChanged, match="only active admin"):
        people.change_role(admin, "member", admin, reason="x")
    assert fresh(admin).is_admin


def test_a_deactivated_admin_does_not_count_as_one_left(admin: User, eve: User) -> None:
    people.deactivate(eve, admin, reason="x")
    with pytest.raises(people.PersonNotChanged):
        people.change_role(admin, "member", admin, reason="x")


def test_the_last_admin_cannot_shut_themselves_out(admin: User, alice: User) -> None:
    with pytest.raises(people.PersonNotChanged):
        people.deactivate(admin, admin, reason="x")
    with pytest.raises(people.PersonNotChanged):
        people.leave(admin, alice, admin, reason="x", sends_queued=False)
    assert fresh(admin).is_active


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("act", ["demote each other", "demote themselves", "deactivate"])
def test_of_two_admins_who_go_at_once_one_is_left(act: str) -> None:
    pair = [factories.admin("ada"), factories.admin("eve")]
    Team.objects.create(pk=1)

    def go(number: int) -> None:
        by, other = pair[number], pair[1 - number]
        if act == "deactivate":
            people.deactivate(other, by, reason="x")
        else:
            whom = by if act == "demote themselves" else other
            people.change_role(whom, "member", by, reason="x")

    outcomes = together(2, go)
    assert sorted(type(outcome).__name__ for outcome in outcomes) == [
        "NoneType",
        "PersonNotChanged",
    ]
    assert User.objects.filter(role="admin", is_active=True).count() == 1
    assert AuditEvent.objects.count() == 1


def test_the_same_role_twice_is_one_change(alice: User, admin: User) -> None:
    people.change_role(alice, "admin", admin, reason="x")
    with pytest.raises(people.PersonNotChanged):
        people.change_role(alice, "admin", admin, reason="x")
    assert AuditEvent.objects.filter(action="role changed").count() == 1


# ── Access ───────────────────────────────────────────────────────────────────
def test_a_deactivated_persons_sessions_are_gone_and_no_others(
    alice: User, admin: User, alice_client: Client, admin_client: Client
) -> None:
    other = factories.signed_in(alice)
    people.deactivate(alice, admin, reason="On leave")
    assert Session.objects.count() == 1
    people.reactivate(alice, admin, reason="Back")
    assert {each.get("/").status_code for each in (alice_client, other)} == {302}
    assert admin_client.get("/").status_code == 200
    assert Client().login(username="alice", password=factories.PASSWORD)


def test_a_session_begun_while_being_deactivated_does_not_come_back_to_life(
    alice: User, admin: User
) -> None:
    people.deactivate(alice, admin, reason="On leave")
    late = factories.signed_in(alice)
    people.reactivate(alice, admin, reason="Back")
    assert late.get("/").status_code == 302


def test_who_is_deactivated_keeps_keys_credits_and_running_videos(alice: User, admin: User) -> None:
    job = factories.run(factories.job(alice))
    people.deactivate(alice, admin, reason="On leave")
    people.finish_leaving()
    assert alice.credentials.count() == 2
    assert ledger.standing_of(alice).available == 940
    assert Job.objects.get().owner == job.owner == alice


# ── Leaving ──────────────────────────────────────────────────────────────────
def leave(person: User, heir: User, by: User, *, sends_queued: bool = False) -> None:
    people.leave(person, heir, by, reason="New job", sends_queued=sends_queued)


def end(job: Job) -> None:
    """The provider says that it failed, and charges nothing."""
    lifecycle.observe(job.pk, Snapshot(State.FAILED))


def test_what_has_ended_passes_to_the_colleague_at_once(
    alice: User, bob: User, admin: User
) -> None:
    done = factories.succeeded(alice)
    leave(alice, bob, admin)
    done.refresh_from_db()
    assert done.owner == bob
    assert Job.objects.visible_to(bob).get() == done


@pytest.mark.django_db(transaction=True)
def test_a_running_job_is_followed_with_its_key_to_its_end(
    alice: User, bob: User, admin: User
) -> None:
    job = factories.run(factories.job(alice))
    leave(alice, bob, admin)
    job.refresh_from_db()
    assert (job.owner, job.credential in alice.credentials.all()) == (alice, True)
    end(job)
    call_command("follow", "--once")
    job.refresh_from_db()
    assert (job.owner, alice.credentials.count(), fresh(alice).heir) == (bob, 0, None)


def test_without_anything_running_the_keys_are_wiped_at_once(
    alice: User, bob: User, admin: User
) -> None:
    factories.succeeded(alice)
    leave(alice, bob, admin)
    assert not Credential.objects.filter(owner=alice).exists()
    assert Credential.objects.filter(owner=bob).count() == 2
    assert AuditEvent.objects.filter(action="key removed").count() == 2


def test_a_key_stays_while_a_file_is_still_to_be_fetched(
    alice: User, bob: User, admin: User
) -> None:
    job = factories.finish(factories.job(alice), stored=False)
    leave(alice, bob, admin)
    assert (Job.objects.get().owner, alice.credentials.count()) == (alice, 2)
    Rendition.objects.filter(job=job).update(state="expired", try_at=None)
    people.finish_leaving()
    assert (Job.objects.get().owner, alice.credentials.count()) == (bob, 0)


def test_nothing_new_is_made_with_a_leavers_key(alice: User, bob: User, admin: User) -> None:
    done = factories.succeeded(alice)
    factories.run(factories.job(alice))
    leave(alice, bob, admin)
    done.refresh_from_db()
    with pytest.raises(lifecycle.NotSubmitted, match="key"):
        lifecycle.submit(bob, lifecycle.upgrade_of(done, "upgrade_4k"), uuid5(NAMESPACE_URL, "x"))


def test_queued_jobs_are_called_off_and_their_credits_freed(
    alice: User, bob: User, admin: User
) -> None:
    job = factories.job(alice)
    leave(alice, bob, admin)
    job.refresh_from_db()
    assert (job.status, job.owner, job.charged) == ("canceled", bob, 0)
    assert ledger.standing_of(alice).balance == ledger.standing_of(alice).held == 0


def test_queued_jobs_are_sent_where_the_admin_says_so(alice: User, bob: User, admin: User) -> None:
    job = factories.job(alice)
    leave(alice, bob, admin, sends_queued=True)
    job.refresh_from_db()
    assert (job.status, job.owner, alice.credentials.count()) == ("queued", alice, 2)
    end(factories.run(job))
    people.finish_leaving()
    job.refresh_from_db()
    assert (job.owner, alice.credentials.count()) == (bob, 0)
    assert ledger.standing_of(alice).balance == 0


@pytest.mark.parametrize("sends_queued", [True, False])
def test_what_waits_for_its_budget_is_called_off(
    alice: User, bob: User, admin: User, sends_queued: bool
) -> None:
    ledger.grant(alice, -990, reason="x", actor=admin)
    job = factories.job(alice)
    leave(alice, bob, admin, sends_queued=sends_queued)
    job.refresh_from_db()
    assert job.status == "canceled"
    assert BudgetRequest.objects.get().state == "withdrawn"


def test_a_click_that_comes_in_while_they_leave_does_not_wait_for_what_is_in_doubt(
    alice: User, bob: User, admin: User
) -> None:
    Job.objects.filter(pk=factories.job(alice).pk).update(status="uncertain", sent_at=Now())
    leave(alice, bob, admin)
    late = factories.job(alice)
    assert late.status == "awaiting_budget"
    people.finish_leaving()
    late.refresh_from_db()
    assert (late.status, late.owner, fresh(alice).heir) == ("canceled", bob, bob)


def test_unspent_credits_and_the_allowance_are_taken_back_and_the_books_add_up(
    alice: User, bob: User, admin: User
) -> None:
    ledger.set_allowance(alice, 500, reason="x", actor=admin)
    factories.succeeded(alice)
    job = factories.run(factories.job(alice))
    leave(alice, bob, admin)
    assert (fresh(alice).allowance, ledger.standing_of(fresh(alice)).available) == (0, 0)
    end(job)
    people.finish_leaving()
    assert ledger.standing_of(fresh(alice)).available == 0
    assert ledger.standing_of(bob).balance == 1000
    assert ledger.audit() == []


def test_what_a_lost_job_gives_back_after_they_have_gone_is_taken_back(
    alice: User, bob: User, admin: User
) -> None:
    job = factories.run(factories.job(alice))
    lifecycle.lose(job, "Nothing was heard of it")
    leave(alice, bob, admin)
    people.finish_leaving()
    assert fresh(alice).heir is None
    film = Result("https://files.example/a.mp4", "720p")
    lifecycle.observe(job.pk, Snapshot(State.SUCCEEDED, (film,), provider_credits=Decimal(20)))
    assert ledger.standing_of(alice).available == 40
    people.finish_leaving()
    assert ledger.standing_of(alice).available == 0
    assert LedgerEntry.objects.filter(budget__owner=alice)[0].reason.endswith(
        "a lost job gave it back"
    )
    assert ledger.audit() == []


def test_history_stays_under_the_leavers_name(alice: User, bob: User, admin: User) -> None:
    factories.succeeded(alice)
    before = list(LedgerEntry.objects.order_by("pk").values_list("pk", "budget__owner"))
    leave(alice, bob, admin)
    after = LedgerEntry.objects.order_by("pk").values_list("pk", "budget__owner")
    assert list(after)[: len(before)] == before


def test_images_and_projects_pass_on_but_a_picture_both_have_stays(
    alice: User, bob: User, admin: User
) -> None:
    Project.objects.create(name="Autumn", created_by=alice)
    facts = {"width": 1, "height": 1, "bytes": 1, "content_type": "image/png", "origin": "upload"}
    mine = Image.objects.create(owner=alice, file="a.png", sha256="a" * 64, **facts)
    both = Image.objects.create(owner=alice, file="b.png", sha256="b" * 64, **facts)
    Image.objects.create(owner=bob, file="b.png", sha256="b" * 64, **facts)
    JobImage.objects.create(job=factories.succeeded(alice), image=both, position=0)
    leave(alice, bob, admin)
    assert Project.objects.get().created_by == bob
    assert Image.objects.get(pk=mine.pk).owner == bob
    assert both in Image.objects.visible_to(bob)


def test_the_same_click_of_both_stands_in_nobodys_way(alice: User, bob: User, admin: User) -> None:
    theirs, hers = factories.job(bob), factories.succeeded(alice)
    Job.objects.filter(pk=hers.pk).update(submission_key=theirs.submission_key)
    leave(alice, bob, admin)
    assert Job.objects.filter(owner=bob).count() == 2


def test_whose_colleague_leaves_as_well_passes_on_to_the_next(
    alice: User, bob: User, admin: User
) -> None:
    job = factories.run(factories.job(alice))
    leave(alice, bob, admin)
    leave(bob, admin, admin)
    end(job)
    people.finish_leaving()
    assert Job.objects.get().owner == admin


def test_who_has_left_cannot_leave_again_nor_inherit(alice: User, bob: User, admin: User) -> None:
    leave(alice, bob, admin)
    with pytest.raises(people.PersonNotChanged, match="already left"):
        leave(alice, bob, admin)
    with pytest.raises(people.PersonNotChanged, match="can’t take over"):
        leave(bob, alice, admin)


def test_letting_somebody_in_again_keeps_the_keys_that_are_still_there(
    alice: User, bob: User, admin: User
) -> None:
    job = factories.run(factories.job(alice))
    leave(alice, bob, admin)
    people.reactivate(alice, admin, reason="She stays")
    end(job)
    people.finish_leaving()
    assert (alice.credentials.count(), Job.objects.get().owner) == (2, alice)
    assert (fresh(alice).left_at, fresh(alice).is_active) == (None, True)


def test_one_who_cannot_be_finished_does_not_keep_others_waiting(
    alice: User, bob: User, admin: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    for person in (alice, bob):
        job = factories.run(factories.job(person))
        leave(person, admin, admin)
        end(job)
    remove = credentials.remove

    def odd(credential: Credential, *, actor: User | None) -> None:
        if credential.owner == alice:
            raise RuntimeError
        remove(credential, actor=actor)

    monkeypatch.setattr(credentials, "remove", odd)
    people.finish_leaving()
    assert (fresh(alice).heir, fresh(bob).heir) == (admin, None)
    assert Job.objects.get(credential__owner=alice).owner == alice


def test_somebody_active_has_not_left(alice: User) -> None:
    with pytest.raises(IntegrityError, match="user_leaver_is_inactive"):
        User.objects.filter(pk=alice.pk).update(left_at=timezone.now())


def test_only_who_has_left_has_an_heir(alice: User, bob: User) -> None:
    with pytest.raises(IntegrityError, match="user_heir_of_leaver"):
        User.objects.filter(pk=alice.pk).update(heir=bob)


# ── Settings ─────────────────────────────────────────────────────────────────
def test_each_changed_setting_is_on_record(admin: User) -> None:
    changed = people.change_settings(
        admin,
        name="North",
        reset_day=5,
        credit_value=None,
        currency="USD",
        members_share_others=True,
        reason="Payday",
    )
    assert changed == ["team's name", "reset day"]
    events = AuditEvent.objects.order_by("pk").values_list("subject", "before", "after", "reason")
    assert list(events) == [
        ("team's name", "", "North", "Payday"),
        ("reset day", "1", "5", "Payday"),
    ]
    assert Team.current().reset_day == 5
