"""The links that show somebody's video: seen on its page, ended by its owner, and not for all."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest
from django.test import Client
from django.urls import reverse

from jobs import shares
from jobs.models import AuditEvent, Project, Rendition, SharedTake, ShareLink, Team, User
from jobs.shares import collections
from tests.support import factories
from tests.support.typed_forms import text

pytestmark = pytest.mark.django_db


@pytest.fixture
def film(alice: User) -> Rendition:
    """Alice's, in a project, so that the whole team sees it."""
    project = Project.objects.create(name="Autumn")
    return factories.film(alice, project_id=project.pk)


@pytest.fixture
def link(film: Rendition, bob: User) -> ShareLink:
    """Bob's, with Alice's video and one of his own."""
    files = [film, factories.film(bob)]
    return shares.create(files, shares.Terms(title="For the client"), bob)[0]


def end(client: Client, film: Rendition, link: ShareLink) -> Any:
    address = reverse("end-link", args=[film.job_id, link.pk])
    return client.post(address, follow=True)


def test_a_video_says_on_which_links_it_is_whoever_made_them(
    film: Rendition, link: ShareLink, alice_client: Client
) -> None:
    larger = factories.finish(factories.upgrade(film.job)).renditions.get()
    shares.create([larger], shares.Terms(title="In 4K"), film.job.owner)
    over = shares.create([film], shares.Terms(title="Over"), film.job.owner)[0]
    shares.revoke(over, film.job.owner)
    page = alice_client.get(f"/jobs/{film.job_id}/")
    assert "Share links 2 In 4K by alice" in text(page)
    assert "For the client by bob" in text(page)
    assert "with all 2 videos on it" in text(page)
    assert "Over" not in text(page)


@pytest.mark.data
def test_its_owner_ends_the_link_of_a_colleague_and_the_audit_knows(
    film: Rendition, link: ShareLink, alice: User, alice_client: Client
) -> None:
    answer = end(alice_client, film, link)
    assert "Ended. The link’s page and files are offline." in text(answer)
    assert not ShareLink.objects.open().exists()
    assert AuditEvent.objects.get(action="link revoked").actor == alice
    assert end(alice_client, film, link).status_code == 404


def test_who_only_sees_a_video_ends_none_of_its_links(film: Rendition, link: ShareLink) -> None:
    carol = factories.signed_in(factories.member("carol"))
    page = text(carol.get(f"/jobs/{film.job_id}/"))
    assert "For the client" in page
    assert "End link" not in page
    assert end(carol, film, link).status_code == 404
    assert ShareLink.objects.open().exists()


def test_nobody_ends_a_link_that_does_not_show_the_video(
    alice: User, alice_client: Client, link: ShareLink
) -> None:
    assert end(alice_client, factories.film(alice), link).status_code == 404


@pytest.mark.data
def test_the_team_can_have_members_share_only_their_own(
    film: Rendition, bob: User, admin_client: Client, admin: User
) -> None:
    settings = {"name": "", "reset_day": "1", "credit_value": "", "currency": "USD"}
    admin_client.post("/team/settings/", {**settings, "reason": "The client asked"})
    told = AuditEvent.objects.get(action="setting changed")
    assert (told.subject, told.before, told.after) == (
        *("members may share videos of others", "yes", "no"),
    )
    own, client = factories.film(bob, project_id=film.job.project_id), factories.signed_in(bob)
    assert "only their own videos" in text(client.get(f"/shares/new/?take={own.pk}"))
    fields = {"take": [str(film.pk)], "expires": "30", "submission_key": str(uuid4())}
    refused = client.post("/shares/new/", fields)
    assert (refused.status_code, ShareLink.objects.exists()) == (422, False)
    client.post("/shares/new/", {**fields, "take": [str(film.pk), str(own.pk)]})
    assert [take.rendition for take in ShareLink.objects.get().takes.all()] == [own]
    assert film in shares.shareable(admin)


@pytest.mark.data
def test_who_may_not_share_a_video_reads_why_instead_of_a_form_without_videos(
    film: Rendition, bob: User, alice_client: Client
) -> None:
    Team.objects.create(pk=1, members_share_others=False)
    client, project = factories.signed_in(bob), f"?project={film.job.project_id}"
    for address, reason in (
        (f"?take={film.pk}", "This video is alice’s."),
        (project, "This project has no stored videos of yours."),
    ):
        page = text(client.get(f"/shares/new/{address}"))
        assert f"{reason} Your team lets members share only their own videos." in page
        assert "Create link" not in page
        assert "Create link" in text(alice_client.get(f"/shares/new/{address}"))
    factories.film(bob, project_id=film.job.project_id)
    for address in ("", project):
        assert "Create link" in text(client.get(f"/shares/new/{address}"))


@pytest.mark.data
def test_a_members_collection_gathers_only_their_own_then(
    film: Rendition, bob: User, admin: User
) -> None:
    project = film.job.project
    assert project
    Team.objects.create(pk=1, members_share_others=False)
    own = factories.film(bob, project_id=project.pk)
    link, _ = shares.create([], shares.Terms(), bob, project)
    for_all, _ = shares.create([], shares.Terms(), admin, project)
    factories.film(film.job.owner, project_id=project.pk)
    collections.collect()
    assert [take.rendition for take in link.takes.all()] == [own]
    assert SharedTake.objects.filter(link=for_all).count() == 3
