"""Where a job stands, and what its end is called, on its card."""

from __future__ import annotations

from jobs.models import Job
from jobs.models.jobs.status import Status

STAGES = {
    Status.AWAITING_BUDGET: "wait",
    Status.AWAITING_PICK: "pick",
    Status.QUEUED: "queue",
    Status.SUBMITTING: "queue",
    Status.RUNNING: "run",
    Status.UNCERTAIN: "look",
    Status.SUCCEEDED: "done",
    Status.FAILED: "fail",
    Status.CANCELED: "over",
    Status.LOST: "fail",
}
HEADLINES = {
    "bad-request": "Settings not accepted",
    "content-blocked": "Turned down by the provider",
    "out-of-provider-credits": "Provider account is empty",
    "outcome-unknown": "Answer lost",
    "worker-gone": "Answer lost",
    "foreign-id": "Answer unclear",
    "lost": "No record left",
    "paused": "Waiting for a key",
    "written-off": "Written off",
    "declined": "Declined",
    Job.NOT_PICKED: "Not picked",
}


def advice(job: Job) -> str:
    """The next step after an end, where its error does not say it; '' for none."""
    if job.status == Status.LOST:
        return "It counts as spent. If the video turns up after all, it will appear here."
    if job.status == Status.UNCERTAIN:
        return "If the provider calls back, it continues automatically. Its credits stay reserved."
    if job.status != Status.FAILED or job.error_code in HEADLINES:
        return ""
    return "Try again, or change the prompt. If it keeps failing, try another model."
