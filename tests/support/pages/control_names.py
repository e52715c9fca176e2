"""Names of the controls of a page, as they are read out, and what each of them does."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser

from tests.support.pages.directions import VOID

KINDS = {"a": "link", "button": "button", "summary": "button"} | dict.fromkeys(
    ("input", "select", "textarea"), "field"
)
"""By what each is read out as: a link and a field of one name are told apart."""
LOOKS = ("id", "class", "title", "aria-haspopup", "aria-label")
ORDERED = re.compile(r", ordered \d+ \w+ \d{4}, [\d:.]{12}")
UNSEEN = "[\u2066-\u2069\u200b\ufeff]"


def as_if_alone(card: str) -> str:
    """A card on whose page none is called the same: its controls do not say when it was ordered."""
    return ORDERED.sub("", card)


@dataclass
class Element:
    tag: str
    attributes: dict[str, str]
    parent: Element | None = None
    children: list[Element | str] = field(default_factory=list)

    def within(self, tag: str) -> Element | None:
        """The nearest element around it with this tag."""
        up = self.parent
        while up and up.tag != tag:
            up = up.parent
        return up

    def all(self) -> Iterator[Element]:
        for child in self.children:
            if isinstance(child, Element):
                yield child
                yield from child.all()

    @property
    def text(self) -> str:
        """What of it is read out."""
        if self.attributes.get("aria-hidden") == "true" or self.tag in ("script", "style"):
            return ""
        if label := self.attributes.get("aria-label") or self.attributes.get("alt"):
            return label
        # A child that is a block of its own begins a new word.
        return " ".join(each if isinstance(each, str) else each.text for each in self.children)


class Page(HTMLParser):
    """A page as a tree."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.root = self._open = Element("root", {})
        self.feed(html)
        self.labels = {
            each.attributes["for"]: each.text
            for each in self.root.all()
            if each.tag == "label" and "for" in each.attributes
        }
        all_ = self.root.all()
        self.ids = {each.attributes["id"]: each for each in all_ if "id" in each.attributes}

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        element = Element(tag, {name: value or "" for name, value in attrs}, self._open)
        self._open.children.append(element)
        if tag not in VOID:
            self._open = element

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._open.children.append(
            Element(tag, {name: value or "" for name, value in attrs}, self._open)
        )

    def handle_endtag(self, tag: str) -> None:
        up: Element | None = self._open
        while up and up.tag != tag:
            up = up.parent
        if up and up.parent:
            self._open = up.parent

    def handle_data(self, data: str) -> None:
        self._open.children.append(data)

    def name_of(self, control: Element) -> str:
        """Its name, as far as the first of the ways to have one."""
        given = control.attributes
        by = " ".join(self.ids[each].text for each in given.get("aria-labelledby", "").split())
        label = self.labels.get(given.get("id", ""), "")
        around = control.within("label")
        own = "" if KINDS[control.tag] == "field" else control.text
        words = (
            *(by, given.get("aria-label", ""), label, own),
            *(around.text if around else "", given.get("title", ""), given.get("value", "")),
        )
        return " ".join(re.sub(UNSEEN, "", next(filter(str.strip, words), "")).split())

    def target_of(self, control: Element, number: int) -> object:
        """What it does: two that do the same may have one name."""
        given = control.attributes
        if control.tag == "a":
            return given.get("href")
        if control.tag in ("select", "textarea", "input"):
            around = self.ids.get(given.get("form", "")) or control.within("form")
            of = around.attributes.get("action") if around else None
            return (of, given.get("name"), given.get("value")) if of else number
        if control.tag != "button":
            return number
        form = self.ids.get(given.get("form", "")) or control.within("form")
        fields = (
            tuple(
                (each.attributes.get("name"), each.attributes.get("value"))
                for each in form.all()
                if each.tag == "input"
                and each.attributes.get("type") == "hidden"
                and each.attributes.get("name") not in ("csrfmiddlewaretoken", "submission_key")
            )
            if form
            else ()
        )
        does = {name: value for name, value in given.items() if name not in LOOKS}
        where: object = (
            (form.attributes.get("action"), form.attributes.get("method")) if form else number
        )
        if {"data-keyboard", "popovertarget"} & set(does):
            where = None
        return where, fields, tuple(sorted(does.items()))


def alike(html: str) -> dict[str, int]:
    """Each name that more than one control has, where they lead to different things."""
    page = Page(html)
    found: defaultdict[str, set[object]] = defaultdict(set)
    for number, control in enumerate(page.root.all()):
        is_seen = "hidden" not in (control.attributes.get("type"), *control.attributes)
        if control.tag in KINDS and is_seen and "aria-hidden" not in control.attributes:
            name = f"{KINDS[control.tag]} {page.name_of(control)}"
            found[name].add(page.target_of(control, number))
    return {name: len(targets) for name, targets in found.items() if len(targets) > 1}
