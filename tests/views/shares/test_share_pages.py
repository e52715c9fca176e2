"""Public links, as the team makes, watches and ends them."""

from __future__ import annotations

import re
from datetime import timedelta
from html import unescape
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from jobs import lifecycle, shares
from jobs.models import Project, Rendition, ShareLink, User
from tests.support import factories
from tests.support.markup import flat

pytestmark = pytest.mark.django_db
NEW = "/shares/new/"


@pytest.fixture
def film(alice: User) -> Rendition:
    return factories.film(alice)


def text(response: Any) -> str:
    plain = re.sub(r"<[^>]+>", " ", response.content.decode())
    return re.sub(r"\s+", " ", unescape(plain))


def terms(*files: Rendition, **changes: object) -> dict[str, object]:
    """The form as a browser sends it, with these videos on it."""
    usual = {"expires": "30", "download": "", "submission_key": str(uuid4())}
    return {"take": [str(file.pk) for file in files], **usual, **changes}


def takes(response: Any) -> list[str]:
    return re.findall(r'name="take" value="([^"]+)"', response.content.decode())


# ── Making one ───────────────────────────────────────────────────────────────
def test_from_a_card_one_comes_to_a_form_with_its_video(
    alice_client: Client, film: Rendition
) -> None:
    studio = flat(alice_client.get("/").content.decode())
    (address,) = re.findall(r'href="([^"]+)" aria-label="Share ', studio)
    assert takes(alice_client.get(address)) == [str(film.pk)]


@pytest.mark.data
def test_a_link_expires_in_30_days_and_hides_all_unless_one_says_otherwise(
    alice_client: Client, film: Rendition
) -> None:
    alice_client.post(NEW, terms(film))
    link = ShareLink.objects.get()
    assert link.expires_at
    assert timedelta(days=29) < link.expires_at - timezone.now() <= timedelta(days=30)
    assert not any((link.shows_prompt, link.shows_seed, link.shows_person, link.download))


def test_the_address_is_shown_in_the_browser_that_made_it_and_a_reload_makes_no_other(
    alice_client: Client, alice: User, film: Rendition
) -> None:
    made = alice_client.post(NEW, terms(film, title="Cut 3"))
    link = ShareLink.objects.get()
    assert made.headers["Location"] == f"/shares/{link.pk}/"
    first, again = (alice_client.get(f"/shares/{link.pk}/").content.decode() for _ in range(2))
    (token,) = re.findall(r'<code id="address">http://testserver/s/([^/]+)/', first)
    assert shares.find(token) == link
    assert token in again
    assert ShareLink.objects.count() == 1
    elsewhere = factories.signed_in(alice).get(f"/shares/{link.pk}/").content.decode()
    assert token not in elsewhere


def test_never_is_a_choice(alice_client: Client, film: Rendition) -> None:
    alice_client.post(NEW, terms(film, expires="never"))
    assert ShareLink.objects.get().expires_at is None


def test_videos_are_added_moved_and_taken_off_before_anything_is_made(
    alice_client: Client, alice: User, film: Rendition
) -> None:
    second, third = factories.film(alice), factories.film(alice)
    one, two, three = (str(file.pk) for file in (film, second, third))
    added = alice_client.post(NEW, terms(film, second, add=three, title="Cut 3"))
    assert takes(added) == [one, two, three]
    assert 'value="Cut 3"' in added.content.decode()
    assert takes(alice_client.post(NEW, terms(film, second, third, up=three))) == [one, three, two]
    assert takes(alice_client.post(NEW, terms(film, second, down=one))) == [two, one]
    assert takes(alice_client.post(NEW, terms(film, second, remove=one))) == [two]
    assert not ShareLink.objects.exists()


@pytest.mark.data
def test_offered_first_is_what_was_made_for_the_same_project(
    alice_client: Client, alice: User
) -> None:
    project = Project.objects.create(name="Autumn")
    first = factories.film(alice, project_id=project.pk)
    factories.film(alice, project_id=project.pk, prompt="A fox in the snow")
    factories.film(alice, prompt="A whale")
    page = text(alice_client.get(NEW, {"take": str(first.pk)}))
    assert "A fox in the snow" in page
    assert "A whale" not in page
    found = text(alice_client.post(NEW, terms(first, search="1", words="whale")))
    assert "A whale" in found


