"""Videos on paper: a PDF with every poster and what people ask about it, in any script."""

from __future__ import annotations

import io
import re
import zlib
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.test import Client
from fpdf.fonts import TTFFont
from PIL import Image

from jobs import sheets
from jobs.models import User
from jobs.sheets.drawing import SMALL, _Page
from jobs.sheets.lettering import drawable, is_from_right
from jobs.views.files import sheet
from tests.support import factories

SHEET = "/files/contact-sheet.pdf"
SCRIPTS = [
    "An espresso machine, Łódź",
    "آلة إسبريسو في ضوء الصباح",
    "מכונת אספרסו באור בוקר",
    "एस्प्रेसो मशीन",
    "エスプレッソマシン、朝の光",
    "意式咖啡机，晨光",
    "에스프레소 머신",
    "เครื่องชงกาแฟ",
    "Кофемашина в утреннем свете",
]


def pages(pdf: bytes) -> int:
    return len(re.findall(rb"/Type /Page\b", pdf))


def size(pdf: bytes) -> tuple[float, float]:
    (box,) = set(re.findall(rb"/MediaBox \[0 0 ([\d.]+) ([\d.]+)\]", pdf))
    return float(box[0]), float(box[1])


def letters_of(pdf: bytes) -> str:
    """All letters that can be read, copied and searched in it, by the maps that its fonts carry."""
    found = set[str]()
    for code in re.findall(rb"<[0-9A-F]{4}> <((?:[0-9A-F]{4})+)>", pdf):
        found.update(bytes.fromhex(code.decode()).decode("utf-16-be"))
    return "".join(found)


def drawn_sizes(pdf: bytes) -> list[float]:
    """How large each piece of text is drawn, in order: a font that is set in brackets ends with
    them.
    """
    told = re.sub(rb"\((?:\\.|[^\\)])*\)", b"()", pdf.partition(b"endstream")[0], flags=re.DOTALL)
    now, outside, sizes = 0.0, list[float](), list[float]()
    for sign, size in re.findall(rb"(\bq\b|\bQ\b|\bTj\b|\bTf\b|/F\d+ ([\d.]+))", told):
        if sign == b"q":
            outside.append(now)
        elif sign == b"Q":
            now = outside.pop()
        elif size:
            now = float(size)
        elif sign == b"Tj":
            sizes.append(now)
    return sizes


def test_titles_in_any_script_are_drawn_and_can_be_searched() -> None:
    cells = [sheets.Cell(title=title, lines=["mara"]) for title in SCRIPTS]
    known = letters_of(sheets.as_pdf(sheets.Sheet("Autumn", "9 videos", cells), "a4", 3))
    assert {letter for title in SCRIPTS for letter in title} - set(known) <= {" "}


def test_letters_that_no_font_has_are_one_sign_and_a_line_from_the_right_stands_there() -> None:
    assert drawable("A 🎬🎬 fox\n runs", frozenset("🎬")) == "A … fox runs"
    assert is_from_right("1: آلة x")
    assert not is_from_right("Take آلة")


def test_what_follows_a_line_in_another_script_is_as_large_as_it_should_be() -> None:
    cell = sheets.Cell(title="A fox", lines=["חנות · דנה", "720p"], verdict="Picked", rating=2)
    page = _Page(sheets.Sheet("Autumn", "1 video", [cell]), "a4", 4)
    page.pdf.set_compression(False)
    for cells in page.pages():
        page.draw(cells)
    assert set(drawn_sizes(bytes(page.pdf.output()))[-3:]) == {SMALL}


def test_what_was_decided_has_all_the_room_of_its_line() -> None:
    cell = sheets.Cell(title="", lines=[], verdict="Picked · Favorite · Rejected")
    assert "…" not in letters_of(sheets.as_pdf(sheets.Sheet("", "", [cell]), "a4", 4))


@pytest.mark.parametrize(("paper", "wide"), [("a4", 595), ("letter", 612)])
def test_it_has_as_many_pages_as_its_videos_need(paper: str, wide: int) -> None:
    cells = [sheets.Cell(title=f"Take {n}", lines=["mara", "720p"], rating=3) for n in range(21)]
    made = sheets.as_pdf(sheets.Sheet("Autumn", "21 videos", cells), paper, 4)
    assert pages(made) == 2
    assert int(size(made)[0]) == wide
    assert pages(sheets.as_pdf(sheets.Sheet("None", "", []), paper, 4)) == 1


