"""Results that lie where nobody has allowed us to go yet: they wait, and an admin hears of it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.conf import settings as now
from django.core import mail
from django.test import Client

from jobs import archive, follower
from jobs.archive.fetching.outbound import Unlisted, check
from jobs.archive.giving_up import ATTEMPTS_MAX
from jobs.archive.results import hosts
from jobs.archive.store import REDIRECTS_MAX
from jobs.models import Job, Rendition, UnlistedHost, User
from jobs.times import clock
from tests.support.fakes import Wire
from tests.support.media import films
from tests.support.running import drain_queue, purge_queue
from tests.support.states.passing import pass_time
from tests.support.typed_forms import text

pytestmark = [pytest.mark.django_db, pytest.mark.data]

Waiting = Callable[..., Rendition]
State = Rendition.State


@pytest.fixture
def cdn() -> Iterator[Wire]:
    """Another server, which no list has."""
    server = Wire()
    yield server
    server.close()


@pytest.fixture
def film(waiting: Waiting, cdn: Wire) -> Rendition:
    """A film that lies there."""
    row = waiting()
    Rendition.objects.filter(pk=row.pk).update(source_url=f"{cdn.url}/film.mp4")
    row.refresh_from_db()
    return row


def entry(wire: Wire) -> str:
    return f"127.0.0.1:{wire.port}"


def tried(row: Rendition) -> Rendition:
    archive.store(row.pk)
    row.refresh_from_db()
    return row


def list_too(settings: Any, wire: Wire) -> None:
    """What an admin sets, and restarts for."""
    settings.ARCHIVE_HOSTS = [*settings.ARCHIVE_HOSTS, entry(wire)]


# ── It waits ─────────────────────────────────────────────────────────────────
def test_a_film_on_a_host_that_is_not_listed_waits_and_nobody_goes_there(
    film: Rendition, cdn: Wire
) -> None:
    row = tried(film)
    assert (row.state, row.missing_host, row.attempts) == (State.WAITING, entry(cdn), 0)
    assert entry(cdn) in row.problem
    assert cdn.connections == 0


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_to_such_a_host_waits_as_well(
    provider: Wire, waiting: Waiting, cdn: Wire, status: int
) -> None:
    provider.redirect(f"{cdn.url}/film.mp4", status)
    row = tried(waiting())
    assert (row.state, row.missing_host) == (State.WAITING, entry(cdn))
    assert cdn.connections == 0


@pytest.mark.parametrize(
    "to",
    [
        "file:///etc/passwd",
        "http://127.0.0.1/film.mp4",
        "https://10.1.2.3/film.mp4",
        "https://user:pw@cdn.example/film.mp4",
        "http://[/film.mp4",
        "http://cdn.example:99999/film.mp4",
        "",
    ],
)
def test_a_redirect_to_what_nobody_may_list_ends_there(
    provider: Wire, waiting: Waiting, to: str
) -> None:
    provider.redirect(to)
    assert tried(waiting()).state == State.REJECTED
    assert not UnlistedHost.objects.exists()


def test_a_redirect_in_circles_is_left_for_later(provider: Wire, waiting: Waiting) -> None:
    provider.redirect(f"{provider.url}/film.mp4", always=True)
    row = tried(waiting())
    assert (row.state, row.missing_host) == (State.WAITING, "")
    assert len(provider.requests) == REDIRECTS_MAX + 1


@pytest.mark.parametrize(
    ("url", "lacks"),
    [
        ("https://cdn.veo.example/a.mp4", "cdn.veo.example"),
        ("https://cdn.veo.example:8443/a.mp4", "cdn.veo.example:8443"),
        ("http://cdn.veo.example/a.mp4", "cdn.veo.example:80"),
        ("https://xn--mnchen-3ya.example/a.mp4", "xn--mnchen-3ya.example"),
    ],
)
def test_what_is_asked_for_is_what_allows_it(url: str, lacks: str) -> None:
    with pytest.raises(Unlisted) as refusal:
        check(url, ["*.kie.ai"])
    assert refusal.value.entry == lacks
    assert check(url, ["*.kie.ai", lacks]).path == "/a.mp4"


# ── It is fetched by itself ──────────────────────────────────────────────────
def test_it_is_fetched_by_itself_as_soon_as_the_list_has_its_host(
    film: Rendition, cdn: Wire, settings: Any
) -> None:
    tried(film)
    purge_queue()
    follower.sweep()
    assert drain_queue() == 0
    list_too(settings, cdn)
    cdn.answer(body=films.film())
    follower.sweep()
    drain_queue()
    film.refresh_from_db()
    assert (film.state, film.missing_host, film.problem) == (State.STORED, "", "")


def test_so_is_what_a_redirect_leads_to(
    provider: Wire, waiting: Waiting, cdn: Wire, settings: Any
) -> None:
    row = waiting()
    provider.redirect(f"{cdn.url}/film.mp4", always=True)
    tried(row)
    purge_queue()
    list_too(settings, cdn)
    cdn.answer(body=films.film())
    follower.sweep()
    drain_queue()
    row.refresh_from_db()
    assert row.state == State.STORED


def test_a_worker_with_the_old_list_is_not_asked_again_and_again(
    film: Rendition, cdn: Wire, settings: Any
) -> None:
    old = settings.ARCHIVE_HOSTS

    def is_woken() -> bool:
        settings.ARCHIVE_HOSTS = old
        tried(film)
        list_too(settings, cdn)
        follower.sweep()
        return not Rendition.objects.without_host().exists()

    assert [is_woken(), is_woken(), is_woken()] == [True, False, False]
    UnlistedHost.objects.update(found_at=clock.after(-hosts.AGAIN_SECONDS - 1))
    assert is_woken()


def test_it_waits_for_as_long_as_the_provider_keeps_it_however_often_it_is_tried(
    film: Rendition,
) -> None:
    for _ in range(ATTEMPTS_MAX + 5):
        tried(film)
        pass_time(8 * 3600)
    assert archive.give_up(film.pk) is False
    assert film.state == State.WAITING
    Job.objects.update(finished_at=clock.after(-15 * 24 * 3600))
    row = tried(film)
    assert (row.state, row.missing_host) == (State.EXPIRED, "")
    assert "Not stored within 14 days" in row.problem


# ── An admin hears of it ─────────────────────────────────────────────────────
@pytest.fixture
def post(settings: Any, admin: User) -> None:
    """Mail is configured, and the admin has an address."""
    settings.HAS_MAIL = True
    User.objects.filter(pk=admin.pk).update(email="ada@studio.example")


def test_an_admin_is_told_once_of_a_host_with_the_line_that_allows_it(
    post: None, film: Rendition, cdn: Wire, caplog: pytest.LogCaptureFixture
) -> None:
    twin = Rendition.objects.get(pk=film.pk)
    twin.pk, twin.resolution, twin._state.adding = None, "4k", True
    Rendition.objects.bulk_create([twin])
    for row in (film, twin, film):
        tried(row)
    drain_queue()
    (message,) = mail.outbox
    assert message.to == ["ada@studio.example"]
    assert entry(cdn) in message.subject
    line = f"ARCHIVE_HOSTS={','.join(now.ARCHIVE_HOSTS)},{entry(cdn)}"
    assert line in message.body
    assert "Allow it only if you know it." in message.body
    assert [line in one.getMessage() for one in caplog.records if one.levelname == "ERROR"] == [
        True
    ]
    hosts.tell_again()
    drain_queue()
    assert len(mail.outbox) == 1


def test_what_could_not_be_sent_is_sent_at_night(film: Rendition, post: None) -> None:
    tried(film)
    purge_queue()
    hosts.tell_again()
    assert drain_queue() == 0
    UnlistedHost.objects.update(created_at=clock.after(-7200))
    hosts.tell_again()
    drain_queue()
    assert len(mail.outbox) == 1


def test_nothing_is_sent_of_a_host_that_nothing_waits_for_any_more(
    film: Rendition, post: None
) -> None:
    tried(film)
    Rendition.objects.update(missing_host="", state="expired", try_at=None)
    drain_queue()
    assert mail.outbox == []


def test_an_admin_finds_what_to_set_and_where_to_look(
    film: Rendition, cdn: Wire, admin_client: Client
) -> None:
    assert "Hosts to allow" not in text(admin_client.get("/team/requests/"))
    tried(film)
    page = text(admin_client.get("/team/requests/"))
    assert f"{entry(cdn)} keeps 1 finished file." in page
    assert f"ARCHIVE_HOSTS={','.join(now.ARCHIVE_HOSTS)},{entry(cdn)}" in page
    assert "See Hosts to allow, above." in page
    assert "Fetch again" not in page
    assert "1 to do: 1 host to allow" in text(admin_client.get("/team/"))


# ── The days are counted down ────────────────────────────────────────────────
@pytest.mark.parametrize(
    ("passed", "left"),
    [
        (timedelta(minutes=1), "13 days left"),
        (timedelta(days=11, hours=23), "2 days left"),
        (timedelta(days=12, hours=1), "1 day left"),
        (timedelta(days=13, hours=1), "22 hours left"),
        (timedelta(days=13, hours=22, minutes=59), "1 hour left"),
        (timedelta(days=13, hours=23, minutes=30), "less than an hour left"),
    ],
)
def test_the_days_that_are_left_are_counted_down_wherever_it_is_shown(
    film: Rendition, alice_client: Client, admin_client: Client, passed: timedelta, left: str
) -> None:
    tried(film)
    Job.objects.update(finished_at=clock.after(-passed.total_seconds()))
    for client, path in (
        (alice_client, "/"),
        (alice_client, f"/jobs/{film.job_id}/"),
        (admin_client, "/team/requests/"),
    ):
        assert left in text(client.get(path)), path


def test_a_card_at_rest_goes_on_counting(film: Rendition, alice_client: Client) -> None:
    tried(film)
    assert "13 days left" in text(alice_client.get("/"))
    Job.objects.update(finished_at=clock.after(-5 * 24 * 3600))
    assert "8 days left" in text(alice_client.get("/"))
