"""Pieces of what polls bring, as they were rendered before: the same for many tabs, or again."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from typing import Any

from django.conf import settings
from django.template.loader import render_to_string
from django.utils.safestring import SafeString

from jobs.views.access import Request
from jobs.views.shell.context import Shell

KEPT_MAX = 1000
"""Pieces that a process keeps: some 3 MB."""
_kept: dict[Hashable, SafeString] = {}


def tally(shell: Shell, counts: Mapping[str, int | None]) -> SafeString:
    """The numbers of videos: one text for all who may see the same."""
    shown = tuple(counts.items()), shell.live_count
    return _piece("studio/_tally.html", shown, {"shell": shell, "counts": counts})


def standing(shell: Shell, request: Request) -> SafeString:
    """Somebody's credits and keys, which few changes touch."""
    shown = (
        shell.budget,
        shell.bounds,
        tuple(shell.key_troubles),
        tuple(shell.outages),
        request.user.is_admin,
    )
    return _piece("studio/_standing.html", shown, {"shell": shell, "request": request})


def _piece(template: str, shown: Hashable, context: dict[str, Any]) -> SafeString:
    """`shown` is all that the template shows, so that nobody gets what is another's."""
    key = template, shown
    if (html := _kept.get(key)) is None:
        html = render_to_string(template, context)
        if len(_kept) >= KEPT_MAX:
            _kept.clear()
        if not settings.DEBUG:
            _kept[key] = html
    return html
