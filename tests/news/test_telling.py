"""Who is told of what: once of each fact, in the transaction that makes it, and nobody in vain."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from uuid import uuid4

import pytest
from django.db import connection, transaction
from django.db.models import F
from django.test.utils import CaptureQueriesContext

from jobs import archive, budget_warnings, lifecycle, news, people, shares
from jobs.models import BudgetRequest, Job, Notice, Rendition, ShareLink, User
from jobs.models.jobs.status import Status
from jobs.news.wording import line_of
from jobs.providers.base import Snapshot, State
from jobs.times import clock
from tests.support import factories
from tests.support.fakes import Wire
from tests.support.media import films
from tests.support.racing import together

pytestmark = [pytest.mark.django_db, pytest.mark.data]
FAILED = Snapshot(State.FAILED, error="Internal Error")


def told(person: User, *, also_seen: bool = False) -> list[str]:
    """The kinds of what this person was told, the oldest first."""
    rows = Notice.objects.filter(person=person).order_by("pk")
    return list((rows if also_seen else rows.unseen()).values_list("kind", flat=True))


def doubtful(owner: User) -> Job:
    """A job whose worker died over it."""
    job = factories.job(owner)
    gone = {"status": Status.SUBMITTING, "lease_until": clock.after(-1), "callback_hash": "0" * 64}
    Job.objects.filter(pk=job.pk).update(**gone)
    lifecycle.abandon()
    job.refresh_from_db()
    return job


def test_a_failure_is_told_once_to_its_owner_however_often_the_provider_says_so(
    alice: User, bob: User, admin: User
) -> None:
    job = factories.run(factories.job(alice))
    for _ in range(3):
        lifecycle.observe(job.pk, FAILED)
    assert (told(alice), told(bob), told(admin)) == (["failed"], [], [])


def test_a_video_is_ready_when_its_file_is_kept_and_not_before(
    waiting: Callable[[], Rendition], provider: Wire
) -> None:
    rendition = waiting()
    owner = rendition.job.owner
    assert told(owner) == []
    provider.answer(body=films.film())
    archive.store(rendition.pk)
    archive.store(rendition.pk)
    assert told(owner) == ["ready"]


def test_a_paid_file_that_is_no_film_needs_a_look(
    waiting: Callable[[], Rendition], provider: Wire
) -> None:
    rendition = waiting()
    provider.answer(body=b"<html>Sorry</html>" * 9)
    archive.store(rendition.pk)
    rendition.refresh_from_db()
    assert rendition.state == Rendition.State.REJECTED
    assert told(rendition.job.owner) == ["look"]


def test_a_doubt_that_resolves_itself_is_no_news_to_who_missed_it(alice: User) -> None:
    job = doubtful(alice)
    assert told(alice) == ["look"]
    assert lifecycle.attach(job, "task-found")
    assert told(alice) == []


def test_what_was_undone_told_nobody(alice: User) -> None:
    job = factories.run(factories.job(alice))
    with transaction.atomic():
        lifecycle.observe(job.pk, FAILED)
        assert told(alice) == ["failed"]
        transaction.set_rollback(True)
    assert told(alice) == []


def test_a_request_is_news_to_the_other_admins_until_one_answers_it(
    alice: User, admin: User
) -> None:
    other = factories.admin("olu")
    lifecycle.ask_ahead(alice, 600, reason="The launch film", project=None, key=uuid4())
    lifecycle.ask_ahead(admin, 5, reason="Mine", project=None, key=uuid4())
    assert (told(alice), told(admin), told(other)) == ([], ["request"], ["request"] * 2)
    lifecycle.approve(BudgetRequest.objects.get(requester=alice), other)
    assert (told(alice), told(admin), told(other)) == (["decision"], [], ["request"])


def test_a_parked_order_asks_the_admins_and_calling_it_off_takes_that_back(admin: User) -> None:
    carol = factories.member("carol")
    parked = factories.job(carol)
    assert told(admin) == ["request"]
    lifecycle.cancel(parked, carol)
    assert told(admin) == told(carol) == []


def test_a_client_who_comments_and_one_who_picks_are_news_to_the_links_owner(
    alice: User, admin: User
) -> None:
    link, _ = shares.create([factories.film(alice)], shares.Terms(), alice)
    take = link.takes.get()
    shares.say(link, take, "comment", name="Ana", visitor="ana", text="Slower")
    shares.say(link, take, "pick", name="Ben", visitor="ben")
    assert (told(alice), told(admin)) == (["comment", "pick"], [])
    # Another mind takes the first verdict back, and what was told of it.
    shares.say(ShareLink.objects.get(), take, "approve", name="Ben", visitor="ben")
    assert told(alice) == ["comment", "pick"]


def test_takes_of_one_order_are_told_apart(alice: User) -> None:
    take, other = factories.job(alice, prompt="A fox"), factories.job(alice, prompt="A fox")
    for number, each in enumerate((take, other), 1):
        Job.objects.filter(pk=each.pk).update(take_group=take.pk, take=number)
    first = factories.finish(Job.objects.get(pk=take.pk)).renditions.get()
    larger = factories.finish(factories.upgrade(first.job)).renditions.get()
    news.ready(first)
    news.ready(larger)
    lifecycle.observe(factories.run(other).pk, FAILED)
    link, _ = shares.create([larger], shares.Terms(), alice)
    for kind in ("comment", "changes", "pick", "approve"):
        shares.say(link, link.takes.get(), kind, name="Ana", visitor=kind, text="Slower")
    lines = map(line_of, Notice.objects.filter(person=alice).in_full().reverse())
    assert [line.what for line in lines] == [
        *("Take 1 ready", "4K of take 1 ready", "Take 2 failed", "Ana commented on take 1"),
        *("Ana asked for changes to take 1", "Ana picked take 1", "Ana approved take 1"),
    ]


def test_what_a_client_says_of_a_moment_is_told_with_the_moment(alice: User) -> None:
    link, _ = shares.create([factories.film(alice)], shares.Terms(), alice)
    take, moment = link.takes.get(), Decimal("72.4")
    for kind in ("comment", "changes"):
        shares.say(link, take, kind, name="Ana", visitor="ana", text="Slower", seconds=moment)
    lines = map(line_of, Notice.objects.filter(person=alice).in_full().reverse())
    told = [line.what for line in lines]
    assert told == ["Ana commented at 1:12", "Ana asked for changes at 1:12"]


def test_a_budget_that_comes_to_its_end_is_told_its_person_and_the_admins_once(
    bob: User, admin: User
) -> None:
    carol = factories.member("carol", credits=72)
    factories.job(carol)
    budget_warnings.notice_all()
    budget_warnings.notice_all()
    assert (told(carol), told(bob), told(admin)) == (["budget"], [], ["budget"])


def test_whoever_was_deactivated_is_told_nothing(alice: User, admin: User) -> None:
    job = factories.run(factories.job(alice))
    people.deactivate(alice, admin, reason="x")
    lifecycle.observe(job.pk, FAILED)
    assert told(alice) == []


def test_of_an_admin_who_became_a_member_no_request_is_readable_any_more(
    alice: User, admin: User
) -> None:
    factories.admin("olu")
    lifecycle.ask_ahead(alice, 600, reason="x", project=None, key=uuid4())
    assert Notice.objects.readable_by(admin).count() == 1
    people.change_role(admin, User.Role.MEMBER, None, reason="x")
    admin.refresh_from_db()
    assert Notice.objects.readable_by(admin).count() == 0


def test_a_request_is_told_to_two_hundred_admins_in_few_statements(
    alice: User, admin: User
) -> None:
    def asked() -> int:
        with CaptureQueriesContext(connection) as captured:
            lifecycle.ask_ahead(alice, 1, reason="x", project=None, key=uuid4())
        return len(captured.captured_queries)

    asked()
    few = asked()
    User.objects.bulk_create(
        User(username=f"admin{n}", name_key=f"admin{n}", look=f"admin{n}", role="admin")
        for n in range(200)
    )
    # SQLite takes a thousand values in one statement.
    assert asked() <= few + 2
    assert Notice.objects.count() == 3 + 200


@pytest.mark.django_db(transaction=True)
def test_four_workers_with_one_failure_tell_of_it_once(alice: User) -> None:
    job = factories.run(factories.job(alice))
    outcomes = together(4, lambda _: lifecycle.observe(job.pk, FAILED))
    assert outcomes == [None] * 4
    assert told(alice) == ["failed"]


def test_after_ninety_days_it_is_forgotten(alice: User) -> None:
    for days in (89, 91):
        lifecycle.observe(factories.run(factories.job(alice, prompt=f"{days}")).pk, FAILED)
        newest = Notice.objects.latest("pk")
        Notice.objects.filter(pk=newest.pk).update(made_at=F("made_at") - timedelta(days=days))
    news.tidy()
    assert Notice.objects.get().job.prompt == "89"  # type: ignore[union-attr]
