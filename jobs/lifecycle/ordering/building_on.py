"""What can still be made of a finished video: longer or larger, and why not.

The rules read the job with its `derived` jobs, which `JobQuerySet.for_cards` has fetched, so that a
page of cards asks for nothing more.
"""

from __future__ import annotations

from datetime import datetime

from django.conf import settings
from django.utils import timezone

from jobs.lifecycle.ordering.submission import Submission
from jobs.models import Job, User
from jobs.models.jobs.status import LIVE, RETENTION, Status
from jobs.providers import PROVIDERS
from jobs.providers.base import UPGRADES, Kind, size_name

LARGER = {"720p": 0, "1080p": 1, "4k": 2}
SHUTS_THE_DOOR = (
    "Once a video has been made 1080p, kie.ai can no longer extend it. "
    "If you mean to make it longer, extend it first."
)
"""docs/contracts.md, kie 2: to be read before the click."""


def available_until(source: Job) -> datetime | None:
    """When the provider forgets this video; None where nothing can be made of it anyway."""
    if source.status != Status.SUCCEEDED or source.kind in UPGRADES or source.sent_at is None:
        return None
    return source.sent_at + RETENTION


def refusal(source: Job, kind: str, by: User, *, parked: Job | None = None) -> str:
    """Why this person cannot have that made of the video, in a sentence; empty if they can.

    A `parked` order of it does not stand in its own way.
    """
    provider = PROVIDERS[source.provider]
    if source.kind in UPGRADES:
        return "This is a larger copy already. Start from the video it was made of."
    if source.status != Status.SUCCEEDED:
        return "Only a video that succeeded can be made longer or larger."
    if source.owner_id != by.pk:
        return f"It is the video of {source.owner.label}, so only they can do this."
    if source.practice != settings.PRACTICE:
        return "It was made in the other mode: practice and real videos are kept apart."
    until = available_until(source)
    if until is None or until < timezone.now():
        return f"{provider.label} keeps videos for {RETENTION.days} days, and these are over."
    derived = [job for job in ordered_of(source) if parked is None or job.pk != parked.pk]
    upgrade = kind in UPGRADES
    return _no_upgrade(source, Kind(kind), derived) if upgrade else _no_extension(source, derived)


def ordered_of(source: Job) -> list[Job]:
    """What was ordered of the video; what awaits a pick was not, and may become another's."""
    return [
        job
        for job in source.derived.all()
        if job.status != Status.AWAITING_PICK and job.error_code != Job.NOT_PICKED
    ]


def shuts_the_door(source: Job, kind: str) -> bool:
    """Whether this upgrade would end the chance to extend the video."""
    if kind != Kind.UPGRADE_1080P or source.provider != "kie":
        return False
    return not _no_extension(source, ordered_of(source))


def upgrade_of(source: Job, kind: str) -> Submission:
    """The order of a larger copy."""
    return _derived(source, kind, source.prompt, source.model, UPGRADES[Kind(kind)])


def extension_of(source: Job, prompt: str, model: str, seed: int | None = None) -> Submission:
    """The order of a longer version, which goes on with its own prompt."""
    return _derived(source, Kind.EXTEND, prompt, model, source.resolution, seed)


def _derived(
    source: Job, kind: str, prompt: str, model: str, resolution: str, seed: int | None = None
) -> Submission:
    return Submission(
        provider=source.provider,
        model=model,
        prompt=prompt,
        aspect_ratio=source.aspect_ratio,
        resolution=resolution,
        duration=source.duration,
        seed=seed,
        translate=source.translate,
        watermark=source.watermark,
        project_id=source.project_id,
        kind=str(kind),
        source_id=str(source.pk),
    )


def _no_upgrade(source: Job, kind: Kind, derived: list[Job]) -> str:
    provider = PROVIDERS[source.provider].label
    wanted = UPGRADES[kind]
    being_extended = any(job.kind == Kind.EXTEND and job.status in LIVE for job in derived)
    reasons = (
        (
            kind not in PROVIDERS[source.provider].upgrades,
            f"{provider} makes no larger copies.",
        ),
        (
            source.kind == Kind.EXTEND,
            f"{provider} promises larger copies of single takes only, not of extended videos.",
        ),
        (
            source.is_fallback,
            f"{provider} made it with its fallback model, which comes at 720p only.",
        ),
        (
            LARGER.get(source.resolution, 0) >= LARGER[wanted],
            f"It was made at {size_name(source.resolution)} already.",
        ),
        (
            any(job.kind == kind and job.status == Status.LOST for job in derived),
            "It was ordered, and what became of it is not known. It counts as spent.",
        ),
        (
            any(job.kind == kind and _counts(job) for job in derived),
            "It is made, or being made, already.",
        ),
        (
            kind == Kind.UPGRADE_1080P and being_extended,
            f"It is just being extended, which {provider} cannot do after 1080p. Wait for its end.",
        ),
    )
    return next((sentence for holds, sentence in reasons if holds), "")


def _no_extension(source: Job, derived: list[Job]) -> str:
    if not any(model.extends for model in PROVIDERS[source.provider].models):
        return f"{PROVIDERS[source.provider].label} cannot extend videos."
    if source.provider != "kie":
        return ""
    if source.resolution != "720p":
        return "It was made larger than 720p, and such a video kie.ai cannot extend."
    done = [job for job in derived if job.status != Status.AWAITING_BUDGET]
    if any(job.kind == Kind.UPGRADE_1080P and _counts(job) for job in done):
        return "It went through 1080p, after which kie.ai cannot extend it."
    return ""


def _counts(job: Job) -> bool:
    """Whether the provider did, or may have done, this piece of work."""
    return job.status not in (Status.FAILED, Status.CANCELED)
