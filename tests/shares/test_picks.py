"""The larger copy that a client's pick has made: held, started once, freed when nobody picks."""

from __future__ import annotations

import logging
from datetime import timedelta
from functools import partial
from typing import Any
from uuid import uuid4

import pytest
import time_machine
from django.utils import timezone

from jobs import credentials, follower, ledger, lifecycle, people, shares
from jobs.models import AuditEvent, Credential, Job, Project, Rendition, ReviewNote, ShareLink, User
from jobs.providers import PROVIDERS
from tests.support import factories
from tests.support.racing import together

pytestmark = [pytest.mark.django_db, pytest.mark.data]

COST = 120


@pytest.fixture
def films(alice: User) -> list[Rendition]:
    return [factories.film(alice, prompt=f"Cut {number}") for number in (1, 2)]


@pytest.fixture
def link(alice: User, films: list[Rendition]) -> ShareLink:
    """Two takes, of which the picked one is made in 4K."""
    return offer(alice, films)


def offer(owner: User, films: list[Rendition], **terms: Any) -> ShareLink:
    return shares.create(films, shares.Terms(upgrades_pick=True, **terms), owner)[0]


def order_on(link: ShareLink) -> Job:
    link.refresh_from_db()
    assert link.upgrade
    return link.upgrade


def pick(link: ShareLink, place: int, name: str = "Ana") -> ReviewNote:
    take = shares.takes_of(link)[place - 1]
    return shares.say(link, take.shared, "pick", name=name, visitor=name)


def pick_or_revoke(link: ShareLink, which: int) -> object:
    return shares.revoke(link, link.owner) if which else pick(link, 1)


def pick_on(links: list[ShareLink], which: int) -> ReviewNote:
    return pick(links[which], 2)


def pass_on_or_revoke(link: ShareLink, by: User, which: int) -> bool | None:
    if which:
        return shares.revoke(link, by)
    people.finish_leaving()
    return None


def held(user: User) -> int:
    return ledger.standing_of(user).held


def expire(link: ShareLink) -> None:
    past = timezone.now() - timedelta(seconds=1)
    ShareLink.objects.filter(pk=link.pk).update(expires_at=past)


# ── Holding ──────────────────────────────────────────────────────────────────
def test_its_price_is_held_when_the_link_is_made_and_nothing_is_sent(
    alice: User, link: ShareLink
) -> None:
    assert (order_on(link).status, held(alice)) == ("awaiting_pick", COST)
    assert not Job.objects.forgotten().exists()
    assert ledger.audit() == []


def test_without_the_credits_there_is_no_link(films: list[Rendition], alice: User) -> None:
    ledger.grant(alice, 119 - ledger.standing_of(alice).available, reason="Spent", actor=None)
    with pytest.raises(shares.NotShareable, match="needs 120 credits, but you have 119") as error:
        offer(alice, films)
    assert error.value.field == "upgrades_pick"
    assert (ShareLink.objects.count(), held(alice)) == (0, 0)


def test_what_cannot_be_made_larger_is_not_held_for(alice: User) -> None:
    film = factories.film(alice, provider="veo4", model="veo-4")
    with pytest.raises(shares.NotShareable, match="can’t upgrade videos"):
        offer(alice, [film])
    assert not ShareLink.objects.exists()


def test_who_picks_must_be_able_to(films: list[Rendition], alice: User) -> None:
    with pytest.raises(shares.NotShareable, match="needs viewers to be allowed to pick"):
        offer(alice, films, takes_notes=False)


def test_a_frame_on_a_site_for_all_and_a_pick_that_pays_exclude_each_other(
    films: list[Rendition], alice: User
) -> None:
    site = "https://client.example"
    with pytest.raises(shares.NotShareable, match="can’t be embedded"):
        offer(alice, films, embed_sites=site)
    link = offer(alice, films)
    with pytest.raises(shares.NotShareable, match="can’t be embedded") as error:
        shares.change(link, shares.Terms(embed_sites=site, upgrades_pick=None), alice)
    assert error.value.field == "embed_sites"
    link.refresh_from_db()
    assert (link.embed_sites, held(alice)) == ("", COST)


