"""The team's prompt templates, from writing one to the composer with its prompt."""

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
from jobs.models import Job, Project, PromptTemplate, User
from jobs.net.floods import Limit
from tests.support import factories
from tests.support.limited import allow
from tests.support.typed_forms import HTMX, errors, text

pytestmark = pytest.mark.django_db

NEW = reverse("new-template")
ORBIT = "{product} on a plinth, slow orbit, {lens: 35mm}"
UNSET = dict.fromkeys(("model", "aspect_ratio", "resolution", "duration", "project"), "")


def written(author: User | None, **fields: Any) -> PromptTemplate:
    return PromptTemplate.objects.create(
        **{"name": "Orbit", "text": ORBIT, "author": author, **fields}
    )


def use(template: PromptTemplate) -> str:
    return reverse("use-template", args=[template.pk])


def page_of(template: PromptTemplate) -> str:
    return reverse("template", args=[template.pk])


def composed(client: Client, template: PromptTemplate, **values: str) -> Any:
    """The studio that a template filled in leads to."""
    answer = client.post(use(template), values)
    assert answer.status_code == 302
    return client.get(answer["Location"])


# ── Written once, used by all ────────────────────────────────────────────────
@pytest.mark.data
def test_a_colleague_fills_in_a_template_and_finds_the_prompt_in_the_composer(
    alice_client: Client, bob: User
) -> None:
    chosen = {"model": "veo3_lite", "aspect_ratio": "9:16", "resolution": "720p", "duration": 8}
    alice_client.post(NEW, {"name": " Orbit ", "text": ORBIT, **UNSET, **chosen})
    template = PromptTemplate.objects.get()
    client = factories.signed_in(bob)
    assert use(template) in client.get(reverse("templates")).content.decode()
    form = client.get(use(template))
    assert 'name="v1" value="35mm"' in form.content.decode()
    studio = composed(client, template, v0="A shoe", v1="50mm")
    shown = studio.context["form"]
    assert shown["prompt"].value() == "A shoe on a plinth, slow orbit, 50mm"
    assert {name: shown[name].value() for name in chosen} == chosen
    assert "data-fresh" not in studio.content.decode()
    assert not Job.objects.exists()


def test_in_the_dialog_the_fields_come_back_for_the_composer_that_is_open(
    alice: User, alice_client: Client
) -> None:
    template = written(alice, model="veo-4")
    answer = alice_client.post(use(template), {"v0": "A shoe", "v1": ""}, headers=HTMX)
    found = re.search(r'data-take="([^"]*)"', answer.content.decode())
    assert found
    assert json.loads(html.unescape(found[1])) == {
        "model": "veo-4",
        "prompt": "A shoe on a plinth, slow orbit, ",
    }


def test_what_is_not_filled_in_is_asked_for_and_what_was_typed_comes_back(
    alice: User, alice_client: Client
) -> None:
    template = written(alice)
    for headers in ({}, HTMX):
        answer: Any = alice_client.post(use(template), {"v0": " ", "v1": "85mm"}, headers=headers)
        assert (answer.status_code, errors(answer, "v0")) == (422, "Fill this in.")
        assert 'value="85mm"' in answer.content.decode()


def test_a_prompt_longer_than_any_address_arrives_whole(alice: User, alice_client: Client) -> None:
    template = written(alice, text="x" * 4400 + "{product}")
    studio = composed(alice_client, template, v0="y" * 500)
    assert studio.context["form"]["prompt"].value() == "x" * 4400 + "y" * 500
    longer = written(alice, name="Longer", text="x" * 4700 + "{product}")
    answer: Any = alice_client.post(use(longer), {"v0": "y" * 500})
    assert "a prompt of 5,200 characters" in errors(answer)


def test_what_was_composed_is_nobody_elses(alice: User, alice_client: Client, bob: User) -> None:
    address = alice_client.post(use(written(alice)), {"v0": "A secret", "v1": ""})["Location"]
    assert b"A secret" not in factories.signed_in(bob).get(address).content
    for number in range(3):
        alice_client.post(use(PromptTemplate.objects.get()), {"v0": f"No. {number}", "v1": ""})
    assert b"A secret" in alice_client.get(address).content
    alice_client.post(use(PromptTemplate.objects.get()), {"v0": "The fifth", "v1": ""})
    assert b"A secret" not in alice_client.get(address).content


def test_settings_that_are_gone_fall_back_to_the_usual_ones(
    alice: User, alice_client: Client, admin: User
) -> None:
    autumn = Project.objects.create(name="Autumn")
    template = written(alice, model="veo2_gone", aspect_ratio="9:16", project=autumn)
    people.archive_project(autumn, admin)
    form = composed(alice_client, template, v0="A shoe", v1="").context["form"]
    shown = {name: form[name].value() for name in ("model", "aspect_ratio", "project")}
    assert shown == {"model": "veo3_fast", "aspect_ratio": "9:16", "project": None}


