"""What a notice says, and where it leads: the same in the bell, in the browser and in mails."""

from __future__ import annotations

from dataclasses import dataclass

from django.urls import reverse
from django.utils.text import Truncator

from jobs.letters import isolated
from jobs.models import (
    BudgetRequest,
    BudgetWarning,
    Job,
    Notice,
    Rendition,
    ReviewNote,
    Trouble,
)
from jobs.models.jobs.rendition import picture_of
from jobs.models.jobs.status import Status
from jobs.providers.base import UPGRADES, Kind, size_name
from jobs.templatetags.dailies import clock

NAME_LENGTH = 80
SAID = {
    ReviewNote.Kind.COMMENT: ("commented", "commented on take {}"),
    ReviewNote.Kind.CHANGES: ("asked for changes", "asked for changes to take {}"),
    ReviewNote.Kind.PICK: ("picked a video", "picked take {}"),
    ReviewNote.Kind.APPROVE: ("approved a video", "approved take {}"),
}
"""What a visitor did with a video, and with one of several takes, which share their name."""
ICONS = {
    "ready": "film",
    "failed": "circle-alert",
    "look": "eye",
    "request": "coins",
    "decision": "coins",
    "comment": "pencil",
    "pick": "check",
    "budget": "coins",
    "trouble": "circle-alert",
}
PAGES = {
    Trouble.Kind.KEY: ("requests", ""),
    Trouble.Kind.PROVIDER: ("requests", "#outages"),
    Trouble.Kind.SILENT: ("system", ""),
    Trouble.Kind.DISK: ("system", ""),
    Trouble.Kind.LEDGER: ("system", ""),
    Trouble.Kind.FILMS: ("requests", "#unfinished"),
    Trouble.Kind.DOUBT: ("requests", "#unfinished"),
    Trouble.Kind.RESTORED: ("requests", "#restored"),
    Trouble.Kind.CALLBACKS: ("system", ""),
    Trouble.Kind.MODEL: ("prices", "#models"),
}
"""Where admins find what to do about each kind of trouble."""
OVER = "over"
"""Begins the fact of a notice that a trouble is over."""


@dataclass(frozen=True, slots=True)
class Line:
    """A notice as its person reads it."""

    notice: Notice
    what: str
    """What happened, in a few words."""
    name: str
    """The video it happened to; '' where it is about none."""
    detail: str
    """The reason, or the words of whoever said something."""
    path: str
    """The page it leads to."""
    poster: Rendition | None

    @property
    def headline(self) -> str:
        """In one line, where nothing else stands."""
        return f"{self.what}: {isolated(self.name)}" if self.name else self.what

    @property
    def icon(self) -> str:
        return ICONS[self.notice.kind]


def line_of(notice: Notice) -> Line:
    """Reads what `in_full` has fetched."""
    if notice.job:
        return _of_job(notice, notice.job)
    if notice.request:
        return _of_request(notice, notice.request)
    if notice.note:
        return _of_note(notice, notice.note)
    if notice.warning:
        return _of_warning(notice, notice.warning)
    if notice.trouble:
        return _of_trouble(notice, notice.trouble)
    raise ValueError(f"notice {notice.pk} is about nothing")


def _of_job(notice: Notice, job: Job) -> Line:
    what, detail = _end_of(notice, job), ""
    if notice.kind != Notice.Kind.READY:
        detail = job.error or _trouble_of_file(job)
    video = _video_of(job)
    path = reverse("job", args=[video.pk])
    return Line(notice, what, _name(video), detail, path, _poster(job, video))


def _made(job: Job) -> str:
    """Which it is of those that share a name; '' where there is one alone."""
    if job.kind in UPGRADES:
        size = size_name(UPGRADES[Kind(job.kind)])
        take = job.source.take if job.source else None
        return f"{size} of take {take}" if take else size
    if job.kind == Kind.EXTEND:
        return "Longer video"
    return f"Take {job.take}" if job.take else ""


def _end_of(notice: Notice, job: Job) -> str:
    made = _made(job)
    match notice.kind:
        case Notice.Kind.READY:
            return f"{made} ready" if made else "Ready"
        case Notice.Kind.FAILED:
            how = "lost" if job.status == Status.LOST else "failed"
            return f"{made} {how}" if made else how.capitalize()
        case _ if job.status == Status.SUCCEEDED:
            unsaved = "but its file couldn’t be saved"
            return f"{made} made, {unsaved}" if made else f"Made, {unsaved}"
        case _:
            return f"{made} needs a look" if made else "Needs a look"


def _trouble_of_file(job: Job) -> str:
    return next((file.problem for file in job.renditions.all() if file.problem), "")


def _of_request(notice: Notice, asked: BudgetRequest) -> Line:
    job = asked.job
    if job and job.trashed_at:
        # What was decided is told still; a video in the trash is named to nobody.
        job = None
    credits = f"{asked.credits:,} credits"
    if notice.kind == Notice.Kind.REQUEST:
        what, detail = f"{isolated(asked.requester.label)} asks for {credits}", asked.reason
        path = f"{reverse('requests')}#request-{asked.pk}"
    else:
        who = isolated(asked.decided_by.label) if asked.decided_by else "An admin"
        is_yes = asked.state == BudgetRequest.State.APPROVED
        what = f"{who} {'approved' if is_yes else 'declined'} {credits}"
        detail = asked.answer
        page = reverse("job", args=[job.pk]) if job else reverse("credits")
        path = page if job else f"{page}#request-{asked.pk}"
    return Line(notice, what, _name(job) if job else "", detail, path, None)


def _of_note(notice: Notice, note: ReviewNote) -> Line:
    video = _video_of(note.take.rendition.job)
    path = reverse("share", args=[note.link_id])
    picture = note.take.rendition if note.take.rendition.has_picture else None
    alone, one_of_several = SAID[ReviewNote.Kind(note.kind)]
    did = one_of_several.format(video.take) if video.take else alone
    moment = "" if note.seconds is None else f" at {clock(note.seconds)}"
    what = f"{isolated(note.name)} {did}{moment}"
    return Line(notice, what, _name(video), note.text, path, picture)


def _of_warning(notice: Notice, warning: BudgetWarning) -> Line:
    budget = warning.budget
    if budget.owner_id == notice.person_id:
        what = f"You have used {warning.percent}% of your credits"
    elif budget.owner:
        what = f"{isolated(budget.owner.label)} has used {warning.percent}% of their credits"
    elif budget.project:
        name = isolated(budget.project.name)
        what = f"The project {name} has used {warning.percent}% of its budget"
    else:
        what = f"The team has used {warning.percent}% of this month’s credits"
    path = reverse("credits" if budget.owner_id == notice.person_id else "budgets")
    detail = "Videos that no longer fit wait for an admin’s approval."
    return Line(notice, what, "", detail, path, None)


def _of_trouble(notice: Notice, trouble: Trouble) -> Line:
    name, place = PAGES[Trouble.Kind(trouble.kind)]
    what = f"Over: {trouble.text}" if notice.fact.startswith(OVER) else trouble.text
    return Line(notice, what, "", "", f"{reverse(name)}{place}", None)


def _name(job: Job) -> str:
    return Truncator(job.label).chars(NAME_LENGTH)


def _video_of(job: Job) -> Job:
    """The video on whose page a larger copy stands."""
    return job.source if job.kind in UPGRADES and job.source else job


def _poster(*jobs: Job) -> Rendition | None:
    return next(filter(None, map(picture_of, jobs)), None)
