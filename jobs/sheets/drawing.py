"""Draws a sheet: rows of cells, each a poster with its lines below, and a head on every page."""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence
from itertools import accumulate
from typing import NamedTuple, cast

from fpdf import FPDF
from fpdf.enums import MethodReturnValue

from jobs.sheets.content import Cell, Sheet
from jobs.sheets.lettering import FIRST, drawable, is_from_right, write_with

MARGIN, GAP, HEAD, FOOT = 34.0, 12.0, 34.0, 18.0
"""Points."""
TITLE, SMALL = 8.5, 7.0
LEADING = 1.3
TITLE_LINES = 2
TITLE_LENGTH_MAX = 200
"""Letters of a prompt that are looked at: of more, none fits."""
SLACK = 0.5
"""Points by which words together may be wider than one by one."""
INK, GRAY, STRIP, ACCENT = (28, 28, 32), (104, 104, 112), (24, 24, 27), (214, 92, 20)
DOTS = 5


def as_pdf(sheet: Sheet, paper: str, columns: int) -> bytes:
    """See `jobs.sheets.as_pdf`."""
    page = _Page(sheet, paper, columns)
    for cells in page.pages():
        page.draw(cells)
    return bytes(page.pdf.output())


class _Box(NamedTuple):
    x: float
    y: float
    width: float
    height: float


