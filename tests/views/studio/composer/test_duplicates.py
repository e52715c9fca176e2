"""Before paying, the composer says when somebody on the team has made the same."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from jobs import lifecycle
from jobs.models import Job, Project, User
from tests.support import factories
from tests.support.markup import flat
from tests.support.typed_forms import HTMX, composer, text
from tests.views.studio.composer.test_composer_images import image

pytestmark = pytest.mark.django_db


@pytest.fixture
def made(bob: User) -> Job:
    """A video of Bob's that the team may see."""
    project = Project.objects.create(name="Launch film")
    return factories.succeeded(bob, prompt="A red fox", project_id=project.pk)


def look(client: Client, **changes: Any) -> str:
    return client.post("/same/", composer(**changes), headers=HTMX).content.decode().strip()


def test_what_a_colleague_made_is_offered_to_be_opened(made: Job, alice_client: Client) -> None:
    hint = look(alice_client, prompt="a  RED fox ")
    assert "bob made the same" in flat(hint)
    assert f'href="/jobs/{made.pk}/"' in hint


@pytest.mark.data
@pytest.mark.parametrize("prompt", ["DAS CAFE\u0301", "das  ｃafé", "Das Ca\xadfé"])
def test_the_same_words_are_the_same_however_they_are_typed(
    bob: User, alice: User, alice_client: Client, prompt: str
) -> None:
    project = Project.objects.create(name="Autumn")
    factories.job(bob, prompt="Das Café", project_id=project.pk)
    assert "bob made the same" in flat(look(alice_client, prompt=prompt))
    assert look(alice_client, prompt="Das Cafe") == ""


@pytest.mark.parametrize(
    "changes",
    [{"prompt": "A red wolf"}, {"resolution": "1080p"}, {"seed": "12345"}, {"prompt": ""}],
)
def test_anything_else_is_not(made: Job, alice_client: Client, changes: dict[str, str]) -> None:
    assert look(alice_client, **{"prompt": "A red fox", **changes}) == ""


def test_what_one_may_not_see_is_not_spoken_of(bob: User, alice_client: Client) -> None:
    factories.succeeded(bob, prompt="A secret fox")
    assert look(alice_client, prompt="A secret fox") == ""


@pytest.mark.data
def test_what_failed_is_made_anew_without_a_question(made: Job, alice_client: Client) -> None:
    Job.objects.update(status="failed")
    assert look(alice_client, prompt="A red fox") == ""


def test_nothing_is_paid_before_it_was_said_once(
    made: Job, alice: User, alice_client: Client
) -> None:
    answer: Any = alice_client.post("/", composer(prompt="A red fox"))
    assert (answer.status_code, Job.objects.filter(owner=alice).count()) == (422, 0)
    assert "press Generate again" in answer.content.decode()
    assert answer.context["form"]["prompt"].value() == "A red fox"
    alice_client.post("/", composer(prompt="A red fox", same=str(made.pk)))
    assert Job.objects.filter(owner=alice).count() == 1


@pytest.mark.data
def test_the_same_click_twice_is_not_asked_about(alice: User, alice_client: Client) -> None:
    form = composer(prompt="A red fox", seed="12345")
    for _ in range(2):
        assert alice_client.post("/", form, headers=HTMX).status_code == 200
    assert Job.objects.count() == 1


@pytest.mark.data
def test_another_try_of_ones_own_is_just_made_after_a_minute(
    alice: User, alice_client: Client
) -> None:
    for _ in range(2):
        assert alice_client.post("/", composer(prompt="A fox"), headers=HTMX).status_code == 200
        for job in Job.objects.all():
            factories.age(job, minutes=2)
    assert Job.objects.count() == 2


def test_within_a_minute_it_is_asked_about_whatever_its_chance_seed(
    alice: User, alice_client: Client
) -> None:
    alice_client.post("/", composer(prompt="A fox"), headers=HTMX)
    again = composer(prompt="A fox")
    asked = alice_client.post("/", again, headers=HTMX)
    assert (asked.status_code, Job.objects.count()) == (422, 1)
    assert "You made the same" in text(asked)
    told = {**again, "same": str(Job.objects.get().pk)}
    assert alice_client.post("/", told, headers=HTMX).status_code == 200
    assert Job.objects.count() == 2


@pytest.mark.data
def test_the_same_picture_counts_whoever_handed_it_in(alice: User, bob: User) -> None:
    mine, theirs = (image(person) for person in (alice, bob))
    wanted = [
        factories.submission(mode="frames", image_ids=(str(picture.pk),)).likeness([picture])
        for picture in (mine, theirs)
    ]
    assert wanted[0] == wanted[1]
    assert lifecycle.Submission.likeness(factories.submission(), []) != wanted[0]
