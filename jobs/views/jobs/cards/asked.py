"""What a card says of a job that does not fit its budget, and of what was decided about it."""

from __future__ import annotations

from dataclasses import dataclass

from django.urls import reverse

from jobs import lifecycle
from jobs.letters import isolated
from jobs.models import BudgetRequest, Job, User
from jobs.models.jobs.status import Status
from jobs.views.jobs.cards.stages import STAGES


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What an admin was asked about one job, as this viewer may see it."""

    job: Job
    viewer: User

    @property
    def stage(self) -> str:
        """run, queue, wait, pick, done, fail, look or over: which picture the stage shows."""
        return STAGES[Status(self.job.status)]

    @property
    def decision(self) -> str:
        """An admin's yes to what did not fit the budget, while the video it was about is new."""
        asked = self.job.budget_request
        is_new = self.stage in ("queue", "run")
        if not (is_new and asked and asked.state == BudgetRequest.State.APPROVED):
            return ""
        return f"Approved by {isolated(asked.decided_by.label)}" if asked.decided_by else ""

    @property
    def fits(self) -> bool:
        """It waits for its budget, and its budgets hold it by now."""
        asked = self.job.budget_request
        return self.stage == "wait" and asked is not None and asked.fits

    @property
    def waiting(self) -> int:
        """The takes of its order that wait with it, itself among them: they go together."""
        # Each has the same price.
        return self.asked_credits // self.job.quote

    @property
    def asked_credits(self) -> int:
        """The credits that it waits for, with those takes."""
        return self.job.budget_request.credits if self.job.budget_request else self.job.quote

    @property
    def lack(self) -> str:
        """The sentence to this viewer about the credits that a waiting job lacks."""
        asked = self.job.budget_request
        if asked is None or asked.own_available is None:
            return self.job.error
        return lifecycle.lacking_own(
            asked.credits,
            asked.own_available,
            self.job.owner,
            self.viewer,
            takes=self.waiting,
        )

    @property
    def requests_url(self) -> str:
        """The page where the request of a waiting job is decided, or for its owner, stands."""
        page = "requests" if self.viewer.is_admin else "credits"
        return f"{reverse(page)}#request-{self.job.budget_request_id}"
