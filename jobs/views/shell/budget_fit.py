"""Say before the click that an order does not fit into a budget that bounds it."""

from __future__ import annotations

import json

from jobs.ledger import Means, Room


def beyond(means: Means, cost: int | None, project_id: int | None) -> str:
    """Say that this costs more than there is, and of what; '' where it fits. js/composer.js says
    the same while the choice changes.
    """
    if not cost:
        return ""
    bounds = ["you have free"] if cost > means.own.available else []
    for room in means.rooms:
        concerns = room.project is None or room.project.pk == project_id
        if concerns and cost > room.left:
            bounds.append(_in_words(room))
    if not bounds:
        return ""
    *first, last = bounds
    comma = "," if len(first) > 1 else ""
    listed = f"{', '.join(first)}{comma} and {last}" if first else last
    return f"This is more than {listed}: it will wait for an admin’s approval."


def rooms_as_text(means: Means) -> str:
    """The caps for js/composer.js; a room without a project bounds everything."""
    return json.dumps(
        [
            {
                "project": str(room.project.pk) if room.project else "",
                "left": room.left,
                "words": _in_words(room),
            }
            for room in means.rooms
        ]
    )


def _in_words(room: Room) -> str:
    if room.project:
        return f"{room.project.name} has left ({room.left:,})"
    until = f" until {room.until:%-d %B}" if room.until else ""
    return f"the team has left{until} ({room.left:,})"
