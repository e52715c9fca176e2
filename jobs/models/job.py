from __future__ import annotations

import uuid
from collections.abc import Mapping
from statistics import median
from typing import TYPE_CHECKING, ClassVar, Self

from django.conf import settings
from django.core.cache import cache
from django.db import models
from django.db.models import Count, Q
from django.db.models.functions import Now

from jobs import clock
from jobs.models.credential import Credential
from jobs.models.project import Project
from jobs.models.status import Status
from jobs.providers.base import UPGRADES, Kind, Part, Work

if TYPE_CHECKING:
    from jobs.models.rendition import Rendition
    from jobs.models.user import User

STORING_SECONDS = 120
"""How long after the end of a job its file is expected any second."""
USUAL_SECONDS_AT_FIRST: Mapping[str, int] = {
    Kind.GENERATE: 120,
    Kind.EXTEND: 360,
    Kind.UPGRADE_1080P: 120,
    Kind.UPGRADE_4K: 420,
}
"""How long work is expected to take until we have history of our own (kie-veo.md: 1-3 minutes,
"minutes to over ten", 1-3 minutes, 5-10 minutes)."""


NEEDING_ATTENTION = (Status.UNCERTAIN, Status.FAILED, Status.LOST, Status.AWAITING_BUDGET)


def _made_not_stored() -> Q:
    """Jobs that succeeded, of which no file is kept and none is on its way."""
    closed = Job.objects.filter(
        status=Status.SUCCEEDED, renditions__state__in=["expired", "rejected"]
    ).exclude(renditions__state__in=["waiting", "fetching", "stored"])
    return Q(pk__in=closed.order_by().values("pk"))


class JobQuerySet(models.QuerySet["Job"]):
    def visible_to(self, user: User) -> Self:
        """What this person may see: everything for an admin; else their own and the projects'."""
        if user.is_admin:
            return self
        return self.filter(Q(owner=user) | Q(project__isnull=False))

    def due(self) -> Self:
        """Jobs to be asked about now. Served by the index job_due."""
        return self.filter(check_at__lte=Now())

    def forgotten(self) -> Self:
        """Queued jobs that no worker has been woken for of late. Served by job_queue."""
        return self.filter(status=Status.QUEUED, wake_at__lte=Now())

    def abandoned(self) -> Self:
        """Submissions whose worker is gone: nobody knows what became of them."""
        return self.filter(status=Status.SUBMITTING, lease_until__lt=Now())

    def in_progress(self) -> Self:
        return self.filter(status__in=[Status.QUEUED, Status.SUBMITTING, Status.RUNNING])

    def unfollowed(self) -> Self:
        """Jobs that nobody would ask about again, though there is something to learn."""
        # Written off or given up, too: a callback that came before that may name the paid video.
        named = Q(
            status__in=[Status.UNCERTAIN, Status.FAILED, Status.LOST],
            kind__in=[Kind.GENERATE, Kind.EXTEND],
            external_id="",
            webhook_events__verdict="waiting",
        )
        return self.filter(Q(status=Status.RUNNING) | named, check_at=None)

    def moving(self) -> Self:
        """Jobs of which news is expected within seconds: unfinished, or their file under way."""
        storing = Q(renditions__state__in=["waiting", "fetching"])
        live = Q(status__in=[Status.QUEUED, Status.SUBMITTING, Status.RUNNING])
        return self.filter(live | Q(storing, finished_at__gt=clock.after(-STORING_SECONDS)))

    def doubtful(self) -> Self:
        """Jobs that a callback may still bring back, or whose file may still arrive."""
        storing = Q(renditions__state__in=["waiting", "fetching"])
        return self.filter(Q(status=Status.UNCERTAIN) | storing)

    def needing_attention(self) -> Self:
        return self.filter(Q(status__in=NEEDING_ATTENTION) | _made_not_stored())

    def ready(self) -> Self:
        """Videos that are made and stored, or about to be."""
        return self.takes().filter(~_made_not_stored(), status=Status.SUCCEEDED)

    def matching(self, text: str) -> Self:
        """Jobs whose prompt holds all the words, or whose seed is the number."""
        found = self
        for word in text.split()[:8]:
            hit = Q(prompt__icontains=word)
            if word.isascii() and word.isdigit() and len(word) == 5:
                hit |= Q(seed=int(word))
            found = found.filter(hit)
        return found

    def takes(self) -> Self:
        """Without the larger copies, which stand on the card of the video they were made of."""
        return self.exclude(kind__in=UPGRADES)

    def counts(self) -> dict[str, int]:
        """How many there are in all, in progress, ready and needing attention: one query."""
        take = ~Q(kind__in=UPGRADES)
        live = [Status.QUEUED, Status.SUBMITTING, Status.RUNNING]
        unstored = _made_not_stored()
        return self.aggregate(
            all=Count("pk", filter=take),
            progress=Count("pk", filter=Q(status__in=live)),
            rendering=Count("pk", filter=Q(status=Status.RUNNING)),
            queued=Count("pk", filter=Q(status__in=[Status.QUEUED, Status.SUBMITTING])),
            ready=Count("pk", filter=take & Q(status=Status.SUCCEEDED) & ~unstored),
            attention=Count("pk", filter=Q(status__in=NEEDING_ATTENTION) | unstored),
        )

    def for_cards(self) -> Self:
        """With everything a card shows, so that a page of cards costs constant queries."""
        return self.select_related("owner", "project", "source", "credential").prefetch_related(
            "renditions", "derived__renditions"
        )

    def usual_seconds(self, job: Job) -> int:
        """How long this kind of work takes: the median of our last twenty, else a first guess."""
        key = f"usual:{job.provider}:{job.model}:{job.kind}:{job.resolution}:{job.practice}"
        known: int | None = cache.get(key)
        if known is None:
            past = self.filter(
                provider=job.provider,
                model=job.model,
                kind=job.kind,
                resolution=job.resolution,
                practice=job.practice,
                status=Status.SUCCEEDED,
                sent_at__isnull=False,
            ).order_by("-finished_at")
            spans = [
                (finished - sent).total_seconds()
                for sent, finished in past.values_list("sent_at", "finished_at")[:20]
                if sent and finished
            ]
            known = max(round(median(spans)), 1) if spans else USUAL_SECONDS_AT_FIRST[job.kind]
            cache.set(key, known, 60)
        return known


