"""Where a job stands, and what its end is called, on its card."""

from __future__ import annotations

from dataclasses import dataclass

from jobs.models import Credential, Job
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


@dataclass(frozen=True, slots=True)
class Ending:
    """What is said of the end of a job, and of the way on from it."""

    job: Job

    @property
    def cause(self) -> str:
        """Why it ended, in a word of ours: providers declare what theirs mean."""
        if self.job.error_code in HEADLINES:
            return self.job.error_code
        return PROVIDERS[self.job.provider].cause(self.job.error_code, self.job.error)

    @property
    def headline(self) -> str:
        """The error in three words; the sentence is `job.error`, which only its page tells."""
        return HEADLINES.get(self.cause, "Provider error")

    @property
    def way_on(self) -> str:
        """The next step in the few words that a card has room for; '' where there is none."""
        return WAYS_ON.get(self.cause, "Try again, or change the prompt.")

    @property
    def lies_in_order(self) -> bool:
        """Another order is needed: the same once more would end in the same way."""
        return self.cause in TO_EDIT

    @property
    def is_declined(self) -> bool:
        return self.job.error_code == "declined"

    @property
    def has_reason(self) -> bool:
        """It was called off for a reason, which its error tells."""
        return self.job.error_code in ("declined", Job.NOT_PICKED)

    @property
    def advice(self) -> str:
        """The next step, where the error's own sentence does not say it; '' for none."""
        if self.job.status == Status.LOST:
            return "It counts as spent. If the video turns up after all, it will appear here."
        if self.job.status == Status.UNCERTAIN:
            return (
                "If the provider calls back, it continues automatically. Its credits stay reserved."
            )
        if self.job.status != Status.FAILED or self.job.error_code in HEADLINES:
            return ""
        return "Try again, or change the prompt. If it keeps failing, try another model."


def key_trouble(job: Job) -> str:
    """The trouble with the key of a running job, for which nothing is heard of it; '' for none."""
    key = job.credential
    silent = (Credential.State.REJECTED, Status.RUNNING)
    if key is None or (key.state, job.status) != silent:
        return ""
    label = PROVIDERS[job.provider].label
    return (
        f"The key ending in {key.last_four} is not accepted, so {label} can’t be asked. "
        "Replace it on the API keys page; we also retry it automatically."
    )
