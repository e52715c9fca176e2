from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Self

from django.conf import settings
from django.db import models
from django.db.models import Q

from jobs.models.computed import ComputingQuerySet, SearchField
from jobs.models.jobs.job import Job
from jobs.models.shares.share_link import SharedTake, ShareLink

if TYPE_CHECKING:
    from jobs.models.team.user import User


OPENING = ("comment", "changes")
"""The kinds of notes that ask for something."""


class ReviewNoteQuerySet(ComputingQuerySet["ReviewNote"]):
    def of_job(self, job: Job) -> Self:
        """Notes on a job's video, at whatever size it was shown."""
        return self.filter(take__in=SharedTake.objects.of_job(job))

    def open(self) -> Self:
        """Notes about which the team still has something to do."""
        return self.filter(kind__in=OPENING, resolved_at=None)

    def spoken(self) -> Self:
        """What visitors said, and the answers to it; no pick or approval that was taken back."""
        taken_back = Q(kind__in=["pick", "approve"], is_replaced=True)
        said = self.filter(answer_to=None).exclude(taken_back).order_by("pk")
        return said.prefetch_related("answers__author")

    def with_people(self) -> Self:
        return self.select_related("author", "resolved_by", "take__rendition__job", "link")


class ReviewNote(models.Model):
    """The words of a link's visitor about a take, or the team's answer. Never changed, only
    resolved, replaced or deleted.
    """

    class Kind(models.TextChoices):
        COMMENT = "comment", "Comment"
        PICK = "pick", "Picked"
        APPROVE = "approve", "Approved"
        CHANGES = "changes", "Asked for changes"
        ANSWER = "answer", "Answer"

    link = models.ForeignKey(ShareLink, on_delete=models.CASCADE, related_name="notes")
    take = models.ForeignKey(SharedTake, on_delete=models.CASCADE, related_name="notes")
    kind = models.CharField(max_length=8, choices=Kind)
    name = models.CharField(max_length=60, blank=True, default="")
    """As the visitor calls themselves; empty where somebody of the team answers."""
    visitor = models.CharField(max_length=64, blank=True, default="")
    """SHA-256 of what that visitor's browser is known by, which tells equal names apart."""
    address = models.CharField(max_length=64, blank=True, default="")
    """A keyed hash of the address it came from; empty where that is not known."""
    is_replaced = models.BooleanField(default=False)
    """A verdict after which the same visitor gave another one: it does not count any more."""
    author: models.ForeignKey[User | None, User | None] = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )
    answer_to: models.ForeignKey[ReviewNote | None, ReviewNote | None] = models.ForeignKey(
        "self", null=True, on_delete=models.CASCADE, related_name="answers"
    )
    text = models.CharField(max_length=1000, blank=True, default="")
    seconds = models.DecimalField(max_digits=8, decimal_places=3, null=True)
    """The place in the film; null for all of it."""
    created_at = models.DateTimeField(auto_now_add=True)
    resolved_at = models.DateTimeField(null=True)
    resolved_by: models.ForeignKey[User | None, User | None] = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )
    searchable = SearchField("name", "text")

    objects: ClassVar[ReviewNoteQuerySet] = ReviewNoteQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        ordering = ["id"]
        constraints = [
            models.CheckConstraint(
                name="review_note_kind_known",
                condition=Q(kind__in=["comment", "pick", "approve", "changes", "answer"]),
            ),
            # Either somebody of the team answers, or a visitor with a name speaks.
            models.CheckConstraint(
                name="review_note_of_somebody",
                condition=Q(
                    kind="answer",
                    author__isnull=False,
                    answer_to__isnull=False,
                    name="",
                    visitor="",
                )
                | (Q(author=None, answer_to=None) & ~Q(kind="answer") & ~Q(name="")),
            ),
            models.CheckConstraint(
                name="review_note_says_something",
                condition=Q(kind__in=["pick", "approve"]) | ~Q(text=""),
            ),
            models.CheckConstraint(
                name="review_note_resolved_by_somebody",
                condition=Q(resolved_at__isnull=True, resolved_by__isnull=True)
                | Q(resolved_at__isnull=False, resolved_by__isnull=False),
            ),
        ]

    @property
    def is_open(self) -> bool:
        """The team still has something to do about it."""
        return self.kind in OPENING and self.resolved_at is None
