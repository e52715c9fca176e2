"""Somebody leaves for good: their work passes to a colleague, their keys are wiped.

What runs at a provider is followed to its end with their key first. Budgets, entries and the audit
stay under their name.
"""

from __future__ import annotations

import logging
from contextlib import suppress
from dataclasses import dataclass
from uuid import uuid4

from django.db import transaction
from django.db.models import F, Q
from django.db.models.functions import Now

from jobs import credentials, database, ledger, lifecycle, news
from jobs.letters import counts, isolated
from jobs.models import (
    AuditEvent,
    Budget,
    BudgetRequest,
    Credential,
    Image,
    Job,
    Notice,
    Preset,
    Project,
    PromptTemplate,
    Rendition,
    SavedView,
    ShareLink,
    User,
)
from jobs.models.jobs.job import Jobs
from jobs.models.jobs.status import LIVE, Status
from jobs.people.roles import PersonNotChanged, line_up, require_another, shut_out

logger = logging.getLogger(__name__)

WAITING = (Status.AWAITING_BUDGET, Status.AWAITING_PICK)


@dataclass(frozen=True, slots=True)
class Outlook:
    """The consequences of leaving for this person's things."""

    running: int
    """Jobs at a provider, those included whose file is still to be fetched."""
    queued: int
    parked: int
    ended: int
    """As far as it is counted."""
    images: int
    projects: int
    keys: list[Credential]
    credits: int
    """Granted, and neither spent nor held."""
    allowance: int


def outlook(person: User) -> Outlook:
    jobs = Job.objects.filter(owner=person)
    return Outlook(
        running=_unfinished(person).exclude(status__in=[*WAITING, Status.QUEUED]).count(),
        queued=jobs.filter(status=Status.QUEUED).count(),
        parked=jobs.filter(status__in=WAITING).count(),
        ended=_finished(person).order_by("-created_at")[: counts.COUNTED_MAX + 1].count(),
        images=Image.objects.filter(owner=person).count(),
        projects=Project.objects.filter(created_by=person).count(),
        keys=list(person.credentials.order_by("provider")),
        credits=sum(b.available for b in person.budgets.filter(period=None)),
        allowance=person.allowance,
    )


def leave(person: User, heir: User, by: User, *, reason: str, sends_queued: bool) -> None:
    """Let somebody go. What has ended passes to `heir` now, what runs when it has ended.

    Jobs that were not sent yet are called off, or with `sends_queued` sent after all; what waits
    for its budget or for a pick is called off in any case. Raises `PersonNotChanged`.
    """
    with transaction.atomic():
        _require(person, heir, by)
        User.objects.filter(pk=person.pk).update(is_active=False)
        shut_out(person)
    _call_off(person, by, sends_queued=sends_queued)
    with transaction.atomic():
        _require(person, heir, by)
        rows = User.objects.filter(pk=person.pk, is_active=False)
        if not rows.update(left_at=Now(), heir=heir):
            raise PersonNotChanged(
                f"{isolated(person.label)} was just reactivated. Nothing was passed on."
            )
        # Whose last jobs this person was to get: they go on to the next.
        User.objects.filter(heir=person).update(heir=heir)
        AuditEvent.objects.create(
            actor=by,
            action="person left",
            subject=person.username,
            before=person.role,
            after=f"work to {heir.username}",
            reason=reason,
        )
        Project.objects.filter(created_by=person).update(created_by=heir)
        PromptTemplate.objects.filter(author=person).update(author=heir)
        Preset.objects.filter(owner=person).delete()
        _pass_on_views(person, heir)
        # A picture that the colleague has as well stays: one person has each only once.
        theirs = Image.objects.filter(owner=heir).values("sha256")
        Image.objects.filter(owner=person).exclude(sha256__in=theirs).update(owner=heir)
        BudgetRequest.objects.filter(requester=person, state=BudgetRequest.State.OPEN).update(
            state=BudgetRequest.State.WITHDRAWN,
            decided_by=by,
            decided_at=Now(),
            answer=f"{isolated(person.label)} has left the team.",
        )
        news.settle(Notice.Kind.REQUEST, request__requester=person.pk)
        _pass_on(person, heir)
        _take_back(person, by, f"Left the team: {reason}"[:300])
    _finish(person)


def finish_leaving() -> None:
    """Pass on what has ended meanwhile, and wipe the keys of those who have nothing running."""
    gave_back = Budget.objects.in_force(ledger.today()).filter(balance__gt=F("held"))
    late = Q(heir=None, left_at__isnull=False, pk__in=gave_back.values("owner"))
    for person in User.objects.filter(Q(heir__isnull=False) | late):
        try:
            if person.heir_id is None:
                _take_back_late(person)
            elif _is_due(person):
                _finish(person)
        except Exception as error:  # noqa: BLE001  # logged there
            # One odd row must not keep the others from their end, nor the follower from its work.
            said = "what %s left behind could not be passed on"
            database.broke(error, logger, said, person.pk)


