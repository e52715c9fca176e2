"""Spread what jobs cost over the budgets that bear it, before anything is held."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from jobs.models import Budget, Job


class NotEnough(Exception):
    """A budget does not hold what the order costs."""

    def __init__(self, needed: int, available: int, *, budget: Budget) -> None:
        self.needed = needed
        self.available = available
        self.budget = budget
        """The first one that is too small, or that is frozen."""
        super().__init__(f"needs {needed}, has {available}")

    @property
    def frozen(self) -> bool:
        return self.budget.is_frozen


def from_own(own: list[Budget], quote: int) -> Iterator[tuple[Budget, int]]:
    """Spread a quote over a person's budgets: from each what it has, in their order.

    Raises `NotEnough`.
    """
    left = quote
    for budget in own:
        if budget.is_frozen:
            raise NotEnough(quote, 0, budget=budget)
        if share := min(budget.available, left):
            yield budget, share
            left -= share
    if left:
        raise NotEnough(quote, quote - left, budget=own[-1])


def from_shared(shared: list[Budget], quote: int) -> Iterator[tuple[Budget, int]]:
    """The whole quote from each, since each bounds the job. Raises `NotEnough`."""
    for budget in shared:
        if budget.is_frozen or (budget.is_capped and budget.available < quote):
            raise NotEnough(quote, budget.available, budget=budget)
        yield budget, quote


def dealt(
    jobs: Sequence[Job], own: list[tuple[Budget, int]], shared: list[Budget]
) -> Iterator[tuple[Job, Budget, int]]:
    """Deal what is taken from each budget out to the jobs: each gets its quote in every scope."""
    purse = iter(own)
    budget, rest = next(purse)
    for job in jobs:
        left = job.quote
        while left:
            if not rest:
                budget, rest = next(purse)
            share = min(rest, left)
            yield job, budget, share
            rest, left = rest - share, left - share
        yield from ((job, each, job.quote) for each in shared)
