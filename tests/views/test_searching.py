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
from django.test.utils import CaptureQueriesContext
from hypothesis import given
from hypothesis import settings as profile
from hypothesis import strategies as st

from jobs import letters
from jobs.letters import words_of
from jobs.models import AuditEvent, Job, Project, PromptTemplate, User, search_index
from tests.support import factories

MARKS = [
    *map(tuple, ('""', "“”", "„“", "””", "«»", "»«", "＂＂", "「」", "『』", "״״")),
    ("« ", " »"),
]
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
    *((f"{mark}Red  fox{end} tail", "Its tail: a red fox") for mark, end in MARKS),
    *(('"fox on', "On a fox"), ('5" lens', 'A 5" lens'), ('""fox', "A fox"), ('"a b"', "A b")),
    *(('"red\nfox"', "Red\nfox"), ('"50% red_fox"', "50% red_fox"), ("”赤い 狐”", "赤い 狐")),
    *(("「赤い狐」", "森の「赤い狐」"), ('דו"ח ארה"ב', 'דו"ח על ארה"ב'), ("צה״ל", 'צה"ל')),
    ('24" wide 27" tall', '27" tall, 24" wide'),
]
SEARCHED = (
    (
        *("/?q=", "/library/?q=", "/recent/?q=", "/templates/?q="),
        *("/images/frames/?words=", "/shares/new/?words="),
    ),
    ("/team/?q=", "/team/budgets/?q="),
)
sixty = profile(max_examples=60)
APART = [
    *(("100%", "1000"), ("a_b", "axb"), ("%", "anything"), ("_", "anything"), ("\\", "anything")),
    *(('"red fox"', "A fox so red"), ("„fox red“", "A red fox"), ('"a b"', "Ab"), ('"a b"', "B a")),
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

    def test_quotation_marks_make_a_phrase_of_words_in_every_search(
        self, alice: User, alice_client: Client, admin: User, admin_client: Client
    ) -> None:
        for prompt in ("Red fox", "A fox so red"):
            factories.film(alice, prompt=prompt)
            PromptTemplate.objects.create(author=alice, name=prompt, text=prompt)
            AuditEvent.objects.create(actor=admin, action="x", subject=prompt)
            User.objects.create_user(prompt.replace(" ", "."), display_name=prompt)
        mine, admins = SEARCHED
        for client, paths in ((alice_client, mine), (admin_client, admins)):
            for path in paths:
                shown = client.get(path + "“Red fox”").content.decode().replace("“Red fox”", "")
                assert ("Red fox" in shown, "ox so red" in shown) == (True, False), path
        events: Any = admin_client.get("/team/audit/", {"q": '"red fox"'}).context["events"]
        assert [event.subject for event in events] == ["Red fox"]

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

    @pytest.mark.parametrize("words", [["lighthouse"], ["light", "house"], ["灯台"], ["海"]])
    def test_postgresql_finds_words_by_an_index(self, words: list[str]) -> None:
        if connection.vendor != "postgresql":
            pytest.skip("SQLite knows no other way")
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL enable_seqscan = off")
            for question, params in search_index.questions(connection, words):
                cursor.execute(f"EXPLAIN {question}", params)
                plan = str(cursor.fetchall())
                assert "jobs_jobtext_words" in plan or "jobs_jobtext_pairs" in plan


@pytest.mark.django_db
@pytest.mark.data
class TestTheIndexOfWords:
    def test_it_finds_exactly_what_reading_all_would_find(self, alice: User) -> None:
        jobs = [factories.job(alice) for _ in range(4)]
        some = st.text("ab\"é% _'光海ش\U0001f3ac", max_size=9)

        @given(st.lists(some, min_size=4, max_size=4), some)
        @sixty
        def same(texts: list[str], typed: str) -> None:
            for job, prompt in zip(jobs, texts, strict=True):
                Job.objects.filter(pk=job.pk).update(prompt=prompt, title="")
            words = words_of(typed)
            read = {job for job in Job.objects.all() if all(w in job.searchable for w in words)}
            assert set(search_index.jobs_with(words, "default") or []) == (
                {job.pk for job in read} if words else set()
            )

        same()

    def test_it_keeps_in_step_with_every_row_that_comes_changes_and_goes(self, alice: User) -> None:
        def found(word: str) -> list[Any] | None:
            return search_index.jobs_with([word], "default")

        first, second = factories.job(alice, prompt="A fox"), factories.job(alice, prompt="An owl")
        Job.objects.filter(pk=first.pk).update(prompt="A hare", title="")
        Job.objects.filter(pk=second.pk).update(status="running", external_id="x", progress=3)
        assert (found("fox"), found("hare"), found("owl")) == ([], [first.pk], [second.pk])
        with connection.cursor() as cursor:
            cursor.execute("SELECT count(*) FROM jobs_jobtext")
            assert cursor.fetchone() == (2,)

    def test_a_word_that_very_many_have_is_found_all_the_same_and_not_counted(
        self, alice: User, alice_client: Client, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(search_index, "HITS_MAX", 2)
        for number in range(4):
            factories.job(alice, prompt=f"A fox {number}")
        few: Any = alice_client.get("/?q=fox 3")
        many: Any = alice_client.get("/?q=fox")
        assert (len(few.context["cards"]), few.context["counts"]["all"]) == (1, 1)
        assert (len(many.context["cards"]), many.context["counts"]["all"]) == (4, None)
        assert '<span class="n" id="n-all"></span>' in many.content.decode()
        assert many.context["counts"]["progress"] == 4

    def test_the_texts_of_what_very_many_have_are_not_read(
        self, alice: User, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(search_index, "HITS_MAX", 2)
        for number in range(3):
            factories.job(alice, prompt=f"A fox {number}")
        with CaptureQueriesContext(connection) as asked:
            assert search_index.jobs_with(["fox"], "default") is None
        assert not [each for each in asked if ", text FROM" in each["sql"]]

    def test_one_letter_is_found_by_the_index_as_well(self, alice: User) -> None:
        if connection.vendor != "postgresql":
            pytest.skip("SQLite has no other way")
        for prompt in ("A fox", *["An owl"] * 12):
            factories.job(alice, prompt=prompt)
        ((question, params),) = search_index.questions(connection, ["f"])
        with connection.cursor() as cursor:
            # Else the server may remember the table as it was between two tests, without a row, and
            # have to look through all that these have left in the list of what waits for the index.
            cursor.execute("SELECT gin_clean_pending_list('jobs_jobtext_pairs')")
            cursor.execute("ANALYZE jobs_jobtext")
            cursor.execute(f"EXPLAIN {question} LIMIT 1", params)
            assert "jobs_jobtext_pairs" in str(cursor.fetchall())

    def test_without_trigrams_words_are_found_all_the_same(self, alice: User) -> None:
        if connection.vendor != "postgresql":
            pytest.skip("SQLite has them itself")
        factories.job(alice, prompt="Ein Märchen")
        search_index.drop(connection)
        with connection.cursor() as cursor:
            # As on a server whose owner has not allowed them.
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
            cursor.execute("DROP EXTENSION pg_trgm CASCADE; CREATE ROLE guest")
            cursor.execute("GRANT CREATE ON SCHEMA public TO guest")
            for table in ("jobs_job", "jobs_auditevent"):
                cursor.execute(f"ALTER TABLE {table} OWNER TO guest")
            cursor.execute("SET ROLE guest")
            search_index.build(connection)
            cursor.execute("RESET ROLE")
            cursor.execute("SELECT count(*) FROM pg_indexes WHERE indexname = 'jobs_jobtext_words'")
            assert cursor.fetchone() == (0,)
        factories.job(alice, prompt="Noch ein Märchen")
        assert len(Job.objects.matching("MARCHEN")) == 2


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


@given(st.text(st.characters(max_codepoint=127)))
def test_what_is_plain_is_settled_sooner_to_the_same_form(text: str) -> None:
    assert f"{letters.settled(text)} я".strip() == letters.settled(f"{text} я")


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
