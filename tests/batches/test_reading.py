"""What spreadsheets write, read as it was meant."""

from __future__ import annotations

import codecs

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jobs.forms.batches.columns import column_of, typed
from jobs.forms.batches.reading import BYTES_MAX, COLUMNS_MAX, Unreadable, decoded, records
from jobs.forms.batches.writing import as_csv

TEXT = "prompt\nUn café à Åre, 東京"


@pytest.mark.parametrize(
    ("content", "label"),
    [
        (TEXT.encode(), "UTF-8"),
        (codecs.BOM_UTF8 + TEXT.encode(), "UTF-8"),
        (codecs.BOM_UTF16_LE + TEXT.encode("utf-16-le"), "UTF-16"),
        (codecs.BOM_UTF16_BE + TEXT.encode("utf-16-be"), "UTF-16"),
    ],
)
def test_every_unicode_that_a_spreadsheet_writes_is_read(content: bytes, label: str) -> None:
    assert decoded(content) == (TEXT, label)


def test_what_is_no_unicode_is_read_as_windows_writes_it_and_said() -> None:
    assert decoded("Café – 5 €".encode("cp1252")) == ("Café – 5 €", "Windows-1252")


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"PK\x03\x04\x14\x00", "This is a workbook"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1", "This is a workbook"),
        (bytes(range(256)), "isn’t text we can read"),
        (TEXT.encode("utf-16-le"), "isn’t text we can read"),
        (b"\xff\xfeodd", "isn’t text we can read"),
    ],
)
def test_what_is_no_table_is_refused_with_what_to_do(content: bytes, said: str) -> None:
    with pytest.raises(Unreadable, match=said):
        decoded(content)


@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_the_separator_is_the_one_that_names_most_columns(separator: str) -> None:
    row = '"A heron, still; then up"'
    text = f"prompt{separator}Aspect ratio{separator}notes, mine\n{row}{separator}9:16{separator}\n"
    if separator == ",":
        text = text.replace("notes, mine", "notes")
    assert records(text)[1].cells == ("A heron, still; then up", "9:16", "")


def test_a_first_line_may_name_the_separator() -> None:
    found = records("sep=;\r\nprompt;seed\r\nA heron, still;12345\r\n")
    assert [each.cells for each in found] == [("prompt", "seed"), ("A heron, still", "12345")]
    assert found[1].number == 2


def test_cells_may_hold_lines_and_quotation_marks() -> None:
    found = records('prompt\r\n"She says ""up"",\r\nand it flies"\r\n')
    assert found[1].cells == ('She says "up",\r\nand it flies',)


def test_empty_rows_are_passed_over_and_counted_as_a_spreadsheet_does() -> None:
    assert [each.number for each in records("\n\nprompt,seed\n,\n\nA heron,\n , \nA crane,\n")] == [
        *(3, 6, 8)
    ]


@pytest.mark.parametrize("text", ['prompt\n"A heron\n', 'prompt\nx\n"A" heron\n'])
def test_a_wrong_quotation_mark_is_named_with_its_line(text: str) -> None:
    with pytest.raises(Unreadable, match=r"Line [23] can’t be read\. A quotation mark"):
        records(text)


def test_a_table_that_is_too_long_is_said_to_be() -> None:
    with pytest.raises(Unreadable, match="longer than 500 kB"):
        records("prompt\n" + "é" * (BYTES_MAX // 2))


@pytest.mark.parametrize("text", ["prompt{}", "prompt\nA heron{}"])
def test_a_table_of_more_columns_than_there_may_be_is_said_to_be(text: str) -> None:
    assert len(records(text.format(",x" * (COLUMNS_MAX - 1)))[-1].cells) == COLUMNS_MAX
    with pytest.raises(Unreadable, match=r"Row [12] has 101 cells, and a table may have 100 col"):
        records(text.format(",x" * COLUMNS_MAX))


def test_columns_in_which_nothing_stands_are_not_kept_however_many() -> None:
    found = records(f"prompt,{',' * 400_000}\nA heron,\nA crane, ,up\n")
    assert [each.cells for each in found] == [
        ("prompt", "", ""),
        ("A heron", ""),
        ("A crane", "", "up"),
    ]


@pytest.mark.parametrize("separator", ['"', " ", "\r"])
def test_a_first_line_that_names_no_separator_is_told(separator: str) -> None:
    with pytest.raises(Unreadable, match="names a separator that can’t be one"):
        records(f"sep={separator}\r\nprompt\r\nA heron\r\n")


@pytest.mark.parametrize("start", ["", "sep=;\n", "prompt\n"])
def test_a_cell_that_is_far_too_long_is_told_with_its_line(start: str) -> None:
    with pytest.raises(Unreadable, match=r"Line [12] can’t be read.* far too long"):
        records(start + "x" * 140_000)


@pytest.mark.parametrize(
    ("name", "column"),
    [
        ("PROMPT", "prompt"),
        (" Aspect_Ratio ", "aspect ratio"),
        ("aspect-ratio", "aspect ratio"),
        ("Format", "aspect ratio"),
        ("Length", "duration"),
        ("notes", None),
        ("", None),
    ],
)
def test_columns_go_by_more_than_one_name(name: str, column: str | None) -> None:
    assert column_of(name) == column


@pytest.mark.parametrize(
    ("field", "written", "meant"),
    [
        # Excel takes 16:9 for a time of day.
        *(("aspect ratio", each, "16:9") for each in ("16:9", "16:09", "16:09:00", "16x9")),
        *(("aspect ratio", each, "9:16") for each in ("09:16", "9:16:00", "9 : 16")),
        *(("duration", each, "8") for each in ("8", "8 s", "8,0", "8.00", "8 seconds")),
        *(("resolution", each, "1080p") for each in ("1080", "1080P", "1080.0")),
        ("resolution", "4K", "4k"),
        ("duration", "8.5", "8.5"),
    ],
)
def test_what_spreadsheets_make_of_a_cell_is_understood(
    field: str, written: str, meant: str
) -> None:
    assert [*typed({field: written}).values()] == [meant]


cells = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=12)


@given(st.lists(st.tuples(cells, cells), max_size=5))
def test_whatever_is_written_back_is_read_again(rows: list[tuple[str, str]]) -> None:
    found = records(as_csv([("prompt", "notes"), *rows]))
    # Spaces before a cell are no part of it, unless it stands in quotation marks.
    kept = [tuple(cell.lstrip(" ") for cell in record.cells) for record in found[1:]]
    filled = [row for row in rows if any(cell.strip() for cell in row)]
    assert kept == [tuple(cell.lstrip(" ") for cell in row) for row in filled]
