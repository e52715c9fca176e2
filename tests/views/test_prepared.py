"""Questions that are put together once say what they would say each time."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from django.db import connection
from django.db.models import F, Model, Q, QuerySet
from django.db.models.sql import Query
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from jobs import ledger, tasks
from jobs.models import Job, JobEvent, User, prepared, visible
from jobs.models.prepared import changes, questions
from tests.support import factories, kie
from tests.support.fakes import Wire

pytestmark = [pytest.mark.django_db, pytest.mark.data]


def changed(owner: int, after: datetime) -> QuerySet[Job, Any]:
    of_theirs = Q(owner=owner) | Q(project__created_by=owner)
    return Job.objects.filter(of_theirs, changed_at__gt=after).values_list(
        "pk", "created_at", "owner__username"
    )


def test_what_is_given_takes_its_places_and_rows_come_as_python_knows_them(
    alice: User, bob: User
) -> None:
    jobs = {person: factories.job(person) for person in (alice, bob)}
    now = timezone.now()
    for person, job in jobs.items():
        rows = prepared.rows("changed", changed, person.pk, now - timedelta(hours=1))
        assert rows == [(job.pk, job.created_at, person.username)]
        assert rows == list(changed(person.pk, now - timedelta(hours=1)))
        assert prepared.rows("changed", changed, person.pk, now + timedelta(hours=1)) == []


def test_rows_come_as_models_with_what_belongs_to_them(alice: User, bob: User) -> None:
    def question(job: UUID, day: date, owner: str) -> QuerySet[Job]:
        jobs = Job.objects.filter(pk=job, booked_on__lte=day, owner__username=owner)
        return jobs.select_related("owner").prefetch_related("events")

    for person in (alice, bob):
        made = factories.job(person)
        (found,) = prepared.rows("one", question, made.pk, ledger.today(), person.username)
        with CaptureQueriesContext(connection) as queries:
            assert (found, found.owner, found.prompt) == (made, person, made.prompt)
            assert list(found.events.all())
        assert not queries.captured_queries
        yesterday = ledger.today() - timedelta(days=1)
        assert prepared.rows("one", question, made.pk, yesterday, person.username) == []
        assert prepared.rows("one", question, made.pk, ledger.today(), "nobody") == []


def test_a_model_comes_with_all_that_django_gives_it(alice: User) -> None:
    """What is joined, also where there is none, what is computed, and what is left for later."""

    def question(owner: int) -> QuerySet[Job]:
        jobs = Job.objects.filter(owner=owner).annotate(twice=F("version") * 2)
        return jobs.select_related("owner", "source__owner").defer("prompt").order_by("created_at")

    take = factories.succeeded(alice)
    factories.upgrade(take)
    usual, found = list(question(alice.pk)), prepared.rows("joined", question, alice.pk)
    with CaptureQueriesContext(connection) as queries:
        assert [_all_of(each) for each in found] == [_all_of(each) for each in usual]
        sources = [each.source and each.source.owner for each in found]
    assert (sources, len(queries)) == ([None, alice], 0)
    assert [each.prompt for each in found] == [each.prompt for each in usual]


def _all_of(row: Model) -> dict[str, object]:
    state = row._state
    return {**vars(row), "_state": (state.db, state.adding, state.fields_cache)}


def test_what_is_the_same_each_time_stands_in_the_text_as_it_is(alice: User, bob: User) -> None:
    odd = "100% of o'clock, %s and \\ 'fox'"
    made = factories.job(alice, prompt=odd)
    factories.job(alice, prompt="100 of")
    factories.job(bob, prompt=odd)
    since = timezone.now() - timedelta(hours=1)

    def question(owner: int) -> QuerySet[Job, UUID]:
        jobs = Job.objects.filter(owner=owner, prompt__contains=odd, created_at__gt=since)
        return jobs.filter(status="queued", seed__gte=0, pk=made.pk).values_list("pk", flat=True)

    for _ in range(2):
        assert prepared.rows("odd", question, alice.pk) == [made.pk]
        assert prepared.rows("odd", question, bob.pk) == []


def test_it_is_put_together_once(alice: User) -> None:
    asked = []

    def question(owner: int) -> QuerySet[Job, Any]:
        asked.append(owner)
        return Job.objects.filter(owner=owner).values_list("pk")

    with CaptureQueriesContext(connection) as queries:
        for _ in range(3):
            prepared.rows(question, question, alice.pk)
    assert (len(asked), len(queries)) == (1, 3)


def test_a_change_is_made_to_the_rows_that_are_meant_and_put_together_once(
    alice: User, bob: User
) -> None:
    jobs = [factories.job(person) for person in (alice, bob)]
    built = []

    def question(job: UUID, until: datetime) -> QuerySet[Job]:
        built.append(job)
        return Job.objects.filter(pk=job, changed_at__lte=until)

    more = {"version": F("version") + 1, "is_favorite": True}
    past, future = (timezone.now() + timedelta(hours=hours) for hours in (-1, 1))
    for job in jobs:
        before = job.version
        assert prepared.update("favor", question, more, job.pk, past) == 0
        assert prepared.update("favor", question, more, job.pk, future) == 1
        job.refresh_from_db()
        assert (job.version, job.is_favorite) == (before + 1, True)
    assert len(built) == 1


def test_a_change_takes_another_value_each_time_and_is_put_together_once_for_each_shape(
    alice: User, bob: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(changes, "changes", {})
    for person, credits in ((alice, Decimal("0.5")), (bob, Decimal(60)), (bob, None)):
        job = factories.job(person)
        told = {"provider_credits_estimated": credits, "owner_id": person.pk, "error": "{%s}"}
        more = {"version": F("version") + 1, "check_at": timezone.now(), **told}
        rows = prepared.update("told", lambda pk: Job.objects.filter(pk=pk), more, job.pk)
        found = Job.objects.values("version", "check_at", *told).get(pk=job.pk)
        assert (rows, found) == (1, {**more, "version": job.version + 1})
    # One with an estimate, and one without.
    assert len(changes.changes) == 2


def test_a_row_is_added_as_it_would_be_saved_and_put_together_once(
    alice: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    job, addition = factories.job(alice), changes._addition
    put_together: list[Model] = []

    def counted(row: Model) -> Any:
        put_together.append(row)
        return addition(row)

    monkeypatch.setattr(changes, "additions", {})
    monkeypatch.setattr(changes, "_addition", counted)
    events = [JobEvent(job=job, after="queued", text=text, actor=alice) for text in "abc"]
    began = timezone.now()
    events[0].save()
    for event in events[1:]:
        prepared.add(event)
    names = [field.attname for field in JobEvent._meta.concrete_fields]
    saved, *added = list(job.events.order_by("-pk").values(*names))[2::-1]
    for row, text in zip(added, "bc", strict=True):
        assert began <= row["created_at"] <= timezone.now()
        told = {"id": row["id"], "text": text, "created_at": row["created_at"]}
        assert row == saved | told
    assert len(put_together) == 1


def test_of_what_an_order_asks_on_its_way_nothing_is_put_together_anew(
    provider: Wire, alice: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    put_together: list[str] = []
    get_compiler = Query.get_compiler

    def counted(query: Any, *args: Any, **options: Any) -> Any:
        put_together.append(str(query.model))
        return get_compiler(query, *args, **options)

    provider.answer(json=kie.accepted("task-1"))
    provider.answer(json=kie.accepted("task-2"))
    first, second = factories.job(alice), factories.job(alice)
    tasks.start(str(first.pk))
    monkeypatch.setattr(Query, "get_compiler", counted)
    tasks.start(str(second.pk))
    assert put_together == []
    assert len(provider.posts) == 2


@pytest.mark.parametrize("who", ["alice_client", "admin_client"])
def test_no_question_of_the_studio_is_put_together_for_each_reader_anew(
    who: str, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(questions, "questions", {})
    client: Client = request.getfixturevalue(who)
    for address in ("/", "/?tab=ready", "/?scope=me", "/library/"):
        client.get(address)
    assert len(questions.questions) > 10
    assert [shape for shape, question in questions.questions.items() if question is None] == []


def test_what_is_not_seen_to_get_there_is_asked_the_ordinary_way(alice: User, bob: User) -> None:
    def question(owner: int) -> QuerySet[Job, Any]:
        return Job.objects.filter(owner=owner + 0 if owner < 2**40 else 1).values_list("owner")

    for person in (alice, bob):
        factories.job(person)
        assert prepared.rows("computed", question, person.pk) == [(person.pk,)]


def test_a_question_whose_answer_is_known_asks_nothing(alice: User) -> None:
    with CaptureQueriesContext(connection) as queries:
        for _ in range(2):
            assert prepared.rows("nothing", lambda _: Job.objects.none().values_list("pk"), 1) == []
    assert not queries.captured_queries


@pytest.mark.parametrize("address", ["/", "/?scope=me", "/?tab=ready", "/?tab=attention"])
def test_the_studio_shows_each_what_they_may_see_one_after_the_other(
    alice: User, alice_client: Client, bob: User, admin_client: Client, address: str
) -> None:
    factories.succeeded(alice, prompt="Of Alice")
    Job.objects.filter(pk=factories.job(bob, prompt="Of Bob").pk).update(status="failed")
    seen = {}
    for name, client in (
        ("alice", alice_client),
        ("bob", factories.signed_in(bob)),
        ("admin", admin_client),
    ):
        page = client.get(address).content.decode()
        seen[name] = "Of Alice</a>" in page, "Of Bob</a>" in page
    assert not seen["alice"][1]
    assert not seen["bob"][0]
    everybodys = address in ("/", "/?tab=ready")
    assert seen["admin"][0] == everybodys
    assert seen["alice"][0] == ("attention" not in address)


def test_each_is_told_what_they_may_see_and_admins_of_all(
    alice: User, bob: User, admin: User
) -> None:
    def question(user: User, status: str) -> QuerySet[Job, UUID]:
        return Job.objects.visible_to(user).filter(status=status).values_list("pk", flat=True)

    jobs = {person: factories.job(person).pk for person in (alice, bob)}
    everything = set(jobs.values())
    for person, seen in ((alice, {jobs[alice]}), (bob, {jobs[bob]}), (admin, everything)):
        assert set(visible.rows(person, "seen", question, "queued")) == seen
        assert visible.rows(person, "seen", question, "failed") == []


def test_an_admin_is_told_of_their_own_where_that_is_asked(alice: User, admin: User) -> None:
    def question(user: User) -> QuerySet[Job, Any]:
        return Job.objects.filter(owner=user).values_list("owner")

    factories.job(alice)
    assert visible.rows(alice, "own", question, own=True) == [(alice.pk,)]
    assert visible.rows(admin, "own", question, own=True) == []
