"""A team with many videos waits no longer than one with few, and is told that there are more."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection, transaction
from django.test import Client

from jobs.letters import counts
from jobs.models import Project, User, search_index
from jobs.models.prepared import questions
from tests.support import factories
from tests.support.typed_forms import text
from tests.tools.bench import many_rows

FEW, MANY = 600, 3600
"""So many that all words but the rare one fill a page of either."""
PAGES = (
    *("/", "/?tab=progress", "/?tab=ready", "/keys/", "/?q=submarine", "/?q=zeppelin"),
    *("/?q=lighthouse", "/?q=桜花", "/?q=灯台", "/?q=e", "/images/frames/"),
    *("/images/frames/?words=submarine", "/projects/", "/projects/{project}/", "/recent/"),
    *("/credits/", "/shares/new/?project={project}", "/trash/"),
    *("/?scope=me", "/?scope=me&tab=ready", "/?q=zeppelin&scope=me", "/?tag=rare&scope=me"),
    *("/?project={project}", "/?project={project}&tab=favorites"),
    *("/?rating=4", "/?rejected=hide", "/?rejected=hide&scope=me"),
    *("/library/", "/library/?sort=oldest", "/library/?q=lighthouse", "/library/?ratio=16:9"),
    *("/library/?q=zeppelin&person=me", "/library/?rating=4", "/library/?rejected=only"),
    *("/?q=campaign", "/?q=person-3", "/library/?q=campaign", "/library/?q=person-3"),
    *("/library/?max_seconds=9", "/library/?min_mb=50", "/library/?extendable=on"),
    *("/library/?state=ready&sort=title", "/library/?state=ready&sort=longest"),
    *("/library/?q=灯台", "/library/?q=silk ribbon gravity"),
)


@pytest.fixture(autouse=True)
def _count_to_ten(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(counts, "COUNTED_MAX", 10)
    monkeypatch.setattr(search_index, "HITS_MAX", 40)
    monkeypatch.setattr(questions, "questions", {})


def steps_of(number: int) -> dict[str, int]:
    """The steps that SQLite takes for each page, with so many videos."""
    with transaction.atomic():
        _, member = many_rows.make(number)
        client = factories.signed_in(member)
        # The largest.
        project = Project.objects.earliest("pk").pk
        steps = {path: _steps(client, path.format(project=project)) for path in PAGES}
        transaction.set_rollback(True)
    return steps


def _steps(client: Client, path: str) -> int:
    client.get(path)  # the first one fills the caches
    taken = []
    connection.connection.set_progress_handler(lambda: taken.append(1), 50)
    try:
        assert client.get(path).status_code == 200
    finally:
        connection.connection.set_progress_handler(None, 0)
    return 50 * len(taken)


@pytest.mark.django_db
def test_six_times_as_many_videos_make_no_page_work_half_as_much_again() -> None:
    if connection.vendor != "sqlite":
        pytest.skip("only SQLite counts its steps")
    few, many = steps_of(FEW), steps_of(MANY)
    assert not {path: (few[path], many[path]) for path in PAGES if many[path] > 1.5 * few[path]}


@pytest.mark.data
def test_of_many_videos_the_counts_say_that_there_are_more(
    alice: User, alice_client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    project = Project.objects.create(name="Shared", created_by=alice)
    for _ in range(3):
        factories.job(alice, project_id=project.pk)
    answer: Any = alice_client.get("/")
    assert "All3" in text(answer).replace(" ", "")
    monkeypatch.setattr(counts, "COUNTED_MAX", 2)
    questions.questions.clear()
    answer = alice_client.get("/")
    page = text(answer)
    assert "All2+" in page.replace(" ", "")
    assert "Shared 2+" in page
    assert "2+ videos" in text(alice_client.get("/projects/"))
