"""Campaigns that jobs are filed under."""

from __future__ import annotations

import re

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from jobs import lifecycle
from jobs.models import AuditEvent, Project, User
from tests.support import factories
from tests.support.typed_forms import composer, text

pytestmark = pytest.mark.django_db


def test_anybody_starts_a_project(alice: User, alice_client: Client) -> None:
    answer = alice_client.post("/projects/", {"name": "  Autumn launch "}, follow=True)
    project = Project.objects.get()
    assert (project.name, project.created_by) == ("Autumn launch", alice)
    assert "Autumn launch is ready." in text(answer)


@pytest.mark.data
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


@pytest.mark.data
def test_a_name_is_only_text(alice_client: Client) -> None:
    alice_client.post("/projects/", {"name": "<img src=x onerror=alert(1)>"})
    for path in ("/projects/", "/"):
        page = alice_client.get(path)
        assert "<img src=x onerror=alert(1)>" in text(page)
        assert b"<img src=x" not in page.content


@pytest.mark.data
def test_the_page_and_its_sidebar_count_the_videos_once(alice_client: Client) -> None:
    Project.objects.create(name="Autumn")
    with CaptureQueriesContext(connection) as captured:
        page = text(alice_client.get("/projects/"))
    assert page.count("Autumn") > 1
    counted = [each for each in captured if '"archived_at" IS NULL' in each["sql"]]
    assert len(counted) == 1, counted


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


# ── Archived ─────────────────────────────────────────────────────────────────
@pytest.fixture
def archived(alice: User, admin_client: Client) -> Project:
    """A project of two videos that an admin has archived."""
    project = Project.objects.create(name="Autumn")
    for _ in range(2):
        factories.succeeded(alice, project_id=project.pk)
    answer = admin_client.post(reverse("archive-project", args=[project.pk]), follow=True)
    assert "Autumn is archived. Its videos stay, and so do its links." in text(answer)
    project.refresh_from_db()
    return project


@pytest.mark.data
def test_an_archived_project_is_offered_for_nothing_new(
    archived: Project, alice: User, alice_client: Client, admin_client: Client
) -> None:
    open_ = Project.objects.create(name="Winter")
    for client, path in (
        (alice_client, "/"),
        (alice_client, reverse("credits")),
        (admin_client, reverse("invitations")),
    ):
        offered = re.findall(r"<option[^>]*>([^<]*)</option>", client.get(path).content.decode())
        names = {" ".join(each.split()) for each in offered}
        assert open_.name in names
        assert archived.name not in names
    assert "Autumn" not in text(alice_client.get(reverse("keys")))  # the sidebar
    meant = str(archived.pk)
    refused = alice_client.post("/", composer(project=meant))
    assert (refused.status_code, alice.jobs.count()) == (422, 2)
    refusals = [
        refused,
        alice_client.post(reverse("credits"), {"project": meant}),
        alice_client.post(reverse("new-template"), {"project": meant}),
        admin_client.post(reverse("invitations"), {"project": meant}),
    ]
    for page in refusals:
        assert "This project is archived or gone. Choose another one." in text(page)
    with pytest.raises(lifecycle.NotSubmitted, match="is archived"):
        factories.job(alice, project_id=archived.pk)


@pytest.mark.data
def test_what_is_in_an_archived_project_is_seen_and_worked_on(
    archived: Project, alice: User, bob: User
) -> None:
    client = factories.signed_in(bob)
    page = client.get("/projects/")
    assert "Archived 1 Autumn 2 videos" in text(page)
    assert "Bring back" not in text(page)
    assert "A lighthouse" in text(client.get(f"/?project={archived.pk}"))
    take = alice.jobs.first()
    assert take
    assert factories.upgrade(take).project == archived


@pytest.mark.data
def test_an_admin_brings_it_back_and_the_audit_tells_of_both(
    archived: Project, alice: User, admin: User, admin_client: Client
) -> None:
    for _ in range(2):  # the second press changes nothing
        admin_client.post(reverse("archive-project", args=[archived.pk]))
    for _ in range(2):
        admin_client.post(reverse("bring-back-project", args=[archived.pk]))
    assert factories.job(alice, project_id=archived.pk).project == archived
    told = AuditEvent.objects.filter(subject="Autumn").order_by("pk")
    assert [(event.action, event.actor) for event in told] == [
        ("project archived", admin),
        ("project brought back", admin),
    ]


def test_the_name_of_an_archived_project_says_where_it_is(
    archived: Project, alice_client: Client
) -> None:
    answer = alice_client.post("/projects/", {"name": "autumn"})
    assert "An archived project has that name. An admin can bring it back." in text(answer)
