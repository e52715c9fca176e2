"""What visitors say of shared videos, and what the team answers: added, never overwritten."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.db.models.functions import Now

from jobs import people, shares
from jobs.models import Job, ReviewNote, SharedTake, ShareLink, User
from jobs.shares import review
from tests.support import factories
from tests.support.racing import together

pytestmark = [pytest.mark.django_db, pytest.mark.data]


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


def test_a_flood_is_stopped(link: ShareLink) -> None:
    for _ in range(review.SAID_MAX):
        say(link)
    with pytest.raises(shares.NoteRefused, match="Wait a few minutes"):
        say(link, visitor="somebody else")


def test_a_flood_of_comments_keeps_nobody_from_picking(link: ShareLink) -> None:
    for _ in range(review.SAID_MAX):
        say(link)
    assert say(link, "pick", text="").kind == "pick"


def test_a_flood_at_once_is_stopped_too(transactional_db: None, link: ShareLink) -> None:
    for _ in range(review.SAID_MAX - 2):
        say(link)
    said = together(6, lambda number: say(link, visitor=str(number)))
    assert sum(isinstance(each, ReviewNote) for each in said) == 2


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


def test_a_link_holds_a_bounded_number_of_notes(
    link: ShareLink, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(review, "NOTES_MAX", 2)
    say(link)
    say(link)
    with pytest.raises(shares.NoteRefused, match="can’t take more comments"):
        say(link)


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
