"""Say before the click that an order does not fit into a budget that bounds it."""

from __future__ import annotations

import json

from jobs.ledger import CapLeft, Means


def beyond(means: Means, cost: int | None, project_id: int | None) -> str:
    """Say that this costs more than there is, and of what; '' where it fits. js/composer.js says
    the same while the choice changes.
    """
    if not cost:
        return ""
    bounds = ["you have free"] if cost > means.own.available else []
    for cap in means.caps:
        concerns = cap.project is None or cap.project.pk == project_id
        if concerns and cost > cap.left:
            bounds.append(_in_words(cap))
    if not bounds:
        return ""
    *first, last = bounds
    comma = "," if len(first) > 1 else ""
    listed = f"{', '.join(first)}{comma} and {last}" if first else last
    return f"This is more than {listed}: it will wait for an admin’s approval."


def caps_as_text(means: Means) -> str:
    """The caps for js/composer.js; one without a project bounds everything."""
    return json.dumps(
        [
            {
                "project": str(cap.project.pk) if cap.project else "",
                "left": cap.left,
                "words": _in_words(cap),
            }
            for cap in means.caps
        ]
    )


def _in_words(cap: CapLeft) -> str:
    if cap.project:
        return f"{cap.project.name} has left ({cap.left:,})"
    until = f" until {cap.until:%-d %B}" if cap.until else ""
    return f"the team has left{until} ({cap.left:,})"
