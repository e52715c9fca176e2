"""The reasons a task can fail for, in kie's words."""

from dataclasses import replace

from jobs.practice.book.tasks import Reason, Task
from jobs.practice.kinds import UPGRADES

POLICY = Reason(400, "Your prompt was flagged by Website as violating content policies.")
IMAGE_FAILED = Reason(400, "Failed to fetch the image. Kindly verify any access limits.")
RENDER_FAILED = Reason(500, "The film could not be rendered")
UPGRADE_FAILED = "The {} version of this video is unavailable. Please try a different video."
REASONS = {
    "fail": Reason(500, "Internal Error, Please try again later."),
    "fail-early": Reason(501, "Video generation task failed", flag=2),
    "fail-policy": POLICY,
    "fail-policy-envelope": POLICY,
    "fail-image": IMAGE_FAILED,
    "fail-charged": Reason(501, "Video generation task failed"),
    "cancel": Reason(501, "The task was canceled before completion", flag=2),
}


def cause_of(task: Task) -> str | None:
    """The fault that makes the task fail, if there is one."""
    return next((name for name in task.tags.values if name in REASONS), None)


def reason_of(task: Task, cause: str) -> Reason:
    """The reason of a task that failed by that fault."""
    reason = REASONS[cause]
    if task.kind in UPGRADES and cause in {"fail", "fail-charged"}:
        return replace(reason, code=500, message=UPGRADE_FAILED.format(task.kind.upper()))
    return reason
