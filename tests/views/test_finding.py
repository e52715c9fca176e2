"""A search finds a video by all that is known of it, and nobody learns by it what is not theirs."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from jobs import shares
from jobs.keeping import tagging
from jobs.models import Job, Project, ShareLink, User
from tests.support import factories

pytestmark = [pytest.mark.django_db, pytest.mark.data]


@pytest.fixture
def fox(alice: User) -> Job:
    """A video of Alice's that has been filed nowhere, and was spoken of."""
    User.objects.filter(pk=alice.pk).update(display_name="Élodie Kröger")
    take = factories.succeeded(alice, prompt="A fox in the rain", seed=70_001)
    tagging.tag([take.pk], alice, ["Märchen"])
    link = shared(factories.finish(factories.upgrade(take)))
    note = said(link, "Slower, пожалуйста")
    shares.answer(note, "Der Schnitt kommt", alice)
    return take


def shared(job: Job) -> ShareLink:
    link, _ = shares.create([job.renditions.get()], shares.Terms(), job.owner)
    return link


def said(link: ShareLink, text: str) -> Any:
    return shares.say(link, link.takes.get(), "comment", name="Ana", visitor="ana", text=text)


@pytest.mark.parametrize(
    "words",
    [
        *("fox", "70001", "marchen", "#Märchen", "elodie", "KROGER", "alice", "ПОЖАЛУЙСТА", "ana"),
        *("schnitt", "rain marchen kroger slower 70001 kommt"),
    ],
)
def test_a_video_is_found_by_prompt_seed_tag_person_comment_and_answer(
    fox: Job, words: str
) -> None:
    factories.job(factories.member("carol", credits=100), prompt="Something else")
    # Its 4K, on which the client spoke, has no tags: what the page shows is the video.
    assert list(Job.objects.takes().matching(words)) == [fox]
    assert not Job.objects.matching(f"{words} nowhere")


def test_a_video_is_found_by_the_name_of_its_project(fox: Job) -> None:
    Job.objects.filter(pk=fox.pk).update(project=Project.objects.create(name="Frühling 2027"))
    assert list(Job.objects.matching("fruhling fox")) == [fox]
    assert not Job.objects.matching("herbst fox")


def test_nobody_learns_by_searching_what_was_said_of_videos_they_may_not_see(
    fox: Job, bob: User, admin_client: Client
) -> None:
    def found(client: Client, words: str) -> list[Job]:
        answer: Any = client.get("/", {"q": words})
        return [card.job.pk for card in answer.context["cards"]]

    bobs = factories.signed_in(bob)
    for words in ("fox", "marchen", "elodie", "slower", "schnitt", "70001"):
        assert found(bobs, words) == []
        assert found(admin_client, words) == [fox.pk]
    Job.objects.filter(pk=fox.pk).update(project=Project.objects.create(name="Spring"))
    # Whoever may see the video reads its comments on its page, whoever's the link is.
    assert found(bobs, "slower") == [fox.pk]
