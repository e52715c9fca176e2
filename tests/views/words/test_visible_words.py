"""Words that people must write: something of them can be seen."""

from __future__ import annotations

import sys
import unicodedata
from contextlib import suppress
from uuid import uuid4

import pytest
from django import forms
from django.core.exceptions import ValidationError
from django.core.management import CommandError, call_command
from django.test import Client
from django.urls import reverse
from hypothesis import example, given
from hypothesis import strategies as st

from jobs import letters, shares
from jobs.forms.fields import WordsField
from jobs.forms.figures import FigureField
from jobs.models import Job, LedgerEntry, Project, Rendition, ReviewNote, User
from tests.support import factories
from tests.support.factories import PASSWORD
from tests.support.typed_forms import composer, errors, every_field, text

UNSEEN = {
    "zero width": "\u200b\u200c\u200d",
    "word joiner": "\u2060",
    "soft hyphen": "\xad",
    "byte order mark": "\ufeff",
    "Hangul filler": "\u3164\uffa0",
    "Braille blank": "\u2800\u2800",
    "no-break spaces": "\xa0\u202f\u3000",
    "directions": "\u202e\u2067\u200f\u061c",
    "variation selectors": "\ufe0f\U000e0101",
    "tags": "\U000e0041\U000e007f",
    "grapheme joiner": "\u034f",
    "dictation's gap": "\ufffc",
    "invisible times": "\u2062\u2064",
    "private use": "\ue000",
    "mixed": " \u200b\n\xad\t\u2060 ",
}
SEEN = {
    "a full stop": ".",
    "Hebrew": "\u200fשלום",
    "Devanagari": "प्रिया",
    "decomposed": "e\u0301",
    "a heart with its selector": "❤️",
    "a flag": "🏴󠁧󠁢󠁷󠁬󠁳󠁿",
    "younger than our Unicode": "\U0001fa77",
    "a family": "👩‍👩‍👧",
    "behind a filler": "\u3164x",
}
UNSEEN_LETTERS = st.sampled_from(
    [
        each
        for each in map(chr, range(sys.maxunicode + 1))
        if unicodedata.category(each) in {"Cf", "Zs", "Zl", "Zp"} or each in letters.BLANK
    ]
)
PLAIN = {"embed_sites", "q", "query", "at", "website", "seed", "currency", "session", "code", "one"}
"""Texts that are read as something else than words, each by its own rule."""
REQUIRED = {
    f"{form}.{name}": field
    for form, name, field in every_field()
    if field.required
    and name not in PLAIN
    and isinstance(field, forms.CharField | FigureField)
    and not isinstance(field.widget, forms.PasswordInput)
}


@pytest.mark.parametrize("words", UNSEEN.values(), ids=UNSEEN)
def test_what_shows_nothing_is_nothing(words: str) -> None:
    assert WordsField(required=False).clean(words) == ""


@pytest.mark.parametrize("words", SEEN.values(), ids=SEEN)
def test_what_can_be_seen_is_kept_as_it_was_written(words: str) -> None:
    assert WordsField().clean(words) == words


@given(st.text(UNSEEN_LETTERS))
@example("\u115f")  # a letter, as Unicode has it
def test_no_required_field_of_any_form_is_filled_by_what_cannot_be_seen(words: str) -> None:
    taken = []
    for name, field in REQUIRED.items():
        with suppress(ValidationError):
            taken.append((name, field.clean(words)))
    assert not taken


@given(st.text())
def test_words_are_nothing_or_what_was_written(words: str) -> None:
    try:
        kept = WordsField(required=False, strip=False).clean(words)
    except ValidationError:
        # A NUL, which no database keeps.
        return
    assert kept in ("", words)
    assert bool(kept) == any(letters.is_shown(each) for each in words)


@given(st.text(UNSEEN_LETTERS), st.text(), st.text(UNSEEN_LETTERS))
def test_only_what_cannot_be_seen_is_trimmed(before: str, words: str, after: str) -> None:
    trimmed = letters.trimmed(before + words + after)
    assert trimmed == letters.trimmed(words)
    assert trimmed in words
    shown = [each for each in words if letters.is_shown(each)]
    assert [each for each in trimmed if letters.is_shown(each)] == shown


def test_every_text_of_every_form_is_words() -> None:
    plain = {
        name
        for _, name, field in every_field()
        if type(field) is forms.CharField and not isinstance(field.widget, forms.PasswordInput)
    }
    assert plain <= PLAIN


# ── On the pages ─────────────────────────────────────────────────────────────
NOTHING = "\u2060\xad\u200b\u3164\ufeff"


@pytest.mark.django_db
@pytest.mark.data
class TestOnThePages:
    def test_no_video_is_ordered_by_a_prompt_that_cannot_be_seen(
        self, alice: User, alice_client: Client
    ) -> None:
        answer = alice_client.post("/", composer(prompt=NOTHING))
        assert (answer.status_code, Job.objects.count()) == (422, 0)
        assert "Describe the video" in errors(answer, "prompt")
        take = factories.succeeded(alice)
        fields = {"submission_key": str(uuid4()), "model": "veo3_fast", "seed": ""}
        answer = alice_client.post(f"/jobs/{take.pk}/extend/", {**fields, "prompt": NOTHING})
        assert (answer.status_code, Job.objects.count()) == (422, 1)

    def test_nothing_gets_a_name_that_cannot_be_seen(
        self, admin_client: Client, client: Client
    ) -> None:
        assert admin_client.post("/projects/", {"name": NOTHING}).status_code == 422
        assert not Project.objects.exists()
        person = {"role": "member", "password1": PASSWORD, "password2": PASSWORD}
        admin_client.post("/team/", {**person, "username": "\u3164"})
        assert User.objects.count() == 1

    def test_a_visitor_says_who_they_are_and_what_they_mean(
        self, alice: User, alice_client: Client, client: Client
    ) -> None:
        film: Rendition = factories.film(alice)
        _, token = shares.create([film], shares.Terms(title="Cut 3"), alice)
        address = reverse("shared-review", args=[token, film.pk])
        said = {"kind": "comment", "name": "Ana", "text": "Slower", "at": ""}
        for wrong in ({"name": NOTHING}, {"text": NOTHING}, {"kind": "changes", "text": NOTHING}):
            assert client.post(address, {**said, **wrong}).status_code == 422
        assert not ReviewNote.objects.exists()
        client.post(address, {**said, "text": "\U0001fa77"})
        note = ReviewNote.objects.get()
        alice_client.post(reverse("answer-note", args=[note.pk]), {"text": NOTHING})
        assert ReviewNote.objects.count() == 1

    def test_a_title_that_cannot_be_seen_is_none(self, alice: User, alice_client: Client) -> None:
        film: Rendition = factories.film(alice)
        fields = {"submission_key": str(uuid4()), "expires": "30", "take": str(film.pk)}
        alice_client.post("/shares/new/", {**fields, "title": NOTHING})
        assert "Untitled link" in text(alice_client.get("/shares/"))

    def test_what_moves_credits_has_a_reason_that_can_be_read(
        self, alice: User, admin_client: Client
    ) -> None:
        before = LedgerEntry.objects.count()
        grant = {"user": alice.pk, "credits": "5", "reason": NOTHING}
        assert admin_client.post("/team/", grant).status_code == 422
        with pytest.raises(CommandError, match="Say why"):
            call_command("grant_credits", "alice", "5", "--reason", NOTHING)
        assert LedgerEntry.objects.count() == before
