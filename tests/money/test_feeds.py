"""What a provider publishes as its prices stands beside ours, and becomes ours by a click alone."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.management import call_command
from django.db.models import F
from django.test import Client
from django.utils import timezone

from jobs import feeds, ledger, pricing
from jobs.archive.intake import source_films
from jobs.models import AuditEvent, FeedPrice, FeedReading, Job, Price, User
from jobs.providers import PROVIDERS
from tests.providers.test_price_feed import listed, row
from tests.support import factories, kie
from tests.support.answers import omni, seedance
from tests.support.fakes import Wire
from tests.support.media.image_orders import uploaded
from tests.support.running import follow
from tests.support.sending import sent
from tests.support.typed_forms import text

pytestmark = [pytest.mark.django_db, pytest.mark.data]

PAGE, LIST = "/team/prices/", "/client/v1/model-pricing/page"
FAST = "Google veo 3.1, text-to-video, Fast-720p"
NAMES = {
    "fast": (FAST, "per video"),
    "image": ("Google veo 3.1, image-to-video, Fast-720p", "per video"),
    "change": ("google/gemini-omni-flash-1-1, video, 720p with video input", "per video"),
    "second": ("bytedance/seedance-2, 480p no video input", "per second"),
    "other": ("kling 3.0", "per video"),
}


@pytest.fixture(autouse=True)
def _on(settings: Any) -> None:
    settings.PRICE_FEED = True


def publish(wire: Wire, **prices: str) -> None:
    """Have these be all that is published, and read it."""
    rows = [row(price, *NAMES[key]) for key, price in prices.items()]
    wire.answer(json=listed(*rows), path=LIST)
    read()


def read() -> None:
    FeedReading.objects.update(tried_at=None)
    for name in feeds.claim_due():
        feeds.read(name)


def differing() -> list[feeds.Line]:
    return [line for line in feeds.lines(PROVIDERS["kie"]) if line.differs]


def take(client: Client, row_id: int | None = None, reason: str = "They did") -> Any:
    found = differing()[0].row.pk if row_id is None else row_id
    return client.post(PAGE, {"published": found, "reason": reason}, follow=True)


@pytest.mark.django_db(transaction=True)
def test_it_is_read_once_a_day_by_whoever_follows(provider: Wire) -> None:
    provider.answer(json=listed(row("60", *NAMES["fast"])), path=LIST, always=True)
    for _ in range(2):
        call_command("follow", once=True)
    assert [seen.path for seen in provider.requests if seen.path == LIST] == [LIST]
    FeedReading.objects.update(tried_at=F("tried_at") - timedelta(hours=25))
    call_command("follow", once=True)
    assert len([seen for seen in provider.requests if seen.path == LIST]) == 2
    assert FeedPrice.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_a_setting_turns_it_off(provider: Wire, settings: Any, admin_client: Client) -> None:
    settings.PRICE_FEED = False
    call_command("follow", once=True)
    assert FeedReading.objects.count() == 0
    assert "Published by" not in text(admin_client.get(PAGE))


def test_what_was_read_before_it_was_turned_off_is_not_taken_over(
    provider: Wire, settings: Any, admin_client: Client
) -> None:
    publish(provider, fast="66", image="66")
    seen = differing()[0].row.pk
    settings.PRICE_FEED = False
    assert "Nothing to take over" in text(take(admin_client, seen))
    assert pricing.quote(factories.submission()) == 60


def test_what_is_ours_as_well_is_said_to_match(provider: Wire, admin_client: Client) -> None:
    publish(provider, fast="60.0", image="60", other="9")
    page = text(admin_client.get(PAGE))
    assert "2 of its 3 entries apply to what is offered here." in page
    assert "All of them match your prices." in page
    assert "Last read less than a minute ago" in page
    assert "kling" not in page


def test_a_change_is_kept_with_its_days_and_shown(provider: Wire, admin_client: Client) -> None:
    publish(provider, fast="60", image="60")
    FeedPrice.objects.update(first_seen=F("first_seen") - timedelta(days=3))
    publish(provider, fast="66", image="66")
    publish(provider, fast="66", image="66")
    rows = list(FeedPrice.objects.filter(name=FAST.lower()).order_by("first_seen"))
    assert [int(each.credits) for each in rows] == [60, 66]
    assert rows[1].last_seen > rows[1].first_seen > rows[0].last_seen
    (line,) = differing()
    assert (line.ours, line.theirs, int(line.before or 0)) == ((60,), (66,), 60)
    assert "before: 60" in text(admin_client.get(PAGE))
    assert pricing.quote(factories.submission()) == 60


def test_an_admin_takes_a_price_over_with_a_reason(
    provider: Wire, admin: User, admin_client: Client, alice: User
) -> None:
    publish(provider, fast="66", image="66")
    old = factories.job(alice)
    assert take(admin_client, reason="").status_code == 422
    assert "Saved for new videos" in text(take(admin_client))
    assert (old.quote, factories.job(alice).quote) == (60, 66)
    event = AuditEvent.objects.get(action="price changed")
    assert (event.before, event.after, event.reason, event.actor) == (
        *("60", "66", "They did"),
        admin,
    )
    assert differing() == []


@pytest.mark.parametrize(("told", "charged"), [(200, 200), (168, 168), (250, 250), (199.5, 200)])
def test_what_is_ordered_at_a_price_taken_over_is_charged_as_the_provider_charges(
    provider: Wire, admin_client: Client, alice: User, told: float, charged: int
) -> None:
    publish(provider, change="200")
    take(admin_client)
    job = changed(provider, alice, told)
    assert (job.quote, job.charged, ledger.audit()) == (200, charged, [])


def test_a_price_of_our_own_counts_relative_to_the_one_taken_over_before(
    provider: Wire, admin: User, admin_client: Client, alice: User
) -> None:
    publish(provider, change="200")
    take(admin_client)
    ours = Price.objects.get(published__isnull=False)
    pricing.change(ours, 20, begins=None, reason="Ours", actor=admin)
    assert changed(provider, alice, 400).charged == 40


def test_a_price_that_an_admin_set_by_what_is_charged_now_is_charged(
    provider: Wire, admin: User, alice: User
) -> None:
    price = Price.objects.get(model=omni.FLASH, mode="video", resolution="")
    pricing.change(price, 200, begins=None, reason="They charge it", actor=admin)
    assert changed(provider, alice, 200).charged == 200


def changed(wire: Wire, owner: User, told: float) -> Job:
    """A film that words changed, of which the provider says that it charged so much."""
    film = source_films.of_video(owner, factories.film(owner))
    path = Path(settings.MEDIA_ROOT) / film.kept_as
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"a film")
    wire.answer(json=uploaded("film"), path="upload")
    wire.answer(json=kie.accepted(), path="/api/v1/jobs/createTask")
    span = {"span_start": 0, "span_end": 5}
    fields = {"model": omni.FLASH, "mode": "video", "duration": 0, **span}
    job = sent(owner, image_ids=(str(film.pk),), **fields)
    record = omni.succeeded("https://files.example/a.mp4", creditsConsumed=told)
    wire.answer(json=record, path="/api/v1/jobs/recordInfo")
    follow()
    job.refresh_from_db()
    return job


def test_where_one_price_of_ours_stands_for_two_each_is_taken_for_itself(
    provider: Wire, admin_client: Client
) -> None:
    publish(provider, fast="60", image="80")
    (line,) = differing()
    assert (line.price.mode, line.theirs) == ("image", (80,))
    take(admin_client)
    assert pricing.quote(factories.submission()) == 60
    assert Price.objects.get(mode="image", resolution="720p").credits == 80


def test_a_price_by_the_second_prices_all_lengths(
    provider: Wire, admin_client: Client, alice: User
) -> None:
    publish(provider, second="11.5")
    assert "No price yet" in text(admin_client.get(PAGE))
    take(admin_client)
    assert factories.job(alice, **seedance.ORDER).quote == 58
    assert differing() == []
    publish(provider, second="12")
    assert differing()[0].ours[0] == 46


def test_what_has_changed_meanwhile_is_not_taken_over(provider: Wire, admin_client: Client) -> None:
    publish(provider, fast="66", image="66")
    seen = differing()[0].row.pk
    publish(provider, fast="70", image="70")
    assert "Nothing to take over" in text(take(admin_client, seen))
    assert pricing.quote(factories.submission()) == 60
    assert not AuditEvent.objects.filter(action="price changed").exists()


@pytest.mark.parametrize("reason", ["", "x" * 5000])
def test_a_mistake_about_what_is_shown_no_more_is_answered_too(
    provider: Wire, admin_client: Client, reason: str
) -> None:
    publish(provider, fast="66", image="66")
    seen = differing()[0].row.pk
    publish(provider, fast="70", image="70")
    assert "Nothing to take over" in text(take(admin_client, seen, reason))
    assert "Nothing to take over" in text(
        admin_client.post(PAGE, {"published": "soon", "reason": reason}, follow=True)
    )


def test_what_is_listed_no_longer_is_shown_no_longer(provider: Wire) -> None:
    publish(provider, fast="66", image="66")
    publish(provider, other="5")
    assert feeds.lines(PROVIDERS["kie"]) == []


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        ({"json": {"code": 4030, "data": None}}, "answered something that isn’t understood"),
        ({"body": b"<html>Sorry"}, "didn’t answer when its price list was last asked for"),
        ({"status": 503, "json": {}}, "didn’t answer when its price list was last asked for"),
    ],
    ids=["another region", "a page", "out of order"],
)
def test_a_reading_that_fails_changes_nothing_and_says_so(
    provider: Wire, admin_client: Client, answer: dict[str, Any], said: str
) -> None:
    publish(provider, fast="66", image="66")
    days_ago = timezone.now() - timedelta(days=3)
    FeedReading.objects.update(read_at=days_ago)
    FeedPrice.objects.update(first_seen=days_ago, last_seen=days_ago)
    provider.answer(path=LIST, **answer)
    read()
    page = text(admin_client.get(PAGE))
    assert said in page
    assert "Last read 3\xa0days ago" in page or "Last read 3 days ago" in page
    assert len(differing()) == 1


def test_before_the_first_reading_the_page_says_so(admin_client: Client) -> None:
    assert "It hasn’t been read yet." in text(admin_client.get(PAGE))


def test_what_practice_publishes_is_not_shown_of_the_real_one(
    provider: Wire, settings: Any
) -> None:
    settings.PRACTICE = True
    publish(provider, fast="66", image="66")
    assert differing()
    settings.PRACTICE = False
    assert feeds.lines(PROVIDERS["kie"]) == []
