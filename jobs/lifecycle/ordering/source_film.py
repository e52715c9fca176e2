"""Checks the film that words are to change: that there is one, how large it is, and which part."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from decimal import Decimal

from django.template.defaultfilters import filesizeformat

from jobs.lifecycle.ordering.problem import Problem
from jobs.lifecycle.ordering.submission import FILM_GONE, Submission
from jobs.models import Image
from jobs.providers.base import Mode
from jobs.providers.models import Model, SourceFilm


def problems(model: Model, submission: Submission, images: Sequence[Image]) -> Iterator[Problem]:
    """What is wrong with the images of an order that changes a film, or has one among them."""
    films = [image for image in images if image.is_film]
    taken = model.source_film
    if submission.mode != Mode.VIDEO or taken is None:
        yield Problem(
            "images", f"Only the mode {Mode.VIDEO.label} takes a video. Choose it, or remove that."
        )
        return
    references, most = len(images) - len(films), model.images[Mode.VIDEO] - 1
    if not films:
        yield Problem("images", "Add the video to change: upload one, or pick one of yours.")
    elif len(films) > 1:
        yield Problem("images", f"One video is changed at a time. Remove {len(films) - 1}.")
    elif not films[0].kept_as:
        yield Problem("images", FILM_GONE)
    elif why := _unfit(model, taken, films[0]):
        yield Problem("images", why)
    else:
        yield from _wrong_span(model, taken, films[0], submission)
    if references > most:
        yield Problem(
            "images",
            f"Beside a video, {model.label} takes {most} references at most. Remove "
            f"{references - most}.",
        )


def usual_span(film: Image, model: Model | None) -> tuple[int, int]:
    """The part of a film that is changed unless somebody says otherwise: from its start, as much as
    the model takes.
    """
    taken = model.source_film if model else None
    seconds = _whole(film.seconds)
    return 0, min(seconds, taken.span_max) if taken else seconds


def _unfit(model: Model, taken: SourceFilm, film: Image) -> str:
    """The reason why the model does not take this film; '' where it does."""
    if (film.seconds or 0) > taken.seconds_max:
        return (
            f"This video is {_whole(film.seconds)} seconds long. {model.label} changes videos of "
            f"up to {taken.seconds_max} seconds."
        )
    if film.bytes > taken.bytes_max:
        return (
            f"This video has {filesizeformat(film.bytes)}. {model.label} changes videos of up to "
            f"{filesizeformat(taken.bytes_max)}: use a smaller size of it."
        )
    if _whole(film.seconds) < 1:
        return "This video is shorter than a second."
    return ""


def _wrong_span(
    model: Model, taken: SourceFilm, film: Image, submission: Submission
) -> Iterator[Problem]:
    start, end, seconds = submission.span_start, submission.span_end, _whole(film.seconds)
    if start is None or end is None:
        # It could not be read, which the form has said.
        return
    if end > seconds:
        yield Problem("span_end", f"This video has {seconds} whole seconds. End at {seconds}.")
    elif not 0 <= start < end:
        yield Problem("span_start", "Start before the end of the part to change.")
    elif end - start > taken.span_max:
        yield Problem(
            "span_end",
            f"{model.label} changes up to {taken.span_max} seconds at a time. End at "
            f"{start + taken.span_max}, or start later.",
        )


def _whole(seconds: Decimal | None) -> int:
    return int(seconds or 0)
