"""Campaigns that jobs are filed under."""

from __future__ import annotations

import pytest
from django.test import Client

from jobs.models import Project, User
from tests.support import factories
from tests.support.typed_forms import text

pytestmark = [pytest.mark.django_db, pytest.mark.data]


def test_anybody_starts_a_project(alice: User, alice_client: Client) -> None:
    answer = alice_client.post("/projects/", {"name": "  Autumn launch "}, follow=True)
    project = Project.objects.get()
    assert (project.name, project.created_by) == ("Autumn launch", alice)
    assert "Autumn launch is ready." in text(answer)


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("", "required"),
        ("   ", "required"),
        ("x" * 81, "at most 80"),
        ("a\x00b", "Null characters"),
        ("AUTUMN", "already"),
        ("autumn", "already"),
    ],
)
def test_a_name_that_cannot_be_is_refused_with_the_reason(
    alice_client: Client, name: str, sentence: str
) -> None:
    Project.objects.create(name="Autumn")
    answer = alice_client.post("/projects/", {"name": name})
    assert (answer.status_code, Project.objects.count()) == (422, 1)
    assert sentence in text(answer)


def test_who_made_it_cannot_be_forged(alice: User, bob: User, alice_client: Client) -> None:
    alice_client.post("/projects/", {"name": "Autumn", "created_by": bob.pk})
    assert Project.objects.get().created_by == alice


def test_a_name_is_only_text(alice_client: Client) -> None:
    alice_client.post("/projects/", {"name": "<img src=x onerror=alert(1)>"})
    for path in ("/projects/", "/"):
        page = alice_client.get(path)
        assert "<img src=x onerror=alert(1)>" in text(page)
        assert b"<img src=x" not in page.content


def test_a_project_says_how_many_videos_it_has(alice: User, alice_client: Client) -> None:
    project = Project.objects.create(name="Autumn")
    for _ in range(2):
        factories.job(alice, project_id=project.pk)
    assert "2 videos" in text(alice_client.get("/projects/"))


def test_no_projects_is_a_page_too(alice_client: Client) -> None:
    assert "No projects yet" in text(alice_client.get("/projects/"))


def test_a_larger_copy_is_no_video_more(alice: User, alice_client: Client) -> None:
    project = Project.objects.create(name="Autumn")
    factories.upgrade(factories.succeeded(alice, project_id=project.pk))
    assert "1 video" in text(alice_client.get("/projects/"))
