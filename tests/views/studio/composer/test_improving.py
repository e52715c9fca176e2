"""Help with a prompt: what leaves the house, what comes back, and that a person takes it or not."""

from __future__ import annotations

import html
import json
import logging
import re
import time
from contextlib import suppress
from typing import Any

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.db import connection
from django.test import Client
from django.urls import reverse

from jobs import prompt_help
from jobs.models import Job, Project, User
from jobs.net.floods import Limit
from jobs.views.studio.composer.improving import COMPARED_MAX, compared
from tests.support import factories
from tests.support.fakes import Wire
from tests.support.limited import allow
from tests.support.typed_forms import HTMX, composer, text
from veo_site.configuration import surroundings

pytestmark = pytest.mark.django_db

IMPROVE = reverse("improve-prompt")
KEY = "canary-help-key-5f2c81d0"
PROMPT, BETTER = "A fox at dawn", "A red fox trots out of fog at dawn, slow dolly, 35mm"


@pytest.fixture
def helper(wire: Wire, settings: Any) -> Wire:
    """The wire, as the address that prompts go to."""
    settings.PROMPT_HELP_URL = f"{wire.url}/v1"
    settings.PROMPT_HELP_KEY, settings.PROMPT_HELP_MODEL = KEY, "small-1"
    return wire


def saying(content: Any) -> dict[str, Any]:
    return {"choices": [{"message": {"role": "assistant", "content": content}}]}


def proposed(client: Client, prompt: str = PROMPT) -> str:
    """What “Use it” puts into the composer."""
    page = client.post(IMPROVE, composer(prompt=prompt), headers=HTMX).content.decode()
    found = re.search(r'data-take="([^"]*)"', page)
    assert found, page
    fields: dict[str, str] = json.loads(html.unescape(found[1]))
    assert list(fields) == ["prompt"]
    return fields["prompt"]


def test_the_prompt_and_an_instruction_leave_the_house_and_nothing_else(
    helper: Wire, alice: User, alice_client: Client
) -> None:
    project = Project.objects.create(name="Secret launch")
    helper.answer(json=saying(BETTER))
    sent = composer(prompt=PROMPT, watermark="ACME", project=project.pk, seed="70000")
    alice_client.post(IMPROVE, sent, headers=HTMX)
    request = helper.requests[0]
    assert (request.method, request.path) == ("POST", "/v1/chat/completions")
    assert request.json == {
        "model": "small-1",
        "messages": [
            {"role": "system", "content": prompt_help.INSTRUCTION},
            {"role": "user", "content": PROMPT},
        ],
    }
    headers = {name.lower(): value for name, value in request.headers.items()}
    assert headers.pop("authorization") == f"Bearer {KEY}"
    assert set(headers) == {
        *("host", "accept", "accept-encoding", "connection", "user-agent"),
        *("content-type", "content-length"),
    }
    everything = str(request)
    for secret in ("alice", "Secret launch", "ACME", "70000", factories.CANARY_KEY, "session"):
        assert secret not in everything


def test_a_proposal_stands_beside_the_prompt_and_orders_nothing(
    helper: Wire, alice_client: Client
) -> None:
    helper.answer(json=saying(BETTER), always=True)
    assert proposed(alice_client) == BETTER
    page = text(alice_client.post(IMPROVE, composer(prompt=PROMPT), headers=HTMX))
    assert PROMPT in page
    assert f"Proposed by 127.0.0.1:{helper.port}" in page
    assert not Job.objects.exists()


def test_without_script_both_ways_lead_back_to_the_composer_as_it_was(
    helper: Wire, alice_client: Client
) -> None:
    helper.answer(json=saying(BETTER))
    page = alice_client.post(IMPROVE, composer(prompt=PROMPT, watermark="ACME")).content.decode()
    ways = re.findall(r'href="(/\?from=[\w-]+)"', page.partition('class="beside"')[2])
    shown = [alice_client.get(way).context["form"] for way in ways]
    assert [form["prompt"].value() for form in shown] == [BETTER, PROMPT]
    assert [form["watermark"].value() for form in shown] == ["ACME", "ACME"]


@pytest.mark.parametrize(
    ("said", "read"),
    [
        (f"  {BETTER}\n", BETTER),
        (f'"{BETTER}"', BETTER),
        (f"```text\n{BETTER}\n```", BETTER),
        (f"<think>The user\nwants…</think>\n\n{BETTER}", BETTER),
        ("A hen  <think>so</think> at <think>and</think> noon", "A hen at noon"),
        ("A hen at <think>noon", "A hen at <think>noon"),
        ("A fox.\r\nAt\x00 dawn\x1b", "A fox.\nAt dawn"),
        ('The sign says "open" and "closed"', 'The sign says "open" and "closed"'),
    ],
)
def test_of_an_answer_the_prompt_is_taken(
    helper: Wire, alice_client: Client, said: str, read: str
) -> None:
    helper.answer(json=saying(said))
    assert proposed(alice_client) == read


@pytest.mark.parametrize(
    "piece", [" ", "\n", "<think>", " <think>", "</think>", "<think> </think>", "```\n", '"']
)
def test_an_answer_of_any_form_is_read_in_no_time(helper: Wire, piece: str) -> None:
    said = f"x{piece * ((prompt_help.ANSWER_MAX - 2) // len(piece))}x"
    helper.answer(json=saying(said))
    began = time.thread_time()
    with suppress(prompt_help.NoHelp):
        prompt_help.improve(PROMPT)
    assert time.thread_time() - began < 1


