"""Say before the click that an order does not fit into a budget that bounds it."""

from __future__ import annotations

import json
from typing import TypedDict

from jobs.ledger import CapLeft, Means
from jobs.letters import isolated
from jobs.times import moments

WAITS = "It will wait for an admin’s approval."


class Bound(TypedDict):
    """A budget's part of the warning: a sentence for orders that cost more than is `left`."""

    project: str
    """The project whose orders it bounds; '' for all."""
    left: int
    sentence: str


def beyond(means: Means, cost: int | None, project_id: int | None) -> str:
    """Say in sentences that this costs more than there is, and of what; '' where it fits."""
    said = [
        bound["sentence"]
        for bound in _bounds(means)
        if cost and cost > bound["left"] and bound["project"] in ("", str(project_id))
    ]
    return " ".join([*said, WAITS]) if said else ""


def bounds_as_text(means: Means) -> str:
    """Every sentence for js/composer.js, which picks while the choice changes."""
    return json.dumps(_bounds(means))


def _bounds(means: Means) -> list[Bound]:
    own = means.own.available
    said = "This is more than you have available."
    return [Bound(project="", left=own, sentence=said), *map(_bound, means.caps)]


def _bound(cap: CapLeft) -> Bound:
    if cap.project:
        said = f"This is more than {isolated(cap.project.name)} has left ({cap.left:,})."
        return Bound(project=str(cap.project.pk), left=cap.left, sentence=said)
    if cap.until:
        end = moments.in_words(cap.until)
        said = f"This is more than the team has left until {end} ({cap.left:,})."
    else:
        said = f"This is more than the team has left ({cap.left:,})."
    return Bound(project="", left=cap.left, sentence=said)
