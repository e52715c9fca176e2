from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Self

from django.apps import apps
from django.conf import settings
from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.db.models.functions import Now

if TYPE_CHECKING:
    from jobs.models.jobs.job import Job
    from jobs.models.money.budget_request import BudgetRequest, BudgetWarning
    from jobs.models.news.mailing import Mailing
    from jobs.models.news.trouble import Trouble
    from jobs.models.shares.review_note import ReviewNote
    from jobs.models.team.user import User

ABOUT = {
    "job": ("ready", "failed", "look"),
    "request": ("request", "decision"),
    "note": ("comment", "pick"),
    "warning": ("budget",),
    "trouble": ("trouble",),
}
"""What each kind is about, by the field that says so."""
FULL = (
    "job__source",
    "request__requester",
    "request__decided_by",
    "note__take__rendition__job__source",
    "warning__budget__owner",
    "warning__budget__project",
    "trouble",
)


def _is_about_one_thing() -> Q:
    """Each kind is about the one thing that it can be about, and about nothing else."""
    fits = Q()
    for field, kinds in ABOUT.items():
        empty = {f"{other}__isnull": True for other in ABOUT if other != field}
        fits |= Q(kind__in=kinds, **{f"{field}__isnull": False}, **empty)
    return fits


class NoticeQuerySet(models.QuerySet["Notice"]):
    def readable_by(self, user: User) -> Self:
        """Those of this person that are about something they may see by now, and no other's."""
        videos = apps.get_model("jobs.Job").objects.visible_to(user)
        seen = Q(job=None) | Exists(videos.filter(pk=OuterRef("job")).order_by())
        # What was said of a video is read as long as its link shows it: see `shares.takes_of`.
        shown = Q(note=None) | Q(note__take__rendition__job__trashed_at=None)
        rows = self.filter(seen, shown, person=user.pk)
        if user.is_admin:
            return rows
        of_admins = Q(kind__in=["request", "trouble"]) | (
            Q(kind="budget") & ~Q(warning__budget__owner=user.pk)
        )
        of_others = Q(note__isnull=False) & ~Q(note__link__owner=user.pk)
        return rows.exclude(of_admins | of_others)

    def unseen(self) -> Self:
        return self.filter(seen_at=None)

    def listed(self) -> Self:
        """Those that the bell shows."""
        return self.filter(is_listed=True)

    def to_mail(self) -> Self:
        """Those that stand in no mail yet, and are to. Served by the index notice_to_mail."""
        return self.filter(mail_at__isnull=False, mailing=None, seen_at=None)

    def in_full(self) -> Self:
        """With everything that is told of one, the newest first: constant queries."""
        rows = self.select_related(*FULL).order_by("-pk")
        return rows.prefetch_related("job__renditions", "job__source__renditions", "request__jobs")


class Notice(models.Model):
    """One person is told of one fact, once. Written in the transaction of the fact itself."""

    class Kind(models.TextChoices):
        READY = "ready", "A video of yours is ready"
        FAILED = "failed", "A video of yours failed"
        LOOK = "look", "A video of yours needs a look"
        REQUEST = "request", "Someone asks for credits"
        DECISION = "decision", "An admin answers your request"
        COMMENT = "comment", "A client comments or asks for changes"
        PICK = "pick", "A client picks or approves"
        BUDGET = "budget", "A budget is nearly used up"
        TROUBLE = "trouble", "The server, a key or a provider needs an admin"

    person: models.ForeignKey[User, User] = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="notices", db_index=False
    )
    kind = models.CharField(max_length=8, choices=Kind)
    fact = models.CharField(max_length=80)
    """The name of the fact: told twice, it is one notice."""
    job: models.ForeignKey[Job | None, Job | None] = models.ForeignKey(
        "jobs.Job", null=True, on_delete=models.CASCADE, related_name="notices"
    )
    request: models.ForeignKey[BudgetRequest | None, BudgetRequest | None] = models.ForeignKey(
        "jobs.BudgetRequest", null=True, on_delete=models.CASCADE, related_name="notices"
    )
    note: models.ForeignKey[ReviewNote | None, ReviewNote | None] = models.ForeignKey(
        "jobs.ReviewNote", null=True, on_delete=models.CASCADE, related_name="notices"
    )
    warning: models.ForeignKey[BudgetWarning | None, BudgetWarning | None] = models.ForeignKey(
        "jobs.BudgetWarning", null=True, on_delete=models.CASCADE, related_name="notices"
    )
    trouble: models.ForeignKey[Trouble | None, Trouble | None] = models.ForeignKey(
        "jobs.Trouble", null=True, on_delete=models.CASCADE, related_name="notices"
    )
    made_at = models.DateTimeField(db_default=Now())
    seen_at = models.DateTimeField(null=True)
    """The moment at which its person saw it, on whichever device; or at which it was no news any
    more."""

    is_listed = models.BooleanField(default=True)
    """The bell shows it; else it is for a mail alone."""
    is_digest = models.BooleanField(default=False)
    mail_at = models.DateTimeField(null=True)
    """The moment from which it may go out by e-mail, with what else there is; null for never."""
    mailing: models.ForeignKey[Mailing | None, Mailing | None] = models.ForeignKey(
        "jobs.Mailing", null=True, on_delete=models.SET_NULL, related_name="notices"
    )
    """The one e-mail that it stands in, or would have."""

    objects: ClassVar[NoticeQuerySet] = NoticeQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["person", "fact"], name="notice_once_of_a_fact"),
            models.CheckConstraint(name="notice_about_one_thing", condition=_is_about_one_thing()),
        ]
        indexes = [
            # The list, and the newest one, of which every poll tells.
            models.Index(fields=["person", "-id"], name="notice_newest"),
            # What is new, and how much.
            models.Index(fields=["person"], condition=Q(seen_at=None), name="notice_unseen"),
            # What was seen last: open pages of the same person follow.
            models.Index(
                fields=["person", "-seen_at"],
                condition=Q(seen_at__isnull=False),
                name="notice_seen",
            ),
            # What is to be mailed by now.
            models.Index(
                fields=["mail_at"],
                condition=Q(mail_at__isnull=False, mailing=None, seen_at=None),
                name="notice_to_mail",
            ),
            # What is old enough to go.
            models.Index(fields=["made_at"], name="notice_age"),
        ]

    def __str__(self) -> str:
        return f"{self.fact} for {self.person_id}"
