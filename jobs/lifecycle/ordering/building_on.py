"""Build on a finished video: make it longer or larger, or say why not.

The rules read the job with its `derived` jobs, which `JobQuerySet.for_cards` has fetched, so that a
page of cards asks for nothing more.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.conf import settings
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone

from jobs.letters import isolated
from jobs.lifecycle.ordering.submission import Submission
from jobs.models import Job, User
from jobs.models.jobs.status import LIVE, UNMADE, Status
from jobs.providers import PROVIDERS
from jobs.providers.base import UPGRADES, Kind, size_name
from jobs.providers.models import FollowUp, Model

NEVER_DONE = (Status.FAILED, Status.CANCELED, Status.AWAITING_PICK)
"""What awaits a pick is none of a video's orders, and may become another's."""


def available_until(source: Job) -> datetime | None:
    """The moment the provider forgets this video; None where nothing can be made of it anyway."""
    if source.status != Status.SUCCEEDED or source.kind in UPGRADES or source.sent_at is None:
        return None
    return source.sent_at + source.retention


def refusal(source: Job, kind: str, by: User, *, parked: Job | None = None) -> str:
    """The reason this person cannot have that made of the video, in a sentence; empty if they can.

    A `parked` order of it does not stand in its own way.
    """
    provider = PROVIDERS[source.provider]
    if source.kind in UPGRADES:
        return "This is already an upgrade. Start from the video it was made from."
    if source.status != Status.SUCCEEDED:
        return "Only a finished video can be extended or upgraded."
    if source.owner_id != by.pk:
        return f"This is {isolated(source.owner.label)}’s video, so only they can do this."
    if source.practice != settings.PRACTICE:
        return "It was made in the other mode: practice and real videos are kept apart."
    until = available_until(source)
    if until is None or until < timezone.now():
        days = source.retention.days
        return f"{provider.label} keeps videos for {days} days and no longer has this one."
    derived = [job for job in ordered_of(source) if parked is None or job.pk != parked.pk]
    return _impossible(source, kind, derived)


def still_possible(kind: str, by: User) -> Q:
    """The videos of which this person can have that made: `refusal`, as a question to the table."""
    now, found = timezone.now(), Q(pk__in=[])
    for provider in PROVIDERS.values():
        kept = Q(provider=provider.name, sent_at__gte=now - provider.retention)
        for model in provider.models:
            if follow_up := model.follow_up(kind):
                found |= kept & Q(model=model.name) & _allows(model, follow_up)
    own = Q(owner=by, status=Status.SUCCEEDED, practice=settings.PRACTICE)
    return own & ~Q(kind__in=UPGRADES) & found


def ordered_of(source: Job) -> list[Job]:
    """Find the orders made of the video; what awaits a pick is none, and may become another's."""
    return [
        job
        for job in source.derived.all()
        if job.status != Status.AWAITING_PICK and job.error_code != Job.NOT_PICKED
    ]


def shuts_the_door(source: Job, kind: str) -> str:
    """The sentence, to be read before the click, about what this work would make impossible; empty
    where it closes nothing that is still open.
    """
    ordered = ordered_of(source)
    return next(
        (
            follow_up.closed_by[Kind(kind)].before
            for follow_up in _follow_ups(source)
            if kind in follow_up.closed_by and not _impossible(source, follow_up.kind, ordered)
        ),
        "",
    )


def upgrade_of(source: Job, kind: str) -> Submission:
    """The order of a larger copy."""
    return _derived(
        source,
        kind=kind,
        prompt=source.prompt,
        model=source.model,
        resolution=UPGRADES[Kind(kind)],
    )


def extension_of(source: Job, prompt: str, model: str, seed: int | None = None) -> Submission:
    """The order of a longer version, which goes on with its own prompt."""
    return _derived(
        source,
        kind=Kind.EXTEND,
        prompt=prompt,
        model=model,
        resolution=source.resolution,
        seed=seed,
    )