def test_each_video_stands_there_once_at_its_best_size_and_another_can_be_chosen(
    alice_client: Client, alice: User
) -> None:
    video = factories.succeeded(alice, prompt="A whale")
    small = video.renditions.get()
    large = factories.finish(factories.upgrade(video)).renditions.get()
    asked = {"video": [str(video.pk)] * 2, "take": str(small.pk)}
    offered = alice_client.get(NEW).content.decode()
    assert offered.count("A whale, ordered") == 1
    assert f'name="add" value="{large.pk}"' in flat(offered)
    chosen = flat(alice_client.get(NEW, {"video": asked["video"]}).content.decode())
    assert f'<option value="{large.pk}" selected>4K' in chosen
    assert f'<option value="{small.pk}" >720p' in chosen or f'value="{small.pk}">720p' in chosen
    assert "A whale, ordered" not in chosen.partition("Add videos")[2]
    # The one that was named, and not the largest.
    by_file = flat(alice_client.get(NEW, asked).content.decode())
    assert f'<option value="{small.pk}" selected>720p' in by_file
    alice_client.post(NEW, terms(small))
    assert [take.file for take in shares.takes_of(ShareLink.objects.get())] == [small]


@pytest.mark.data
def test_takes_of_one_order_are_told_apart_on_the_form_and_on_the_links_page(
    alice: User, alice_client: Client
) -> None:
    order = factories.submission(prompt="A fox")
    made = [factories.finish(each) for each in lifecycle.submit_takes(alice, order, uuid4(), 3)]
    large = factories.finish(factories.upgrade(made[2])).renditions.get()
    page = alice_client.get(NEW, {"take": [str(large.pk)]})
    assert text(page).count("A fox Video 1 · Take 3") == 1
    assert re.findall(r"Add take (\d) of A fox", text(page)) == ["1", "2"]
    link, _ = shares.create([large, made[0].renditions.get()], shares.Terms(), alice)
    shown = text(alice_client.get(f"/shares/{link.pk}/"))
    assert re.findall(r"A fox Video (\d) · Take (\d) Open video", shown) == [("1", "3"), ("2", "1")]


def test_what_is_ticked_in_the_studio_comes_onto_the_form(
    alice_client: Client, film: Rendition
) -> None:
    ticked = {"selection": "1", "video": str(film.job_id), "csrfmiddlewaretoken": "secret"}
    led = alice_client.post(NEW, ticked)
    assert led.headers["Location"] == f"{NEW}?video={film.job_id}"
    assert takes(alice_client.get(led.headers["Location"])) == [str(film.pk)]


@pytest.mark.data
def test_enter_in_the_search_finds_videos_and_publishes_nothing(
    alice_client: Client, alice: User, film: Rendition
) -> None:
    factories.film(alice, prompt="A whale")
    page = alice_client.get(NEW, {"take": str(film.pk)}).content.decode()
    first = re.search(
        r'<button\s[^>]*?name="(\w+)"\s+value="(\w+)"', page.partition(f'action="{NEW}"')[2]
    )
    assert first
    typed = terms(film, title="Round two", **{first[1]: first[2]})
    found = alice_client.post(NEW, typed | {"words": "whale"})
    assert "A whale" in text(found)
    assert 'value="Round two"' in found.content.decode()
    # The search was emptied again.
    assert alice_client.post(NEW, typed | {"enter": "found", "words": ""}).status_code == 200
    assert not ShareLink.objects.exists()
    # Enter in any other field means the link.
    assert alice_client.post(NEW, typed | {"words": ""}).status_code == 302
    assert ShareLink.objects.count() == 1


def test_nobody_can_put_on_a_link_what_they_may_not_see(
    alice_client: Client, bob: User, film: Rendition
) -> None:
    foreign = factories.film(bob)
    assert takes(alice_client.get(NEW, {"take": [str(foreign.pk), "no-id"]})) == []
    answer = alice_client.post(NEW, terms(foreign))
    assert answer.status_code == 422
    assert "Choose at least one video." in text(answer)
    alice_client.post(NEW, terms(film, foreign))
    assert [take.file for take in shares.takes_of(ShareLink.objects.get())] == [film]


