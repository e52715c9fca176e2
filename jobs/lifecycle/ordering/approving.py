"""A job that its budget does not hold: parked, and approved, declined or tried again."""

from __future__ import annotations

from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import F
from django.db.models.functions import Now

from jobs import clock, ledger, moments, queue
from jobs.letters import isolated
from jobs.lifecycle.moves import move
from jobs.lifecycle.ordering import building_on, preconditions
from jobs.lifecycle.ordering.submission import NotSubmitted
from jobs.models import AuditEvent, BudgetRequest, Job, Project, User
from jobs.models.jobs.status import Status

WAKE_UP_SECONDS = 10


class AlreadyDecided(Exception):
    """Somebody else answered this request, or took it back, before."""

    def __init__(self, request: BudgetRequest) -> None:
        state = request.get_state_display().lower()
        is_needed = request.state != BudgetRequest.State.UNNEEDED
        been = "has already been" if is_needed else "is"
        self.user_message = f"This request {been} {state}."
        super().__init__(self.user_message)


def lacking(short: ledger.NotEnough, owner: User, reader: User) -> str:
    """Say in a sentence to this reader why the owner's job does not fit."""
    needed, left, budget = f"{short.needed:,}", f"{short.available:,}", short.budget
    if budget.owner:
        return lacking_own(short.needed, short.available, owner, reader)
    if budget.project:
        return (
            f"This needs {needed} credits, but the project {isolated(budget.project.name)} has "
            f"{left} left."
        )
    if budget.until:
        until = moments.in_words(budget.until)
        return f"This needs {needed} credits, but the team has {left} left until {until}."
    return f"This needs {needed} credits, but the team has {left} left."


def lacking_own(needed: int, available: int, owner: User, reader: User) -> str:
    """Say to this reader that the owner's own credits do not pay for the owner's job."""
    if owner == reader:
        return f"This needs {needed:,} credits, but you have {available:,}."
    return f"This needs {needed:,} credits, but {isolated(owner.label)} has {available:,}."


def admit(job: Job, by: User, *, raised: str = "") -> None:
    """Send a parked job after all, if its budgets hold it by now.

    `raised`: why an admin has just made them hold it, which approves its request; else nobody had
    to decide anything. Raises `NotSubmitted` with what is missing, and leaves it parked.
    """
    state = BudgetRequest.State.APPROVED if raised else BudgetRequest.State.UNNEEDED
    answer = raised or "It fits its budget now."
    with transaction.atomic():
        # The request before the job, as all who decide it take them.
        BudgetRequest.objects.filter(job=job).update(state=F("state"))
        _admit(job, by)
        BudgetRequest.objects.filter(job=job, state=BudgetRequest.State.OPEN).update(
            state=state, decided_by=by, decided_at=Now(), answer=answer
        )


def approve(request: BudgetRequest, by: User, *, answer: str = "") -> None:
    """Grant what is asked for. A parked job gets what it lacks, for it alone, and sends itself.

    Raises `AlreadyDecided`, or `NotSubmitted` where the job cannot be made any more.
    """
    job = request.job
    with transaction.atomic():
        _decide(request, BudgetRequest.State.APPROVED, by, answer)
        if job is None:
            reason = f"Asked for: {request.reason}"[:300]
            ledger.grant(request.requester, request.credits, reason=reason, actor=by)
            return
        _admit(job, by, granting=f"Approved for this video only. {answer}".strip()[:300])


def decline(request: BudgetRequest, by: User, *, answer: str) -> None:
    """Refuse a request with a sentence; a parked job is then over, and has cost nothing.

    Raises `AlreadyDecided`.
    """
    with transaction.atomic():
        _decide(request, BudgetRequest.State.DECLINED, by, answer)
        if request.job:
            move(
                request.job.pk,
                (Status.AWAITING_BUDGET,),
                Status.CANCELED,
                f"Declined: {isolated(answer)}",
                actor=by,
                charged=0,
                finished_at=Now(),
                error_code="declined",
                error=f"{isolated(by.label)} declined: {isolated(answer)}"[:500],
            )


def ask_ahead(
    requester: User, credits: int, *, reason: str, project: Project | None, key: UUID
) -> BudgetRequest:
    """Ask for credits before there is a job that needs them. The same key asks once.

    Raises `NotSubmitted` where that form was sent with other content before, and of who has as
    many requests open as one may have.
    """
    if not BudgetRequest.objects.filter(submission_key=key).exists():
        preconditions.require_place(requester)
    request, _ = BudgetRequest.objects.get_or_create(
        submission_key=key,
        requester=requester,
        defaults={"credits": credits, "reason": reason, "project": project},
    )
    if (request.credits, request.reason, request.project) != (credits, reason, project):
        raise NotSubmitted(
            "This form was already sent with other content. Check below before you ask again."
        )
    return request


def _admit(job: Job, by: User, *, granting: str = "") -> None:
    """Queue a parked job if its budget holds it, or is made to hold it for the reason given."""
    preconditions.require_disk()
    if job.practice != settings.PRACTICE:
        raise NotSubmitted("It was requested in the other mode. Decline it, or switch back.")
    if job.source and job.credential is None:
        raise NotSubmitted("The key its video was made with is gone, so this can’t be made.")
    if job.source:
        # Locked as at a submission: what else is asked for at once must see this one.
        Job.objects.filter(pk=job.source.pk).update(version=F("version"))
        if reason := building_on.refusal(job.source, job.kind, job.owner, parked=job):
            raise NotSubmitted(reason, cause="source")
    job.booked_on = ledger.today()
    if not move(
        job.pk,
        (Status.AWAITING_BUDGET,),
        Status.QUEUED,
        f"{job.quote} credits reserved",
        actor=by,
        booked_on=job.booked_on,
        wake_at=clock.after(WAKE_UP_SECONDS),
        error="",
    ):
        raise NotSubmitted("This video is no longer waiting for its budget.")
    if granting:
        ledger.approve_once(job, actor=by, reason=granting)
    try:
        ledger.reserve(job)
    except ledger.NotEnough as short:
        raise NotSubmitted(lacking(short, job.owner, by), cause="budget") from short
    queue.start(job.pk)


def _decide(request: BudgetRequest, state: BudgetRequest.State, by: User, answer: str) -> None:
    rows = BudgetRequest.objects.filter(pk=request.pk, state=BudgetRequest.State.OPEN)
    if not rows.update(state=state, decided_by=by, decided_at=Now(), answer=answer):
        request.refresh_from_db()
        raise AlreadyDecided(request)
    AuditEvent.objects.create(
        actor=by,
        action=f"request {state.label.lower()}",
        subject=f"{request.credits:,} credits for {request.requester.username}",
        after=f"job {request.job.pk}" if request.job else "",
        after_job=request.job,
        reason=answer,
    )
