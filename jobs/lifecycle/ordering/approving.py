"""An order that its budget does not hold: parked, and approved, declined or tried again."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import F
from django.db.models.functions import Now

from jobs import ledger, news, queue
from jobs.letters import isolated
from jobs.lifecycle.moves import move, touch
from jobs.lifecycle.ordering import building_on, preconditions
from jobs.lifecycle.ordering.submission import NotSubmitted, submission_of
from jobs.models import AuditEvent, BudgetRequest, Job, Notice, Project, User
from jobs.models.jobs.status import Status
from jobs.times import clock, moments


class AlreadyDecided(Exception):
    """Somebody else answered this request, or took it back, before."""

    def __init__(self, request: BudgetRequest) -> None:
        state = request.get_state_display().lower()
        is_needed = request.state != BudgetRequest.State.UNNEEDED
        been = "has already been" if is_needed else "is"
        self.user_message = f"This request {been} {state}."
        super().__init__(self.user_message)


def lacking(short: ledger.NotEnough, owner: User, reader: User, *, takes: int = 1) -> str:
    """Say in a sentence to this reader why the owner's order of so many takes does not fit."""
    budget = short.budget
    if budget.owner:
        return lacking_own(short.needed, short.available, owner, reader, takes=takes)
    needs, left = needed(short.needed, takes), f"{short.available:,}"
    if budget.project:
        return f"{needs}, but the project {isolated(budget.project.name)} has {left} left."
    if budget.until:
        return f"{needs}, but the team has {left} left until {moments.in_words(budget.until)}."
    return f"{needs}, but the team has {left} left."


def too_dear(short: ledger.NotEnough, owner: User, takes: int) -> NotSubmitted:
    """The refusal of what a budget does not hold, where nobody is to be asked."""
    if short.frozen:
        return NotSubmitted(
            "A budget is frozen because its figures don’t add up. Nothing was sent. Please tell "
            "an admin.",
            cause="frozen",
        )
    sentence = f"{lacking(short, owner, owner, takes=takes)} Ask an admin for more."
    return NotSubmitted(sentence, cause="budget")


def lacking_own(credits: int, available: int, owner: User, reader: User, *, takes: int = 1) -> str:
    """Say to this reader that the owner's own credits do not pay for the owner's order."""
    needs = needed(credits, takes)
    if owner == reader:
        return f"{needs}, but you have {available:,}."
    return f"{needs}, but {isolated(owner.label)} has {available:,}."


def needed(credits: int, takes: int) -> str:
    """The beginning of those sentences."""
    if takes == 1:
        return f"This needs {credits:,} credits"
    return f"These {takes} takes need {credits:,} credits"


def admit(job: Job, by: User, *, raised: str = "") -> None:
    """Send a parked job after all, with the takes that wait with it, if their budgets hold them.

    `raised`: why an admin has just made them hold it, which approves its request; else nobody had
    to decide anything. Raises `NotSubmitted` with what is missing, and leaves them parked.
    """
    state = BudgetRequest.State.APPROVED if raised else BudgetRequest.State.UNNEEDED
    answer = raised or "It fits its budget now."
    with transaction.atomic():
        # The request before the job, as all who decide it take them.
        request = BudgetRequest.objects.filter(job=job)
        request.update(state=F("state"))
        parked = _parked(job.budget_request_id)
        _admit(parked if job in parked else [], by)
        if request.filter(state=BudgetRequest.State.OPEN).update(
            state=state, decided_by=by, decided_at=Now(), answer=answer
        ):
            news.decided(request.get(), by=by, is_answer=bool(raised))


def approve(request: BudgetRequest, by: User, *, answer: str = "") -> None:
    """Grant what is asked for. What is parked gets what it lacks, for it alone, and sends itself.

    Raises `AlreadyDecided`, or `NotSubmitted` where it cannot be made any more.
    """
    with transaction.atomic():
        _decide(request, BudgetRequest.State.APPROVED, by, answer)
        if request.job is None:
            reason = f"Asked for: {request.reason}"[:300]
            ledger.grant(request.requester, request.credits, reason=reason, actor=by)
            return
        reason = f"Approved for this video only. {answer}".strip()[:300]
        _admit(_parked(request.pk), by, granting=reason)


def decline(request: BudgetRequest, by: User, *, answer: str) -> None:
    """Refuse a request with a sentence; what is parked is then over, and has cost nothing.

    Raises `AlreadyDecided`.
    """
    with transaction.atomic():
        _decide(request, BudgetRequest.State.DECLINED, by, answer)
        for job in _parked(request.pk):
            move(
                job.pk,
                (Status.AWAITING_BUDGET,),
                Status.CANCELED,
                f"Declined: {isolated(answer)}",
                actor=by,
                charged=0,
                finished_at=Now(),
                error_code="declined",
                error=f"{isolated(by.label)} declined: {isolated(answer)}"[:500],
            )


