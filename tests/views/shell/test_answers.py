"""Who asked for credits ahead reads the answer in the studio, until they have seen it."""

from __future__ import annotations

from datetime import timedelta
from uuid import uuid4

import pytest
from django.db.models import F
from django.test import Client

from jobs import lifecycle
from jobs.models import BudgetRequest, Notice, User
from jobs.news.wishes import wish
from tests.support import factories
from tests.support.typed_forms import text
from tests.views.test_queries import STUDIO_MAX, queries

pytestmark = pytest.mark.django_db
GRANTED = "ada granted the 600 credits you asked for. See your request"


@pytest.fixture
def asked(alice: User) -> BudgetRequest:
    return lifecycle.ask_ahead(alice, 600, reason="The launch film", project=None, key=uuid4())


def test_the_answer_stands_in_the_studio_until_it_was_seen(
    asked: BudgetRequest, alice_client: Client, admin: User, bob: User
) -> None:
    assert "you asked for" not in text(alice_client.get("/"))
    lifecycle.approve(asked, admin)
    assert GRANTED in text(alice_client.get("/"))
    answer = alice_client.get("/")
    assert GRANTED in text(answer)
    assert f'href="/credits/#request-{asked.pk}"' in answer.content.decode()
    assert "you asked for" not in text(factories.signed_in(bob).get("/"))
    alice_client.get("/credits/")
    assert "you asked for" not in text(alice_client.get("/"))


@pytest.mark.data
def test_who_wants_no_news_in_the_bell_reads_it_in_the_studio_all_the_same(
    asked: BudgetRequest, alice: User, alice_client: Client, admin: User
) -> None:
    wish(alice, Notice.Kind.DECISION, bell=False, mail="never")
    lifecycle.approve(asked, admin)
    page = text(alice_client.get("/"))
    assert GRANTED in page
    assert "Notifications, 1 new" not in page
    assert "you asked for" not in text(alice_client.get("/news/"))


def test_a_refusal_is_told_with_its_sentence(
    asked: BudgetRequest, alice_client: Client, admin: User
) -> None:
    lifecycle.decline(asked, admin, answer="Next month.")
    said = "ada declined the 600 credits you asked for. “Next month.” See your request"
    assert said in text(alice_client.get("/"))


def test_what_was_seen_does_not_hide_the_next_answer(
    asked: BudgetRequest, alice: User, alice_client: Client, admin: User
) -> None:
    lifecycle.approve(asked, admin)
    alice_client.get("/credits/")
    more = lifecycle.ask_ahead(alice, 70, reason="More", project=None, key=uuid4())
    lifecycle.approve(more, admin)
    assert "granted the 70 credits" in text(alice_client.get("/"))


@pytest.mark.data
def test_after_three_days_nobody_is_told_any_more(
    asked: BudgetRequest, alice_client: Client, admin: User
) -> None:
    lifecycle.approve(asked, admin)
    Notice.objects.update(made_at=F("made_at") - timedelta(days=3))
    assert "you asked for" not in text(alice_client.get("/"))


@pytest.mark.data
def test_what_waits_with_a_video_and_what_one_decided_oneself_is_no_news(
    alice: User, alice_client: Client, admin: User
) -> None:
    ahead = lifecycle.ask_ahead(admin, 5, reason="x", project=None, key=uuid4())
    lifecycle.approve(ahead, admin)
    assert "you asked for" not in text(factories.signed_in(admin).get("/"))
    parked = factories.job(factories.member("carol"))
    lifecycle.decline(BudgetRequest.objects.get(job=parked), admin, answer="No")
    assert "you asked for" not in text(factories.signed_in(parked.owner).get("/"))


@pytest.mark.data
def test_an_answer_costs_the_studio_one_query_and_none_costs_none(
    asked: BudgetRequest, alice_client: Client, admin: User
) -> None:
    before = len(queries(alice_client, "/"))
    lifecycle.approve(asked, admin)
    assert len(queries(alice_client, "/")) == before + 1 <= STUDIO_MAX + 1
