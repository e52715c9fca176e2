"""What drafts saved: their price in full, less what they and their promotions cost."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import Count, QuerySet, Sum

from jobs.models import Job
from jobs.usage.filters import UsageFilter


@dataclass(frozen=True, slots=True)
class Saved:
    """All in credits, but for the two counts."""

    drafts: int = 0
    """Those that were charged for, and could have been made in full instead."""
    in_full: int = 0
    """What they would have cost on their days as their projects delivered."""
    spent: int = 0
    promoted: int = 0
    """Those that were then made in full as well, and charged for."""
    promotions: int = 0
    """What that cost."""

    @property
    def credits(self) -> int:
        """Below zero where so many were promoted that drafts cost more than they saved."""
        return self.in_full - self.spent - self.promotions


def saved(wanted: UsageFilter) -> Saved:
    """Of the drafts of these days; what was promoted of them counts whenever that was.

    Where one person is looked at, promotions that others paid for are theirs.
    """
    drafts = wanted.jobs().filter(is_draft=True, charged__gt=0, full_price__isnull=False)
    number, in_full, spent = _sums(drafts, "full_price", "charged")
    if not number:
        return Saved()
    promotions = Job.objects.filter(draft__in=drafts.order_by().values("pk"), charged__gt=0)
    if wanted.person is not None:
        promotions = promotions.filter(payer=wanted.person)
    promoted, cost = _sums(promotions, "charged")
    return Saved(number, in_full, spent, promoted, cost)


def _sums(jobs: QuerySet[Job], *columns: str) -> list[int]:
    """How many there are, and the sums of these columns."""
    sums = {f"of_{column}": Sum(column, default=0) for column in columns}
    found = jobs.order_by().aggregate(number=Count("pk"), **sums)
    return [found["number"], *(found[name] for name in sums)]
