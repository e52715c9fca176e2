"""A new video from the settings of another one: with its seed, or with chance again."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from jobs import lifecycle
from jobs.forms import ComposerForm
from jobs.forms.ordering.possible import possible
from jobs.models import Job
from jobs.pricing import PriceList
from jobs.providers import PROVIDERS
from jobs.views.access import Request
from jobs.views.studio.composer.starting import takes_prompt_alone


@dataclass(frozen=True, slots=True)
class Reuse:
    """The video whose settings the composer begins with."""

    job: Job
    is_same_seed: bool
    """Its seed as well, so that what is changed is all that changes."""

    @property
    def _initial(self) -> dict[str, Any]:
        """The values of its fields, but for the submission key."""
        submission = lifecycle.submission_of(self.job)
        fields = {name: getattr(submission, name) for name in submission.__slots__}
        return {
            **fields,
            "images": submission.image_ids,
            "seed": self.job.seed if self.is_same_seed else "",
            "project": submission.project_id or "",
        }

    def fields(self, prices: PriceList) -> dict[str, Any]:
        """Those of a composer that begins with it, as far as `prices` offer that today."""
        again = {**ComposerForm.defaults(), **self._initial, **ComposerForm.fresh_key()}
        if again["model"] in prices.withdrawn:
            again |= possible(again, again["model"], PROVIDERS, prices)
        return again


def reused(request: Request) -> Reuse | None:
    """What the address says to reuse, if this person may see it; `seed` says how."""
    try:
        wanted = UUID(request.GET.get("from", ""))
    except ValueError:
        return None
    job = Job.objects.visible_to(request.user).filter(pk=wanted).first()
    if job is None or takes_prompt_alone(request):
        return None
    how = request.GET.get("seed", "")
    # Where the address leaves it open, a seed that somebody chose is meant.
    is_same = how == "same" or (how != "new" and job.seed_chosen)
    return Reuse(job, is_same_seed=is_same and job.has_seed)
