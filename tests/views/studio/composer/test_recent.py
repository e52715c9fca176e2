"""The prompts that somebody wrote last."""

from __future__ import annotations

import html
import json
import re
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from jobs import ledger
from jobs.models import Job, User
from tests.support import factories
from tests.support.typed_forms import HTMX, text
from tests.tools.bench import seeds

pytestmark = [pytest.mark.django_db, pytest.mark.data]

RECENT = reverse("recent-prompts")


def listed(client: Client, **query: str) -> list[str]:
    answer: Any = client.get(RECENT, query)
    return [each.prompt for each in answer.context["prompts"]]


def test_each_prompt_is_listed_once_the_newest_first_and_nobody_elses(
    alice: User, alice_client: Client, bob: User
) -> None:
    for prompt in ("A fox", "An owl", "A fox", "A fox "):
        factories.job(alice, prompt=prompt)
    factories.extension(factories.succeeded(alice, prompt="A hare"), prompt="It runs")
    factories.job(bob, prompt="A secret")
    assert listed(alice_client) == ["A hare", "A fox ", "An owl"]
    assert listed(alice_client, q="FOX") == ["A fox "]
    assert "No prompts match" in text(alice_client.get(RECENT, {"q": "zebra"}))


def test_one_click_brings_the_prompt_and_none_of_its_settings(
    alice: User, alice_client: Client
) -> None:
    factories.job(alice, prompt='A "fox" & <b>', model="veo3_lite", watermark="ACME")
    page = alice_client.get(RECENT, headers=HTMX).content.decode()
    link, fields = re.findall(r'<a href="([^"]*)" data-take="([^"]*)"', " ".join(page.split()))[0]
    assert json.loads(html.unescape(fields)) == {"prompt": 'A "fox" & <b>'}
    form = alice_client.get(html.unescape(link)).context["form"]
    shown = [form[name].value() for name in ("prompt", "model", "watermark")]
    assert shown == ['A "fox" & <b>', "veo3_fast", None]


def test_no_link_brings_a_prompt_that_one_may_not_read(bob: User, alice_client: Client) -> None:
    secret = factories.job(bob, prompt="A secret")
    answer = alice_client.get(f"/?from={secret.pk}&only=prompt")
    assert b"A secret" not in answer.content


def test_twenty_are_found_behind_many_of_one_prompt_at_a_constant_cost(
    alice: User, alice_client: Client, django_assert_max_num_queries: Any
) -> None:
    ledger.grant(alice, 10_000, reason="for a test", actor=None)
    for number in range(22):
        factories.age(factories.job(alice, prompt=f"No. {number}"), days=30)
    seeds.gallery(alice, 96)
    assert Job.objects.filter(prompt=seeds.PROMPT).count() == 96
    with django_assert_max_num_queries(11):
        found = listed(alice_client)
    assert found == [seeds.PROMPT, *(f"No. {number}" for number in range(21, 2, -1))]


def test_who_has_ordered_nothing_reads_what_will_be_here(alice_client: Client) -> None:
    assert "No prompts yet" in text(alice_client.get(RECENT))