class Job(models.Model):
    """One paid piece of work at a provider. Only `lifecycle` changes its status."""

    class Kind(models.TextChoices):
        GENERATE = "generate", "Generate"
        EXTEND = "extend", "Extend"
        UPGRADE_1080P = "upgrade_1080p", "Upgrade to 1080p"
        UPGRADE_4K = "upgrade_4k", "Upgrade to 4K"

    class Mode(models.TextChoices):
        TEXT = "text", "Text"
        FRAMES = "frames", "Frames"
        REFERENCES = "references", "References"

    PAUSED = "paused"
    """The error code of a queued job that waits for a working key."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    owner: models.ForeignKey[User, User] = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="jobs"
    )
    project = models.ForeignKey(
        Project, null=True, blank=True, on_delete=models.SET_NULL, related_name="jobs"
    )
    credential = models.ForeignKey(
        Credential, null=True, on_delete=models.SET_NULL, related_name="jobs"
    )
    practice = models.BooleanField(default=False)
    submission_key = models.UUIDField()
    """Hidden in the form: the same click, however often it arrives, is the same job."""
    submission_digest = models.CharField(max_length=64)

    # What is asked for
    kind = models.CharField(max_length=16, choices=Kind, default=Kind.GENERATE)
    source: models.ForeignKey[Job | None, Job | None] = models.ForeignKey(
        "self", null=True, on_delete=models.PROTECT, related_name="derived"
    )
    provider = models.CharField(max_length=16)
    model = models.CharField(max_length=32)
    mode = models.CharField(max_length=12, choices=Mode, default=Mode.TEXT)
    prompt = models.TextField()
    aspect_ratio = models.CharField(max_length=8)
    resolution = models.CharField(max_length=8)
    duration = models.PositiveSmallIntegerField()
    seed = models.PositiveIntegerField()
    seed_chosen = models.BooleanField(default=False)
    translate = models.BooleanField(default=True)
    watermark = models.CharField(max_length=80, blank=True, default="")

    # Where it stands
    status = models.CharField(max_length=16, choices=Status, default=Status.QUEUED)
    is_late = models.BooleanField(default=False)
    progress = models.PositiveSmallIntegerField(null=True)
    """Percent as the provider tells it; null where it tells nothing."""
    error_code = models.CharField(max_length=40, blank=True, default="")
    error = models.CharField(max_length=500, blank=True, default="")
    version = models.PositiveIntegerField(default=1)
    created_at = models.DateTimeField(db_default=Now())
    changed_at = models.DateTimeField(db_default=Now())
    sent_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)

    # The permission to send
    claims = models.PositiveSmallIntegerField(default=0)
    unreachable_count = models.PositiveSmallIntegerField(default=0)
    """Connections in a row that were never made."""
    lease_until = models.DateTimeField(null=True)
    try_at = models.DateTimeField(db_default=Now())
    """Not sent before this moment (backing off, or waiting for a slot)."""
    wake_at = models.DateTimeField(db_default=Now())
    """When the follower wakes a worker for it, should the first wake-up have been lost."""
    hand_count = models.PositiveSmallIntegerField(default=0)
    """How often a worker began to hand its images to the provider: the number of the latest
    attempt, by which an older one knows that it was overtaken."""
    callback_hash = models.CharField(max_length=64, blank=True, default="")
    """SHA-256 of the secret in this job's callback address; the secret itself is not kept."""

    # What the provider told us
    external_id = models.CharField(max_length=128, blank=True, default="")
    check_at = models.DateTimeField(null=True)
    nudged_at = models.DateTimeField(null=True)
    """The latest moment for which a callback made us ask, since the job was last sent: at most
    one in 10 seconds."""
    missing_count = models.PositiveSmallIntegerField(default=0)
    """Answers in a row that lacked the record, or the film of an extension."""
    is_confirmed = models.BooleanField(default=False)
    """The provider has shown that it has the job; an upgrade in doubt runs before it has."""
    asked_until = models.DateTimeField(null=True)
    """While a question about an upgrade is out, which may be its order once more."""
    resubmitted_as: models.OneToOneField[Job | None, Job | None] = models.OneToOneField(
        "self", null=True, on_delete=models.PROTECT, related_name="resubmission_of"
    )
    """The one job that was sent in place of this doubtful one."""

    # Money
    quote = models.PositiveIntegerField()
    charged = models.PositiveIntegerField(null=True)
    """Credits spent in the end; null while that is open."""
    is_unverified = models.BooleanField(default=False)
    """Charged without the provider's word for it (a lost job)."""
    provider_credits_estimated = models.DecimalField(max_digits=14, decimal_places=2, null=True)
    provider_credits_charged = models.DecimalField(max_digits=14, decimal_places=2, null=True)
    is_fallback = models.BooleanField(default=False)
    """Made by the provider's fallback model: 720p, and never larger (kie-veo.md section 3)."""

    objects: ClassVar[JobQuerySet] = JobQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        ordering = ["-created_at", "-id"]
        constraints = [
            models.UniqueConstraint(fields=["owner", "submission_key"], name="job_one_per_click"),
            # Two jobs can never share, and so never both be paid by, one piece of work.
            models.UniqueConstraint(
                fields=["provider", "external_id"],
                condition=~Q(external_id="") & Q(kind__in=["generate", "extend"]),
                name="job_external_id_once",
            ),
            # An upgrade may go by the id of its source. There is one of each kind: asking again
            # gives the same file, so a second one would be paid for nothing.
            models.UniqueConstraint(
                fields=["source", "kind"],
                condition=Q(kind__in=["upgrade_1080p", "upgrade_4k"])
                & ~Q(status__in=["failed", "canceled"]),
                name="job_one_upgrade_of_a_kind",
            ),
            models.CheckConstraint(
                name="job_builds_on_a_source",
                condition=Q(kind="generate", source__isnull=True)
                | (~Q(kind="generate") & Q(source__isnull=False)),
            ),
            models.UniqueConstraint(
                fields=["callback_hash"],
                condition=~Q(callback_hash=""),
                name="job_callback_hash_unique",
            ),
            models.CheckConstraint(
                name="job_status_known", condition=Q(status__in=[str(s) for s in Status])
            ),
            models.CheckConstraint(name="job_costs_something", condition=Q(quote__gt=0)),
            # The range both providers document for seeds.
            models.CheckConstraint(
                name="job_seed_range", condition=Q(seed__gte=10000, seed__lte=99999)
            ),
            models.CheckConstraint(
                name="job_running_has_id", condition=~Q(status="running") | ~Q(external_id="")
            ),
            # Nothing is sent before its witness (lease and callback secret) is on record.
            models.CheckConstraint(
                name="job_submitting_has_witness",
                condition=~Q(status="submitting")
                | (Q(lease_until__isnull=False) & ~Q(callback_hash="")),
            ),
        ]
        indexes = [
            # The follower: which jobs are to be asked about now?
            models.Index(fields=["check_at"], condition=Q(check_at__isnull=False), name="job_due"),
            # The follower: which queued jobs may be sent, which submissions are abandoned?
            models.Index(
                fields=["status", "wake_at"],
                condition=Q(status__in=["queued", "submitting"]),
                name="job_queue",
            ),
            # The studio's page and its poll, as member and as admin.
            models.Index(fields=["owner", "-created_at"], name="job_owner_newest"),
            models.Index(fields=["-created_at"], name="job_newest"),
            models.Index(fields=["owner", "changed_at"], name="job_owner_changed"),
            models.Index(fields=["changed_at"], name="job_changed"),
            # How fast are creations on this key, and how long does such work take?
            models.Index(fields=["credential", "sent_at"], name="job_credential_sent"),
            models.Index(fields=["provider", "model", "kind", "-finished_at"], name="job_history"),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.id} ({self.status})"

    @property
    def work(self) -> Work:
        """The job as its provider knows it."""
        source = self.source
        return Work(self.external_id, Kind(self.kind), source.external_id if source else "")

    @property
    def usual_seconds(self) -> int:
        return Job.objects.usual_seconds(self)

    @property
    def rendition(self) -> Rendition | None:
        """The file to play first: the film, before a part of it."""
        files = list(self.renditions.all())
        return next((file for file in files if file.part == Part.FILM), files[0] if files else None)