# ── What cannot be ───────────────────────────────────────────────────────────
@pytest.mark.parametrize(
    ("field", "typed", "said"),
    [
        ("text", "{product", "is never closed"),
        ("text", "{a} {b", "is never closed"),
        ("text", " \n", "required"),
        ("text", "x" * 5001, "at most 5000"),
        ("name", "\u200b", "required"),
        ("name", "x" * 81, "at most 80"),
        ("name", "ORBIT", "There is already a template with that name."),
        ("aspect_ratio", "1:7", "not one of the available choices"),
        ("resolution", "4k", "doesn’t offer this resolution"),
        ("project", "987654", "archived or gone"),
    ],
)
def test_what_cannot_be_is_said_at_its_field_and_what_was_typed_comes_back(
    alice: User, alice_client: Client, field: str, typed: str, said: str
) -> None:
    written(alice)
    sent = {"name": "Reveal", "text": "A {product}", **UNSET, "model": "veo-4", field: typed}
    answer: Any = alice_client.post(NEW, sent)
    assert (answer.status_code, PromptTemplate.objects.count()) == (422, 1)
    assert said in errors(answer, field)
    assert answer.context["form"][field].value() == typed


@pytest.mark.data
def test_a_template_is_only_text(alice: User, alice_client: Client) -> None:
    nasty = "<img src=x onerror=alert(1)>"
    template = written(alice, name=nasty, text=f"{nasty} {{product: {nasty}}}")
    for path in (reverse("templates"), page_of(template), use(template)):
        page = alice_client.get(path)
        assert nasty in text(page)
        assert nasty.encode() not in page.content


@pytest.mark.data
def test_a_flood_of_templates_is_told_when_to_go_on(settings: Any, alice_client: Client) -> None:
    allow(settings, Limit.TEMPLATES, "2/1d")
    sent = {"text": "{product}", **UNSET}
    answers = [alice_client.post(NEW, {"name": f"No. {each}", **sent}) for each in range(3)]
    assert [answer.status_code for answer in answers] == [302, 302, 429]
    assert PromptTemplate.objects.count() == 2
    assert "You have created many templates in a short time. Try again" in text(answers[2])


@pytest.mark.data
@pytest.mark.parametrize("fields", [{"name": ""}, {"text": ""}, {"name": "oRBIT"}])
def test_the_database_keeps_no_template_without_name_or_text_and_no_name_twice(
    alice: User, fields: dict[str, str]
) -> None:
    written(alice)
    with pytest.raises(IntegrityError), transaction.atomic():
        written(alice, **{"name": "Another", **fields})


# ── Changed and deleted ──────────────────────────────────────────────────────
@pytest.mark.data
def test_author_and_admins_change_and_delete_it_and_others_use_it(
    alice: User, alice_client: Client, bob: User, admin_client: Client
) -> None:
    template = written(alice)
    client = factories.signed_in(bob)
    assert f'href="{page_of(template)}"' not in client.get(reverse("templates")).content.decode()
    sent = {"name": "Orbit", "text": "A {product}", "version": 1, **UNSET}
    for path in (page_of(template), reverse("delete-template", args=[template.pk])):
        assert client.post(path, sent).status_code == 404
    assert f'href="{page_of(template)}"' in alice_client.get(reverse("templates")).content.decode()
    admin_client.post(page_of(template), sent)
    template.refresh_from_db()
    assert (template.text, template.author, template.version) == ("A {product}", alice, 2)
    assert template.searchable == "orbit a {product}"
    alice_client.post(reverse("delete-template", args=[template.pk]))
    assert not PromptTemplate.objects.exists()


@pytest.mark.data
def test_who_saves_over_a_change_of_somebody_else_is_asked_first(
    alice: User, alice_client: Client, admin_client: Client
) -> None:
    template = written(alice)
    mine = {"name": "Orbit", "text": "Mine {product}", "version": 1, **UNSET}
    admin_client.post(page_of(template), {**mine, "text": "Theirs {product}"})
    answer: Any = alice_client.post(page_of(template), mine)
    assert answer.status_code == 409
    assert "Somebody else changed this template meanwhile." in errors(answer)
    again = {name: answer.context["form"][name].value() for name in mine}
    assert again["text"] == "Mine {product}"
    alice_client.post(page_of(template), again)
    assert PromptTemplate.objects.get().text == "Mine {product}"


@pytest.mark.data
def test_templates_of_who_leaves_are_their_heirs_to_change(
    alice: User, bob: User, admin: User
) -> None:
    template = written(alice)
    people.leave(alice, bob, admin, reason="Moved", sends_queued=False)
    assert factories.signed_in(bob).get(page_of(template)).status_code == 200


# ── The list ─────────────────────────────────────────────────────────────────
@pytest.mark.data
def test_templates_are_found_by_their_words(alice: User, alice_client: Client) -> None:
    written(alice)
    written(alice, name="Révélation", text="{product} rises from water")
    page = reverse("templates")
    for words, found in (("REVELATION", ["Révélation"]), ("orbit lens", ["Orbit"]), ("zebra", [])):
        answer: Any = alice_client.get(page, {"q": words})
        assert [each.name for each, _ in answer.context["templates"]] == found
    assert "No templates match" in text(alice_client.get(page, {"q": "zebra"}))


@pytest.mark.data
def test_many_templates_stand_on_several_pages_at_the_same_cost(
    alice: User, alice_client: Client, django_assert_max_num_queries: Any
) -> None:
    for number in range(60):
        written(alice, name=f"Orbit {number:02}")
    with django_assert_max_num_queries(9):
        first: Any = alice_client.get(reverse("templates"))
    second: Any = alice_client.get(f"{reverse('templates')}?page=2")
    assert [len(each.context["templates"]) for each in (first, second)] == [50, 10]
    assert "No templates yet" in text(alice_client.get(f"{reverse('templates')}?page=9"))
