"""Credits given and taken: by whom, and how much by the calendar."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import Count, Q, Sum

from jobs.models import LedgerEntry, User
from jobs.usage.filters import UsageFilter

GIVING = (
    LedgerEntry.Kind.GRANT,
    LedgerEntry.Kind.ADJUST,
    LedgerEntry.Kind.RESET,
)


@dataclass(frozen=True, slots=True)
class Given:
    """Credits given or taken by one person's decisions, or by the calendar."""

    kind: str
    actor: str
    count: int
    credits: int


def given(wanted: UsageFilter) -> list[Given]:
    """Credits given and taken in these days, by whom; empty where only jobs are looked at."""
    if wanted.is_of_jobs:
        return []
    # Nothing of these holds anything: said, so that the index of just such entries serves.
    entries = LedgerEntry.objects.of_people().filter(
        held=0, kind__in=GIVING, booked_on__range=(wanted.start, wanted.end)
    )
    if wanted.person is not None:
        entries = entries.filter(budget__owner=wanted.person)
    sums = (
        entries.order_by()
        .annotate(taken=Q(credits__lt=0), for_job=Q(job__isnull=False))
        .values_list("kind", "actor", "taken", "for_job")
        .annotate(count=Count("pk"), total=Sum("credits"))
    )
    found = list(sums)
    names = {user.pk: user.label for user in User.objects.filter(pk__in={row[1] for row in found})}
    lines = [
        Given(_GIVEN_AS.get((kind, taken, for_job), kind), names.get(actor, ""), count, total)
        for kind, actor, taken, for_job, count, total in found
    ]
    return sorted(lines, key=lambda line: (-line.credits, line.kind))


_GIVEN_AS = {
    # kind, whether credits were taken, whether for one job
    ("reset", False, False): "Allowances",
    ("reset", True, False): "Allowances that expired",
    ("grant", False, False): "Granted",
    ("grant", False, True): "Granted for single videos",
    ("grant", True, True): "Returned from single videos",
    ("adjust", False, False): "Adjusted",
    ("adjust", True, False): "Taken back",
    ("adjust", True, True): "Charged above the quote",
}