@pytest.mark.parametrize(
    "words", ["एक लोमड़ी बर्फ में चलती है", "一只狐狸在雪中缓缓行走", "A fox in the snow"]
)
def test_a_long_title_is_measured_about_once_a_letter(
    monkeypatch: pytest.MonkeyPatch, words: str
) -> None:
    measured: list[str] = []
    whole = TTFFont.get_text_width

    def counted(font: TTFFont, text: str, *rest: Any) -> Any:
        measured.append(text)
        return whole(font, text, *rest)

    monkeypatch.setattr(TTFFont, "get_text_width", counted)
    title = " ".join([words] * 10)[:200]
    sheets.as_pdf(sheets.Sheet("", "", [sheets.Cell(title=title, lines=[])]), "a4", 4)
    # Laid out as a whole it was 200 to 2,600 times, by how many fonts it needs.
    assert 0 < len(measured) < 600


@pytest.mark.parametrize("columns", [2, 3, 4, 5])
def test_a_title_is_broken_between_words_and_says_where_it_goes_on(columns: int) -> None:
    page = _Page(sheets.Sheet("", "", []), "a4", columns)
    page.pdf.add_page()
    whole = "A fox walks slowly through the snow while the sun sets behind the hills " * 2
    for length in range(1, len(whole), 2):
        title = whole[:length].strip()
        lines = page._wrapped(title)
        shown = " ".join(lines)
        assert len(lines) <= 2
        assert shown == title or (shown.endswith("…") and title.startswith(shown[:-1]))
    assert page._wrapped("Slow " + "m" * 150)[-1].endswith("…")


# ── From the videos that are chosen ──────────────────────────────────────────
@pytest.mark.django_db
@pytest.mark.data
def test_a_selection_is_printed_with_its_posters_and_a_missing_one_hinders_nothing(
    alice: User, alice_client: Client
) -> None:
    with_poster, without = factories.succeeded(alice), factories.succeeded(alice)
    name = Path(settings.MEDIA_ROOT, "poster.webp")
    name.parent.mkdir(parents=True, exist_ok=True)
    Image.new("RGB", (640, 360), "orange").save(name)
    with_poster.renditions.update(poster="poster.webp")
    without.renditions.update(poster="nowhere.webp")
    asked: dict[str, Any] = {"video": [str(with_poster.pk), str(without.pk)]}
    answer = alice_client.get(SHEET, {**asked, "columns": "2"})
    assert answer["Content-Type"] == "application/pdf"
    assert "attachment" in answer["Content-Disposition"]
    made = answer.content
    assert made.count(b"/Subtype /Image") == 1
    with Image.open(io.BytesIO(made[made.index(b"\xff\xd8") :])) as image:
        assert image.size == (640, 360)


@pytest.mark.django_db
def test_what_has_no_film_says_how_it_stands_and_is_no_black_picture(
    alice: User, alice_client: Client
) -> None:
    waits = factories.job(alice, prompt="x")
    made = alice_client.get(SHEET, {"video": str(waits.pk)}).content
    assert set("Queued") <= set(letters_of(made))
    content = zlib.decompress(re.findall(rb"stream\r?\n(.*?)\r?\nendstream", made, re.DOTALL)[0])
    drawn = re.findall(rb" re (\w)\b", content)
    assert drawn == [b"S"]


@pytest.mark.django_db
def test_too_many_for_a_sheet_are_said_before_and_after(
    alice: User, alice_client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sheet, "VIDEOS_MAX", 1)
    asked = {"video": [str(factories.succeeded(alice).pk) for _ in range(2)]}
    said = "A contact sheet holds up to 1 videos. Choose fewer."
    assert said in alice_client.get("/files/", asked).content.decode()
    assert said in alice_client.get(SHEET, asked, follow=True).content.decode()


@pytest.mark.django_db
def test_a_browser_of_a_country_of_letter_paper_is_offered_that_first(
    alice: User, alice_client: Client
) -> None:
    asked = {"video": str(factories.succeeded(alice).pk)}
    for language, value in (("en-US,en", "letter"), ("de-DE", "a4"), ("", "a4")):
        page = alice_client.get("/files/", asked, headers={"Accept-Language": language})
        assert f'<option value="{value}" selected>' in page.content.decode()