def _derived(
    source: Job, *, kind: str, prompt: str, model: str, resolution: str, seed: int | None = None
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


def _follow_ups(source: Job) -> Sequence[FollowUp]:
    model = PROVIDERS[source.provider].model(source.model)
    return model.follow_ups if model else ()


def _impossible(source: Job, kind: str, derived: list[Job]) -> str:
    """The reason why nobody can have that made, by what is declared and what was ordered."""
    follow_up = PROVIDERS[source.provider].follow_up(source.model, kind)
    if follow_up is None:
        return _not_offered(source, kind)
    return (
        _excluded(source, follow_up)
        or (_ordered_before(kind, derived) if kind in UPGRADES else "")
        or _closed(follow_up, derived)
        or _too_early(source, kind, derived)
    )


def _allows(model: Model, follow_up: FollowUp) -> Q:
    """The same as `_impossible`, of all videos of a model."""
    allowed = Q(resolution__in=follow_up.resolutions) if follow_up.resolutions else Q()
    if follow_up.why_not_of_extended:
        allowed &= ~Q(kind=Kind.EXTEND)
    if follow_up.why_not_of_fallback:
        allowed &= Q(is_fallback=False)
    made = Job.objects.filter(source=OuterRef("pk")).exclude(status__in=NEVER_DONE)
    if follow_up.kind in UPGRADES:
        allowed &= ~Q(Exists(made.filter(kind=follow_up.kind)))
    closing = made.exclude(status=Status.AWAITING_BUDGET).filter(kind__in=follow_up.closed_by)
    waited_for = [each.kind for each in model.follow_ups if follow_up.kind in each.closed_by]
    under_way = made.filter(kind__in=waited_for, status__in=LIVE)
    return allowed & ~Q(Exists(closing)) & ~Q(Exists(under_way))


def _not_offered(source: Job, kind: str) -> str:
    provider = PROVIDERS[source.provider]
    model = provider.model(source.model)
    # Of several models this one may be the only one that cannot.
    who = model.label if model and kind in provider.follow_ups else provider.label
    return f"{who} can’t upgrade videos." if kind in UPGRADES else f"{who} can’t extend videos."


def _excluded(source: Job, follow_up: FollowUp) -> str:
    """The reason why not of a video like this."""
    if source.kind == Kind.EXTEND and follow_up.why_not_of_extended:
        return follow_up.why_not_of_extended
    if source.is_fallback and follow_up.why_not_of_fallback:
        return follow_up.why_not_of_fallback
    if follow_up.starts_from(source.resolution):
        return ""
    made_at = size_name(source.resolution)
    return follow_up.why_no_other_resolution or f"It was already made at {made_at}."


def _ordered_before(kind: str, derived: list[Job]) -> str:
    """The reason why not again: of each size there is one copy."""
    same = [job for job in derived if job.kind == kind]
    if any(job.status == Status.LOST for job in same):
        return "It was ordered, but its outcome is unknown. It counts as spent."
    return "It is already made or being made." if any(map(_counts, same)) else ""


def _closed(follow_up: FollowUp, derived: list[Job]) -> str:
    """The reason why not any more: something else that was made of it has ended the chance."""
    made = {job.kind for job in derived if job.status != Status.AWAITING_BUDGET and _counts(job)}
    return next((each.after for by, each in follow_up.closed_by.items() if by in made), "")


def _too_early(source: Job, kind: str, derived: list[Job]) -> str:
    """The reason why not yet: something is under way that this would make impossible."""
    live = {job.kind for job in derived if job.status in LIVE}
    return next(
        (
            follow_up.closed_by[Kind(kind)].meanwhile
            for follow_up in _follow_ups(source)
            if kind in follow_up.closed_by and follow_up.kind in live
        ),
        "",
    )


def _counts(job: Job) -> bool:
    """The provider did, or may have done, this piece of work."""
    return job.status not in UNMADE
