"""The sizes of a take on its card: what there is, what is under way, what can be asked for."""

from __future__ import annotations

import pytest
from django.test import Client

from jobs.models import Job, Price, Rendition, User
from tests.support import factories
from tests.support.markup import flat
from tests.support.pages.rails import growth, rung, states
from tests.support.typed_forms import text

pytestmark = pytest.mark.django_db


# ── The rail ───────────────────────────────────────────────────────────────────
def test_a_fresh_take_offers_what_it_could_become(take: Job, alice: User) -> None:
    assert states(take, alice) == [("720p", "have"), ("1080p", "ask"), ("4k", "ask")]
    assert rung(take, alice, "1080p").credits == 5
    assert rung(take, alice, "4k").credits == 120


def test_each_size_is_a_button_with_its_price(take: Job, alice_client: Client) -> None:
    page = alice_client.get("/").content.decode()
    assert 'Upgrade to 1080p <span class="n">5 cr</span>' in page
    assert 'Upgrade to 4K <span class="n">120 cr</span>' in page


def test_a_size_under_way_is_busy_and_leads_to_its_job(
    take: Job, alice: User, alice_client: Client
) -> None:
    larger = factories.run(factories.upgrade(take))
    assert rung(take, alice, "4k").state == "busy"
    assert f'href="/jobs/{larger.pk}/"' in alice_client.get("/").content.decode()


def test_a_size_that_is_here_can_be_downloaded(
    take: Job, alice: User, alice_client: Client
) -> None:
    larger = factories.finish(factories.upgrade(take))
    assert rung(take, alice, "4k").state == "have"
    page = alice_client.get("/").content.decode()
    file = larger.renditions.get()
    assert f"/renditions/{file.pk}.mp4?download=1" in page


def test_a_size_that_is_done_but_not_stored_yet_is_busy(take: Job, alice: User) -> None:
    factories.finish(factories.upgrade(take), stored=False)
    size = rung(take, alice, "4k")
    assert (size.state, size.text) == ("busy", "being stored")


def test_a_size_that_failed_says_why_and_can_be_asked_for_again(take: Job, alice: User) -> None:
    larger = factories.run(factories.upgrade(take))
    Job.objects.filter(pk=larger.pk).update(status="failed", error="The model could not.")
    failed = rung(take, alice, "4k")
    assert (failed.state, failed.text, failed.can_ask) == ("failed", "The model could not.", True)


def test_a_size_whose_file_was_refused_has_failed(take: Job, alice: User) -> None:
    larger = factories.finish(factories.upgrade(take), stored=False)
    Rendition.objects.filter(job=larger).update(state="rejected", problem="It is a web page.")
    size = rung(take, alice, "4k")
    assert (size.state, size.text) == ("failed", "It is a web page.")


def test_a_canceled_order_is_as_if_it_had_not_been(take: Job, alice: User) -> None:
    before = rung(take, alice, "4k").key
    larger = factories.upgrade(take)
    Job.objects.filter(pk=larger.pk).update(status="canceled")
    after = rung(take, alice, "4k")
    assert after.state == "ask"
    assert after.key != before


def test_what_the_provider_cannot_do_is_struck_through_with_the_reason(
    alice: User, alice_client: Client
) -> None:
    take = factories.finish(factories.job(alice), fallback=True)
    assert states(take, alice)[1:] == [("1080p", "no"), ("4k", "no")]
    assert "fallback model" in rung(take, alice, "4k").text
    page = text(alice_client.get("/"))
    assert f"4K {rung(take, alice, '4k').text}" in page


def test_work_without_a_price_is_not_offered(take: Job, alice: User) -> None:
    Price.objects.filter(kind="upgrade_4k").delete()
    assert rung(take, alice, "4k").state == "no"
    assert "no price" in rung(take, alice, "4k").text


def test_others_see_what_there_is_and_nothing_to_ask_for(take: Job, admin: User) -> None:
    assert states(take, admin) == [("720p", "have")]
    assert not growth(take, admin).can_extend


def test_a_take_made_large_has_no_smaller_rungs(alice: User) -> None:
    take = factories.succeeded(alice, resolution="1080p")
    assert states(take, alice) == [("1080p", "have"), ("4k", "ask")]


# ── Cards that are kept ────────────────────────────────────────────────────────
def test_a_kept_card_is_rendered_anew_when_something_is_made_of_it(
    take: Job, alice: User, alice_client: Client
) -> None:
    alice_client.get("/")
    larger = factories.upgrade(take)
    assert 'class="busy"' in alice_client.get("/").content.decode()
    factories.finish(larger)
    assert 'class="busy"' not in alice_client.get("/").content.decode()


def test_a_kept_card_is_rendered_anew_when_a_price_changes(take: Job, alice_client: Client) -> None:
    alice_client.get("/")
    Price.objects.filter(kind="upgrade_4k").update(credits=99)
    assert "Upgrade to 4K 99 cr" in text(alice_client.get("/"))


def test_a_kept_card_is_rendered_anew_as_its_days_run_out(take: Job, alice_client: Client) -> None:
    factories.age(take, days=5, hours=1)
    assert "8 days left" in text(alice_client.get("/"))
    Job.objects.update(sent_at=take.sent_at.replace(year=2020))  # type: ignore[union-attr]
    assert "no longer keeps it. Your copy is safe" in text(alice_client.get("/"))


def test_a_card_kept_for_its_owner_offers_nothing_to_an_admin(
    take: Job, alice_client: Client, admin_client: Client
) -> None:
    assert "/upgrade/" in alice_client.get("/").content.decode()
    assert "/upgrade/" not in admin_client.get("/").content.decode()


# ── The 14 days ────────────────────────────────────────────────────────────────
def test_the_page_says_until_when_it_can_be_built_on(take: Job, alice_client: Client) -> None:
    page = text(alice_client.get(f"/jobs/{take.pk}/"))
    assert "Can be extended or upgraded until" in page
    assert "13 days left." in page


def test_it_says_no_more_than_is_true(take: Job, alice_client: Client) -> None:
    factories.finish(factories.upgrade(take, "upgrade_1080p"))
    assert "Can be upgraded until" in text(alice_client.get(f"/jobs/{take.pk}/"))
    factories.finish(factories.upgrade(take, "upgrade_4k"))
    assert "until" not in text(alice_client.get(f"/jobs/{take.pk}/"))


@pytest.mark.parametrize(
    ("days", "words", "is_soon"),
    [
        (1, "13 days left", False),
        (10.9, "3 days left", False),
        (11.1, "2 days left", True),
        (12.5, "1 day left", True),
        (13.5, "12 hours left", True),
        (13.99, "less than an hour left", True),
        (15, "", False),
    ],
)
def test_time_is_told_in_the_steps_people_count_in(
    take: Job, alice: User, days: float, words: str, is_soon: bool
) -> None:
    factories.age(take, days=days - 0.001)
    assert (growth(take, alice).left, growth(take, alice).is_soon) == (words, is_soon)


def test_a_card_warns_when_little_time_is_left(take: Job, alice_client: Client) -> None:
    factories.age(take, days=12.5)
    assert 'class="chip" title="Can be extended or upgraded until' in flat(
        alice_client.get("/").content.decode()
    )


def test_what_the_provider_let_go_of_stays_with_us(take: Job, alice_client: Client) -> None:
    factories.age(take, days=15)
    page = text(alice_client.get(f"/jobs/{take.pk}/"))
    assert "kie.ai no longer keeps it. Your copy is safe." in page
    assert "Upgrade to" not in page
