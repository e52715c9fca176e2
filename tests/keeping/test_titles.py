"""A video is called by its title wherever it is named; its prompt stays what it was."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from jobs import keeping
from jobs.letters import isolated
from jobs.models import Job, Project, User
from jobs.views.jobs.media import file_name
from tests.support import factories
from tests.support.typed_forms import HTMX, text

pytestmark = [pytest.mark.django_db, pytest.mark.data]


def rename(client: Client, video: Job, title: str, **headers: str) -> Any:
    return client.post(f"/jobs/{video.pk}/title/", {"title": title}, follow=True, headers=headers)


@pytest.fixture
def fox(alice: User) -> Job:
    return factories.succeeded(alice, prompt="A fox in the snow")


def test_a_title_stands_wherever_a_name_is_made(fox: Job, alice_client: Client) -> None:
    page = text(rename(alice_client, fox, "  Winter \n spot "))
    assert "Renamed." in page
    assert "Winter spot" in page.partition("Renamed to")[2]
    film, name = fox.renditions.get(), isolated("Winter spot")
    studio = alice_client.get("/").content.decode()
    assert f"Play {name}" in studio
    assert "A fox in the snow" in studio
    extend, share = f"/jobs/{fox.pk}/extend/", f"/shares/new/?take={film.pk}"
    for path in (extend, share, f"/compare/?take={fox.pk}", "/?q=winter"):
        assert "Winter spot" in alice_client.get(path).content.decode(), path
    rename(alice_client, fox, "")
    assert "Winter spot" not in text(alice_client.get("/?q=fox"))


def test_a_file_is_saved_under_the_title(fox: Job, alice: User) -> None:
    keeping.entitle(fox.pk, "Winter spot", alice)
    film = fox.renditions.select_related("job").get()
    assert file_name(film) == "Winter spot 720p.mp4"


def test_a_larger_copy_is_called_as_its_video_is_also_one_that_comes_later(
    fox: Job, alice: User
) -> None:
    first = factories.upgrade(fox, "upgrade_4k")
    keeping.entitle(fox.pk, "Winter spot", alice)
    first.refresh_from_db()
    assert (first.title, first.prompt) == ("Winter spot", fox.prompt)
    fox.refresh_from_db()
    assert factories.upgrade(fox, "upgrade_1080p").title == "Winter spot"


def test_whoever_sees_a_video_may_rename_it_and_nobody_else(fox: Job, bob: User) -> None:
    client = factories.signed_in(bob)
    assert rename(client, fox, "Mine").status_code == 404
    Job.objects.update(project=Project.objects.create(name="Autumn"))
    assert rename(client, fox, "Ours").status_code == 200
    assert Job.objects.get().title == "Ours"


def test_too_long_a_title_comes_back_as_it_was_typed(fox: Job, alice_client: Client) -> None:
    page = rename(alice_client, fox, "x" * 121)
    assert page.status_code == 422
    assert "A title has up to 120 characters." in text(page)
    assert "x" * 121 in page.content.decode()
    assert "up to 120" in rename(alice_client, fox, "x" * 121, **HTMX).content.decode()
    assert Job.objects.get().title == ""


def test_a_new_title_is_undone_unless_somebody_gave_another(fox: Job, alice_client: Client) -> None:
    for then, said in (("", "Undone for 1 video."), ("Other", "Nothing was undone")):
        answer = rename(alice_client, fox, "Winter", **HTMX)
        (message,) = answer.context["messages"]
        if then:
            rename(alice_client, fox, then)
        undone = alice_client.post(
            reverse("undo-choice"), {"steps": message.extra_tags}, follow=True
        )
        assert said in text(undone)
        assert Job.objects.get().title == then
