"""The doors of the facts that people are told of, called in the transaction that makes each."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db.models import Max, Q

from jobs.models import (
    BudgetRequest,
    BudgetWarning,
    Job,
    Notice,
    NoticeWish,
    Rendition,
    ReviewNote,
    Trouble,
    User,
)
from jobs.models.jobs.status import Status
from jobs.news.seeing import settle
from jobs.news.wishes import next_digest, wishes_about
from jobs.news.wording import OVER
from jobs.providers.base import Part
from jobs.times import clock

Kind = Notice.Kind
SENT_AGAIN = "sent-again"
"""The error code of a job in whose place another one goes on: its end is no news."""
JUDGEMENTS = (ReviewNote.Kind.PICK, ReviewNote.Kind.APPROVE)
BUNDLE_SECONDS = 60
"""What else happens meanwhile goes into the same mail; and what was seen by then, into none."""
TROUBLE = "trouble"
"""Begins the fact of a notice that a trouble is there."""
TROUBLE_SECONDS = 3600
ADMINS = Q(role=User.Role.ADMIN)


def moved(job_id: UUID, before: str, after: str, *, by: User | None) -> None:
    """A job stands elsewhere: say so where its end, or the doubt about it, is news to its owner."""
    if before == Status.UNCERTAIN:
        # Whatever became of it: there is nothing to look at any more.
        settle(Kind.LOOK, job=job_id)
    if after not in (Status.UNCERTAIN, Status.FAILED, Status.LOST):
        return
    job = Job.objects.select_related("owner").only("owner", "claims", "error_code").get(pk=job_id)
    if job.owner == by or job.error_code == SENT_AGAIN:
        return
    if after == Status.UNCERTAIN:
        _tell(_owner(job), Kind.LOOK, f"look {job_id} {job.claims}", job_id=job_id)
    else:
        _tell(_owner(job), Kind.FAILED, f"failed {job_id}", job_id=job_id)


def ready(rendition: Rendition) -> None:
    """The file that people wait for is kept, and can be played."""
    if rendition.part == Part.FILM:
        job = rendition.job
        _tell(_owner(job), Kind.READY, f"ready {job.pk}", job_id=job.pk)


def lost_file(rendition: Rendition) -> None:
    """A paid video is made, and its file could not be kept."""
    if rendition.part == Part.FILM:
        job = rendition.job
        _tell(_owner(job), Kind.LOOK, f"file {rendition.pk}", job_id=job.pk)


def asked(request: BudgetRequest) -> None:
    """Somebody asks for credits; the other admins can answer."""
    others = ADMINS & ~Q(pk=request.requester_id)
    _tell(others, Kind.REQUEST, f"request {request.pk}", request=request)


def decided(request: BudgetRequest, *, by: User, is_answer: bool = True) -> None:
    """A request is open no more; `is_answer` where somebody decided about it."""
    settle(Kind.REQUEST, request=request.pk)
    if is_answer and by.pk != request.requester_id:
        whose = Q(pk=request.requester_id)
        _tell(whose, Kind.DECISION, f"decision {request.pk}", request=request)


def said(note: ReviewNote) -> None:
    """A visitor said something of a take on a link."""
    kind = Kind.PICK if note.kind in JUDGEMENTS else Kind.COMMENT
    _tell(Q(pk=note.link.owner_id), kind, f"note {note.pk}", note=note)


def warned(warning: BudgetWarning) -> None:
    """A budget passed a threshold: its person, and the admins, who pay."""
    whose = ADMINS | Q(pk=warning.budget.owner_id)
    _tell(whose, Kind.BUDGET, f"budget {warning.pk}", warning=warning)


def troubled(trouble: Trouble) -> None:
    """Something needs an admin. Of each they are mailed once an hour at most, and of keys, which
    may be many at once, once an hour of all."""
    lately = clock.after(-TROUBLE_SECONDS)
    told = Notice.objects.filter(
        trouble__kind=trouble.kind, fact__startswith=TROUBLE, mail_at__gt=lately
    )
    if trouble.kind != Trouble.Kind.KEY:
        told = told.filter(trouble__subject=trouble.subject)
    latest = told.aggregate(moment=Max("mail_at"))["moment"]
    not_before = latest + timedelta(seconds=TROUBLE_SECONDS) if latest else None
    fact = f"{TROUBLE} {trouble.pk}"
    _tell(ADMINS, Kind.TROUBLE, fact, not_before=not_before, trouble=trouble)


def untroubled(trouble: Trouble, *, is_news: bool) -> None:
    """It is over. Who was mailed of it is told so, if that is news; to all others it is none."""
    mailed = Notice.objects.filter(trouble=trouble, mailing__isnull=False)
    whose = ADMINS & Q(pk__in=list(mailed.values_list("person", flat=True)))
    settle(Kind.TROUBLE, trouble=trouble.pk)
    if is_news:
        _tell(whose, Kind.TROUBLE, f"{OVER} {trouble.pk}", trouble=trouble)


def _owner(job: Job) -> Q:
    """Whose video it is, also where they have left and it passes to somebody else."""
    return Q(pk=job.owner.heir_id or job.owner_id)


def _tell(
    whose: Q, kind: Notice.Kind, fact: str, *, not_before: datetime | None = None, **about: Any
) -> None:
    people = list(User.objects.filter(whose, is_active=True).order_by("pk"))
    wishes = wishes_about(kind, people)
    notices = [
        Notice(
            person=each,
            kind=kind,
            fact=fact,
            is_listed=wishes[each.pk].bell,
            is_digest=wishes[each.pk].mail == NoticeWish.Mail.DIGEST,
            mail_at=_mail_at(wishes[each.pk], not_before),
            **about,
        )
        for each in people
    ]
    # The studio tells decisions at its top, whatever the bell lists.
    told = [each for each in notices if each.is_listed or each.mail_at or kind == Kind.DECISION]
    # Who was told already, by whichever way the fact came first, is not told again.
    Notice.objects.bulk_create(told, ignore_conflicts=True)


def _mail_at(wish: NoticeWish, not_before: datetime | None) -> Any:
    if not settings.HAS_MAIL or wish.mail == NoticeWish.Mail.NEVER:
        return None
    if wish.mail == NoticeWish.Mail.DIGEST:
        return next_digest()
    return not_before or clock.after(BUNDLE_SECONDS)