@pytest.mark.parametrize(
    ("field", "value", "said"),
    [
        ("embed_sites", "example.com", "isn’t a site’s address"),
        ("embed_sites", "https://a.example/path", "isn’t a site’s address"),
        ("embed_sites", "https://a.example; script-src *", "isn’t a site’s address"),
        ("embed_sites", " ".join(f"https://{n}.example" for n in range(6)), "Up to 5 sites."),
        ("embed_sites", " ".join(f"https://{40 * each}.example" for each in "éèêëē"), "too long"),
        ("embed_sites", "https://exam℀ple.com", "isn’t a site’s address"),
        ("title", "x" * 81, "at most 80 characters"),
        ("expires", "forever", "Select a valid choice"),
    ],
)
def test_what_cannot_be_is_said_at_its_field_and_what_was_typed_stays(
    alice_client: Client, film: Rendition, field: str, value: str, said: str
) -> None:
    answer = alice_client.post(NEW, terms(film, note="See the third second", **{field: value}))
    assert answer.status_code == 422
    assert said in text(answer)
    assert "See the third second" in text(answer)
    assert takes(answer) == [str(film.pk)]
    assert not ShareLink.objects.exists()


@pytest.mark.data
def test_a_site_with_a_name_in_any_script_can_embed_a_link(
    alice_client: Client, film: Rendition
) -> None:
    alice_client.post(NEW, terms(film, embed_sites="https://Bücher.example/ https://写真.example"))
    assert ShareLink.objects.get().embed_sites == (
        "https://xn--bcher-kva.example https://xn--g7qs82g.example"
    )


def test_a_link_with_a_password_cannot_be_framed(alice_client: Client, film: Rendition) -> None:
    both = {"password": "sesame", "embed_sites": "https://a.example"}
    assert "can’t be embedded" in text(alice_client.post(NEW, terms(film, **both)))


@pytest.mark.data
def test_a_project_is_shared_as_a_whole(alice_client: Client, alice: User) -> None:
    project = Project.objects.create(name="Autumn")
    factories.film(alice, project_id=project.pk)
    projects = alice_client.get("/projects/").content.decode()
    (address,) = re.findall(r'href="(/shares/new/[^"]+)"', projects)
    form = alice_client.get(address)
    assert 'value="Autumn"' in form.content.decode()
    alice_client.post(NEW, terms(project=str(project.pk), title="Autumn"))
    link = ShareLink.objects.get()
    assert (link.project, len(shares.takes_of(link))) == (project, 1)
    assert "project Autumn" in text(alice_client.get("/shares/"))


# ── Watching and ending it ───────────────────────────────────────────────────
def share(file: Rendition, **changes: Any) -> tuple[ShareLink, str]:
    return shares.create([file], shares.Terms(**changes), file.job.owner)


def test_everybody_sees_their_own_links_and_admins_see_all(
    alice_client: Client, admin_client: Client, bob: User, film: Rendition
) -> None:
    share(film, title="Alices cut")
    share(factories.film(bob), title="Bobs cut")
    assert "Alices cut" in text(alice_client.get("/shares/"))
    assert "Bobs cut" not in text(alice_client.get("/shares/"))
    assert "Alices cut" not in text(factories.signed_in(bob).get("/shares/"))
    everything = text(admin_client.get("/shares/"))
    assert "Alices cut" in everything
    assert "Bobs cut" in everything


@pytest.mark.data
def test_the_list_tells_how_often_and_when_a_link_was_opened(
    alice_client: Client, film: Rendition
) -> None:
    link, _ = share(film, title="Cut 3")
    assert "Cut 3 1 video alice 0 never" in text(alice_client.get("/shares/"))
    ShareLink.objects.filter(pk=link.pk).update(
        view_count=1204, download_count=7, last_viewed_at=timezone.now()
    )
    page = text(alice_client.get("/shares/"))
    assert "1,204" in page
    assert "never" not in page.split("Expires")[1].split("never")[0]