def withdraw_request(job: Job, by: User) -> None:
    """Ask no longer for a parked job that was called off; for the takes that wait with it, still.

    In the transaction that has locked the request.
    """
    request = BudgetRequest.objects.filter(job=job, state=BudgetRequest.State.OPEN)
    if others := _parked(job.budget_request_id):
        request.update(credits=F("credits") - job.quote)
        for each in others:
            # Their cards tell what is still needed.
            touch(each)
    else:
        request.update(state=BudgetRequest.State.WITHDRAWN, decided_by=by, decided_at=Now())
        news.settle(Notice.Kind.REQUEST, request=job.budget_request_id)


def ask_ahead(
    requester: User, credits: int, *, reason: str, project: Project | None, key: UUID
) -> BudgetRequest:
    """Ask for credits before there is a job that needs them. The same key asks once.

    Raises `NotSubmitted` where that form was sent with other content before, and of who has as
    many requests open as one may have.
    """
    if not BudgetRequest.objects.filter(submission_key=key).exists():
        preconditions.require_place(requester)
    with transaction.atomic():
        request, is_new = BudgetRequest.objects.get_or_create(
            submission_key=key,
            requester=requester,
            defaults={"credits": credits, "reason": reason, "project": project},
        )
        if is_new:
            news.asked(request)
    if (request.credits, request.reason, request.project) != (credits, reason, project):
        raise NotSubmitted(
            "This form was already sent with other content. Check below before you ask again."
        )
    return request


def _parked(request_id: int | None) -> list[Job]:
    """The jobs that wait for this request, read anew: what was raised stands on their owner and
    their project.
    """
    if request_id is None:
        return []
    rows = Job.objects.filter(budget_request=request_id, status=Status.AWAITING_BUDGET)
    return list(rows.select_related("owner", "payer", "paid_project", "source", "credential"))


def _admit(jobs: Sequence[Job], by: User, *, granting: str = "") -> None:
    """Queue parked jobs if their budgets hold them, or are made to for the reason given."""
    preconditions.require_disk()
    if not jobs:
        raise NotSubmitted("This video is no longer waiting for its budget.")
    for job in jobs:
        _require_possible(job)
    day = ledger.today()
    for job in jobs:
        job.booked_on = day
        if not move(
            job.pk,
            (Status.AWAITING_BUDGET,),
            Status.QUEUED,
            f"{job.quote} credits reserved",
            actor=by,
            booked_on=day,
            wake_at=clock.after(queue.FIRST_WAKE_UP_SECONDS),
            error="",
        ):
            raise NotSubmitted("This video is no longer waiting for its budget.")
    try:
        if granting:
            for job in jobs:
                ledger.approve_once(job, actor=by, reason=granting)
                ledger.reserve(job)
        else:
            ledger.reserve(*jobs)
    except ledger.NotEnough as short:
        said = lacking(short, jobs[0].owner, by, takes=1 if granting else len(jobs))
        raise NotSubmitted(said, cause="budget") from short
    for job in jobs:
        queue.start(job.pk)


def _require_possible(job: Job) -> None:
    """Require what may have changed since the job was parked."""
    if job.practice != settings.PRACTICE:
        raise NotSubmitted("It was requested in the other mode. Decline it, or switch back.")
    preconditions.require_model(submission_of(job))
    if job.source and job.credential is None:
        raise NotSubmitted("The key its video was made with is gone, so this can’t be made.")
    if job.source:
        # Locked as at a submission: what else is asked for at once must see this one.
        Job.objects.filter(pk=job.source.pk).update(version=F("version"))
        if reason := building_on.refusal(job.source, job.kind, job.owner, parked=job):
            raise NotSubmitted(reason, cause="source")


def _decide(request: BudgetRequest, state: BudgetRequest.State, by: User, answer: str) -> None:
    rows = BudgetRequest.objects.filter(pk=request.pk, state=BudgetRequest.State.OPEN)
    if not rows.update(state=state, decided_by=by, decided_at=Now(), answer=answer):
        request.refresh_from_db()
        raise AlreadyDecided(request)
    # Of several takes some may have been called off since it was read.
    request.refresh_from_db(fields=["credits"])
    job = request.job
    AuditEvent.objects.create(
        actor=by,
        action=f"request {state.label.lower()}",
        subject=f"{request.credits:,} credits for {request.requester.username}",
        after=f"job {job.pk}" if job else "",
        after_job=job,
        reason=answer,
    )
    news.decided(request, by=by)
