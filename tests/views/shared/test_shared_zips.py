"""All films of a link as one ZIP, for its visitors, where they may keep them."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.test import Client

from jobs import shares
from jobs.models import Rendition, ShareLink, User
from tests.support import factories
from tests.support.markup import flat

pytestmark = [pytest.mark.django_db, pytest.mark.data]


@pytest.fixture
def films(alice: User) -> list[Rendition]:
    folder = Path(settings.MEDIA_ROOT)
    folder.mkdir()
    (folder / "a.mp4").write_bytes(b"film")
    return [factories.film(alice) for _ in range(2)]


def share(films: list[Rendition], **terms: Any) -> tuple[ShareLink, str]:
    return shares.create(films, shares.Terms(title="Cut 3", **terms), films[0].job.owner)


def zipped(client: Client, token: str) -> dict[str, bytes] | None:
    answer: Any = client.get(f"/s/{token}/download.zip")
    if answer.status_code == 404:
        return None
    with zipfile.ZipFile(io.BytesIO(b"".join(answer.streaming_content))) as found:
        return {name: found.read(name) for name in found.namelist()}


def test_a_visitor_keeps_all_with_one_button_and_it_counts_once(
    client: Client, films: list[Rendition]
) -> None:
    link, token = share(films, download="720p")
    assert f'href="/s/{token}/download.zip"' in flat(client.get(f"/s/{token}/").content.decode())
    assert zipped(client, token) == dict.fromkeys(
        ("Cut 3 - video 1 - 720p.mp4", "Cut 3 - video 2 - 720p.mp4"), b"film"
    )
    link.refresh_from_db()
    assert link.download_count == 1


def test_a_title_that_is_written_from_right_to_left_stands_last_in_their_names(
    client: Client, films: list[Rendition]
) -> None:
    terms = shares.Terms(title="נמל בערב", download="720p")
    _, token = shares.create(films[:1], terms, films[0].job.owner)
    assert list(zipped(client, token) or ()) == ["video 1 - 720p - נמל בערב.mp4"]


def test_a_try_for_which_there_was_no_place_counts_for_nothing(
    client: Client, films: list[Rendition], monkeypatch: pytest.MonkeyPatch
) -> None:
    link, token = share(films, download="720p")
    monkeypatch.setattr("jobs.views.answers.zips.place_for", lambda *_: None)
    assert client.get(f"/s/{token}/download.zip").status_code == 429
    link.refresh_from_db()
    assert link.download_count == 0


def test_where_none_may_be_kept_or_a_password_stands_before_it_there_is_none(
    client: Client, films: list[Rendition]
) -> None:
    _, token = share(films)
    assert "download.zip" not in client.get(f"/s/{token}/").content.decode()
    assert zipped(client, token) is None
    _, locked = share(films, download="720p", password="sesame")
    assert zipped(client, locked) is None


def test_of_a_link_with_a_watermark_only_marked_copies_leave_the_house(
    client: Client, films: list[Rendition]
) -> None:
    link, token = share(films, download="720p", watermark="For review")
    assert zipped(client, token) is None
    first = shares.takes_of(link)[0]
    copy = Path(settings.MEDIA_ROOT, first.video)
    copy.parent.mkdir()
    copy.write_bytes(b"marked")
    link.takes.filter(pk=first.shared.pk).update(marking="ready", try_at=None)
    found = zipped(client, token)
    assert found
    assert found.pop("Not in this ZIP.txt").startswith(b"Video 2: its watermark")
    assert list(found.values()) == [b"marked"]
