"""What the hot pages cost the database: constant, however much an account has collected."""

from __future__ import annotations

import html
import re
from datetime import timedelta

import pytest
import time_machine
from django.db import connection
from django.db.models.functions import Now
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from jobs import ledger
from jobs.models import Job, Project, User
from tests.support import factories
from tests.tools.bench import seeds

pytestmark = pytest.mark.data
STUDIO_MAX, POLL_MAX, CHANGED_POLL_MAX = 11, 2, 8


def queries(client: Client, path: str) -> list[str]:
    client.get(path)  # the first one fills the caches
    # As in a second in which nobody has looked at what runs.
    later = time_machine.travel(timezone.now() + timedelta(seconds=2))
    with later, CaptureQueriesContext(connection) as captured:
        client.get(path)
    return [query["sql"] for query in captured.captured_queries]


def test_the_studio_asks_as_much_for_48_jobs_as_for_24(alice: User, alice_client: Client) -> None:
    seeds.gallery(alice, 24)
    few = queries(alice_client, "/")
    seeds.gallery(alice, 24)
    many = queries(alice_client, "/")
    assert len(many) == len(few) <= STUDIO_MAX, "\n".join(many)


def test_what_is_made_of_the_videos_costs_no_query_more(alice: User, alice_client: Client) -> None:
    ledger.grant(alice, 5000, reason="for a test", actor=None)
    seeds.gallery(alice, 24)
    plain = len(queries(alice_client, "/"))
    takes = list(Job.objects.filter(status="succeeded"))
    for take in takes[:2]:
        factories.finish(factories.upgrade(take))
    few = len(queries(alice_client, "/"))
    for take in takes[2:12]:
        factories.finish(factories.upgrade(take))
        factories.run(factories.upgrade(take, "upgrade_1080p"))
    assert len(queries(alice_client, "/")) == few == plain


def test_a_film_of_eight_clips_asks_as_much_as_one_of_two(
    alice: User, alice_client: Client
) -> None:
    ledger.grant(alice, 5000, reason="for a test", actor=None)
    last = factories.succeeded(alice)
    asked = []
    for clips in range(2, 9):
        last = factories.finish(factories.extension(last))
        page = f"/jobs/{last.pk}/"
        asked.append(len(queries(alice_client, page)))
        assert f"{clips} clips" in alice_client.get(page).content.decode()
    # One more where the source is an extension itself, however long the film is.
    assert asked[-1] == asked[1] <= asked[0] + 1


def test_nothing_moving_costs_the_studio_one_query_at_most(
    alice: User, alice_client: Client
) -> None:
    seeds.gallery(alice, 24)
    Job.objects.filter(status="running").update(status="failed", finished_at=Now())
    # One more: whether a file is still being stored.
    assert len(queries(alice_client, "/?tab=ready")) <= STUDIO_MAX + 1


def test_an_unchanged_poll_is_two_queries_and_an_answer_of_few_bytes(
    alice: User, alice_client: Client
) -> None:
    seeds.gallery(alice, 24)
    page = alice_client.get("/").content.decode()
    found = re.search(r'hx-get="([^"]+)"', page)
    assert found
    path = html.unescape(found[1])
    assert len(queries(alice_client, path)) <= POLL_MAX
    answer = alice_client.get(path)
    assert (answer.status_code, answer.content) == (204, b"")
    # The server adds Date, Server and Connection.
    assert sum(len(f"{name}: {value}\r\n") for name, value in answer.items()) < 370


def test_a_card_kept_for_one_reader_gives_another_neither_rights_nor_token(
    alice: User, alice_client: Client, admin_client: Client, bob: User
) -> None:
    seeds.gallery(alice, 12)
    tokens = []
    for client in (alice_client, admin_client):
        page = client.get("/").content.decode()
        assert "/retry/" in page
        assert "csrf-token-of-the-reader" not in page
        tokens.append(re.findall(r'name="csrfmiddlewaretoken" value="(\w+)"', page)[-1])
    assert tokens[0] != tokens[1]
    assert "/retry/" not in bob_sees(bob, alice)


def bob_sees(bob: User, alice: User) -> str:
    """Alice's jobs as somebody sees them who shares a project with her."""
    project = Project.objects.create(name="Shared", created_by=alice)
    Job.objects.filter(owner=alice).update(project=project)
    page = factories.signed_in(bob).get("/").content.decode()
    assert seeds.PROMPT in page
    return page


def test_a_changed_poll_asks_as_much_for_many_cards_as_for_one(
    alice: User, alice_client: Client, admin_client: Client
) -> None:
    seeds.gallery(alice, 24)
    page = admin_client.get("/").content.decode()
    cards = ",".join(re.findall(r'data-job="(\w+)"', page))
    rows = list(Job.objects.values_list("pk", flat=True))

    def asked(number: int) -> int:
        found = re.search(r'hx-get="([^"]+)"', admin_client.get("/").content.decode())
        assert found
        Job.objects.filter(pk__in=rows[:number]).show_changed()
        path = f"{html.unescape(found[1])}&cards={cards}"
        return len(queries(admin_client, path))

    few = asked(1)
    assert asked(20) == few <= CHANGED_POLL_MAX