def test_the_same_form_makes_one_link_and_holds_once(films: list[Rendition], alice: User) -> None:
    link = offer(alice, films)
    terms = shares.Terms(upgrades_pick=True)
    with pytest.raises(shares.MadeBefore) as again:
        shares.create(films, terms, alice, key=link.submission_key)
    assert (again.value.link, held(alice)) == (link, COST)


@pytest.mark.django_db(transaction=True)
def test_ten_clicks_at_once_make_one_link_and_hold_once(alice: User) -> None:
    films = [factories.film(alice)]
    first = offer(alice, films, title="Another")
    key = uuid4()
    terms = shares.Terms(upgrades_pick=True)
    together(10, lambda _: shares.create(films, terms, alice, key=key))
    assert ShareLink.objects.exclude(pk=first.pk).count() == 1
    assert held(alice) == 2 * COST


def test_only_who_pays_can_have_credits_held(
    films: list[Rendition], alice: User, admin: User
) -> None:
    link, _ = shares.create(films, shares.Terms(), alice)
    with pytest.raises(shares.NotShareable, match="Only alice can"):
        shares.change(link, shares.Terms(upgrades_pick=True), admin)
    assert shares.change(link, shares.Terms(upgrades_pick=True), alice) == ["picked video in 4K"]
    assert shares.change(link, shares.Terms(upgrades_pick=None), admin) == []
    assert held(alice) == COST


def test_saying_it_twice_holds_once(link: ShareLink, alice: User) -> None:
    assert shares.change(link, shares.Terms(upgrades_pick=True), alice) == []
    assert held(alice) == COST


# ── Picking ──────────────────────────────────────────────────────────────────
def test_the_picked_take_is_made_within_what_was_held(
    link: ShareLink, alice: User, films: list[Rendition]
) -> None:
    pick(link, 2)
    order = order_on(link)
    assert (order.status, order.source, order.prompt) == ("queued", films[1].job, "Cut 2")
    assert held(alice) == COST
    factories.finish(order)
    assert (order.charged, held(alice)) == (COST, 0)
    assert shares.picked_place(link, shares.takes_of(link)) == 2
    assert ledger.audit() == []


def test_the_first_pick_counts(link: ShareLink, alice: User) -> None:
    pick(link, 2)
    pick(link, 1, "Bo")
    assert order_on(link).prompt == "Cut 2"
    assert Job.objects.filter(kind="upgrade_4k").count() == 1
    # Nobody is overwritten: both have said what they want.
    assert [each.note.name for each in shares.opinions(link)] == ["Ana", "Bo"]


@pytest.mark.django_db(transaction=True)
def test_of_many_picks_at_once_one_starts_one_order(alice: User) -> None:
    films = [factories.film(alice, prompt=f"Cut {number}") for number in (1, 2)]
    link = offer(alice, films)
    said = together(8, lambda number: pick(link, number % 2 + 1, f"Visitor {number}"))
    assert all(isinstance(each, ReviewNote) for each in said)
    (order,) = Job.objects.filter(kind="upgrade_4k")
    assert order.events.filter(after="queued").count() == 1
    assert held(alice) == COST
    assert ledger.audit() == []


@pytest.mark.django_db(transaction=True)
def test_a_pick_and_the_end_of_the_link_never_both_win(alice: User) -> None:
    for number in range(6):
        link = offer(alice, [factories.film(alice, prompt=f"Cut {number}")])
        together(2, partial(pick_or_revoke, link))
        order = order_on(link)
        assert order.status in ("queued", "canceled")
        assert order.charged == (0 if order.status == "canceled" else None)
    assert held(alice) == COST * Job.objects.filter(kind="upgrade_4k", status="queued").count()
    assert ledger.audit() == []


@pytest.mark.django_db(transaction=True)
def test_clients_of_two_links_to_the_same_takes_pick_crosswise_without_waiting_for_each_other(
    alice: User,
) -> None:
    ledger.grant(alice, 3000, reason="Many links", actor=None)
    for number in range(8):
        films = [factories.film(alice, prompt=f"Cut {number}.{part}") for part in (1, 2)]
        links = [offer(alice, films), offer(alice, films[::-1])]
        said = together(2, partial(pick_on, links))
        assert [type(each) for each in said] == [ReviewNote, ReviewNote]
        sources = {order_on(link).source_id for link in links}
        assert sources == {film.job_id for film in films}


