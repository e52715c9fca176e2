"""The images a video starts from: ids in their order, and what the composer shows of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django import forms
from django.contrib.humanize.templatetags.humanize import apnumber

from jobs.lifecycle import IMAGE_GONE
from jobs.models import Image, User
from jobs.providers import PROVIDERS
from jobs.providers.base import Mode

IDS_MAX = 12
"""Far more than any model takes; what is too many is said in the words of the mode."""


def most_images() -> int:
    """The most images that any model takes."""
    counts = (model.images.values() for p in PROVIDERS.values() for model in p.models)
    return max(number for each in counts for number in each)


class ImageIds(forms.Field):
    """Ids of images, in their order. Whose they are is checked by the form."""

    widget = forms.MultipleHiddenInput

    def to_python(self, value: Any) -> list[str]:
        try:
            return [str(UUID(str(each))) for each in value or []]
        except ValueError as error:
            raise forms.ValidationError(IMAGE_GONE) from error

    def validate(self, value: Any) -> None:
        super().validate(value)
        if len(value) > IDS_MAX:
            most = apnumber(most_images())
            raise forms.ValidationError(f"That is {len(value)} images. Choose {most} at most.")


@dataclass(frozen=True, slots=True)
class Thumb:
    """One image in its place."""

    image: Image
    number: int
    label: str
    may_move: bool = False
    """It has something to its left that it may come before."""


def label(mode: str, number: int) -> str:
    """The purpose of the image in this place (1 is the first)."""
    if mode == Mode.VIDEO:
        return f"Reference {number - 1}" if number > 1 else "Video to change"
    if mode == Mode.REFERENCES:
        return f"Reference {number}"
    return {1: "First frame", 2: "Last frame"}.get(number, f"Image {number}")


def places(mode: str) -> list[dict[str, str]]:
    """The names of the places of images and their buttons, and one place more, for js/images.js."""
    names = [(number, label(mode, number)) for number in range(1, IDS_MAX + 2)]
    return [
        {
            "label": name,
            "slot": f"Images: {name.lower()}",
            "move": f"Move left: image {number}",
            "drop": f"Remove image {number}",
            "added": f"{name} added",
        }
        for number, name in names
    ]


def thumbs(images: Sequence[Image], mode: str) -> list[Thumb]:
    """The images in their places. The first one is a film's, where one is changed."""
    shift = int(mode == Mode.VIDEO and not _has_film(images))
    return [
        Thumb(
            image,
            number,
            "Video" if image.is_film and mode != Mode.VIDEO else label(mode, number + shift),
            may_move=number > 1 and not images[number - 2].is_film,
        )
        for number, image in enumerate(images, 1)
    ]


def next_label(images: Sequence[Image], mode: str, most: int) -> str:
    """The purpose of the next image; '' where no more are taken."""
    if mode == Mode.VIDEO and not _has_film(images):
        return label(mode, 1)
    return label(mode, len(images) + 1) if len(images) < most else ""


def _has_film(images: Sequence[Image]) -> bool:
    return any(image.is_film for image in images)


def in_order(user: User, ids: Sequence[Any]) -> list[Image]:
    """Those of the images that are there and this person's to use, a film before all others."""
    wanted = []
    for each in ids[:IDS_MAX]:
        try:
            wanted.append(UUID(str(each)))
        except ValueError:
            continue
    if not wanted:
        return []
    return sorted(
        Image.objects.visible_to(user).in_order(wanted), key=lambda image: not image.is_film
    )
