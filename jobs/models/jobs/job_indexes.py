"""The indexes of the jobs, each beside the question that it answers."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Abs

_SEEN = ("-created_at", "kind", "status", "owner", "project", "trashed_at")
"""Who sees a job where, the newest first."""
_THROWN_AWAY = Q(trashed_at__isnull=False, purged_at=None)
INDEXES = [
    # The follower: which jobs are to be asked about now?
    models.Index(fields=["check_at"], condition=Q(check_at__isnull=False), name="job_due"),
    # Monitors: about which does every question break?
    models.Index(
        fields=["unasked_since"], condition=Q(unasked_since__isnull=False), name="job_unasked"
    ),
    # The follower: which queued jobs may be sent, which submissions are abandoned?
    models.Index(
        fields=["status", "wake_at"],
        condition=Q(status__in=["queued", "submitting"]),
        name="job_queue",
    ),
    # Who stands in front in the line for a key?
    models.Index(
        fields=["credential", "created_at"], condition=Q(status="queued"), name="job_line"
    ),
    # The follower: which queued jobs wait for a provider that can't be reached, and since when?
    models.Index(
        fields=["unreached_since"],
        condition=Q(unreached_since__isnull=False),
        name="job_unreached",
    ),
    # The studio's page and its counts: as member and as admin, under a tab, of a project. Each
    # holds all that says who sees a job where, so that no row is read to leave it out.
    models.Index(
        fields=["owner", "-created_at", "kind", "status", "project", "trashed_at"],
        name="job_owner_newest",
    ),
    models.Index(
        fields=["-created_at", "kind", "status", "owner", "project", "trashed_at"],
        name="job_newest",
    ),
    models.Index(
        fields=[
            *("status", "-created_at", "kind", "owner", "project"),
            *("trashed_at", "is_unkept", "closed_at"),
        ],
        name="job_status",
    ),
    models.Index(
        fields=["project", "-created_at", "kind", "status", "owner", "trashed_at"],
        name="job_project",
    ),
    models.Index(
        fields=["owner", "status", "-created_at", "kind", "project", "trashed_at", "is_unkept"],
        name="job_owner_status",
    ),
    models.Index(
        fields=["project", "status", "-created_at", "kind", "owner", "trashed_at", "is_unkept"],
        name="job_project_status",
    ),
    # How many videos has a project, and how many of them has each person made? Counted on every
    # page: so it holds nothing but that.
    models.Index(fields=["project", "kind", "trashed_at", "owner"], name="job_filed"),
    # What the team thinks of them, and what needs a look: few among many, each by itself.
    models.Index(
        fields=[*_SEEN, "is_favorite"], condition=Q(is_favorite=True), name="job_favorite"
    ),
    models.Index(
        fields=[*_SEEN, "is_rejected"], condition=Q(is_rejected=True), name="job_rejected"
    ),
    models.Index(
        fields=[*_SEEN, "needs_attention"],
        condition=Q(needs_attention=True),
        name="job_attention",
    ),
    models.Index(
        fields=[*_SEEN, "rating", "is_favorite", "is_unkept"],
        condition=Q(rating__gt=0),
        name="job_rated",
    ),
    # Its poll.
    models.Index(fields=["owner", "changed_at"], name="job_owner_changed"),
    models.Index(fields=["project", "changed_at"], name="job_project_changed"),
    models.Index(fields=["changed_at"], name="job_changed"),
    # The library in its other orders.
    models.Index(fields=["-film_seconds", "-created_at"], name="job_longest"),
    models.Index(fields=["title_key", "-created_at"], name="job_title"),
    # Not of the column itself: SQLite would go by it to those of some dots, and sort them all.
    models.Index(Abs("rating").desc(), F("created_at").desc(), name="job_best"),
    # And by the largest size of what is found.
    models.Index(fields=["film_lines", "-created_at"], name="job_largest"),
    # How fast are creations on this key, and how long does such work take?
    models.Index(fields=["credential", "sent_at"], name="job_credential_sent"),
    models.Index(fields=["provider", "model", "kind", "-finished_at"], name="job_history"),
    # Usage, by day: it holds all that the figures are made of, so no row is read for them.
    models.Index(
        fields=[
            "booked_on",
            "provider",
            "model",
            "kind",
            "practice",
            "status",
            "charged",
            "quote",
            "provider_credits_charged",
            "payer",
            "paid_project",
            "id",
        ],
        name="job_day",
    ),
    # What did somebody spend in these days?
    models.Index(fields=["payer", "booked_on", "charged", "quote"], name="job_payer_day"),
    # Usage: has anything changed in these days?
    models.Index(fields=["booked_on", "version", "changed_at"], name="job_day_version"),
    # The library's drafts, and what was promoted from one: few among many.
    models.Index(fields=[*_SEEN, "is_draft"], condition=Q(is_draft=True), name="job_draft"),
    models.Index(fields=["draft"], condition=Q(draft__isnull=False), name="job_promoted"),
    # Usage: what did the drafts of these days save?
    models.Index(fields=["booked_on"], condition=Q(is_draft=True), name="job_draft_day"),
    # The trash: for how long, and whose? By the latter alone SQLite would read all of theirs.
    models.Index(fields=["trashed_at"], condition=_THROWN_AWAY, name="job_trash"),
    models.Index(fields=["owner", "trashed_at"], condition=_THROWN_AWAY, name="job_trash_of"),
    # What does a request ask for? Few jobs ever had one.
    models.Index(
        fields=["budget_request"],
        condition=Q(budget_request__isnull=False),
        name="job_asked_for",
    ),
    # What was marked as done last?
    models.Index(fields=["-closed_at"], condition=Q(closed_at__isnull=False), name="job_closed"),
    # A search for a seed.
    models.Index(fields=["seed"], name="job_seed"),
    # Was the same made before?
    models.Index(fields=["likeness", "-created_at"], name="job_likeness"),
]