class _Page:
    """The paper, with where things stand on it."""

    def __init__(self, sheet: Sheet, paper: str, columns: int) -> None:
        self.sheet, self.columns = sheet, columns
        self.pdf = pdf = FPDF(unit="pt", format=paper)
        pdf.set_auto_page_break(False)
        pdf.set_margin(0)
        pdf.c_margin = 0
        pdf.set_title(sheet.title)
        pdf.set_creator("Dailies")
        texts = [sheet.title, sheet.note]
        texts += [text for cell in sheet.cells for text in (cell.title, *cell.lines, cell.verdict)]
        self.missing = write_with(pdf, texts)
        self.widths: dict[str, float] = {}
        self.width = (pdf.w - 2 * MARGIN - (columns - 1) * GAP) / columns
        self.picture = self.width * 9 / 16
        lines = max((len(cell.lines) for cell in sheet.cells), default=0) + 1
        words = TITLE_LINES * TITLE * LEADING + lines * SMALL * LEADING
        self.height = self.picture + 4 + words
        room = pdf.h - 2 * MARGIN - HEAD - FOOT
        self.rows = max(int((room + GAP) // (self.height + GAP)), 1)

    def pages(self) -> Iterator[Sequence[Cell]]:
        fit = self.rows * self.columns
        self.total = -(-len(self.sheet.cells) // fit) or 1
        for start in range(0, max(len(self.sheet.cells), 1), fit):
            yield self.sheet.cells[start : start + fit]

    def draw(self, cells: Sequence[Cell]) -> None:
        pdf = self.pdf
        pdf.add_page()
        wide = pdf.w - 2 * MARGIN
        self._line(self.sheet.title, _Box(MARGIN, MARGIN, wide * 0.7, 12), 12, INK)
        note = _Box(MARGIN + wide * 0.7, MARGIN + 3, wide * 0.3, SMALL)
        self._line(self.sheet.note, note, SMALL, GRAY, align="R")
        number = f"{pdf.page_no()} / {self.total}"
        foot = _Box(MARGIN, pdf.h - MARGIN - SMALL, wide, SMALL)
        self._line(number, foot, SMALL, GRAY, align="R")
        for place, cell in enumerate(cells):
            row, column = divmod(place, self.columns)
            x = MARGIN + column * (self.width + GAP)
            self._cell(cell, x, MARGIN + HEAD + row * (self.height + GAP))

    def _cell(self, cell: Cell, x: float, y: float) -> None:
        pdf = self.pdf
        pdf.set_fill_color(*STRIP)
        pdf.set_draw_color(*GRAY)
        # Where there is no picture the paper stays white: a black one would be taken for a film's.
        pdf.rect(x, y, self.width, self.picture, style="F" if cell.poster else "D")
        if cell.poster:
            file = io.BytesIO(cell.poster)
            pdf.image(file, x, y, self.width, self.picture, keep_aspect_ratio=True)
        y += self.picture + 4
        for line in self._wrapped(cell.title):
            self._line(line, _Box(x, y, self.width, TITLE), TITLE, INK, whole=cell.title)
            y += TITLE * LEADING
        for text in cell.lines:
            self._line(text, _Box(x, y, self.width, SMALL), SMALL, GRAY)
            y += SMALL * LEADING
        self._decided(cell, x, y)

    def _decided(self, cell: Cell, x: float, y: float) -> None:
        """The dots, and what was decided."""
        radius, end = SMALL * 0.28, x + self.width
        if cell.rating:
            self.pdf.set_draw_color(*ACCENT)
            self.pdf.set_fill_color(*ACCENT)
            for dot in range(DOTS):
                middle = x + radius + dot * radius * 3
                style = "DF" if dot < cell.rating else "D"
                self.pdf.circle(x=middle, y=y + SMALL * 0.62, radius=radius, style=style)
            x += DOTS * radius * 3 + 4
        self._line(cell.verdict, _Box(x, y, end - x, SMALL), SMALL, ACCENT)

    def _wrapped(self, text: str) -> list[str]:
        """Its first lines, as they fit; the last one says where something is left out."""
        pdf = self.pdf
        pdf.set_font(FIRST, size=TITLE)
        short = drawable(text[:TITLE_LENGTH_MAX], self.missing)
        if not short:
            return []
        return self._by_words(short) or self._by_letters(short)

    def _by_words(self, text: str) -> list[str] | None:
        """Its first lines, broken between words; None where one of these is longer than a line.

        Each word is measured once. Laid out as a whole, a text of several fonts is measured anew
        for each of its letters: two hundred prompts in Devanagari took six seconds.
        """
        words, lines = text.split(" "), list[str]()
        widths = [self._width_of(word) for word in words]
        space = self._width_of(" ")
        while words and len(lines) < TITLE_LINES:
            number = sum(
                end - space <= self.width - SLACK
                for end in accumulate(each + space for each in widths)
            )
            if not number:
                return None
            if number < len(words) and len(lines) == TITLE_LINES - 1:
                # With the word that fits in part, and one more, should that one just fit.
                lines.append(self._shortened(" ".join(words[: number + 2]), self.width))
                break
            lines.append(" ".join(words[:number]))
            words, widths = words[number:], widths[number:]
        return lines

    def _width_of(self, word: str) -> float:
        """Of a word of a title. Takes of one order have the same words."""
        if word not in self.widths:
            self.widths[word] = self.pdf.get_string_width(word)
        return self.widths[word]

    def _by_letters(self, short: str) -> list[str]:
        """The same of what is written without spaces, or has a word longer than a line."""
        # As many as would fill a line more, if all were as wide as they are on the average.
        enough = int((TITLE_LINES + 1) * self.width * len(short) / self._width_of(short)) + 1
        lines = self._laid_out(short[:enough])
        if len(lines) <= TITLE_LINES and enough < len(short):
            lines = self._laid_out(short)
        if len(lines) <= TITLE_LINES:
            return lines
        last = self._shortened(f"{lines[TITLE_LINES - 1]} {lines[TITLE_LINES]}", self.width)
        return [*lines[: TITLE_LINES - 1], last]

    def _laid_out(self, short: str) -> list[str]:
        pdf = self.pdf
        return cast(
            "list[str]",
            pdf.multi_cell(
                self.width, TITLE, short, align="L", dry_run=True, output=MethodReturnValue.LINES
            ),
        )

    def _shortened(self, text: str, width: float) -> str:
        if self.pdf.get_string_width(text) <= width:
            return text
        # Halved and not counted down: each look lays out the whole line.
        fits, too_long = 0, len(text)
        while too_long - fits > 1:
            middle = (fits + too_long) // 2
            if self.pdf.get_string_width(f"{text[:middle].rstrip()}…") <= width:
                fits = middle
            else:
                too_long = middle
        return f"{text[:fits].rstrip()}…"

    def _line(
        self,
        text: str,
        box: _Box,
        size: float,
        color: tuple[int, int, int],
        *,
        align: str = "",
        whole: str = "",
    ) -> None:
        """One line of a text, from the side that the whole of it begins at."""
        pdf = self.pdf
        shown = drawable(text[: 2 * TITLE_LENGTH_MAX], self.missing)
        if not shown:
            return
        pdf.set_font(FIRST, size=size)
        pdf.set_text_color(*color)
        pdf.set_xy(box.x, box.y)
        # Each line says its font: one that begins in another, as Hebrew does, says ours in
        # brackets, and what comes after them is drawn in that of the line before.
        pdf.current_font_is_set_on_page = False
        side = align or ("R" if is_from_right(whole or shown) else "L")
        pdf.cell(box.width, size * LEADING, self._shortened(shown, box.width), align=side)
