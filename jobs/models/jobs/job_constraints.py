"""What no row of the jobs can be, whoever writes it."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from jobs.models.jobs.status import FINISHED, Status
from jobs.models.words.elsewhere import SEED_MAX

RATING_MAX = 5
TAKES_MAX = 4
"""The most takes that one order makes."""

CONSTRAINTS = [
    models.UniqueConstraint(fields=["owner", "submission_key"], name="job_one_per_click"),
    # Its index also finds the takes of a group.
    models.UniqueConstraint(
        fields=["take_group", "take"],
        condition=Q(take_group__isnull=False),
        name="job_take_once",
    ),
    models.CheckConstraint(
        name="job_take_of_a_group",
        condition=Q(take_group=None, take=None)
        | Q(take_group__isnull=False, take__isnull=False, take__gte=1, take__lte=TAKES_MAX),
    ),
    # Two jobs can never share, and so never both be paid by, one piece of work.
    models.UniqueConstraint(
        fields=["provider", "external_id"],
        condition=~Q(external_id="") & Q(kind__in=["generate", "extend"]),
        name="job_external_id_once",
    ),
    # An upgrade may go by the id of its source. There is one of each kind: asking again
    # gives the same file, so a second one would be paid for nothing. What awaits a pick
    # may still become that of another video.
    models.UniqueConstraint(
        fields=["source", "kind"],
        condition=Q(kind__in=["upgrade_1080p", "upgrade_4k"])
        & ~Q(status__in=["awaiting_pick", "failed", "canceled"]),
        name="job_one_upgrade_of_a_kind",
    ),
    # A draft is promoted once to each model and size, whoever presses how often.
    models.UniqueConstraint(
        fields=["draft", "model", "resolution"],
        condition=Q(draft__isnull=False) & ~Q(status__in=["failed", "canceled"]),
        name="job_one_promotion_of_a_kind",
    ),
    models.CheckConstraint(
        name="job_drafts_are_generated",
        condition=Q(is_draft=False, draft=None, full_price=None)
        | Q(kind="generate", is_draft=False, full_price=None)
        | Q(kind="generate", is_draft=True, draft=None),
    ),
    models.CheckConstraint(
        name="job_builds_on_a_source",
        condition=Q(kind="generate", source__isnull=True)
        | (~Q(kind="generate") & Q(source__isnull=False)),
    ),
    models.CheckConstraint(
        name="job_changes_a_span",
        condition=Q(
            mode="video",
            span_start__isnull=False,
            span_end__isnull=False,
            span_end__gt=F("span_start"),
        )
        | (~Q(mode="video") & Q(span_start=None, span_end=None)),
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
    models.CheckConstraint(
        name="job_is_booked",
        condition=Q(booked_on__isnull=False)
        | Q(status__in=["awaiting_budget", "canceled", "failed"]),
    ),
    # Which of them a model takes only its declaration knows.
    models.CheckConstraint(name="job_seed_range", condition=Q(seed__gte=0, seed__lte=SEED_MAX)),
    models.CheckConstraint(
        name="job_running_has_id", condition=~Q(status="running") | ~Q(external_id="")
    ),
    # Nothing is sent before its witness (lease and callback secret) is on record.
    models.CheckConstraint(
        name="job_submitting_has_witness",
        condition=~Q(status="submitting") | (Q(lease_until__isnull=False) & ~Q(callback_hash="")),
    ),
    models.CheckConstraint(
        name="job_rating_range", condition=Q(rating__gte=0, rating__lte=RATING_MAX)
    ),
    models.CheckConstraint(
        name="job_not_favorite_and_rejected",
        condition=Q(is_favorite=False) | Q(is_rejected=False),
    ),
    models.CheckConstraint(
        name="job_closed_by_somebody",
        condition=Q(closed_at=None, closed_by=None)
        | Q(closed_at__isnull=False, closed_by__isnull=False),
    ),
    # What is in the trash has ended, and somebody put it there.
    models.CheckConstraint(
        name="job_trashed_by_somebody",
        condition=Q(trashed_at=None, trashed_by=None)
        | Q(trashed_at__isnull=False, trashed_by__isnull=False, status__in=FINISHED),
    ),
    models.CheckConstraint(
        name="job_purged_from_trash",
        condition=Q(purged_at=None) | Q(trashed_at__isnull=False),
    ),
]
