"""Where a job stands, and what its end is called, on its card."""

from __future__ import annotations

from jobs.models import Job
from jobs.models.jobs.status import Status
from jobs.providers import PROVIDERS

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
    "content-blocked": "Blocked by filter",
    "image-unread": "Image not read",
    "language": "English prompts only",
    "images": "Images not sent",
    "film-gone": "Video deleted",
    "key-rejected": "Key not accepted",
    "out-of-provider-credits": "Provider account empty",
    "provider-silent": "Provider timed out",
    "provider-canceled": "Canceled by provider",
    "refused": "Refused by provider",
    "outcome-unknown": "Answer lost",
    "worker-gone": "Answer lost",
    "foreign-id": "Answer unclear",
    "lost": "No record left",
    "paused": "Waiting for key",
    "unreachable": "Provider not reached",
    "never-taken": "Never taken up",
    "sent-again": "Sent once more",
    "written-off": "Written off",
    "declined": "Declined",
    Job.NOT_PICKED: "Not picked",
}
"""What an end is called on a card, by its cause."""
TO_EDIT = frozenset({"bad-request", "content-blocked", "image-unread", "language"})
"""The causes that lie in what was asked for: the same once more would end in the same way."""
WAYS_ON = {
    "bad-request": "Change the settings, then retry.",
    "content-blocked": "Change the prompt or the image.",
    "image-unread": "Choose another image.",
    "language": "Write the prompt in English.",
    "images": "Try again in a while.",
    "film-gone": "Restore it, then retry.",
    "key-rejected": "Replace the key, then retry.",
    "out-of-provider-credits": "Top it up, then retry.",
    "provider-silent": "Try again in a while.",
    "refused": "Its page has the reason.",
    "unreachable": "Try again in a while.",
    "lost": "It counts as spent.",
    "sent-again": "",
    "written-off": "",
}
"""The next step after an end, in the few words that a card has room for."""


def cause(job: Job) -> str:
    """Why it ended, in a word of ours: providers declare what theirs mean."""
    if job.error_code in HEADLINES:
        return job.error_code
    return PROVIDERS[job.provider].cause(job.error_code, job.error)


def headline(job: Job) -> str:
    """The end of a job in three words."""
    return HEADLINES.get(cause(job), "Provider error")


def way_on(job: Job) -> str:
    """The next step after an end in a few words; '' where there is none to take."""
    return WAYS_ON.get(cause(job), "Try again, or change the prompt.")


def advice(job: Job) -> str:
    """The next step after an end, where its error does not say it; '' for none."""
    if job.status == Status.LOST:
        return "It counts as spent. If the video turns up after all, it will appear here."
    if job.status == Status.UNCERTAIN:
        return "If the provider calls back, it continues automatically. Its credits stay reserved."
    if job.status != Status.FAILED or job.error_code in HEADLINES:
        return ""
    return "Try again, or change the prompt. If it keeps failing, try another model."