def test_other_words_start_nothing(link: ShareLink) -> None:
    take = shares.takes_of(link)[0]
    shares.say(link, take.shared, "approve", name="Ana", visitor="a")
    assert order_on(link).status == "awaiting_pick"


def test_without_room_on_the_disk_nothing_is_ordered_and_the_next_pick_may(
    link: ShareLink, settings: Any
) -> None:
    settings.MEDIA_FREE_BYTES_MIN = 10**18
    pick(link, 1)
    link.refresh_from_db()
    assert link.awaits_pick
    assert "almost out of disk space" in shares.last_remark(link)
    settings.MEDIA_FREE_BYTES_MIN = 0
    pick(link, 1)
    assert order_on(link).status == "queued"


def test_a_take_that_is_there_in_4k_starts_nothing_and_leaves_it_to_the_next_pick(
    link: ShareLink, films: list[Rendition]
) -> None:
    factories.finish(factories.upgrade(films[0].job))
    pick(link, 1)
    link.refresh_from_db()
    assert link.awaits_pick
    assert shares.last_remark(link) == (
        "Ana picked a video, but it couldn’t be upgraded. It is already made or being made."
    )
    pick(link, 2)
    assert order_on(link).source == films[1].job


def test_waiting_for_a_pick_forbids_nothing(link: ShareLink, films: list[Rendition]) -> None:
    """The order stands for the first take, which can still be extended, and enlarged by hand."""
    first = films[0].job
    assert lifecycle.ordered_of(first) == []
    assert factories.upgrade(first).status == "queued"
    assert factories.upgrade(first, "upgrade_1080p").status == "queued"


def test_its_project_pays_whichever_is_picked(alice: User) -> None:
    project = Project.objects.create(name="Autumn")
    films = [factories.film(alice, project_id=project.pk), factories.film(alice)]
    link = offer(alice, films)
    pick(link, 2)
    factories.finish(order_on(link))
    assert ledger.standing_of_project(project).spent == 60 + COST
    assert ledger.audit() == []


def test_what_is_held_stays_in_its_month(link: ShareLink) -> None:
    day = order_on(link).booked_on
    with time_machine.travel(timezone.now() + timedelta(days=12)):
        pick(link, 1)
        factories.finish(order_on(link))
    assert set(order_on(link).entries.values_list("booked_on", flat=True)) == {day}


# ── Freeing ──────────────────────────────────────────────────────────────────
def test_when_the_link_expires_it_is_free_again(link: ShareLink, alice: User) -> None:
    expire(link)
    follower.sweep()
    order = order_on(link)
    assert (order.status, order.error, held(alice)) == (
        *("canceled", "Nobody picked a video in time"),
        0,
    )
    assert ledger.audit() == []


def test_it_ends_when_the_provider_lets_go_of_the_videos_even_if_the_link_never_does(
    alice: User, films: list[Rendition]
) -> None:
    link = offer(alice, films)
    last = max(film.job.sent_at for film in films if film.job.sent_at)
    assert link.expires_at is None
    link.refresh_from_db()
    assert link.upgrade_until == last + PROVIDERS["kie"].retention
    shares.lapse()
    assert held(alice) == COST
    past = timezone.now() - timedelta(seconds=1)
    ShareLink.objects.filter(pk=link.pk).update(upgrade_until=past)
    shares.lapse()
    assert held(alice) == 0


def test_an_expiry_set_earlier_frees_it_earlier(link: ShareLink, alice: User) -> None:
    soon = timezone.now() + timedelta(hours=1)
    shares.change(link, shares.Terms(expires_at=soon, upgrades_pick=None), alice)
    link.refresh_from_db()
    assert link.upgrade_until == soon


def test_what_joins_a_collection_later_does_not_prolong_it(alice: User) -> None:
    """A month with a hold cannot be closed: each new film would put that off."""
    project = Project.objects.create(name="Autumn")
    film = factories.film(alice, project_id=project.pk)
    terms = shares.Terms(upgrades_pick=True)
    link, _ = shares.create([], terms, alice, project)
    last = order_on(link).created_at + PROVIDERS["kie"].retention
    factories.age(film.job, days=10)
    with time_machine.travel(timezone.now() + timedelta(days=10)):
        newer = factories.film(alice, project_id=project.pk)
        Job.objects.filter(pk=newer.job_id).update(sent_at=timezone.now())
        shares.collect()
        shares.change(link, shares.Terms(title="Autumn", upgrades_pick=None), alice)
    link.refresh_from_db()
    assert link.takes.count() == 2
    assert link.upgrade_until
    assert link.upgrade_until <= last


