"""The statuses of a job, and the moves between them."""

from __future__ import annotations

from collections.abc import Mapping

from django.db import models


class Status(models.TextChoices):
    AWAITING_BUDGET = "awaiting_budget", "Awaiting budget"
    AWAITING_PICK = "awaiting_pick", "Awaiting pick"
    QUEUED = "queued", "Queued"
    SUBMITTING = "submitting", "Submitting"
    RUNNING = "running", "Rendering"
    UNCERTAIN = "uncertain", "Needs a look"
    SUCCEEDED = "succeeded", "Ready"
    FAILED = "failed", "Failed"
    CANCELED = "canceled", "Canceled"
    LOST = "lost", "Lost"


MOVES: Mapping[str, frozenset[str]] = {
    Status.AWAITING_BUDGET: frozenset({Status.QUEUED, Status.CANCELED}),
    # A larger copy that is held for, until a client picks the video it is made of.
    Status.AWAITING_PICK: frozenset({Status.QUEUED, Status.CANCELED}),
    # In doubt only where the database was restored: it may have been sent after what it tells of.
    Status.QUEUED: frozenset({Status.SUBMITTING, Status.UNCERTAIN, Status.CANCELED, Status.FAILED}),
    Status.SUBMITTING: frozenset({Status.QUEUED, Status.RUNNING, Status.UNCERTAIN, Status.FAILED}),
    # Back to queued only by the worker that holds the claim and knows that it never sent.
    Status.UNCERTAIN: frozenset({Status.QUEUED, Status.RUNNING, Status.FAILED, Status.LOST}),
    Status.RUNNING: frozenset({Status.SUCCEEDED, Status.FAILED, Status.LOST}),
    # Late proof: a video that turned up after all is delivered and paid for.
    Status.LOST: frozenset({Status.SUCCEEDED}),
    Status.FAILED: frozenset({Status.SUCCEEDED}),
    Status.SUCCEEDED: frozenset(),
    Status.CANCELED: frozenset(),
}
"""The allowed moves of a job: the one table that `lifecycle` goes by."""
LIVE = frozenset(
    {
        Status.AWAITING_PICK,
        Status.QUEUED,
        Status.SUBMITTING,
        Status.RUNNING,
        Status.UNCERTAIN,
    }
)
"""The statuses in which a job has an open hold (L3)."""
FINISHED = (Status.SUCCEEDED, Status.FAILED, Status.CANCELED, Status.LOST)
"""The statuses of what is over, though late proof may still turn up a video."""
UNMADE = (Status.FAILED, Status.CANCELED)
"""Those of what was not made, so that the same may be ordered once more."""
UNREACHABLE = "unreachable"
"""The error code of a queued job whose provider can't be reached, or could not for a day."""
IMAGES_UNREACHED = "images-unreached"
"""That of one whose images can't be handed over for the same reason."""
