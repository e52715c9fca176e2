"""A project is a place: what the team sees of it, and who may change what."""

from __future__ import annotations

import re
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client

from jobs import keeping, ledger, lifecycle, shares
from jobs.keeping import choosing
from jobs.models import AuditEvent, Project, User
from jobs.pricing import catalogue
from jobs.views.projects import project
from tests.support import factories
from tests.support.typed_forms import text

pytestmark = pytest.mark.django_db


@pytest.fixture
def autumn(alice: User) -> Project:
    return Project.objects.create(name="Autumn", created_by=alice)


def page_of(client: Client, project: Project) -> Any:
    return client.get(f"/projects/{project.pk}/")


def test_the_whole_team_sees_its_videos_who_made_them_and_what_it_has_spent(
    alice: User, bob: User, autumn: Project
) -> None:
    ledger.set_project_cap(autumn, 500, reason="x", actor=None)
    for number in range(2):
        factories.succeeded(alice, prompt=f"Fox {number}", project_id=autumn.pk)
    away = factories.succeeded(bob, prompt="Moved away", project_id=autumn.pk)
    keeping.refile([away.pk], None, bob)
    shares.create([], shares.Terms(title="For the client"), alice, autumn)
    seen = text(page_of(factories.signed_in(bob), autumn))
    assert "2 videos" in seen
    assert "alice 2 videos 100%" in seen
    assert "Fox 0" in seen
    assert "Moved away" not in seen
    assert "320 available 180 of 500 spent" in seen
    assert "For the client" not in seen
    assert "Set cap" not in seen
    assert "For the client" in text(page_of(factories.signed_in(alice), autumn))


def test_its_takes_are_told_apart_and_all_of_it_is_a_click_away(
    alice: User, alice_client: Client, autumn: Project
) -> None:
    order = factories.submission(prompt="A fox", project_id=autumn.pk)
    lifecycle.submit_takes(alice, order, uuid4(), 2)
    page = page_of(alice_client, autumn)
    assert "Take 2 ·" in text(page)
    assert "All 2 in the library" in text(page)
    (address,) = set(re.findall(r'href="(/library/\?project=\d+)"', page.content.decode()))
    assert len(alice_client.get(address).context["cells"]) == 2


