"""The files with markers, as the pages give them out."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from django.test import Client

from jobs import shares
from jobs.limits import Limit
from jobs.models import Rendition, ReviewNote, ShareLink, User
from tests.support import factories
from tests.support.limited import allow
from tests.support.typed_forms import text

pytestmark = pytest.mark.django_db


@pytest.fixture
def link(alice: User) -> ShareLink:
    """A link with two takes, both commented on, one answered and resolved."""
    films = [factories.film(alice, prompt=prompt) for prompt in ("A fox", "A hare")]
    Rendition.objects.update(frame_rate="30000/1001")
    made = shares.create(films, shares.Terms(title="Cut 3"), alice)[0]
    first, second = made.takes.all()
    note = shares.say(
        made, first, "comment", name="Ana", visitor="a", text="Slower", seconds=Decimal(3)
    )
    shares.answer(note, "Done", alice)
    shares.resolve(note, alice)
    shares.say(made, second, "pick", name="Bo", visitor="b")
    return made


def test_a_videos_comments_leave_as_markers_with_answers_and_what_is_done(
    alice_client: Client, link: ShareLink
) -> None:
    video = link.takes.all()[0].rendition.job_id
    answer = alice_client.get(f"/jobs/{video}/markers.edl")
    assert "FCM: DROP FRAME" in answer.content.decode()
    assert "|C:ResolveColorGreen |M:Ana: Slower alice: Done |D:1" in answer.content.decode()
    assert "00:00:02;29 00:00:03;00 01:00:02;29" in answer.content.decode()
    assert 'filename="dailies-markers-A fox.edl"' in answer.headers["Content-Disposition"]


@pytest.mark.parametrize("kind", ["edl", "fcpxml", "csv"])
def test_a_link_gives_the_markers_of_all_its_takes(
    alice_client: Client, link: ShareLink, kind: str
) -> None:
    assert f'href="/shares/{link.pk}/markers.{kind}"' in text_of(alice_client, link)
    content = b"".join(alice_client.get(f"/shares/{link.pk}/markers.{kind}")).decode()
    assert "Ana: Slower" in content
    assert "Picked by Bo" in content
    assert "2: A hare" in content


def text_of(client: Client, link: ShareLink) -> str:
    return client.get(f"/shares/{link.pk}/").content.decode()


@pytest.mark.data
def test_a_pick_that_was_taken_back_is_no_marker(alice_client: Client, link: ShareLink) -> None:
    shares.say(link, link.takes.all()[0], "approve", name="Bo", visitor="b", text="Now this")
    ReviewNote.objects.filter(name="Ana").delete()
    content = alice_client.get(f"/shares/{link.pk}/markers.edl").content.decode()
    assert "Picked" not in content
    assert "Approved by Bo: Now this" in content


def test_where_nothing_was_said_the_page_says_so(alice_client: Client, alice: User) -> None:
    video = factories.succeeded(alice)
    answer = alice_client.get(f"/jobs/{video.pk}/markers.edl", follow=True)
    assert "There are no comments to export yet." in text(answer)


@pytest.mark.data
def test_another_kind_of_file_is_not_found_and_files_without_end_are_refused(
    alice_client: Client, link: ShareLink, settings: Any
) -> None:
    assert alice_client.get(f"/shares/{link.pk}/markers.aaf").status_code == 404
    allow(settings, Limit.EXPORTS, "1/10m")
    paths = [f"/shares/{link.pk}/markers.edl"] * 2
    assert [alice_client.get(path).status_code for path in paths] == [200, 429]
