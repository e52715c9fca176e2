"""Job by job: what was charged, against what was quoted and what there is to show for it."""

from __future__ import annotations

import math
from dataclasses import dataclass

from django.conf import settings
from django.db.models import F, Prefetch, Q, prefetch_related_objects

from jobs.lifecycle.outcome.charges import CHARGE_FACTOR_MAX, in_our_credits
from jobs.lifecycle.outcome.resolving import WRITTEN_OFF
from jobs.models import Job, Rendition
from jobs.models.jobs.job import Jobs
from jobs.models.jobs.status import Status
from jobs.reconciliation.span import Span

READ = (
    *("provider", "model", "kind", "resolution", "duration", "booked_on", "external_id"),
    *("status", "error_code", "is_unverified", "is_unkept", "quote", "charged"),
    *("provider_credits_estimated", "provider_credits_charged", "title", "prompt"),
    *("owner__display_name", "owner__username", "resubmitted_as"),
)
"""What a difference is made of, and what its line on a page says: of a bad month there are many."""
GONE = frozenset((Rendition.State.EXPIRED, Rendition.State.REJECTED))


@dataclass(frozen=True, slots=True)
class Difference:
    """One job of which the provider has to be asked something."""

    job: Job
    name: str
    """The fault, in the words that the page and the evidence use."""
    credits: int
    """The number of our credits it is about."""
    note: str = ""


def differences(span: Span) -> list[Difference]:
    """One line for each job of the month that needs explaining, the dearest first."""
    jobs = Job.objects.filter(
        practice=settings.PRACTICE, booked_on__gte=span.month, booked_on__lt=span.after
    )
    if span.provider:
        jobs = jobs.filter(provider=span.provider)
    suspects = list(_suspects(jobs))
    # Of these alone, and not in the question about the jobs: PostgreSQL would read all files.
    prefetch_related_objects(
        [job for job in suspects if job.is_unkept],
        Prefetch("renditions", Rendition.objects.only("job", "state")),
    )
    found = [line for job in suspects for line in [_difference(job)] if line]
    return sorted(found, key=lambda line: (-line.credits, line.job.pk))


def _suspects(jobs: Jobs) -> Jobs:
    """A superset of those with a difference, chosen by the database."""
    too_much = F("quote") * CHARGE_FACTOR_MAX
    no_estimate = Q(provider_credits_estimated=None) | Q(provider_credits_estimated=0)
    disbelieved = Q(
        provider_credits_charged__gt=F("provider_credits_estimated") * CHARGE_FACTOR_MAX
    ) | Q(no_estimate, provider_credits_charged__gt=too_much)
    unsuccessful = Q(status__in=[Status.FAILED, Status.LOST], charged__gt=0)
    return (
        jobs.filter(
            Q(charged__gt=F("quote"))
            | unsuccessful
            | Q(is_unverified=True)
            | Q(resubmitted_as__isnull=False)
            | disbelieved
            | Q(status=Status.SUCCEEDED, charged__gt=0, is_unkept=True)
        )
        .select_related("owner")
        # Not in the same question: PostgreSQL would read all jobs to find the few.
        .prefetch_related(Prefetch("resubmitted_as", Job.objects.only("charged")))
        .only(*READ)
    )


def _difference(job: Job) -> Difference | None:
    """Find what is wrong with a job: one thing, so that no credit is counted twice."""
    charged = job.charged or 0
    again = job.resubmitted_as
    if again and not _is_known_free(job):
        both = job.status == Status.SUCCEEDED and again.charged
        name = "sent again, both were charged" if both else "sent again, both may be charged"
        credits = job.quote if job.charged is None else charged
        return Difference(job, name, credits, f"Sent again as job {again.pk}.")
    if job.is_unverified and charged:
        return Difference(job, "unverified", charged, "Its outcome is unknown.")
    return _without_video(job, charged) or _wrong_charge(job, charged)


def _without_video(job: Job, charged: int) -> Difference | None:
    if charged and job.status in (Status.FAILED, Status.LOST):
        return Difference(job, "charged, no video", charged)
    if charged and _is_without_file(job):
        note = "It was made, but its file couldn’t be fetched in time."
        return Difference(job, "charged, no video", charged, note)
    return None


def _is_without_file(job: Job) -> bool:
    """It was made, and none of its files is there, on its way, or thrown away by us."""
    return job.is_unkept and all(file.state in GONE for file in job.renditions.all())


def _wrong_charge(job: Job, charged: int) -> Difference | None:
    said = _said(job)
    if said > job.quote * CHARGE_FACTOR_MAX and charged == job.quote:
        note = f"The provider says {said:,}, which cannot be; the quote was taken."
        return Difference(job, "implausible charge", said - charged, note)
    if charged > job.quote:
        note = f"Quoted {job.quote:,}, charged {charged:,}."
        return Difference(job, "charged more than quoted", charged - job.quote, note)
    return None


def _is_known_free(job: Job) -> bool:
    """The provider itself said that the job cost nothing."""
    stated = job.error_code == WRITTEN_OFF
    return job.status == Status.FAILED and not job.charged and not stated


def _said(job: Job) -> int:
    """The provider's charge in our credits."""
    charge = job.provider_credits_charged
    return 0 if charge is None else math.ceil(in_our_credits(job, charge))
