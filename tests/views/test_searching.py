"""What is typed into a search finds what was meant, in every script and on either database."""

from __future__ import annotations

import re
import unicodedata
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.db import connection
from django.db.models import F
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st

from jobs import letters
from jobs.models import AuditEvent, Job, Project, User, search_index
from jobs.models.computed import words_of
from tests.support import factories

FOUND = [
    *(("мост", "Старый Мост"), ("ДОЖДЬ", "дождь над Невой"), ("елка", "Ёлка"), ("σοφος", "ΣΟΦΌΣ")),
    *(("école", "ÉCOLE"), ("e\u0301cole", "école"), ("école", "L’e\u0301cole"), ("ecole", "École")),
    *(("istanbul", "İstanbul"), ("İSTANBUL", "istanbul"), ("isparta", "ısparta")),
    *(
        ("lodz", "Łódź"),
        ("strasse", "Große Straße"),
        ("viet", "Việt Nam"),
        ("smorrebrod", "Smørrebrød"),
    ),
    *(("ガラス", "ｶﾞﾗｽ"), ("か\u3099", "が"), ("film", "ﬁlm"), ("４ｋ", "in 4K"), ("한글", "한글")),
    *(("שלום", "שָׁלוֹם"), ("محمد", "مُحَمَّد"), ("नमस्ते", "नमस्ते दुनिया")),
    *(
        ("سینا", "ابن سينا"),
        ("كتاب", "کتاب"),
        ("كتاب", "كـتــاب"),
        ("ليلي", "ليلى"),
        ("ملڪ", "ملک"),
    ),
    *(("don't", "I don’t know"), ("key-light", "key\u2011light"), ("softbox", "soft\u00adbox")),
    *(("100%", "at 100% speed"), ("a_b", "file a_b"), ("c:\\x", "C:\\x")),
]
APART = [
    *(("100%", "1000"), ("a_b", "axb"), ("%", "anything"), ("_", "anything"), ("\\", "anything")),
    *(("мои", "мой"), ("か", "が"), ("कि", "का"), ("ขา", "ขำ"), ("istanbul", "Ankara")),
]


@pytest.mark.django_db
@pytest.mark.data
class TestOnThePages:
    @pytest.mark.parametrize(("typed", "written"), FOUND)
    def test_a_word_is_found_however_it_is_written(
        self, alice: User, typed: str, written: str
    ) -> None:
        job = factories.job(alice, prompt=written)
        assert list(Job.objects.matching(typed)) == [job]

    @pytest.mark.parametrize(("typed", "written"), APART)
    def test_another_word_is_not_found(self, alice: User, typed: str, written: str) -> None:
        factories.job(alice, prompt=written)
        assert not Job.objects.matching(typed)

    def test_every_search_is_of_the_one_form(
        self, alice: User, alice_client: Client, admin: User, admin_client: Client
    ) -> None:
        film = factories.film(alice, prompt="Ein GROẞES Märchen")
        AuditEvent.objects.create(actor=admin, action="x", subject="Märchen", reason="GROẞ")
        words = "ma\u0308rchen gross"
        shown: Any = alice_client.get("/", {"q": words}).context["cards"]
        assert [card.job.pk for card in shown] == [film.job.pk]
        for path in ("/images/frames/", "/shares/new/"):
            assert "Märchen" in alice_client.get(path, {"words": words}).content.decode()
            assert "Märchen" not in alice_client.get(path, {"words": "mär xx"}).content.decode()
        events: Any = admin_client.get("/team/audit/", {"q": words}).context["events"]
        assert [event.subject for event in events] == ["Märchen"]

    def test_what_is_searched_keeps_in_step_however_a_row_is_written(self, alice: User) -> None:
        job = factories.job(alice, prompt="Älter")
        assert job.searchable == "alter"
        Job.objects.update(prompt="Ötzi", title="")
        assert Job.objects.get().searchable == "otzi"
        job.prompt = "Übung"
        Job.objects.bulk_update([job], ["prompt"])
        assert Job.objects.get().searchable == "ubung"
        with pytest.raises(TypeError, match="plain texts"):
            Job.objects.update(prompt=F("model"), title="")
        (project,) = Project.objects.bulk_create([Project(name="Ärger")])
        project.name = "Ungeheuer"
        project.save()
        assert Project.objects.named("ungeheuer").get() == project

    def test_postgresql_finds_words_by_an_index(self) -> None:
        if connection.vendor != "postgresql":
            pytest.skip("SQLite reads all rows")
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL enable_seqscan = off")
            cursor.execute("EXPLAIN SELECT 1 FROM jobs_job WHERE searchable LIKE '%lighthouse%'")
            assert "jobs_job_words" in str(cursor.fetchall())


@pytest.mark.django_db
@pytest.mark.data
def test_without_that_index_words_are_found_all_the_same(alice: User) -> None:
    if connection.vendor != "postgresql":
        pytest.skip("SQLite has none")
    with connection.cursor() as cursor:
        # As on a server whose owner has not allowed it.
        cursor.execute("DROP EXTENSION pg_trgm CASCADE; CREATE ROLE guest; SET ROLE guest")
        search_index.build(connection)
        cursor.execute("RESET ROLE")
        cursor.execute("SELECT count(*) FROM pg_indexes WHERE indexname = 'jobs_job_words'")
        assert cursor.fetchone() == (0,)
    job = factories.job(alice, prompt="Ein Märchen")
    assert list(Job.objects.matching("MARCHEN")) == [job]


def test_no_search_leaves_letters_to_the_database() -> None:
    folding = re.compile(r"__i(contains|exact|startswith|endswith|regex)\b|\b(Lower|Upper)\(")
    sources = Path(settings.BASE_DIR, "jobs").rglob("*.py")
    assert not [path.name for path in sources if folding.search(path.read_text("utf-8"))]


# ── The form itself ──────────────────────────────────────────────────────────
ANY = st.text() | st.text(st.characters(categories=["L", "M"]))


@given(ANY, st.sampled_from(["NFC", "NFD", "NFKC", "NFKD"]))
def test_however_marks_are_composed_it_is_the_same(text: str, composed: Any) -> None:
    other = unicodedata.normalize(composed, text)
    assert letters.settled(other) == letters.settled(text)
    assert letters.folded(other) == letters.folded(text)


@given(ANY)
def test_a_form_that_was_made_stays_as_it_is(text: str) -> None:
    assert letters.settled(letters.settled(text)) == letters.settled(text)
    folded = letters.folded(text)
    assert letters.folded(folded) == folded == folded.casefold()


@given(st.text(st.characters(categories=["L"])))
def test_the_case_of_letters_says_nothing(text: str) -> None:
    assert letters.folded(text.lower()) == letters.folded(text.upper()) == letters.folded(text)


@given(ANY, ANY, ANY)
def test_every_word_of_a_text_finds_it(before: str, words: str, after: str) -> None:
    text = letters.folded(f"{before} {words} {after}")
    assert all(word in text for word in words_of(words))


@given(ANY)
def test_what_cannot_be_seen_says_nothing(text: str) -> None:
    between = "\u200b".join(text)
    assert letters.settled(f"\ufeff{between}\u2060 ") == letters.settled(text)