@pytest.mark.data
def test_terms_can_be_changed_and_the_password_stays_unless_it_is_taken_away(
    alice_client: Client, film: Rendition
) -> None:
    link, _ = share(film, title="Cut 3", password="sesame")
    path = f"/shares/{link.pk}/"
    alice_client.post(path, {"title": "Cut 4", "expires": "keep", "shows_prompt": "on"})
    link.refresh_from_db()
    assert (link.title, link.shows_prompt, bool(link.password)) == ("Cut 4", True, True)
    assert link.expires_at is None
    alice_client.post(path, {"title": "Cut 4", "expires": "keep", "drop_password": "on"})
    link.refresh_from_db()
    assert not link.password


@pytest.mark.data
@pytest.mark.parametrize(
    "again", [{"embed_sites": "no site"}, {"search": "1"}, {"password": "x"}, {"expires": "soon"}]
)
def test_a_link_whose_password_was_typed_is_never_open_by_oversight(
    alice_client: Client, film: Rendition, again: dict[str, str]
) -> None:
    fields = terms(film, password="sesame")
    page = alice_client.post(NEW, {**fields, **again}).content.decode()
    assert "sesame" not in page
    assert "the password you typed was not kept" in page
    hidden = dict(re.findall(r'type="hidden" name="(password_was_typed)" value="([^"]+)"', page))
    fields |= {"password": "", **hidden}
    for _ in range(2):
        refused = alice_client.post(NEW, fields)
        assert (refused.status_code, ShareLink.objects.exists()) == (422, False)
        assert "Type the password again" in text(refused)
    alice_client.post(NEW, {**fields, "password": "sesame"})
    assert ShareLink.objects.get().password
    alice_client.post(NEW, {**fields, "submission_key": str(uuid4()), "without_password": "on"})
    assert sorted(bool(link.password) for link in ShareLink.objects.all()) == [False, True]


@pytest.mark.data
def test_nor_is_one_whose_terms_are_changed(alice_client: Client, film: Rendition) -> None:
    link, _ = share(film, title="Cut 3")
    path = f"/shares/{link.pk}/"
    changed = {"title": "x" * 81, "expires": "keep"}
    page = alice_client.post(path, {**changed, "password": "sesame"})
    assert 'name="password_was_typed"' in page.content.decode()
    changed |= {"title": "Cut 4", "password_was_typed": "on"}
    assert alice_client.post(path, changed).status_code == 422
    link.refresh_from_db()
    assert (link.title, link.password) == ("Cut 3", "")
    assert 'name="password_was_typed"' not in alice_client.get(path).content.decode()
    alice_client.post(path, {**changed, "password": "sesame"})
    link.refresh_from_db()
    assert link.password


@pytest.mark.data
def test_a_revoked_link_is_listed_as_over_and_can_only_be_looked_at(
    alice_client: Client, film: Rendition
) -> None:
    link, _ = share(film, title="Cut 3")
    alice_client.post(f"/shares/{link.pk}/revoke/")
    assert "revoked" in text(alice_client.get("/shares/"))
    page = text(alice_client.get(f"/shares/{link.pk}/"))
    assert "Revoked" in page
    assert "New address" not in page
    again = alice_client.post(f"/shares/{link.pk}/regenerate/", follow=True)
    assert "This link was revoked. Make a new one." in text(again)


def test_a_new_address_is_shown_once_to_who_asked_for_it(
    alice_client: Client, film: Rendition
) -> None:
    link, old = share(film)
    page = alice_client.post(f"/shares/{link.pk}/regenerate/", follow=True).content.decode()
    (token,) = re.findall(r"http://testserver/s/([^/]+)/</code>", page)
    assert token != old
    assert shares.find(token) == link


@pytest.mark.data
def test_the_pages_ask_as_much_for_many_links_as_for_few(
    alice_client: Client, film: Rendition, django_assert_num_queries: Any
) -> None:
    share(film)
    alice_client.get("/shares/")  # that she was here is noted once
    with CaptureQueriesContext(connection) as few:
        alice_client.get("/shares/")
    for _ in range(9):
        share(film)
    with django_assert_num_queries(len(few)):
        alice_client.get("/shares/")