def _pass_on_views(person: User, heir: User) -> None:
    """Those of the team go to the heir, but where that has another one of the name; the rest go."""
    SavedView.objects.filter(owner=person, is_shared=False).delete()
    taken = SavedView.objects.filter(owner=heir).values("name_key")
    SavedView.objects.filter(owner=person).exclude(name_key__in=taken).update(owner=heir)


def _require(person: User, heir: User, by: User) -> None:
    line_up(by)
    require_another(person, by)
    if not User.objects.filter(pk=heir.pk, is_active=True).exclude(pk=person.pk).exists():
        raise PersonNotChanged(f"{isolated(heir.label)} can’t take over. Choose an active person.")
    if not User.objects.filter(pk=person.pk, left_at=None).exists():
        raise PersonNotChanged(f"{isolated(person.label)} has already left.")


def _call_off(person: User, by: User, *, sends_queued: bool) -> None:
    # Each by itself: budgets are taken in one order within a job, not over many.
    unsent = WAITING if sends_queued else (*WAITING, Status.QUEUED)
    for job in Job.objects.filter(owner=person, status__in=unsent):
        lifecycle.cancel(job, by)


def _unfinished(person: User) -> Jobs:
    """Jobs that still need their owner's key: to be sent, to be asked about, to fetch a file."""
    # Found among the few that are under way, not among all that there ever were.
    live = Job.objects.filter(status__in=LIVE).order_by().values("pk")
    unstored = Rendition.objects.on_their_way().order_by().values("job")
    jobs = Job.objects.filter(pk__in=live.union(unstored))
    return jobs.filter(Q(owner=person) | Q(credential__owner=person))


def _finished(person: User) -> Jobs:
    unstored = Rendition.objects.on_their_way().values("job")
    open_ones = Q(status__in=[*LIVE, Status.AWAITING_BUDGET])
    return Job.objects.filter(owner=person).exclude(open_ones | Q(pk__in=unstored))


def _is_due(person: User) -> bool:
    """There is anything to do: to pass on, to call off, or to end with."""
    # A click that was under way while they left, and did not fit their budget any more.
    parked = Job.objects.filter(owner=person, status=Status.AWAITING_BUDGET)
    return _finished(person).exists() or parked.exists() or not _unfinished(person).exists()


def _pass_on(person: User, heir: User) -> None:
    ended = _finished(person)
    # Both have tried the same job again, say: the same click of two people.
    clicks = Job.objects.filter(owner=heir).values("submission_key")
    for job_id in list(ended.filter(submission_key__in=clicks).values_list("pk", flat=True)):
        Job.objects.filter(pk=job_id).update(submission_key=uuid4())
    # Nothing new is made with the key of somebody who has left.
    ended.filter(credential__owner=person).update(credential=None)
    # As if they were moved: pages that show what is this person's hold them no longer.
    ended.update(owner=heir, version=F("version") + 1, changed_at=Now(), moved_at=Now())


def _take_back(person: User, by: User | None, reason: str) -> None:
    # A job that ends in this moment gives back more: the next round finds it.
    with suppress(ledger.NotEnough):
        if unspent := ledger.granted_to(person).available:
            ledger.grant(person, -unspent, reason=reason, actor=by)
    # By now there is nothing left but an allowance, or what a job gave back to it.
    now = User.objects.get(pk=person.pk)
    if now.allowance or ledger.standing_of(now).available:
        ledger.end_allowance(now, reason=reason, actor=by)


@transaction.atomic
def _take_back_late(person: User) -> None:
    """Take back what a lost job returned when it turned up after its payer had gone."""
    rows = User.objects.filter(pk=person.pk, left_at__isnull=False)
    # Locked until the end: whoever lets this person in again comes before or after.
    if rows.update(left_at=F("left_at")):
        _take_back(person, None, "Left the team: a lost job gave it back")


@transaction.atomic
def _finish(person: User) -> None:
    rows = User.objects.filter(pk=person.pk, heir__isnull=False)
    # Locked until the end: whoever lets this person in again comes before or after.
    rows.update(heir=F("heir"))
    now = rows.select_related("heir").first()
    if now is None or now.heir is None:
        return
    # Links before the jobs that await a pick on them, as whoever ends a link takes them.
    ShareLink.objects.filter(owner=person).update(owner=now.heir)
    # A click that was under way while they left.
    _call_off(person, now.heir, sends_queued=True)
    _pass_on(person, now.heir)
    _take_back(person, None, "Left the team: freed when a job ended")
    if _unfinished(person).exists():
        return
    for credential in person.credentials.all():
        credentials.remove(credential, actor=None)
    rows.update(heir=None)
