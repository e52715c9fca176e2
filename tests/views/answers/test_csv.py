"""CSV files as spreadsheets open them: all letters right, and nobody's words computed."""

from __future__ import annotations

import csv
import io
import unicodedata
from time import thread_time
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from hypothesis import example, given
from hypothesis import strategies as st

from jobs import letters, shares, statements
from jobs.models import AuditEvent, Project, User
from jobs.views.answers.csv import BEGINS, FORMULA, cell, line, stream
from tests.support import factories

STARTS = ("=", "+", "-", "@")

DANGEROUS = {
    "a formula": ("=2+5", "'=2+5"),
    "behind a semicolon": ("fox;=2+5", "fox;'=2+5"),
    "behind a semicolon and a space": ("fox; @SUM(A1)", "fox;' @SUM(A1)"),
    "behind a tab": ("fox\t+2", "fox\t'+2"),
    "behind a line end": ("fox\r\n-2+5", "fox\r\n'-2+5"),
    "behind a bar": ("fox|=2+5", "fox|'=2+5"),
    "full-width": ("＝2+5", "'＝2+5"),
    "full-width behind a full-width semicolon": ("fox；＠SUM(A1)", "fox；'＠SUM(A1)"),
    "small": ("﹢2", "'﹢2"),
    "behind zero width": ("\u200b=2+5", "'\u200b=2+5"),
    "behind a byte order mark": ("\ufeff=2+5", "'\ufeff=2+5"),
    "behind a soft hyphen": ("fox;\xad=2+5", "fox;'\xad=2+5"),
    "behind spaces": (" \xa0\u3000=2+5", "' \xa0\u3000=2+5"),
    "behind a control": ("\x01=2+5", "'\x01=2+5"),
    "behind a quote": ('fox;"=2+5"', 'fox;\'"=2+5"'),
    "twice": ("=1;=2", "'=1;'=2"),
    "of other programs": ("=cmd|' /C calc'!A0", "'=cmd|' /C calc'!A0"),
}
HARMLESS = [
    *("A fox, -5 °C outside", "slow-motion", "1+1=2", "a; b", "mail@example.com", "Ärger – 灯台"),
    *("", "'=1", "a,=b", "“=”"),
]
ODD = st.text(
    st.sampled_from("ab=+-@;,|\t\r\n\"' ＝；\u200b\xad\xa0\ufeff1\u3164\u0301\x85\u2028"),
    max_size=12,
)


@pytest.mark.parametrize(("typed", "kept"), DANGEROUS.values(), ids=DANGEROUS)
def test_what_a_spreadsheet_would_compute_gets_an_apostrophe(typed: str, kept: str) -> None:
    assert cell(typed) == kept


@pytest.mark.parametrize("typed", HARMLESS)
def test_any_other_text_stays_as_it_is(typed: str) -> None:
    assert cell(typed) == typed


@given(st.lists(ODD | st.text(), min_size=1, max_size=4))
@example([""])
def test_a_table_reads_back_as_its_cells(texts: list[str]) -> None:
    read = list(csv.reader(io.StringIO(line([*texts, 7]), newline="")))
    assert read == [[*map(cell, texts), "7"]]


@given(st.lists(ODD | st.text(), min_size=2, max_size=4), st.sampled_from(",;\t|"))
@example(["a", '";""=1'], ";")
@example(['a"', '";=1'], ";")
@example(["x,", "a\n=1"], ";")
def test_whatever_a_program_separates_by_no_cell_is_computed(
    texts: list[str], separator: str
) -> None:
    for quoting in (csv.QUOTE_MINIMAL, csv.QUOTE_NONE):
        if separator == "," and quoting == csv.QUOTE_NONE:
            # Who does not know of quotes does not read CSV.
            continue
        rows = csv.reader(
            io.StringIO(line(texts), newline=""), delimiter=separator, quoting=quoting
        )
        for found in (each for row in rows for each in row):
            bare = found
            while bare and (bare[0] == '"' or not letters.is_shown(bare[0])):
                bare = bare[1:]
            assert not unicodedata.normalize("NFKC", bare[:1]).startswith(STARTS)


@given(ODD | st.text())
def test_nothing_but_apostrophes_is_put_into_a_text(typed: str) -> None:
    assert cell(typed).replace("'", "") == typed.replace("'", "")


def defused_one_by_one(text: str) -> str:
    """What a cell is, said letter by letter."""
    kept, begins = "", True
    for place, letter in enumerate(text):
        rest = text[place:]
        while rest and rest[0] not in BEGINS and (rest[0] == '"' or not letters.is_shown(rest[0])):
            rest = rest[1:]
        is_tab = place == 0 and letter in "\t\r\n"
        if is_tab or (begins and FORMULA.match(rest)):
            kept += "'"
        kept += letter
        begins = letter in BEGINS
    return kept


@given(ODD | st.text())
@example('\t=1;\u200b=2|"-3')
def test_an_apostrophe_stands_wherever_a_cell_may_begin_with_a_formula(typed: str) -> None:
    assert cell(typed) == defused_one_by_one(typed)


def test_a_long_cell_of_nothing_but_formulas_is_written_at_once() -> None:
    before = thread_time()
    # Letters of four bytes, as any text has them in memory that holds a picture.
    assert cell("🦊" + ";=" * 120_000) == "🦊" + ";'=" * 120_000
    assert thread_time() - before < 2


def sent(answer: Any) -> bytes:
    assert answer.headers["Content-Type"] == "text/csv; charset=utf-8"
    return b"".join(answer.streaming_content)


def test_a_file_begins_with_the_mark_by_which_excel_knows_its_letters() -> None:
    whole = sent(stream("x", ["été"], [["灯台"]]))
    assert whole == "\ufeffété\r\n灯台\r\n".encode()


@pytest.mark.django_db
@pytest.mark.data
def test_every_table_that_is_downloaded_is_of_the_one_writer(
    alice: User, admin: User, admin_client: Client
) -> None:
    evil = "fox;＝HYPERLINK(A1)"
    project = Project.objects.create(name=evil)
    film = factories.film(alice, prompt=evil, project_id=project.pk)
    link, token = shares.create([film], shares.Terms(title="Cut 3"), alice)
    AuditEvent.objects.create(actor=admin, action="x", subject="x", reason=evil)
    said = {"kind": "comment", "name": "Ana", "text": evil, "at": ""}
    admin_client.post(reverse("shared-review", args=[token, film.pk]), said)
    month = f"{statements.this_month():%Y-%m}"
    for path in (
        "/usage/export.csv?by=project",
        "/usage/export.csv?rows=jobs",
        "/team/audit/export.csv",
        f"/shares/{link.pk}/review.csv",
        f"/usage/statements/project/{project.pk}/{month}.csv",
        f"/usage/statements/{month}.csv",
    ):
        table = sent(admin_client.get(path)).decode()
        assert table.startswith("\ufeff"), path
        assert "fox;'＝HYPERLINK(A1)" in table, path
        assert evil not in table
