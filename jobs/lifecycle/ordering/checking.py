"""Checks whether an order can be made at all: what a model offers, and what goes with what.

Every entrance calls `check` and shows people what it says; what it means to order something at a
price is `confirming`'s.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any
from uuid import UUID

from django.core.exceptions import ValidationError
from django.core.validators import MaxLengthValidator

from jobs import letters
from jobs.lifecycle.ordering import source_film
from jobs.lifecycle.ordering.problem import Problem
from jobs.lifecycle.ordering.submission import IMAGE_GONE, Submission
from jobs.models import Image, User
from jobs.net import addresses
from jobs.providers import PROVIDERS
from jobs.providers.base import Kind, Mode, lines_of
from jobs.providers.declarations import Provider
from jobs.providers.models import Model

WITHOUT_WORDS = {
    Kind.GENERATE: "Describe the video you want to make.",
    Kind.EXTEND: "Describe what happens next.",
}
NOT_OFFERED = {
    "aspect_ratio": "{model} offers these aspect ratios here: {listed}.",
    "resolution": "{model} offers these resolutions: {listed}.",
    "duration": "{model} offers these lengths here: {listed}.",
}
ORDERS: Mapping[str, Callable[[Any], int]] = {"resolution": lines_of, "duration": int}
"""How people read values, where that is not how they are declared: the usual one first or last."""


def check(owner: User, submission: Submission, takes: int = 1) -> list[Problem]:
    """Everything that is wrong with an order of so many takes; nothing for one that may be
    submitted.
    """
    provider = PROVIDERS.get(submission.provider)
    if provider is None:
        return [Problem("provider", "This provider is not offered. Choose another.")]
    model = provider.model(submission.model)
    if model is None:
        return [no_model(provider)]
    found = [*_words(model, submission), *wrong_seed(model, submission.seed, takes)]
    if submission.watermark and "watermark" in model.lacks:
        why_not = model.lacks["watermark"]
        found.append(Problem("watermark", f"{why_not} Remove it, or choose another model."))
    if submission.kind == Kind.GENERATE:
        found += _settings(owner, submission, provider, model)
    return found


def no_model(provider: Provider) -> Problem:
    """The answer to a model that the provider does not have, or not any more."""
    return Problem("model", f"{provider.label} doesn’t offer this model. Choose another.")


def wrong_seed(model: Model, seed: int | None, takes: int = 1) -> Iterator[Problem]:
    """The answer to a seed that the model does not take, or not with those that follow it."""
    if seed is None:
        return
    if not model.seeds:
        yield Problem("seed", f"{model.lacks['seed']} Remove it, or choose another model.")
    elif seed not in model.seeds:
        yield Problem("seed", model.seed_rule)
    elif seed + takes - 1 not in model.seeds:
        most = model.seeds[-1] - takes + 1
        yield Problem(
            "seed",
            f"{takes} takes use this seed and the {takes - 1} after it. Choose {most} or less.",
        )


def _words(model: Model, submission: Submission) -> Iterator[Problem]:
    wanted = WITHOUT_WORDS.get(Kind(submission.kind))
    if wanted and not letters.is_visible(submission.prompt):
        yield Problem("prompt", wanted)
    try:
        MaxLengthValidator(model.prompt_length_max)(submission.prompt)
    except ValidationError as error:
        yield from (Problem("prompt", message) for message in error.messages)


def _settings(
    owner: User, submission: Submission, provider: Provider, model: Model
) -> Iterator[Problem]:
    """What does not go together: of a size that the mode lacks, the mode's usual one is meant."""
    mode, size = submission.mode, submission.resolution
    if mode not in model.modes:
        listed = ", ".join(each.label for each in model.modes)
        yield Problem("mode", f"{model.label} offers these modes: {listed}.")
        return
    yield from _images(owner, submission, provider, model)
    sizes = model.resolutions_in(mode)
    if size not in sizes:
        size = sizes[0]
    offers: dict[str, tuple[str | int, Sequence[str | int]]] = {
        "aspect_ratio": (submission.aspect_ratio, model.ratios_in(mode, size)),
        "resolution": (submission.resolution, sizes),
        "duration": (submission.duration, model.durations_at(size, mode)),
    }
    for field, (value, values) in offers.items():
        if value not in values:
            listed = ", ".join(map(str, sorted(values, key=ORDERS.get(field, values.index))))
            if why_not := model.why_not.get(str(value)):
                yield Problem(field, f"{why_not} Choose {listed}.")
            else:
                said = NOT_OFFERED[field].format(model=model.label, listed=listed)
                yield Problem(field, said)


def _images(
    owner: User, submission: Submission, provider: Provider, model: Model
) -> Iterator[Problem]:
    ids = submission.image_ids
    if submission.mode == Mode.TEXT:
        if ids:
            yield Problem(
                "images", "A video from text uses no images. Remove them, or choose another mode."
            )
        return
    rows = Image.objects.visible_to(owner).select_related("rendition__job")
    found = rows.in_order(map(UUID, ids))
    if len(found) < len(ids):
        yield Problem("images", IMAGE_GONE)
    elif submission.mode == Mode.VIDEO or any(image.is_film for image in found):
        yield from source_film.problems(model, submission, found)
    elif why := _wrong_number(model, submission.mode, len(ids)):
        yield Problem("images", why)
    if not provider.takes_uploads and not addresses.reaches_us():
        yield Problem(
            "images", f"{provider.label} fetches images from a public address. Set PUBLIC_URL."
        )


def _wrong_number(model: Model, mode: str, count: int) -> str:
    """The reason so many images do not make a video in this mode; '' where they do."""
    most = model.images.get(Mode(mode), 0)
    if mode == Mode.FRAMES and not count:
        return "Add the first frame: upload an image, or pick a frame of a video."
    if mode == Mode.REFERENCES and not count:
        return f"Add one to {most} images of what the video should show."
    if count <= most:
        return ""
    if mode == Mode.FRAMES:
        return f"{model.label} takes {most} frames at most. Remove {count - most}."
    return f"{model.label} takes {most} references at most. Remove {count - most}."
