"""Somebody's presets: kept from the composer, chosen, renamed, deleted, and nobody else's."""

from __future__ import annotations

import html
import json
import re
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse

from jobs import people
from jobs.forms import PresetForm
from jobs.models import Job, Preset, Project, User
from tests.support import factories
from tests.support.racing import together
from tests.support.typed_forms import HTMX, composer, errors, text

pytestmark = pytest.mark.django_db

PRESETS = reverse("presets")
CHOSEN = {
    "model": "veo3_lite",
    "aspect_ratio": "9:16",
    "resolution": "720p",
    "duration": "6",
    "seed": "70000",
    "watermark": "ACME",
    "translate": None,
}


def form_of(client: Client, **settings: Any) -> dict[str, Any]:
    """What the form sends that opens over a composer with these settings, with a name."""
    answer: Any = client.post(PRESETS, composer(**{**CHOSEN, **settings}), headers=HTMX)
    assert answer.status_code == 200
    page = answer.content.decode().partition('aria-labelledby="h-save-preset"')[2]
    fields = re.findall(r'name="(\w+)"(?: value="([^"]*)")?', page)
    sent = {name: html.unescape(value) for name, value in fields if name != "keeps_prompt"}
    return {**sent, "name": "Tall"}


def taken(client: Client) -> list[dict[str, Any]]:
    """What each preset of the list puts into the composer."""
    page = client.get(PRESETS, headers=HTMX).content.decode()
    return [json.loads(html.unescape(each)) for each in re.findall(r'data-take="([^"]*)"', page)]


def test_what_was_chosen_is_chosen_again_and_the_prompt_stays_what_it_was(
    alice: User, alice_client: Client
) -> None:
    project = Project.objects.create(name="Autumn")
    alice_client.post(PRESETS, form_of(alice_client, project=project.pk), headers=HTMX)
    preset = Preset.objects.get()
    wanted = {**CHOSEN, "duration": 6, "seed": 70_000, "translate": False, "project": project.pk}
    assert taken(alice_client) == [wanted]
    form = alice_client.get(f"/?from={preset.pk}").context["form"]
    assert {name: form[name].value() for name in wanted} == wanted
    assert not form["prompt"].value()
    assert not Job.objects.exists()


def test_a_seed_left_to_chance_is_left_to_chance_again_and_a_prompt_is_kept_if_wished(
    alice_client: Client,
) -> None:
    sent = form_of(alice_client, seed="", prompt="A hare\nruns", translate="on")
    alice_client.post(PRESETS, {**sent, "keeps_prompt": "on"}, headers=HTMX)
    found = taken(alice_client)[0]
    assert (found["seed"], found["prompt"], found["translate"]) == ("", "A hare\nruns", True)
    assert "project" not in found


@pytest.mark.data
def test_without_script_the_composer_comes_back_as_it_was(alice_client: Client) -> None:
    typed = composer(**CHOSEN, prompt="A hare")
    page = alice_client.post(PRESETS, typed).content.decode()
    back = re.findall(r'name="back" value="([^"]+)"', page)[0]
    sent = {**form_of(alice_client), "back": back}
    answer: Any = alice_client.post(PRESETS, sent, follow=True)
    assert "Tall is saved." in text(answer)
    form = answer.context["form"]
    names = [name for name in CHOSEN if name not in ("translate", "duration")]
    assert {name: form[name].value() for name in names} == {name: typed[name] for name in names}
    assert (form["prompt"].value(), form["translate"].value()) == ("A hare", False)
    chosen = alice_client.get(f"/?from={Preset.objects.get().pk}&with={back}").context["form"]
    assert (chosen["prompt"].value(), chosen["seed"].value()) == ("A hare", 70_000)


