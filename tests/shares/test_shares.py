"""Public links: how they are made, changed, found and ended. Case 93 of docs/faults.md."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest
from django.apps import apps
from django.utils import timezone

from jobs import people, shares
from jobs.limits import Limit, TooMany
from jobs.models import AuditEvent, Project, Rendition, ShareLink, User
from jobs.shares import collections
from tests.support import factories
from tests.support.limited import allow, later
from tests.support.racing import together

pytestmark = [pytest.mark.django_db, pytest.mark.data]

HERE = "203.0.113.9"


def share(owner: User, *files: Rendition, **terms: Any) -> tuple[ShareLink, str]:
    return shares.create(files or (factories.film(owner),), shares.Terms(**terms), owner)


def is_open(token: str) -> bool:
    try:
        shares.find(token)
    except shares.NoSuchLink:
        return False
    return True


# ── The address ──────────────────────────────────────────────────────────────
def test_a_token_has_256_bits_and_no_row_holds_it_but_sealed(alice: User) -> None:
    link, token = share(alice)
    assert len(token) == 43
    assert shares.find(token) == link
    rows = [list(model._default_manager.values()) for model in apps.get_models()]
    dump = json.dumps(rows, default=str)
    assert token not in dump
    # What the database does hold opens nothing.
    assert not is_open(link.token_hash)


@pytest.mark.parametrize("token", ["", "x" * 43, "x"])
def test_a_guess_finds_nothing(alice: User, token: str) -> None:
    share(alice)
    assert not is_open(token)


def test_a_link_ends_when_it_expires(alice: User) -> None:
    expires = timezone.now() + timedelta(days=30)
    link, token = share(alice, expires_at=expires)
    assert is_open(token)
    ShareLink.objects.filter(pk=link.pk).update(expires_at=timezone.now() - timedelta(seconds=1))
    assert not is_open(token)


def test_a_revoked_link_leads_nowhere_and_is_not_revoked_twice(alice: User) -> None:
    link, token = share(alice)
    assert shares.revoke(link, alice)
    assert not is_open(token)
    assert not shares.revoke(link, alice)
    with pytest.raises(shares.NotShareable):
        shares.regenerate(link, alice)
    with pytest.raises(shares.NotShareable):
        shares.change(link, shares.Terms(title="Later"), alice)


def test_a_new_address_kills_the_old_one(alice: User) -> None:
    link, old = share(alice, title="Cut 3")
    new = shares.regenerate(link, alice)
    assert not is_open(old)
    assert shares.find(new).title == "Cut 3"


def test_of_a_deactivated_person_links_rest_until_they_are_back(alice: User, admin: User) -> None:
    _, token = share(alice)
    people.deactivate(alice, admin, reason="On leave")
    assert not is_open(token)
    people.reactivate(alice, admin, reason="Back")
    assert is_open(token)


def test_the_links_of_who_leaves_go_on_under_their_heir(
    alice: User, bob: User, admin: User
) -> None:
    link, token = share(alice)
    people.leave(alice, bob, admin, reason="New job", sends_queued=False)
    assert shares.find(token).owner == bob
    link.refresh_from_db()
    assert link.made_by == alice


def test_who_has_just_left_makes_no_link(alice: User, bob: User, admin: User) -> None:
    file = factories.film(alice)
    people.leave(alice, bob, admin, reason="New job", sends_queued=False)
    with pytest.raises(shares.NotShareable):
        share(alice, file)


def test_an_expiry_set_meanwhile_is_not_undone_by_leaving_it_as_it_is(alice: User) -> None:
    link, _ = share(alice)
    soon = timezone.now() + timedelta(days=7)
    shares.change(link, shares.Terms(expires_at=soon), alice)
    shares.change(link, shares.Terms(title="Cut 3", keeps_expiry=True), alice)
    link.refresh_from_db()
    assert (link.title, link.expires_at) == ("Cut 3", soon)


# ── What is on it ────────────────────────────────────────────────────────────
def test_takes_stand_in_the_order_they_were_chosen_in(alice: User) -> None:
    files = [factories.film(alice), factories.film(alice), factories.film(alice)]
    link, _ = share(alice, files[2], files[0], files[1])
    assert [take.file for take in shares.takes_of(link)] == [files[2], files[0], files[1]]


def test_a_link_needs_a_video_and_holds_a_bounded_number(alice: User) -> None:
    with pytest.raises(shares.NotShareable):
        shares.create([], shares.Terms(), alice)
    file = factories.film(alice)
    with pytest.raises(shares.NotShareable):
        shares.create([file] * (shares.TAKES_MAX + 1), shares.Terms(), alice)
    assert not ShareLink.objects.exists()


def test_a_file_that_we_have_lost_is_not_on_the_page(alice: User) -> None:
    kept, lost = factories.film(alice), factories.film(alice)
    link, _ = share(alice, lost, kept)
    Rendition.objects.filter(pk=lost.pk).update(state="expired")
    assert [take.file for take in shares.takes_of(link)] == [kept]
    assert shares.take_of(link, lost.pk) is None


@pytest.mark.parametrize(
    ("download", "size"), [("", None), ("720p", "720p"), ("1080p", "720p"), ("4k", "4k")]
)
def test_the_largest_file_within_the_limit_may_be_downloaded(
    alice: User, download: str, size: str | None
) -> None:
    take = factories.succeeded(alice)
    factories.finish(factories.upgrade(take))
    link, _ = share(alice, take.renditions.get(), download=download)
    whole = shares.takes_of(link)[0].whole
    assert (whole.resolution if whole else None) == size


@pytest.mark.parametrize(
    ("shared", "download", "shown", "small"),
    [
        ("720p", "", "720p", None),
        ("720p", "720p", "720p", None),
        ("720p", "1080p", "1080p", "720p"),
        ("720p", "4k", "4k", "720p"),
        ("1080p", "", "1080p", "720p"),
        ("4k", "", "4k", "720p"),
        ("4k", "1080p", "1080p", "720p"),
        ("4k", "720p", "720p", None),
    ],
)
def test_a_link_plays_the_largest_file_that_it_hands_out(
    alice: User, shared: str, download: str, shown: str, small: str | None
) -> None:
    take = factories.succeeded(alice)
    files = {"720p": take.renditions.get()}
    for kind, size in (("upgrade_1080p", "1080p"), ("upgrade_4k", "4k")):
        files[size] = factories.finish(factories.upgrade(take, kind)).renditions.get()
    link, _ = share(alice, files[shared], download=download)
    (found,) = shares.takes_of(link)
    assert found.shown.resolution == shown
    assert (found.small.resolution if found.small else None) == small
    played = {each: shares.film_of(link, file.pk) for each, file in files.items()}
    reached = {film.resolution for _, film in filter(None, played.values())}
    assert reached == {shown, small or shown}


def test_nobody_gets_the_bare_film_past_its_watermark(alice: User) -> None:
    take = factories.succeeded(alice)
    factories.finish(factories.upgrade(take))
    link, _ = share(alice, take.renditions.get(), download="4k", watermark="For review")
    (shown,) = shares.takes_of(link)
    assert not shown.is_ready
    assert (shown.whole, shown.shown, shown.small) == (shown.file, shown.file, None)
    assert shown.video.startswith(f"shares/{shown.shared.pk}-")
    assert shares.film_of(link, Rendition.objects.get(resolution="4k").pk) is None


def test_only_what_one_may_see_can_be_shared(alice: User, bob: User, admin: User) -> None:
    file = factories.film(alice)
    assert list(shares.shareable(alice)) == [file]
    assert not shares.shareable(bob).exists()
    assert list(shares.shareable(admin)) == [file]


# ── The password ─────────────────────────────────────────────────────────────
def test_a_password_is_kept_as_a_hash_and_opens_the_link(alice: User) -> None:
    link, _ = share(alice, password="open sesame")
    assert "sesame" not in link.password
    assert not shares.is_pass(link, "")
    assert not shares.unlock(link, "open", HERE)
    assert shares.unlock(link, "open sesame", HERE)
    assert shares.is_pass(link, shares.pass_for(link))


def test_ten_wrong_guesses_from_one_address_close_the_door_to_it_and_to_nobody_else(
    alice: User,
) -> None:
    link, _ = share(alice, password="right")
    for _ in range(10):
        assert not shares.unlock(link, "wrong", HERE)
    with pytest.raises(TooMany):
        shares.unlock(link, "right", HERE)
    assert shares.unlock(link, "right", "198.51.100.7")
    later(6 * 60)
    assert shares.unlock(link, "right", HERE)


def test_guesses_from_very_many_addresses_end_too(alice: User, settings: Any) -> None:
    allow(settings, Limit.LINK_PASSWORDS_OF_ALL, "6/1h")
    link, _ = share(alice, password="right")
    other, _ = share(alice, password="right")
    for number in range(6):
        assert not shares.unlock(link, "wrong", f"198.51.100.{number}")
    with pytest.raises(TooMany):
        shares.unlock(link, "right", "198.51.100.99")
    assert shares.unlock(other, "right", "198.51.100.99")


def test_who_knows_the_password_never_uses_up_the_tries(alice: User) -> None:
    link, _ = share(alice, password="right")
    for _ in range(12):
        assert shares.unlock(link, "right", HERE)


def test_another_password_or_address_makes_old_passes_worthless(alice: User) -> None:
    link, _ = share(alice, password="first")
    old = shares.pass_for(link)
    shares.change(link, shares.Terms(password="second"), alice)
    link.refresh_from_db()
    assert not shares.is_pass(link, old)
    newer = shares.pass_for(link)
    shares.regenerate(link, alice)
    link.refresh_from_db()
    assert not shares.is_pass(link, newer)


@pytest.mark.django_db(transaction=True)
def test_guesses_at_once_are_counted_too(alice: User) -> None:
    link, _ = share(alice, password="right")
    said = together(14, lambda _: shares.unlock(link, "wrong", HERE))
    assert said.count(False) == 10
    assert sum(isinstance(each, TooMany) for each in said) == 4


# ── What is told of it ───────────────────────────────────────────────────────
def test_every_change_is_in_the_audit_and_no_secret_is(alice: User) -> None:
    link, token = share(alice, title="Cut 3", password="sesame")
    changed = shares.change(link, shares.Terms(title="Cut 4", password=""), alice)
    assert changed == ["title", "password"]
    shares.regenerate(link, alice)
    shares.revoke(link, alice)
    events = AuditEvent.objects.filter(actor=alice, subject__contains=f"link {link.pk}")
    told = [(each.action, each.before, each.after) for each in events.order_by("pk")]
    assert told == [
        ("link created", "", "1 video, never expires"),
        ("link changed", "title: Cut 3", "title: Cut 4"),
        ("link changed", "", "password removed"),
        ("link regenerated", "", ""),
        ("link revoked", "", ""),
    ]
    assert token not in str(told)
    assert "sesame" not in str(told)


def test_setting_the_same_terms_changes_and_notes_nothing(alice: User) -> None:
    link, _ = share(alice, title="Cut 3", password="sesame")
    noted = AuditEvent.objects.count()
    assert shares.change(link, shares.Terms(title="Cut 3"), alice) == []
    assert AuditEvent.objects.count() == noted
    link.refresh_from_db()
    assert link.password


# ── Collections ──────────────────────────────────────────────────────────────
def test_a_collection_shows_what_is_kept_of_its_project_and_what_is_still_to_come(
    alice: User, bob: User
) -> None:
    project = Project.objects.create(name="Autumn")
    first = factories.film(alice, project_id=project.pk)
    factories.film(alice)
    link, _ = shares.create([], shares.Terms(), alice, project)
    assert [take.file for take in shares.takes_of(link)] == [first]
    later = factories.film(bob, project_id=project.pk)
    shares.collect()
    assert [take.file for take in shares.takes_of(link)] == [first, later]


def test_a_larger_copy_joins_no_collection(alice: User) -> None:
    project = Project.objects.create(name="Autumn")
    take = factories.succeeded(alice, project_id=project.pk)
    factories.finish(factories.upgrade(take))
    link, _ = shares.create([], shares.Terms(download="4k"), alice, project)
    (shown,) = shares.takes_of(link)
    assert (shown.job, shown.whole and shown.whole.resolution) == (take, "4k")


def test_what_joins_a_collection_with_a_watermark_waits_for_it(alice: User) -> None:
    project = Project.objects.create(name="Autumn")
    factories.film(alice, project_id=project.pk)
    link, _ = shares.create([], shares.Terms(watermark="For review"), alice, project)
    factories.film(alice, project_id=project.pk)
    shares.collect()
    assert [take.is_ready for take in shares.takes_of(link)] == [False, False]


def test_a_closed_or_full_collection_grows_no_more(
    alice: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    project = Project.objects.create(name="Autumn")
    factories.film(alice, project_id=project.pk)
    closed, _ = shares.create([], shares.Terms(), alice, project)
    shares.revoke(closed, alice)
    full, _ = shares.create([], shares.Terms(), alice, project)
    monkeypatch.setattr(collections, "COLLECTED_MAX", 1)
    factories.film(alice, project_id=project.pk)
    shares.collect()
    assert [link.takes.count() for link in (closed, full)] == [1, 1]


def test_a_watermark_set_while_a_collection_grows_is_on_what_joins(
    alice: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    project = Project.objects.create(name="Autumn")
    factories.film(alice, project_id=project.pk)
    link, _ = shares.create([], shares.Terms(), alice, project)
    factories.film(alice, project_id=project.pk)
    missing = collections._missing

    def mark_first(of: ShareLink) -> Any:
        monkeypatch.undo()
        shares.change(link, shares.Terms(watermark="For review"), alice)
        return missing(of)

    monkeypatch.setattr(collections, "_missing", mark_first)
    shares.collect()
    link.refresh_from_db()
    assert [take.is_ready for take in shares.takes_of(link)] == [False, False]


def test_nothing_kept_is_nothing_to_share(alice: User) -> None:
    project = Project.objects.create(name="Autumn")
    with pytest.raises(shares.NotShareable, match="Autumn has no stored videos yet"):
        shares.create([], shares.Terms(), alice, project)
    assert not ShareLink.objects.exists()
