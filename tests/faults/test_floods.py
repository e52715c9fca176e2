"""Floods by people of the team: what they hear, and what a colleague sees meanwhile (95, 255)."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest
from django.conf import settings as current
from django.test import Client
from django.urls import reverse

from jobs import lifecycle, limits, shares
from jobs.models import (
    BudgetRequest,
    Invitation,
    Job,
    Project,
    ShareLink,
    User,
)
from jobs.models.jobs.status import Status
from jobs.net.floods import Limit
from tests.support import factories
from tests.support.fakes import Wire
from tests.support.limited import allow
from tests.support.typed_forms import HTMX, composer, text

pytestmark = [pytest.mark.django_db, pytest.mark.data]


@pytest.fixture
def colleague(bob: User) -> Client:
    return factories.signed_in(bob)


def is_told(answer: Any, said: str) -> bool:
    """Refused in the form, with a sentence and the time to wait."""
    return (
        answer.status_code == 429
        and answer.headers["Retry-After"].isdigit()
        and f"{said} Try again in " in text(answer)
    )


def test_two_hundred_orders_in_a_minute_are_as_many_as_one_may_give(
    alice: User, alice_client: Client, colleague: Client, bob: User
) -> None:
    most = current.LIMITS[Limit.ORDERS.name]
    assert most
    # All but three, as if they had just been sent.
    limits.take(Limit.ORDERS, alice.pk, amount=most.most - 3)
    answers: list[Any] = [
        alice_client.post("/", composer(prompt=f"Heron {number}"), headers=HTMX)
        for number in range(5)
    ]
    assert [answer.status_code for answer in answers] == [200, 200, 200, 429, 429]
    assert is_told(answers[-1], "You have ordered a lot in a short time. Nothing was ordered.")
    assert "Heron 4" in answers[-1].content.decode()
    assert Job.objects.count() == 3
    assert alice_client.get("/").status_code == 200
    colleague.post("/", composer(prompt="A colleague's"))
    assert Job.objects.filter(owner=bob).count() == 1


def test_an_order_that_arrives_again_is_not_counted(alice: User, settings: Any) -> None:
    allow(settings, Limit.ORDERS, "1/1h")
    key = uuid4()
    made = [lifecycle.submit(alice, factories.submission(), key) for _ in range(3)]
    assert len({job.pk for job in made}) == 1


def test_larger_and_longer_videos_and_further_tries_are_orders_too(
    alice: User, alice_client: Client, settings: Any
) -> None:
    take = factories.succeeded(alice)
    failed = factories.job(alice)
    lifecycle.cancel(failed, alice)
    allow(settings, Limit.ORDERS, "1/1h")
    key = {"submission_key": str(uuid4())}
    for name, job, fields in (
        ("upgrade", take, {**key, "kind": "upgrade_4k"}),
        ("retry", failed, {}),
    ):
        answer = alice_client.post(reverse(name, args=[job.pk]), fields, follow=True)
        assert "You have ordered a lot in a short time." in text(answer), name
    longer = {**key, "prompt": "And on", "model": take.model, "seed": ""}
    answer = alice_client.post(reverse("extend", args=[take.pk]), longer)
    assert "You have ordered a lot in a short time." in text(answer)
    assert Job.objects.count() == 2


def test_one_member_asks_for_so_much_at_a_time_and_admins_still_see_the_others(
    bob: User, admin_client: Client, settings: Any
) -> None:
    settings.OPEN_ASKS_MAX = 3
    poor = factories.member("carol")
    client = factories.signed_in(poor)

    def ask(client: Client) -> Any:
        fields = {"credits": "5000", "reason": "A reel", "submission_key": str(uuid4())}
        return client.post(reverse("credits"), {**fields, "project": ""})

    for _ in range(2):
        assert ask(client).status_code == 302
    # A video that waits for its budget asks as well.
    waiting = factories.job(poor)
    assert waiting.status == Status.AWAITING_BUDGET
    refused = ask(client)
    assert refused.status_code == 409
    assert "You have 3 requests for credits waiting for an answer." in text(refused)
    with pytest.raises(lifecycle.NotSubmitted, match="3 requests for credits"):
        factories.job(poor)
    assert ask(factories.signed_in(bob)).status_code == 302
    assert BudgetRequest.objects.count() == 4
    assert "bob" in text(admin_client.get(reverse("requests")))
    lifecycle.cancel(waiting, poor)
    assert ask(client).status_code == 302


def test_nobody_is_sent_to_cancel_a_video_where_none_waits(settings: Any) -> None:
    settings.OPEN_ASKS_MAX = 1
    for name, with_video in (("carol", False), ("dan", True)):
        poor = factories.member(name)
        if with_video:
            factories.job(poor)
        else:
            lifecycle.ask_ahead(poor, 5000, reason="A reel", project=None, key=uuid4())
        with pytest.raises(lifecycle.NotSubmitted) as refused:
            factories.job(poor)
        assert ("cancel a video" in refused.value.user_message) is with_video
        assert "Wait until an admin has answered one" in refused.value.user_message


def test_projects_without_end_are_refused_and_a_colleague_still_makes_one(
    alice_client: Client, colleague: Client, settings: Any
) -> None:
    allow(settings, Limit.PROJECTS, "2/1d")
    for number in range(2):
        alice_client.post("/projects/", {"name": f"Project {number}"})
    refused = alice_client.post("/projects/", {"name": "Project 3"})
    assert is_told(refused, "You have created many projects in a short time.")
    assert 'value="Project 3"' in refused.content.decode()
    assert colleague.post("/projects/", {"name": "Autumn"}).status_code == 302
    assert Project.objects.count() == 3


def test_keys_without_end_are_not_tried_at_the_provider(
    alice_client: Client, colleague: Client, provider: Wire, settings: Any
) -> None:
    allow(settings, Limit.KEY_TRIES, "2/1h")
    provider.answer(401, json={"code": 401, "msg": "no"}, always=True)
    fields = {"provider": "kie", "scope": "own", "key": "k" * 32}
    for _ in range(2):
        assert alice_client.post("/keys/", fields).status_code == 422
    asked = len(provider.requests)
    assert is_told(alice_client.post("/keys/", fields), "You have tried many keys in a short time.")
    checked = alice_client.post(reverse("check-key", args=["kie"]), {"scope": "own"}, follow=True)
    assert "You have tried many keys in a short time." in text(checked)
    assert len(provider.requests) == asked
    assert colleague.post("/keys/", fields).status_code == 422
    assert len(provider.requests) == asked + 1


def test_links_without_end_are_refused_with_what_was_typed(
    alice: User, alice_client: Client, bob: User, settings: Any
) -> None:
    allow(settings, Limit.LINKS, "1/1h")
    film = factories.film(alice)
    fields = {"take": str(film.pk), "submission_key": str(uuid4()), "expires": "30"}
    for _ in range(2):  # the same press, which counts once
        assert alice_client.post("/shares/new/", fields).status_code == 302
    more = {**fields, "submission_key": str(uuid4()), "title": "Cut 3"}
    refused = alice_client.post("/shares/new/", more)
    assert is_told(refused, "You have made many links in a short time.")
    assert 'value="Cut 3"' in refused.content.decode()
    link = ShareLink.objects.get()
    again = alice_client.post(reverse("regenerate-share", args=[link.pk]), follow=True)
    assert "You have made many links in a short time." in text(again)
    assert shares.create([factories.film(bob)], shares.Terms(), bob)


def test_invitations_without_end_are_refused(admin_client: Client, settings: Any) -> None:
    allow(settings, Limit.INVITATIONS, "1/1h")
    fields = {"role": "member", "note": "For Ana"}
    assert admin_client.post(reverse("invitations"), fields).status_code == 302
    refused = admin_client.post(reverse("invitations"), fields)
    assert is_told(refused, "You have invited many people in a short time.")
    assert "For Ana" in refused.content.decode()
    assert Invitation.objects.count() == 1
