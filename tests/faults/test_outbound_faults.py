"""Addresses that people and answers give us: at the form, at the fetch, past any proxy (76-80)."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.exceptions import FieldDoesNotExist

from jobs import archive, directory
from jobs.archive.fetching.download import NotNow, Unacceptable, download
from jobs.archive.intake import images
from jobs.archive.store import CAPS
from jobs.decoding.answers import NotAnImage
from jobs.models import Credential, Image, Job, User
from jobs.models.jobs.rendition import Rendition
from tests.archive.conftest import Target
from tests.archive.fetching.test_outbound import ELSEWHERE, MALFORMED, PRIVATE
from tests.support import factories, kie
from tests.support.fakes import Wire
from tests.support.running import follow
from tests.support.sending import sent

pytestmark = pytest.mark.django_db

BEYOND = {
    name: url
    for name, url in ELSEWHERE.items()
    if name in ("http", "ssh port", "other port", "file", "gopher", "ftp", "dict", "data")
}
"""What no form may lead to, wherever it is."""
NAMED = {"internal": "db.internal", "metadata": "metadata.google.internal"}


# ── Links to pictures (76, 78) ───────────────────────────────────────────────
@pytest.mark.parametrize("host", PRIVATE.values(), ids=PRIVATE)
def test_a_picture_at_an_address_that_is_not_public_is_never_connected_to(
    alice: User, reached: list[Target], host: str
) -> None:
    with pytest.raises(NotAnImage):
        images.from_link(alice, f"https://{host}/cat.jpg")
    assert not reached
    assert not Image.objects.exists()


@pytest.mark.parametrize("host", NAMED.values(), ids=NAMED)
def test_a_picture_at_an_internal_name_is_never_connected_to(
    alice: User, reached: list[Target], names: dict[str, list[str]], host: str
) -> None:
    names[host] = ["169.254.169.254"]
    with pytest.raises(NotAnImage, match="its host is not a public one"):
        images.from_link(alice, f"https://{host}/cat.jpg")
    assert not reached


@pytest.mark.parametrize("url", [*MALFORMED.values(), *BEYOND.values()], ids=[*MALFORMED, *BEYOND])
def test_a_malformed_or_foreign_link_is_refused_at_the_form(
    alice: User, reached: list[Target], names: dict[str, list[str]], url: str
) -> None:
    # Some are read as browsers do, and lead no further than any other address.
    names["cdn.kie.ai"] = ["10.0.0.7"]
    browser = factories.signed_in(alice)
    answer = browser.post(
        "/images/", {"mode": "frames", "link": url}, headers={"HX-Request": "true"}
    )
    if url.strip() == url and url:
        assert answer.status_code == 422
    assert not reached
    assert not Image.objects.exists()


# ── Links to results (76, 77) ────────────────────────────────────────────────
@pytest.mark.parametrize(
    ("url", "state"),
    [
        ("http://127.0.0.1/film.mp4", "rejected"),
        ("https://169.254.169.254/latest/meta-data", "rejected"),
        ("https://cdn.kie.ai@127.0.0.1/film.mp4", "rejected"),
        ("file:///etc/passwd", "rejected"),
        # Only an admin can say that it is none of the provider's.
        ("https://attacker.example/film.mp4", "waiting"),
        ("http://10.1.2.3:8080/film.mp4", "waiting"),
    ],
)
def test_a_result_that_lies_elsewhere_is_never_fetched_nor_shown(
    provider: Wire, alice: User, reached: list[Target], url: str, state: str, settings: Any
) -> None:
    job = Job.objects.get(pk=factories.job(alice).pk)
    Job.objects.filter(pk=job.pk).update(status="succeeded", charged=60)
    rendition = Rendition.objects.create(job=job, resolution="720p", source_url=url)
    settings.ARCHIVE_HOSTS = ["*.kie.ai"]
    archive.store(rendition.pk)
    rendition.refresh_from_db()
    assert (rendition.state, rendition.file) == (state, "")
    assert not reached
    page = factories.signed_in(alice).get(f"/jobs/{job.pk}/").content.decode()
    assert url not in page


# ── Proxies (79) ─────────────────────────────────────────────────────────────
@pytest.fixture
def proxies(monkeypatch: pytest.MonkeyPatch) -> str:
    address = "http://127.0.0.1:1"
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"):
        monkeypatch.setenv(name, address)
        monkeypatch.setenv(name.lower(), address)
    monkeypatch.setenv("NO_PROXY", "")
    monkeypatch.setenv("no_proxy", "")
    return address


@pytest.mark.usefixtures("proxies")
def test_a_proxy_of_the_environment_is_no_way_round_the_filter(
    tmp_path: Path, reached: list[Target], names: dict[str, list[str]]
) -> None:
    names["files.example.com"] = ["10.0.0.7"]
    with pytest.raises(Unacceptable):
        download("https://files.example.com/a.mp4", tmp_path / "a.mp4", ["*"], CAPS)
    assert not reached


@pytest.mark.usefixtures("proxies")
def test_a_public_file_is_fetched_from_its_own_address_and_not_by_proxy(
    tmp_path: Path, reached: list[Target], names: dict[str, list[str]]
) -> None:
    names["files.example.com"] = ["93.184.216.34"]
    with pytest.raises(NotNow):
        download("https://files.example.com/a.mp4", tmp_path / "a.mp4", ["*"], CAPS)
    assert reached == [("93.184.216.34", 443)]


@pytest.mark.usefixtures("proxies")
def test_no_order_and_no_question_goes_by_proxy(provider: Wire, alice: User) -> None:
    provider.answer(json=kie.accepted())
    job = sent(alice)
    provider.answer(json=kie.failed(), path="record-info")
    follow()
    job.refresh_from_db()
    assert job.status == "failed"


# ── Where providers are (80) ─────────────────────────────────────────────────
@pytest.mark.data
def test_no_row_holds_the_address_of_a_provider() -> None:
    for name in ("base_url", "url", "host", "endpoint"):
        with pytest.raises(FieldDoesNotExist):
            Credential._meta.get_field(name)
    assert directory.client("kie").base_url == settings.KIE_BASE_URL  # type: ignore[attr-defined]


@pytest.mark.parametrize("name", ["base_url", "url", "KIE_BASE_URL", "host"])
def test_no_form_moves_the_address_of_a_provider(
    provider: Wire, alice: User, name: str, reached_elsewhere: Wire
) -> None:
    browser = factories.signed_in(alice)
    provider.answer(json={"code": 200, "msg": "success", "data": 500}, path="credit")
    browser.post(
        "/keys/", {"provider": "kie", "key": "a-new-key-1234", name: reached_elsewhere.url}
    )
    provider.answer(json=kie.accepted(), path="generate")
    job = sent(alice)
    assert job.status == "running"
    assert reached_elsewhere.connections == 0


@pytest.fixture
def reached_elsewhere() -> Any:
    server = Wire()
    yield server
    server.close()
