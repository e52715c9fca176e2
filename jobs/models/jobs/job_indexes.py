"""The indexes of the jobs, each beside the question that it answers."""

from __future__ import annotations

from collections.abc import Iterator

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Abs

_NARROWED = ("is_rejected", "rating")
"""By what else the studio narrows down whatever is under a tab."""
_NEWEST = ("-created_at", "kind", "status", "owner", "project", "trashed_at")
_SEEN = (*_NEWEST, *_NARROWED)
"""Who sees a job where, the newest first."""
_THROWN_AWAY = Q(trashed_at__isnull=False, purged_at=None)


def _marked(mark: str) -> Iterator[models.Index]:
    """Those that bear a mark which few have: among all, among a person's and among a project's.

    Each by itself, since SQLite goes by whose a job is wherever that is asked, and so would read
    all that is theirs.
    """
    few, name = Q(**{mark: True}), mark.removeprefix("is_").removeprefix("needs_")
    yield models.Index(fields=[*_SEEN, mark], condition=few, name=f"job_{name}_seen")
    for whose in ("owner", "project"):
        fields = [whose, *(each for each in _SEEN if each != whose), mark]
        yield models.Index(fields=fields, condition=few, name=f"job_{whose}_{name}_seen")


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
    # holds all that says who sees a job where, and what it is narrowed down by, so that no row is
    # read to leave it out.
    models.Index(
        fields=["owner", "-created_at", "kind", "status", "project", "trashed_at", *_NARROWED],
        name="job_owner_seen",
    ),
    models.Index(fields=[*_SEEN], name="job_seen"),
    models.Index(
        fields=[
            *("status", "-created_at", "kind", "owner", "project"),
            *("trashed_at", "is_unkept", "closed_at", *_NARROWED),
        ],
        name="job_status_seen",
    ),
    models.Index(
        fields=["project", "-created_at", "kind", "status", "owner", "trashed_at", *_NARROWED],
        name="job_project_seen",
    ),
    models.Index(
        fields=[
            *("owner", "status", "-created_at", "kind", "project"),
            *("trashed_at", "is_unkept", *_NARROWED),
        ],
        name="job_owner_status_seen",
    ),
    models.Index(
        fields=[
            *("project", "status", "-created_at", "kind", "owner"),
            *("trashed_at", "is_unkept", *_NARROWED),
        ],
        name="job_project_status_seen",
    ),
    # How many videos has a project, and how many of them has each person made? Counted on every
    # page: so it holds nothing but that.
    models.Index(fields=["project", "kind", "trashed_at", "owner"], name="job_filed"),
    # What the team thinks of them, and what needs a look: few among many.
    *_marked("is_favorite"),
    *_marked("needs_attention"),
    models.Index(fields=[*_SEEN], condition=Q(is_rejected=True), name="job_rejected_seen"),
    # It holds neither of these marks: SQLite would go through all that is rated for the few that
    # bear one, whose own index is shorter.
    models.Index(fields=[*_SEEN], condition=Q(rating__gt=0), name="job_rated_seen"),
    models.Index(
        fields=[*_SEEN, "needs_attention"],
        condition=Q(rating__gt=0, needs_attention=True),
        name="job_rated_attention",
    ),
    models.Index(
        fields=["status", *(each for each in _SEEN if each != "status"), "is_unkept"],
        condition=Q(rating__gt=0),
        name="job_rated_status",
    ),
    # What can still be extended?
    models.Index(fields=["owner", "sent_at"], name="job_owner_sent"),
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
    models.Index(fields=[*_NEWEST, "is_draft"], condition=Q(is_draft=True), name="job_draft"),
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
