"""What visitors say of shared videos, what the team answers, and whom it hears no more."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.db.models.functions import Now

from jobs import people, shares
from jobs.limits import Limit, TooMany
from jobs.models import AuditEvent, Job, ReviewNote, SharedTake, ShareLink, User
from jobs.shares import review
from tests.support import factories
from tests.support.limited import allow, later
from tests.support.racing import together

pytestmark = [pytest.mark.django_db, pytest.mark.data]

OFFICE, HOME = "203.0.113.9", "2001:db8:1:2::/64"


@pytest.fixture
def link(alice: User) -> ShareLink:
    """A link with two takes."""
    files = [factories.succeeded(alice).renditions.get() for _ in range(2)]
    return shares.create(files, shares.Terms(), alice)[0]


def say(link: ShareLink, kind: str = "comment", place: int = 1, **facts: Any) -> ReviewNote:
    take = link.takes.get(position=place)
    said = {"name": "Ana", "visitor": "ana", "text": "Slower here", **facts}
    return shares.say(link, take, kind, **said)


def test_what_several_visitors_say_at_once_is_all_kept(
    transactional_db: None, link: ShareLink
) -> None:
    def act(number: int) -> ReviewNote:
        return say(link, name=f"Visitor {number}", visitor=str(number), seconds=Decimal(number))

    made = together(6, act)
    assert not [each for each in made if isinstance(each, Exception)]
    assert {note.name for note in link.notes.all()} == {f"Visitor {n}" for n in range(6)}


def test_what_is_sent_twice_is_said_once(
    transactional_db: None, link: ShareLink, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = together(4, lambda _: say(link, seconds=Decimal(2)))
    assert len({note.pk for note in made if isinstance(note, ReviewNote)}) == 1
    for facts in ({"text": "Faster"}, {"place": 2}, {"visitor": "ben"}, {"kind": "changes"}):
        say(link, **facts)
    assert link.notes.count() == 5
    say(link)
    monkeypatch.setattr(review, "AGAIN_WITHIN", -review.AGAIN_WITHIN)
    say(link)
    assert link.notes.count() == 7


def test_a_note_is_news_on_the_page_of_its_video(link: ShareLink) -> None:
    job = link.takes.get(position=1).rendition.job
    say(link)
    assert Job.objects.get(pk=job.pk).version == job.version + 1


def test_what_is_said_of_a_larger_copy_stands_at_its_video(alice: User) -> None:
    take = factories.succeeded(alice)
    larger = factories.finish(factories.upgrade(take))
    link, _ = shares.create([larger.renditions.get()], shares.Terms(), alice)
    before = Job.objects.get(pk=take.pk).version
    note = say(link)
    assert list(ReviewNote.objects.of_job(take)) == [note]
    assert Job.objects.get(pk=take.pk).version == before + 1


def test_the_last_word_of_each_visitor_counts(link: ShareLink) -> None:
    say(link, "pick", 1)
    say(link, "approve", 2, name="Bo", visitor="bo")
    last = say(link, "pick", 2)
    # Somebody else with the same name is somebody else.
    other = say(link, "changes", 1, visitor="another ana")
    held = [(each.note.name, each.note.kind, each.place) for each in shares.opinions(link)]
    assert held == [("Bo", "approve", 2), ("Ana", "pick", 2), ("Ana", "changes", 1)]
    assert last.visitor != other.visitor


def test_a_link_that_takes_no_notes_takes_none(link: ShareLink, alice: User) -> None:
    shares.change(link, shares.Terms(takes_notes=False), alice)
    link.refresh_from_db()
    with pytest.raises(shares.NoteRefused, match="closed"):
        say(link)


@pytest.mark.parametrize("end", ["revoke", "regenerate", "expire", "close", "rest"])
def test_nothing_is_said_on_a_link_that_ended_while_it_was_sent(
    link: ShareLink, alice: User, admin: User, end: str
) -> None:
    """The request had found the link before."""
    found = ShareLink.objects.get(pk=link.pk)
    match end:
        case "revoke":
            shares.revoke(link, alice)
        case "regenerate":
            shares.regenerate(link, alice)
        case "expire":
            ShareLink.objects.filter(pk=link.pk).update(expires_at=Now())
        case "close":
            shares.change(link, shares.Terms(takes_notes=False), alice)
        case _:
            people.deactivate(alice, admin, reason="On leave")
    with pytest.raises(shares.NoteRefused, match="closed" if end == "close" else "ended"):
        say(found, "pick")
    assert not link.notes.exists()


# ── Floods ───────────────────────────────────────────────────────────────────
def test_one_visitors_flood_stops_and_others_go_on(link: ShareLink, settings: Any) -> None:
    allow(settings, Limit.COMMENTS, "3/1h")
    for _ in range(3):
        say(link, address=OFFICE)
    with pytest.raises(TooMany, match="COMMENTS"):
        say(link, address=HOME)
    say(link, visitor="bo", address=OFFICE)
    # And who has commented a lot can still pick.
    assert say(link, "pick", text="", address=OFFICE).kind == "pick"
    later(1300)
    say(link, address=OFFICE)


def test_who_throws_its_cookie_away_is_counted_by_its_address(
    link: ShareLink, settings: Any
) -> None:
    allow(settings, Limit.COMMENTS_OF_ADDRESS, "4/1h")
    for number in range(4):
        say(link, "pick", visitor=str(number), address=OFFICE)
    with pytest.raises(TooMany):
        say(link, "pick", visitor="another", address=OFFICE)
    assert say(link, "pick", visitor="another", address=HOME).kind == "pick"


def test_a_flood_at_once_is_stopped_too(
    transactional_db: None, link: ShareLink, settings: Any
) -> None:
    allow(settings, Limit.COMMENTS_OF_ADDRESS, "2/1h")
    said = together(6, lambda number: say(link, visitor=str(number), address=OFFICE))
    assert sum(isinstance(each, ReviewNote) for each in said) == 2


def test_picking_goes_on_whatever_one_holder_of_the_link_did(
    link: ShareLink, monkeypatch: pytest.MonkeyPatch, settings: Any
) -> None:
    """Today and for as long as the link lasts: with every verdict that it can keep in its room."""
    monkeypatch.setattr(review, "OWN_MAX", 5)
    monkeypatch.setattr(review, "NOTES_MAX", 9)
    say(link, "pick", visitor="client", address=OFFICE)
    for number in range(5):
        say(link, "pick", visitor=f"flood {number}", address=HOME)
    with pytest.raises(shares.NoteRefused, match="as many comments as this link"):
        say(link, "pick", visitor="flood 6", address=HOME)
    for _ in range(12):
        say(link, "pick", text="", visitor="client", address=OFFICE)
    for number in range(2):
        say(link, "approve", visitor=f"more {number}", address="192.0.2.7")
    with pytest.raises(shares.NoteRefused, match="Ask whoever sent it for a new one"):
        say(link, "approve", visitor="new", address="192.0.2.8")
    # Also from where the flood came: who was heard before is heard again.
    for address in ("192.0.2.9", HOME):
        assert say(link, "pick", text="", visitor="client", address=address).kind == "pick"


def test_a_verdict_that_was_replaced_is_not_counted(link: ShareLink, alice: User) -> None:
    say(link, "pick", 1, text="")
    answered = say(link, "changes", 1, text="Brighter")
    shares.answer(answered, "Done", alice)
    say(link, "approve", 1, text="")
    say(link, "approve", 2, text="")
    kept = [(note.kind, note.text, note.is_replaced) for note in link.notes.exclude(kind="answer")]
    assert kept == [("changes", "Brighter", True), ("approve", "", False)]
    assert [each.note.kind for each in shares.opinions(link)] == ["approve"]
    counted: Any = ShareLink.objects.with_answers().get()
    assert counted.picks == 0
    # What was asked for stays to be done.
    assert [note.text for note in ReviewNote.objects.open()] == ["Brighter"]


# ── Deleting and blocking ────────────────────────────────────────────────────
def test_a_deleted_comment_is_on_no_page_and_the_audit_knows_who_said_it(
    link: ShareLink, alice: User
) -> None:
    note = say(link, text="Rude " * 100)
    shares.answer(note, "Please", alice)
    job = Job.objects.get(pk=note.take.rendition.job_id)
    assert shares.delete(note, alice)
    assert not shares.delete(note, alice)
    assert not link.notes.exists()
    assert Job.objects.get(pk=job.pk).version == job.version + 1
    told = AuditEvent.objects.get(action="comment deleted")
    assert (told.actor, told.before[:18]) == (alice, "Ana, comment: Rude")
    assert told.subject == f"link {link.pk}: Untitled link"


def test_a_blocked_visitor_is_not_heard_nor_is_anybody_new_from_there(
    link: ShareLink, alice: User
) -> None:
    say(link, visitor="colleague", address=OFFICE, text="Mine stays")
    rude = [say(link, visitor="rude", address=OFFICE, text=each) for each in ("a", "b", "c")]
    assert shares.block(rude[0], alice, and_delete=True) == 3
    assert [note.text for note in link.notes.all()] == ["Mine stays"]
    assert AuditEvent.objects.filter(action="comment deleted").count() == 3
    for visitor, address in (("rude", OFFICE), ("rude", HOME), ("new", OFFICE)):
        with pytest.raises(shares.NoteRefused, match="look at this link, but not comment"):
            say(link, visitor=visitor, address=address)
    say(link, visitor="colleague", address=OFFICE)
    say(link, visitor="new", address=HOME)
    assert shares.unblock(link.blocked.get(), alice)
    say(link, visitor="rude", address=OFFICE)
    told = AuditEvent.objects.filter(action__startswith="visitor").order_by("pk")
    assert [(each.action, each.before or each.after) for each in told] == [
        ("visitor blocked", "Ana"),
        ("visitor unblocked", "Ana"),
    ]


def test_who_is_blocked_twice_is_blocked_once(link: ShareLink, alice: User, admin: User) -> None:
    notes = [say(link), say(link)]
    for note, by in zip(notes, (alice, admin), strict=True):
        assert shares.block(note, by, and_delete=False) == 0
    assert link.blocked.get().blocked_by == alice
    assert AuditEvent.objects.filter(action="visitor blocked").count() == 1


def test_no_address_can_be_read_from_what_was_said(link: ShareLink) -> None:
    assert len(say(link, address=OFFICE).address) == 64


def test_a_verdict_goes_by_the_number_on_the_page(link: ShareLink) -> None:
    say(link, "pick", 1)
    say(link, "approve", 2, visitor="bo")
    link.takes.get(position=1).rendition.__class__.objects.filter(
        pk=link.takes.get(position=1).rendition_id
    ).update(state="expired")
    assert [(each.note.kind, each.place) for each in shares.opinions(link)] == [
        ("pick", None),
        ("approve", 1),
    ]


def test_a_note_is_news_on_the_pages_of_the_larger_copies(alice: User) -> None:
    take = factories.succeeded(alice)
    larger = factories.finish(factories.upgrade(take))
    link, _ = shares.create([take.renditions.get()], shares.Terms(), alice)
    before = Job.objects.get(pk=larger.pk).version
    say(link)
    assert Job.objects.get(pk=larger.pk).version == before + 1


def test_the_team_answers_and_resolves_once(link: ShareLink, alice: User, bob: User) -> None:
    note = say(link)
    answer = shares.answer(note, "Done in the next cut", alice)
    assert (answer.answer_to, answer.author, answer.take) == (note, alice, note.take)
    assert shares.resolve(note, alice)
    assert not shares.resolve(note, bob)
    note.refresh_from_db()
    assert (note.resolved_by, note.is_open) == (alice, False)


def test_a_pick_is_nothing_to_resolve(link: ShareLink, alice: User) -> None:
    note = say(link, "pick", text="")
    assert not note.is_open
    assert not shares.resolve(note, alice)


@pytest.mark.parametrize(
    "odd",
    [
        {"kind": "comment", "name": "Ana", "text": ""},
        {"kind": "comment", "name": "", "text": "Who am I?"},
        {"kind": "answer", "name": "Ana", "text": "As if I were the team"},
        {"kind": "shout", "name": "Ana", "text": "Hey"},
    ],
)
def test_the_database_keeps_no_odd_note(link: ShareLink, odd: dict[str, str]) -> None:
    take: SharedTake = link.takes.get(position=1)
    with pytest.raises(IntegrityError), transaction.atomic():
        ReviewNote.objects.create(link=link, take=take, **odd)
