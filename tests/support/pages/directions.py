"""Finds words of people on a page that the browser would lay out in our direction, not theirs."""

from __future__ import annotations

import re
import unicodedata
from html.parser import HTMLParser

VOID = {
    *(
        "area",
        "base",
        "br",
        "col",
        "embed",
        "hr",
        "img",
        "input",
        "link",
        "meta",
        "source",
        "track",
    ),
    *("use", "wbr", "path", "circle", "rect"),
}
TOLD = ("title", "aria-label", "alt", "placeholder", "hx-confirm", "label")
"""Attributes that people read or hear."""
TYPED = ("text", "search", "")
ISOLATED = re.compile("\u2068[^\u2068\u2069]*\u2069")


def from_right(text: str) -> bool:
    return any(unicodedata.bidirectional(each) in {"R", "AL"} for each in text)


def _turns_ours(text: str) -> bool:
    """It begins from the right and goes on in words of ours, which would be turned as well."""
    strong = [kind for kind in map(unicodedata.bidirectional, text) if kind in {"R", "AL", "L"}]
    return strong[:1] != ["L"] and "L" in strong


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.open: list[tuple[str, dict[str, str]]] = []
        self.said: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        for name in TOLD:
            if from_right(ISOLATED.sub("", given.get(name, ""))):
                self.said.append(f"<{tag} {name}={given[name]!r}>")
        is_field = tag == "textarea" or (tag == "input" and given.get("type", "") in TYPED)
        if is_field and given.get("dir") != "auto":
            self.said.append(f"<{tag} name={given.get('name')}> takes words without dir")
        if tag not in VOID:
            self.open.append((tag, given))

    def handle_endtag(self, tag: str) -> None:
        while self.open:
            if self.open.pop()[0] == tag:
                return

    def handle_data(self, data: str) -> None:
        text = ISOLATED.sub("", data)
        if not from_right(text) or not self.open:
            return
        tag, given = self.open[-1]
        is_told = tag == "bdi" or given.get("dir") == "auto"
        if tag not in {"script", "style"} and (not is_told or _turns_ours(text)):
            path = " ".join(f"{name}.{each.get('class', '')}" for name, each in self.open[-4:])
            self.said.append(f"{path}: {' '.join(text.split())[:90]}")


def astray(page: str) -> list[str]:
    """The words and fields of a page without a direction of their own, each with its place."""
    reader = _Reader()
    reader.feed(page)
    return reader.said