def play(wire: Wire, trouble: str) -> None:
    match trouble:
        case "empty":
            wire.answer(json=saying(" \u200b"))
        case "odd":
            wire.answer(json={"choices": [{"message": {"content": [1]}}]})
        case "endless":
            wire.answer(json=saying("x" * 5001))
        case "flood":
            # Of which only a prompt would be left, if anybody looked.
            wire.answer(json=saying(f"<think>{'x' * prompt_help.ANSWER_MAX}</think>A fox"))
        case "huge":
            wire.answer(json=saying("x" * 300_000))
        case "bomb":
            wire.gzip_bomb()
        case "redirect":
            wire.redirect("http://127.0.0.1:9/elsewhere")
        case "reset":
            wire.rst()
        case "slow":
            wire.trickle_body()
        case status:
            wire.answer(int(status), json={"error": {"message": f"bad key {KEY}, {PROMPT}"}})


@pytest.mark.parametrize(
    ("trouble", "said"),
    [
        ("401", "doesn’t accept this server’s key. Please tell an admin."),
        ("404", "doesn’t know this server’s model or address."),
        ("429", "has too much to do, or is out of credits. Try again later."),
        ("400", "didn’t take this prompt. It is as it was."),
        ("500", "gave no usable answer. Your prompt is as it was."),
        *((each, "answered with more than a prompt may hold.") for each in ("endless", "flood")),
        *((each, "gave no usable answer.") for each in ("empty", "odd", "huge", "bomb")),
        *((each, "gave no usable answer.") for each in ("redirect", "reset", "slow")),
    ],
)
def test_what_goes_wrong_there_is_said_in_plain_words_and_nothing_secret_is(
    helper: Wire,
    alice_client: Client,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    trouble: str,
    said: str,
) -> None:
    monkeypatch.setattr(prompt_help, "SECONDS", 0.5)
    play(helper, trouble)
    with caplog.at_level(logging.DEBUG):
        answer = alice_client.post(IMPROVE, composer(prompt=PROMPT), headers=HTMX)
    assert answer.status_code == 502
    assert f"127.0.0.1:{helper.port} {said}" in text(answer)
    for place in (text(answer), caplog.text):
        assert KEY not in place
        assert PROMPT not in place
    assert len(helper.requests) == 1


def test_a_host_that_is_not_there_is_said_so(
    settings: Any, wire: Wire, alice_client: Client
) -> None:
    settings.PROMPT_HELP_URL, settings.PROMPT_HELP_MODEL = "http://127.0.0.1:9", "small-1"
    answer = alice_client.post(IMPROVE, composer(prompt=PROMPT), headers=HTMX)
    assert "127.0.0.1:9 can’t be reached. Your prompt is as it was." in text(answer)


def test_an_empty_prompt_and_one_that_is_too_long_go_nowhere(
    helper: Wire, alice_client: Client
) -> None:
    for prompt, said in ((" ", "Write a prompt first."), ("x" * 5001, "at most 5000")):
        answer = alice_client.post(IMPROVE, composer(prompt=prompt), headers=HTMX)
        assert answer.status_code == 422
        assert said in text(answer)
    assert helper.requests == []


def test_who_asks_very_often_is_told_when_to_go_on(
    helper: Wire, settings: Any, alice_client: Client
) -> None:
    allow(settings, Limit.PROMPT_HELP, "1/1h")
    helper.answer(json=saying(BETTER))
    answers = [alice_client.post(IMPROVE, composer(prompt=PROMPT)) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [200, 429]
    assert "You have asked for help with many prompts in a short time." in text(answers[1])


@pytest.mark.data
@pytest.mark.django_db(transaction=True)
def test_others_write_while_the_answer_is_waited_for(helper: Wire, alice_client: Client) -> None:
    def meanwhile(_: object) -> object:
        Project.objects.create(name="Meanwhile")
        connection.close()
        return saying(BETTER)

    helper.reply(meanwhile)
    assert proposed(alice_client) == BETTER
    assert Project.objects.filter(name="Meanwhile").exists()


def test_without_an_address_there_is_no_button_and_nothing_is_sent(alice_client: Client) -> None:
    assert "Improve prompt" not in text(alice_client.get("/"))
    assert alice_client.post(IMPROVE, composer()).status_code == 404


def test_the_composer_says_where_a_prompt_would_go(helper: Wire, alice_client: Client) -> None:
    page = text(alice_client.get("/"))
    assert f"Improve prompt sends it to 127.0.0.1:{helper.port}" in page
    assert KEY not in page


def test_a_server_without_keys_is_sent_none(
    helper: Wire, settings: Any, alice_client: Client
) -> None:
    settings.PROMPT_HELP_KEY = ""
    helper.answer(json=saying(BETTER))
    proposed(alice_client)
    assert "Bearer none" in str(helper.requests[0].headers)


@pytest.mark.parametrize(
    "address",
    ["api.example/v1", "ftp://api.example", "https://me:pw@api.example", "https://a/?k=1"],
)
def test_an_address_that_is_none_or_holds_a_secret_stops_the_start(address: str) -> None:
    with pytest.raises(ImproperlyConfigured, match="PROMPT_HELP_URL"):
        surroundings.api("PROMPT_HELP_URL", address)
    assert surroundings.api("PROMPT_HELP_URL", " http://10.0.0.7:11434/v1/ ") == (
        "http://10.0.0.7:11434/v1"
    )


def test_the_words_that_differ_are_marked_in_both_and_long_texts_are_not_compared() -> None:
    mine, theirs = compared("A fox at dawn", "A red fox at dusk")
    assert [(each.text, each.is_common) for each in mine] == [
        ("A ", True),
        ("fox at ", True),
        ("dawn", False),
    ]
    assert [each.text for each in theirs if not each.is_common] == ["red ", "dusk"]
    long = "a " * (COMPARED_MAX + 1)
    assert [len(each) for each in compared(long, "a")] == [1, 1]