def test_who_made_most_stands_there_and_everybody_on_demand(
    alice: User, bob: User, autumn: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(project, "MAKERS_SHOWN", 1)
    for maker in (alice, bob, bob, bob, factories.member("carol", credits=500)):
        factories.succeeded(maker, project_id=autumn.pk)
    client = factories.signed_in(bob)
    seen = text(page_of(client, autumn))
    assert "5 videos" in seen
    assert "bob 3 videos 60%" in seen
    assert "2 others Show all 2 videos 40%" in seen
    assert "alice 1 video" not in seen
    everybody = text(client.get(f"/projects/{autumn.pk}/?everybody=on"))
    for share in ("bob 3 videos 60%", "alice 1 video 20%", "carol 1 video 20%"):
        assert share in everybody
    assert "Show all" not in everybody


def test_an_empty_project_says_what_to_do(alice_client: Client, autumn: Project) -> None:
    seen = text(page_of(alice_client, autumn))
    assert "Nothing filed here yet" in seen
    assert "Nobody has made anything here yet." in seen
    assert "It has no cap." in seen


@pytest.mark.data
def test_whoever_made_it_and_admins_name_and_describe_it(
    alice_client: Client, admin_client: Client, bob: User, autumn: Project
) -> None:
    change = f"/projects/{autumn.pk}/change/"
    body = {"name": "Autumn 2026", "brief": "Warm light.\r\nNo people."}
    assert factories.signed_in(bob).post(change, body).status_code == 404
    seen = text(alice_client.post(change, body, follow=True))
    assert "Saved." in seen
    assert "Warm light. No people." in seen
    event = AuditEvent.objects.get(action="project changed")
    assert (event.action, event.before, event.after) == ("project changed", "Autumn", "Autumn 2026")
    admin_client.post(change, {**body, "brief": ""})
    autumn.refresh_from_db()
    assert (autumn.name, autumn.brief) == ("Autumn 2026", "")
    assert Project.objects.named("autumn 2026").exists()


@pytest.mark.data
def test_a_name_that_another_project_has_is_refused_and_what_was_typed_comes_back(
    alice_client: Client, autumn: Project
) -> None:
    Project.objects.create(name="Winter")
    answer = alice_client.post(
        f"/projects/{autumn.pk}/change/", {"name": "winter", "brief": "Snow everywhere"}
    )
    assert answer.status_code == 422
    assert "There is already a project with that name." in text(answer)
    assert "Snow everywhere" in text(answer)
    assert "Edit" in text(alice_client.post(f"/projects/{autumn.pk}/change/", {"name": ""}))
    autumn.refresh_from_db()
    assert autumn.name == "Autumn"


@pytest.mark.data
def test_its_cover_is_a_video_of_it_and_the_newest_where_that_is_gone(
    alice: User, alice_client: Client, bob: User, autumn: Project
) -> None:
    old, new = [factories.succeeded(alice, project_id=autumn.pk) for _ in range(2)]
    foreign = factories.succeeded(alice)
    cover = f"/projects/{autumn.pk}/cover/"

    def shown() -> Any:
        return page_of(alice_client, autumn).context["cover"].job

    assert shown() == new
    alice_client.post(cover, {"video": str(old.pk)})
    assert shown() == old
    for wrong in (str(foreign.pk), "x"):
        assert "no longer in the project" in text(
            alice_client.post(cover, {"video": wrong}, follow=True)
        )
    assert factories.signed_in(bob).post(cover, {"video": str(new.pk)}).status_code == 404
    assert shown() == old
    keeping.throw_away([old.pk], alice)
    assert shown() == new


def test_an_admin_sets_its_cap_and_archives_it_there(admin_client: Client, autumn: Project) -> None:
    here = f"http://testserver/projects/{autumn.pk}/"
    assert "Set cap" in text(page_of(admin_client, autumn))
    answer = admin_client.post(
        "/team/budgets/",
        {"project": autumn.pk, "cap": "500", "reason": "Launch"},
        headers={"HX-Request": "true", "HX-Current-URL": here},
    )
    assert answer.headers["HX-Refresh"] == "true"
    assert "500 available" in text(page_of(admin_client, autumn))
    archive = f"/projects/{autumn.pk}/archive/"
    seen = text(admin_client.post(archive, follow=True, headers={"Referer": here}))
    assert "Archived" in seen
    assert "Bring back" in seen


@pytest.mark.data
def test_its_videos_are_chosen_moved_and_brought_back_where_they_stand(
    alice: User, alice_client: Client, autumn: Project
) -> None:
    stays, goes = [factories.succeeded(alice, project_id=autumn.pk) for _ in range(2)]
    page = page_of(alice_client, autumn)
    assert page.content.decode().count('class="selector"') == 2
    here = {
        "HX-Request": "true",
        "HX-Current-URL": f"http://testserver/projects/{autumn.pk}/",
    }

    def done(path: str, **body: str) -> str:
        return alice_client.post(path, body, headers=here).content.decode()

    chosen = done("/jobs/choose/", video=str(stays.pk), do="favorite")
    assert f'hx-target="#cell-{stays.pk}"' in chosen
    assert "data-favorite" in chosen
    moved = done("/jobs/move/", video=str(goes.pk), to="none")
    assert f'hx-target="#cell-{goes.pk}"></hx-partial>' in moved
    assert "<b>1</b> video" in moved
    steps = re.search(r'name="steps" value="([^"]+)"', moved)
    assert steps
    back = done("/jobs/choose/undo/", steps=steps[1])
    assert f'id="job-{goes.pk}"' in back


@pytest.mark.data
def test_all_of_it_is_moved_with_one_tick(
    alice: User, alice_client: Client, autumn: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(project, "SHOWN", 1)
    videos = [factories.succeeded(alice, project_id=autumn.pk) for _ in range(2)]
    winter = Project.objects.create(name="Winter")
    page = page_of(alice_client, autumn)
    assert "All 2 that match" in text(page)
    body = {"matching": f"?project={autumn.pk}", "seen": page.context["seen"], "to": winter.pk}
    alice_client.post("/jobs/move/", body)
    assert set(winter.jobs.all()) == set(videos)


def test_what_changes_there_comes_with_its_poll(
    alice: User, alice_client: Client, autumn: Project
) -> None:
    video = factories.succeeded(alice, project_id=autumn.pk)
    address = page_of(alice_client, autumn).context["live_url"]
    known = f"&cards={video.pk.hex[:12]}"
    assert alice_client.get(address + known).status_code == 204
    choosing.choose([video.pk], alice, "rating", 4)
    assert "Rated 4" in text(alice_client.get(address + known))


def test_its_keeper_says_what_it_delivers_in_and_the_team_what_else_does(
    alice: User, autumn: Project, alice_client: Client
) -> None:
    assert "delivers in Veo 3.1 Fast, 720p" in text(page_of(alice_client, autumn))
    change = f"/projects/{autumn.pk}/change/"
    alice_client.post(change, {"name": "Autumn", "delivers_in": "veo3 4k"})
    assert "delivers in Veo 3.1 Quality, 4K" in text(page_of(alice_client, autumn))
    noted = AuditEvent.objects.get(action="project changed")
    assert (noted.before, noted.after) == ("", "veo3 4k")
    # What a form does not say stays as it is; nonsense is said at its field.
    alice_client.post(change, {"name": "Autumn 2"})
    answer: Any = alice_client.post(change, {"name": "Autumn", "delivers_in": "veo3 360p"})
    assert answer.context["form"].errors["delivers_in"]
    autumn.refresh_from_db()
    assert (autumn.name, autumn.delivers_in) == ("Autumn 2", "veo3 4k")


def test_a_withdrawn_model_is_offered_to_deliver_in_only_where_it_was_chosen(
    autumn: Project, alice_client: Client
) -> None:
    catalogue.withdraw("kie", "veo3", reason="x", actor=None)
    change = f"/projects/{autumn.pk}/change/"
    assert "Veo 3.1 Quality" not in text(alice_client.get(change))
    Project.objects.update(delivers_model="veo3", delivers_size="4k")
    assert "Veo 3.1 Quality, 4K" in text(alice_client.get(change))