def test_what_cannot_be_kept_of_a_composer_is_left_out(alice_client: Client) -> None:
    odd = {"seed": "7e4", "model": "gone", "duration": "٣", "watermark": "x" * 90}
    odd["project"] = "9" * 9
    sent = form_of(alice_client, **odd)
    assert {name: sent.get(name, "") for name in odd} == dict.fromkeys(odd, "")
    alice_client.post(PRESETS, sent, headers=HTMX)
    assert Preset.objects.get().settings == {
        "aspect_ratio": "9:16",
        "resolution": "720p",
        "seed": "",
        "translate": False,
        "watermark": "",
    }


@pytest.mark.data
@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("", "required"),
        ("\u200b", "required"),
        ("x" * 61, "at most 60"),
        ("WIDE", "You already have a preset with that name."),
    ],
)
@pytest.mark.parametrize("headers", [{}, HTMX], ids=["plain", "htmx"])
def test_a_name_that_cannot_be_is_said_at_its_field(
    alice: User, alice_client: Client, headers: dict[str, str], name: str, said: str
) -> None:
    Preset.objects.create(owner=alice, name="Wide")
    tall = Preset.objects.create(owner=alice, name="Tall")
    sent = {**form_of(alice_client), "name": name}
    answer: Any = alice_client.post(PRESETS, sent, headers=headers)
    assert (answer.status_code, Preset.objects.count()) == (422, 2)
    assert said in errors(answer, "name")
    assert answer.context["form"]["watermark"].value() == "ACME"
    rename = reverse("rename-preset", args=[tall.pk])
    answer = alice_client.post(rename, {"name": name}, headers=headers)
    assert answer.status_code == 422
    assert said in text(answer)
    assert f'value="{name}"' in answer.content.decode()


@pytest.mark.data
def test_it_is_renamed_and_deleted(alice: User, alice_client: Client) -> None:
    preset = Preset.objects.create(owner=alice, name="wide")
    rename = reverse("rename-preset", args=[preset.pk])
    assert "It is called Wide now." in text(
        alice_client.post(rename, {"name": " Wide "}, headers=HTMX)
    )
    delete = reverse("delete-preset", args=[preset.pk])
    assert "Wide is deleted." in text(alice_client.post(delete, follow=True))
    assert not Preset.objects.exists()


def test_nobody_sees_or_takes_the_preset_of_somebody_else(
    alice: User, bob: User, admin_client: Client
) -> None:
    preset = Preset.objects.create(owner=alice, name="A secret", prompt="Hidden", watermark="ACME")
    for client in (factories.signed_in(bob), admin_client):
        assert "A secret" not in text(client.get(PRESETS))
        assert b"Hidden" not in client.get(f"/?from={preset.pk}").content


@pytest.mark.data
@pytest.mark.django_db(transaction=True)
def test_six_at_once_are_no_more_than_there_may_be(
    alice: User, alice_client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(PresetForm, "most", 3)
    sent = form_of(alice_client)
    answers: list[Any] = together(
        6,
        lambda number: factories.signed_in(alice).post(
            PRESETS, {**sent, "name": f"No. {number}"}, headers=HTMX
        ),
    )
    assert sorted(answer.status_code for answer in answers) == [200] * 3 + [422] * 3
    assert Preset.objects.count() == 3
    refused = next(answer for answer in answers if answer.status_code == 422)
    assert "You have 3 presets, which is the most. Delete one first." in text(refused)


def test_presets_of_who_leaves_are_gone(alice: User, bob: User, admin: User) -> None:
    Preset.objects.create(owner=alice, name="Wide")
    people.leave(alice, bob, admin, reason="Moved", sends_queued=False)
    assert not Preset.objects.exists()


@pytest.mark.data
@pytest.mark.parametrize("fields", [{"name": ""}, {"name": "wIDE"}, {"seed": -1}])
def test_the_database_keeps_no_preset_without_a_name_twice_or_with_an_odd_seed(
    alice: User, fields: dict[str, Any]
) -> None:
    Preset.objects.create(owner=alice, name="Wide")
    with pytest.raises(IntegrityError), transaction.atomic():
        Preset.objects.create(**{"owner": alice, "name": "Tall", **fields})
