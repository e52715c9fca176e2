"""The pictures beside words, as icons.svg draws them."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

ICON = '<svg class="icon {}" viewBox="{}" aria-hidden="true">{}</svg>'
DRAWN = re.compile(r'<symbol id="([\w-]+)" viewBox="([\d ]+)">(.+)</symbol>')


@cache
def icon(name: str, classes: str = "") -> SafeString:
    """A picture by its name. Decoration only: the words beside it are what is read.

    Raises KeyError for a name that jobs/templatetags/icons.svg lacks.
    """
    box, lines = _icons()[name]
    return format_html(ICON, classes, box, lines)


@cache
def _icons() -> dict[str, tuple[str, SafeString]]:
    """By name: the box that each is drawn in, and its lines."""
    drawn = Path(__file__).with_name("icons.svg").read_text(encoding="utf-8")
    found = DRAWN.findall(drawn)
    return {name: (box, mark_safe(lines)) for name, box, lines in found}  # noqa: S308  # our own