def test_a_pick_from_an_address_that_was_replaced_meanwhile_starts_nothing(
    link: ShareLink, alice: User
) -> None:
    found = ShareLink.objects.get(pk=link.pk)
    shares.regenerate(link, alice)
    with pytest.raises(shares.NoteRefused):
        pick(found, 1)
    assert order_on(link).status == "awaiting_pick"


def test_revoking_frees_it_at_once(link: ShareLink, alice: User) -> None:
    shares.revoke(link, alice)
    assert (order_on(link).status, held(alice)) == ("canceled", 0)


@pytest.mark.parametrize(
    "terms",
    [shares.Terms(upgrades_pick=False), shares.Terms(upgrades_pick=None, takes_notes=False)],
    ids=["not-wanted", "no-comments"],
)
def test_so_does_asking_for_no_pick_any_more(
    link: ShareLink, alice: User, terms: shares.Terms
) -> None:
    shares.change(link, terms, alice)
    assert (order_on(link).status, held(alice)) == ("canceled", 0)


def test_it_is_called_off_like_any_job_that_was_not_sent(link: ShareLink, alice: User) -> None:
    assert lifecycle.cancel(order_on(link), alice)
    assert (order_on(link).charged, held(alice)) == (0, 0)
    pick(link, 1)
    assert order_on(link).status == "canceled"


def test_when_the_key_of_its_videos_is_removed_it_is_free_again(
    link: ShareLink, alice: User
) -> None:
    credentials.remove(Credential.objects.get(owner=alice, provider="kie"), actor=alice)
    follower.sweep()
    assert (order_on(link).status, held(alice)) == ("canceled", 0)


def test_it_can_be_held_anew(link: ShareLink, alice: User) -> None:
    lifecycle.cancel(order_on(link), alice)
    shares.change(link, shares.Terms(upgrades_pick=True), alice)
    pick(link, 2)
    assert (order_on(link).status, held(alice)) == ("queued", COST)


def test_of_a_deactivated_person_it_is_freed(link: ShareLink, alice: User, admin: User) -> None:
    people.deactivate(alice, admin, reason="On leave")
    follower.sweep()
    assert (order_on(link).status, held(alice)) == ("canceled", 0)


@pytest.mark.parametrize("sends_queued", [True, False])
def test_of_who_leaves_too_though_the_link_goes_on(
    link: ShareLink, alice: User, bob: User, admin: User, sends_queued: bool
) -> None:
    people.leave(alice, bob, admin, reason="New job", sends_queued=sends_queued)
    order = order_on(link)
    assert (order.status, held(alice), link.owner) == ("canceled", 0, bob)
    assert ledger.audit() == []


@pytest.mark.django_db(transaction=True)
def test_who_ends_a_leavers_link_does_not_wait_in_a_circle_with_its_passing_on(
    alice: User, bob: User, admin: User, caplog: pytest.LogCaptureFixture
) -> None:
    """A hold that was under way while they left is called off when their links pass on."""
    # Their key stays for it.
    factories.run(factories.job(alice))
    for number in range(6):
        User.objects.filter(pk=alice.pk).update(is_active=True, left_at=None, heir=None)
        ledger.grant(alice, 300, reason="Back again", actor=None)
        link = offer(alice, [factories.film(alice, prompt=f"Cut {number}")])
        User.objects.filter(pk=alice.pk).update(is_active=False, left_at=timezone.now(), heir=bob)
        done = together(2, partial(pass_on_or_revoke, link, admin))
        assert done == [None, True]
        assert order_on(link).status == "canceled"
    assert [each for each in caplog.records if each.levelno >= logging.WARNING] == []
    assert ledger.audit() == []


def test_what_is_held_and_freed_is_in_the_audit(link: ShareLink, alice: User) -> None:
    shares.change(link, shares.Terms(), alice)
    told = AuditEvent.objects.filter(subject__startswith=f"link {link.pk}").order_by("pk")
    assert [(each.before, each.after) for each in told[1:]] == [
        ("", "the picked video is made in 4K, 120 credits reserved"),
        ("the picked video is made in 4K", "no credits reserved for the pick"),
    ]
