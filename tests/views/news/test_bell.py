"""The bell: what is new for somebody, the same on every device until it was seen."""

from __future__ import annotations

import re
from uuid import uuid4

import pytest
from django.test import Client

from jobs import keeping, lifecycle, shares
from jobs.models import BudgetRequest, Job, Notice, Project, User
from jobs.providers.base import Snapshot, State
from tests.support import factories
from tests.support.typed_forms import HTMX, text

pytestmark = [pytest.mark.django_db, pytest.mark.data]


def fail(owner: User, prompt: str) -> Job:
    job = factories.run(factories.job(owner, prompt=prompt))
    lifecycle.observe(job.pk, Snapshot(State.FAILED, error="Internal Error"))
    return job


def number(client: Client, path: str = "/projects/") -> int:
    """The number on the bell of this page."""
    page = client.get(path).content.decode()
    found = re.search(r'data-bell-number\s+(?:aria-hidden="true"|hidden)\s*>(\d+)', page)
    assert found
    return int(found[1])


def token(client: Client) -> str:
    return client.get("/news/live/?since=0").headers["News"]


def test_the_bell_has_a_number_and_a_list_that_leads_to_each_thing(
    alice: User, alice_client: Client, bob: User
) -> None:
    job = fail(alice, "A lighthouse in the rain")
    assert (number(alice_client), number(factories.signed_in(bob))) == (1, 0)
    page = alice_client.get("/news/")
    assert "Failed A lighthouse in the rain Internal Error" in text(page)
    link = f"/news/{Notice.objects.get().pk}/"
    assert link in page.content.decode()
    assert link in alice_client.get("/news/bell/").content.decode()
    assert alice_client.get(link).headers["Location"] == f"/jobs/{job.pk}/"
    assert number(alice_client) == 0


def test_what_one_device_has_seen_the_poll_of_the_other_tells(
    alice: User, alice_client: Client
) -> None:
    phone = factories.signed_in(alice)
    before = token(phone)
    job = fail(alice, "A lighthouse")
    told = token(phone)
    assert told != before
    assert token(phone) == told
    alice_client.get(f"/jobs/{job.pk}/")
    assert token(phone) != told
    assert number(phone) == 0


def test_the_studios_poll_tells_of_news_with_nothing_in_its_body(
    alice: User, alice_client: Client
) -> None:
    link, _ = shares.create([factories.film(alice)], shares.Terms(), alice)
    url = alice_client.get("/").context["live_url"]
    before = alice_client.get(url, headers=HTMX).headers["News"]
    note = shares.say(link, link.takes.get(), "comment", name="A", visitor="a", text="Hm")
    answer = alice_client.get(alice_client.get("/").context["live_url"], headers=HTMX)
    assert (answer.status_code, answer.content) == (204, b"")
    assert answer.headers["News"] != before
    assert Notice.objects.get(note=note).seen_at is None


def test_mark_all_as_seen_leaves_what_came_meanwhile(alice: User, alice_client: Client) -> None:
    fail(alice, "First")
    newest = alice_client.get("/news/").context["newest"]
    fail(alice, "Second")
    answer = alice_client.post("/news/seen/", {"newest": newest}, headers=HTMX)
    assert [line.name for line in answer.context["lines"] if not line.notice.seen_at] == ["Second"]
    assert number(alice_client) == 1
    assert alice_client.post("/news/seen/", {"newest": 10**9}).headers["Location"] == "/news/"
    assert number(alice_client) == 0


def test_nobody_marks_or_opens_what_somebody_else_was_told(
    alice: User, alice_client: Client, admin_client: Client
) -> None:
    fail(alice, "Hers")
    notice = Notice.objects.get()
    admin_client.post("/news/seen/", {"newest": notice.pk})
    assert admin_client.get(f"/news/{notice.pk}/").status_code == 404
    assert number(alice_client) == 1


def test_pages_that_tell_it_anyway_count_as_a_look(
    alice: User, alice_client: Client, admin: User, admin_client: Client
) -> None:
    link, _ = shares.create([factories.film(alice)], shares.Terms(), alice)
    shares.say(link, link.takes.get(), "comment", name="Ana", visitor="a", text="Hm")
    lifecycle.ask_ahead(alice, 5, reason="x", project=None, key=uuid4())
    assert (number(alice_client), number(admin_client)) == (1, 1)
    alice_client.head(f"/shares/{link.pk}/")
    assert number(alice_client) == 1
    alice_client.get(f"/shares/{link.pk}/")
    admin_client.get("/team/requests/")
    assert (number(alice_client), number(admin_client)) == (0, 0)


def test_a_list_of_many_comes_in_pages_and_costs_as_much_as_one_of_few(
    alice: User, alice_client: Client
) -> None:
    from tests.views.test_queries import queries  # noqa: PLC0415

    fail(alice, "0")
    few = len(queries(alice_client, "/news/"))
    for each in range(1, 52):
        Notice.objects.create(
            person=alice, kind="failed", fact=f"{each}", job=Job.objects.latest("pk")
        )
    assert len(queries(alice_client, "/news/")) == few
    page = alice_client.get("/news/")
    older = alice_client.get(f"/news/?before={page.context['before']}")
    assert (len(page.context["lines"]), len(older.context["lines"])) == (50, 2)
    assert older.context["before"] is None


def test_words_of_visitors_are_shown_as_words(alice: User, alice_client: Client) -> None:
    link, _ = shares.create([factories.film(alice)], shares.Terms(), alice)
    said = "<script>alert(1)</script>"
    shares.say(link, link.takes.get(), "comment", name=said, visitor="a", text=said)
    page = alice_client.get("/news/bell/").content.decode()
    assert said not in page
    assert "&lt;script&gt;" in page


def test_what_left_ones_sight_is_neither_counted_nor_listed(
    bob: User, alice: User, alice_client: Client
) -> None:
    film = factories.film(bob)
    project = Project.objects.create(name="Shared", created_by=bob)
    Job.objects.update(project=project)
    Notice.objects.create(person=alice, kind="ready", fact="x", job=film.job)
    assert number(alice_client) == 1
    Job.objects.update(project=None)
    assert number(alice_client) == 0
    assert alice_client.get("/news/").context["lines"] == []


def test_what_clients_said_of_a_video_is_unread_while_it_is_in_the_trash(
    alice: User, alice_client: Client, bob: User
) -> None:
    autumn = Project.objects.create(name="Autumn", created_by=bob)
    film = factories.film(bob, prompt="Bob's secret", project_id=autumn.pk)
    link, _ = shares.create([film], shares.Terms(), alice)
    shares.say(link, link.takes.get(), "comment", name="Ana", visitor="ana", text="Slower")
    address = f"/news/{Notice.objects.get().pk}/"
    keeping.throw_away([film.job_id], bob)
    assert number(alice_client) == 0
    assert alice_client.get("/news/").context["lines"] == []
    assert alice_client.get(address).status_code == 404
    keeping.restore([film.job_id], bob)
    assert number(alice_client) == 1
    keeping.throw_away([film.job_id], bob)
    keeping.purge([film.job_id], bob)
    assert number(alice_client) == 0


def test_an_answer_is_read_without_the_name_of_a_video_in_the_trash(admin: User) -> None:
    carol = factories.member("carol")
    parked = factories.job(carol, prompt="Carol's secret")
    lifecycle.decline(BudgetRequest.objects.get(), admin, answer="Not now")
    client = factories.signed_in(carol)
    assert "Carol's secret" in text(client.get("/news/"))
    keeping.throw_away([parked.pk], carol)
    page = text(client.get("/news/"))
    assert "declined" in page
    assert "Carol's secret" not in page
