"""Tables of orders, as text and as confirmed batches."""

from __future__ import annotations

from typing import Any
from uuid import UUID, uuid4

from jobs import batches
from jobs.batches import Line
from jobs.models import Batch, User
from tests.support import factories


def table(*rows: str, header: str = "prompt") -> str:
    """The text of a table."""
    return "\n".join([header, *rows])


def draft(owner: User, text: str = "prompt\nA heron") -> Batch:
    return batches.keep(owner, text, key=uuid4(), name="shots.csv")


def lines(*prompts: str, cost: int = 60, **changes: Any) -> list[Line]:
    """Orders for these prompts, at the price of the usual settings."""
    return [
        Line(number, (prompt,), factories.submission(prompt=prompt, **changes), cost)
        for number, prompt in enumerate(prompts, 2)
    ]


def confirmed(owner: User, *prompts: str, choice: str = "all", **changes: Any) -> Batch:
    """A batch of which no row is ordered yet."""
    batch = draft(owner, table(*prompts))
    found = lines(*prompts, **changes)
    assert batches.confirm(batch, found, columns=["prompt"], choice=Batch.Choice(choice))
    batch.refresh_from_db()
    return batch


def jobs_of(batch: Batch) -> list[UUID | None]:
    return list(batch.rows.order_by("number").values_list("job", flat=True))
