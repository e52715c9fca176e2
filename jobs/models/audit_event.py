from __future__ import annotations

import logging
from collections.abc import Iterable
from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING, Any, ClassVar, Self

from django.conf import settings
from django.db import models, transaction
from django.utils import timezone

from jobs.models.computed import SearchedQuerySet, SearchField

if TYPE_CHECKING:
    from jobs.models.jobs.job import Job
    from jobs.models.team.user import User


logger = logging.getLogger(__name__)

SIGNED_IN, SIGN_IN_FAILED, SIGN_IN_HELD_UP = "signed in", "sign-in failed", "sign-in held up"
PROOF_FAILED, PROOF_HELD_UP = "wrong password", "wrong passwords held up"
CODE_FAILED, CODES_HELD_UP = "wrong code", "wrong codes held up"
LINK_MAILED = "password link mailed"
STRANGERS = (SIGN_IN_FAILED, SIGN_IN_HELD_UP, LINK_MAILED)
"""Done by nobody who is known."""
SIGN_INS = (
    *(SIGNED_IN, SIGN_IN_FAILED, SIGN_IN_HELD_UP),
    *(PROOF_FAILED, PROOF_HELD_UP, CODE_FAILED, CODES_HELD_UP),
)


class AuditEventQuerySet(SearchedQuerySet["AuditEvent"]):
    def create(self, **values: Any) -> AuditEvent:
        """Write one, and a line of the log."""
        event = super().create(**values)
        transaction.on_commit(event.log)
        return event

    def bulk_create(
        self, objs: Iterable[AuditEvent], *args: Any, **options: Any
    ) -> list[AuditEvent]:
        """Write many, and a line of the log for each."""
        events = super().bulk_create(objs, *args, **options)
        for event in events:
            transaction.on_commit(event.log)
        return events

    def for_pages(self) -> Self:
        """Each with its person and its jobs, as a page shows them."""
        return self.select_related("actor", "job", "after_job")

    def of_changes(self) -> Self:
        """Without those that only tell who came, and who tried to."""
        return self.exclude(action__in=SIGN_INS)

    def by_server(self) -> Self:
        """What no person has done: a command, or the follower."""
        return self.filter(actor=None).exclude(action__in=STRANGERS)

    def between(self, first: date | None, last: date | None) -> Self:
        """Events of these days in TIME_ZONE, both included."""
        found = self
        if first:
            found = found.filter(created_at__gte=_midnight(first))
        if last:
            found = found.filter(created_at__lt=_midnight(last + timedelta(days=1)))
        return found


def _midnight(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time()))


class AuditEvent(models.Model):
    """A change by somebody: of a price, a key, a role or a job; from what to what, and why."""

    actor: models.ForeignKey[User | None, User | None] = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )
    """None where a command on the server did it, or somebody who is not signed in."""
    action = models.CharField(max_length=40)
    subject = models.CharField(max_length=200)
    before = models.CharField(max_length=200, blank=True, default="")
    after = models.CharField(max_length=200, blank=True, default="")
    reason = models.CharField(max_length=300, blank=True, default="")
    job: models.ForeignKey[Job | None, Job | None] = models.ForeignKey(
        "Job", null=True, on_delete=models.PROTECT, related_name="+"
    )
    """The job that `subject` names, if it names one."""
    after_job: models.ForeignKey[Job | None, Job | None] = models.ForeignKey(
        "Job", null=True, on_delete=models.PROTECT, related_name="+"
    )
    """The job that `after` names, if it names one."""
    created_at = models.DateTimeField(auto_now_add=True)
    searchable = SearchField("action", "subject", "before", "after", "reason")

    objects: ClassVar[AuditEventQuerySet] = AuditEventQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        ordering = ["-id"]

    def log(self) -> None:
        """Leave a line for whoever watches the log, unless signing in has left its own.

        What it is about stays out of there: a subject may be the words of a prompt.
        """
        if self.action not in (*SIGN_INS, *STRANGERS):
            by = self.actor.username if self.actor else self.stranger
            logger.info("%s: by=%s audit=%s job=%s", self.action, by, self.pk, self.job_id or "-")

    @property
    def stranger(self) -> str:
        """Whom to name where there is no actor."""
        return "somebody not signed in" if self.action in STRANGERS else "the server"
