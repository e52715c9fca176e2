"""Promotes a draft: the same order, in the model and size that its project delivers in."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from jobs.lifecycle.ordering.submission import Submission, submission_of
from jobs.models import Job, Project, Team
from jobs.models.jobs.status import UNMADE, Status
from jobs.models.team.delivery import Delivery
from jobs.pricing import PriceList
from jobs.providers import PROVIDERS, model_named
from jobs.providers.base import Mode, size_name
from jobs.providers.declarations import Provider
from jobs.providers.models import Model


@dataclass(frozen=True, slots=True)
class Target:
    """The model and size that finished videos are made in."""

    provider: Provider
    model: Model
    size: str

    @property
    def label(self) -> str:
        """Both in words."""
        return f"{self.model.label}, {size_name(self.size)}"


@dataclass(frozen=True, slots=True)
class Promotion:
    """A draft's order as its project delivers it."""

    target: Target
    submission: Submission
    changes: tuple[str, ...]
    """What can't be kept of the draft's settings, each in a sentence."""


def target_of(project: Project | None) -> Target:
    """What a project delivers in: its own choice, the team's where it has none, and where nobody
    has said, the first model that can be ordered, in its usual size.
    """
    places: list[Delivery] = [project] if project else []
    for place in (*places, Team.current()):
        if target := target_named(place.delivers_in):
            return target
    declared = [(provider, model) for provider in PROVIDERS.values() for model in provider.models]
    prices = PriceList()
    to_be_had = {row.model for row in prices.rows} - prices.withdrawn
    provider, model = next((both for both in declared if both[1].name in to_be_had), declared[0])
    return Target(provider, model, model.resolutions[0])


def target_named(both: str) -> Target | None:
    """A model and a size in one word, as `Delivery.delivers_in` has them; None for no such one."""
    name, _, size = both.partition(" ")
    found = model_named(name)
    return Target(*found, size) if found and size in found[1].resolutions else None


def promotion_of(draft: Job) -> Promotion:
    """The order that a draft is promoted by: of what it was made of, and with its seed, whoever
    chose that, as far as the target takes them. Whether it can be had, `why_not_promoted` tells.
    """
    made_by = PROVIDERS[draft.provider].model(draft.model)
    seed = draft.seed if made_by and made_by.seeds else None
    order = replace(submission_of(draft), seed=seed, is_draft=False, draft_id=str(draft.pk))
    return in_full(order, target_of(draft.project))


def in_full(order: Submission, target: Target) -> Promotion:
    """This order in the target's model and size, and what changes by that."""
    model, size = target.model, target.size
    lengths = model.durations_at(size, order.mode) or (order.duration,)
    ratios = model.ratios_in(order.mode, size) or (order.aspect_ratio,)
    full = replace(
        order,
        provider=target.provider.name,
        model=model.name,
        resolution=size,
        duration=min(lengths, key=lambda each: (abs(each - order.duration), -each)),
        aspect_ratio=order.aspect_ratio if order.aspect_ratio in ratios else ratios[0],
        # Of what is no number, `in` would go through all seeds.
        seed=order.seed if order.seed is not None and order.seed in model.seeds else None,
        translate=order.translate and model.translates,
        watermark="" if "watermark" in model.lacks else order.watermark,
    )
    return Promotion(target, full, tuple(_changes(order, full, target)))


def full_price(draft: Submission, project: Project | None) -> int | None:
    """The price, today, of the same as its project delivers; None where that can't be ordered."""
    target = target_of(project)
    if _beyond(draft, target):
        return None
    return PriceList().of(in_full(draft, target).submission)


def why_not_promoted(draft: Job, order: Submission, made: Iterable[Job]) -> str:
    """The reason why this draft can't be promoted by this order, in a sentence; '' where it can.

    `made` are its promotions so far, whoever may see them. The price is not asked for.
    """
    target = target_named(f"{order.model} {order.resolution}")
    if draft.status != Status.SUCCEEDED:
        return "Only a finished draft can be promoted."
    if target is None:
        return "This model isn’t offered any more. Choose another one to deliver in."
    if (draft.model, draft.resolution) == (order.model, order.resolution):
        return f"It already is what its project delivers: {target.label}."
    if same := next((job for job in made if _is_made(job, order)), None):
        if same.status == Status.LOST:
            return "It was promoted, but the outcome is unknown. It counts as spent."
        return f"It was already promoted to {target.label}."
    return _beyond(order, target)


def _is_made(job: Job, order: Submission) -> bool:
    """This promotion is made, or may be, as the order wants it."""
    is_same = (job.model, job.resolution) == (order.model, order.resolution)
    return is_same and job.status not in UNMADE


def _beyond(order: Submission, target: Target) -> str:
    """What the target's model can't do at all of this order, in a sentence; '' for nothing."""
    model, mode = target.model, Mode(order.mode)
    if target.size not in model.resolutions_in(mode):
        return f"{target.label} can’t be made from {mode.label.lower()}."
    if len(order.image_ids) > model.images.get(mode, 0):
        return f"{model.label} takes fewer images than this draft has."
    if len(order.prompt) > model.prompt_length_max:
        return f"{model.label} takes {model.prompt_length_max:,} characters, and this prompt more."
    return ""


def _changes(order: Submission, full: Submission, target: Target) -> Iterator[str]:
    model = target.model
    if full.duration != order.duration:
        yield f"{full.duration} s instead of {order.duration} s: {target.label} has no other near."
    if full.aspect_ratio != order.aspect_ratio:
        yield f"{full.aspect_ratio} instead of {order.aspect_ratio}, which {target.label} lacks."
    if order.seed is None:
        yield "A new seed: the draft’s model takes none."
    elif full.seed is None:
        yield f"A new seed: {model.label} doesn’t take {order.seed}."
    if full.watermark != order.watermark:
        yield f"No watermark: {model.lacks['watermark']}"
    if full.translate != order.translate:
        yield f"The prompt isn’t translated: {model.lacks['translate']}"
