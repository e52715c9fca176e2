"""What would become of a table's orders now: which of them the budgets hold. Changes nothing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from jobs import ledger, lifecycle
from jobs.batches.confirming import Line
from jobs.models import User


@dataclass(frozen=True, slots=True)
class Outlook:
    """The orders of a table beside the budgets that bound them."""

    fits: tuple[bool, ...]
    """Of each order, in turn: those before it are taken first."""
    credits: int
    """Of all of them."""
    fitting_credits: int
    available: int
    """The person's own credits; caps may leave less."""
    asks_left: int | None
    """Orders that may wait for approval beside those that do; None for any number."""

    @property
    def all_fit(self) -> bool:
        return all(self.fits)

    @property
    def fitting(self) -> int:
        return sum(self.fits)

    @property
    def beyond(self) -> int:
        """Orders that the budgets don't hold."""
        return len(self.fits) - self.fitting

    @property
    def unaskable(self) -> int:
        """Those of them for which there is no place among the requests."""
        return 0 if self.asks_left is None else max(self.beyond - self.asks_left, 0)


def outlook(user: User, lines: Sequence[Line]) -> Outlook:
    """Take the orders in turn from what this person can spend now."""
    means = ledger.means_of(user)
    own = 0 if means.own.is_frozen else means.own.available
    # Of the team's cap, which bounds every order, the name is None as that of no project.
    left = {cap.project.pk if cap.project else None: cap.left for cap in means.caps}
    fits = []
    for line in lines:
        bounds = {None, line.submission.project_id} & left.keys()
        holds = line.cost <= own and all(line.cost <= left[each] for each in bounds)
        fits.append(holds)
        if holds:
            own -= line.cost
            for each in bounds:
                left[each] -= line.cost
    return Outlook(
        fits=tuple(fits),
        credits=sum(line.cost for line in lines),
        fitting_credits=sum(each.cost for each, holds in zip(lines, fits, strict=True) if holds),
        available=means.own.available,
        asks_left=lifecycle.asks_left(user),
    )
