"""The order of a person, and the refusal to take it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from jobs import letters
from jobs.letters.explained import Explained
from jobs.limits import TooMany
from jobs.models import Image, Job

IMAGE_GONE = "An image is no longer available. Choose it again."
FILM_GONE = "The video to change was deleted. Restore it from the trash, or choose another."
NO_PRICE = "These settings have no price yet. An admin can set one under Team & credits, Prices."


@dataclass(frozen=True, slots=True)
class Submission:
    """An order as `check` and `submit` take it: everything but who and on which click."""

    provider: str
    model: str
    prompt: str
    aspect_ratio: str
    resolution: str
    duration: int
    seed: int | None = None
    translate: bool = True
    watermark: str = ""
    project_id: int | None = None
    mode: str = "text"
    image_ids: tuple[str, ...] = ()
    """The images it starts from, in their order, the film among them that it changes."""
    span_start: int | None = None
    """Seconds of that film, to `span_end`."""
    span_end: int | None = None
    kind: str = "generate"
    source_id: str = ""
    """The job it makes longer or larger."""
    is_draft: bool = False
    """A cheap look at a prompt, which can be promoted."""
    draft_id: str = ""
    """The draft that it makes as its project delivers."""

    def digest(self) -> str:
        """The same for the same content, so that a reused submission key can be told apart."""
        content = asdict(self)
        if self.source_id or self.draft_id:
            # Filed where its video is by then.
            del content["project_id"]
        return _hash(content)

    def likeness(self, images: Sequence[Image]) -> str:
        """The same for what would look the same, whoever asks for it and wherever it is filed.

        `images` are those of `image_ids`: the same picture may have been handed in by two people.
        """
        content = asdict(self)
        for what_nobody_sees in ("project_id", "is_draft", "draft_id"):
            del content[what_nobody_sees]
        content["image_ids"] = [image.sha256 for image in images]
        content["prompt"] = letters.settled(self.prompt)
        return _hash(content)


def _hash(content: dict[str, Any]) -> str:
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()


class NotSubmitted(Explained):
    """Nothing was reserved or sent. `field` is the form field at fault, empty for none."""

    def __init__(self, user_message: str, *, field: str = "", cause: str = "") -> None:
        super().__init__(user_message)
        self.field = field
        self.cause = cause


class SubmissionKeyReused(NotSubmitted):
    """This form was already sent with other content."""

    def __init__(self) -> None:
        super().__init__(
            "Your earlier version is already being made. Press Generate again to make this one as "
            "well."
        )


class TooManyOrders(NotSubmitted):
    """This person ordered so much that more has to wait."""

    def __init__(self, error: TooMany) -> None:
        super().__init__(error.user_message, cause="limit")
        self.too_many = error


def submission_of(job: Job) -> Submission:
    """The order that this job was made of."""
    return Submission(
        provider=job.provider,
        model=job.model,
        prompt=job.prompt,
        aspect_ratio=job.aspect_ratio,
        resolution=job.resolution,
        duration=job.duration,
        seed=job.seed if job.seed_chosen else None,
        translate=job.translate,
        watermark=job.watermark,
        project_id=job.project_id,
        mode=job.mode,
        image_ids=tuple(str(use.image_id) for use in job.images.all()),
        span_start=job.span_start,
        span_end=job.span_end,
        kind=job.kind,
        source_id=str(job.source_id or ""),
        is_draft=job.is_draft,
        draft_id=str(job.draft_id or ""),
    )
