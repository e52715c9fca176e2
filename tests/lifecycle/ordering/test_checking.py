"""What an order cannot have, in sentences, whoever brings it: here no form does."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest

from jobs import lifecycle
from jobs.archive.intake import images
from jobs.lifecycle import Problem
from jobs.models import Image, User
from jobs.providers import PROVIDERS
from tests.support import factories
from tests.support.media import pictures
from tests.support.takes import finished

pytestmark = pytest.mark.django_db

GONE = "An image is no longer available. Choose it again."
FIRST_FRAME = "Add the first frame: upload an image, or pick a frame of a video."
MODEL = PROVIDERS["kie"].models[0]


def said(owner: User, **changes: Any) -> dict[str, str]:
    """Each field that is at fault, with its sentence."""
    found = lifecycle.check(owner, factories.submission(**changes))
    return {problem.field: problem.message for problem in found}


def kept(owner: User, *shades: int) -> tuple[str, ...]:
    """The ids of so many pictures of theirs."""
    taken = (
        images.add(owner, pictures.picture(colour=(shade, 0, 0)), Image.Origin.UPLOAD)
        for shade in shades
    )
    return tuple(str(image.pk) for image in taken)


def test_what_can_be_made_is_not_spoken_of(alice: User) -> None:
    assert said(alice) == {}
    assert said(alice, mode="frames", image_ids=kept(alice, 10)) == {}


@pytest.mark.parametrize(
    ("changes", "field", "sentence"),
    [
        ({"provider": "nobody"}, "provider", "This provider is not offered. Choose another."),
        ({"model": "veo-4"}, "model", "kie.ai doesn’t offer this model. Choose another."),
        ({"prompt": ""}, "prompt", "Describe the video you want to make."),
        ({"prompt": "\u200b\u2060 "}, "prompt", "Describe the video you want to make."),
        ({"prompt": 5001 * "x"}, "prompt", "at most 5000 characters (it has 5001)"),
        ({"seed": 9999}, "seed", "A seed is a whole number from 10000 to 99999."),
        ({"seed": -1}, "seed", "A seed is a whole number from 10000 to 99999."),
        ({"mode": "dance"}, "mode", "offers these modes: Text, Frames, References."),
        ({"aspect_ratio": "4:3"}, "aspect_ratio", "offers these aspect ratios here: 16:9, 9:16."),
        ({"aspect_ratio": "Auto"}, "aspect_ratio", "Choose 16:9, 9:16."),
        ({"resolution": "8k"}, "resolution", "offers these resolutions: 720p, 1080p, 4k."),
        ({"duration": 5}, "duration", "offers these lengths here: 4, 6, 8."),
        ({"resolution": "4k", "duration": 4}, "duration", "offers these lengths here: 8."),
        ({"mode": "frames"}, "images", FIRST_FRAME),
        ({"mode": "references"}, "images", "Add one to 3 images of what the video should show."),
        ({"mode": "frames", "image_ids": (str(uuid4()),)}, "images", GONE),
        ({"image_ids": (str(uuid4()),)}, "images", "A video from text uses no images."),
    ],
)
def test_what_cannot_be_made_is_said_where_it_is(
    alice: User, changes: dict[str, Any], field: str, sentence: str
) -> None:
    answers = said(alice, **changes)
    assert list(answers) == [field]
    assert sentence in answers[field]


def test_everything_that_is_wrong_is_said_at_once(alice: User) -> None:
    wrong = {"prompt": "", "seed": 1, "aspect_ratio": "4:3", "duration": 5, "mode": "frames"}
    assert set(said(alice, **wrong)) == {"prompt", "seed", "aspect_ratio", "duration", "images"}


def test_more_images_than_the_model_takes_are_counted(alice: User) -> None:
    answers = said(alice, mode="frames", image_ids=kept(alice, 10, 90, 200))
    assert answers == {"images": f"{MODEL.label} takes 2 frames at most. Remove 1."}


@pytest.mark.data
def test_the_pictures_of_others_are_not_there(alice: User, bob: User) -> None:
    assert said(alice, mode="frames", image_ids=kept(bob, 10)) == {"images": GONE}


def test_a_provider_that_fetches_images_needs_an_address_of_ours(
    alice: User, settings: Any
) -> None:
    settings.CALLBACK_BASE = ""
    wanted = {"provider": "veo4", "mode": "references", "image_ids": kept(alice, 10)}
    assert said(alice, **wanted) == {
        "images": f"{PROVIDERS['veo4'].label} fetches images from a public address. Set PUBLIC_URL."
    }
    settings.CALLBACK_BASE = "https://dailies.example"
    assert said(alice, **wanted) == {}


def test_an_extension_is_checked_for_its_words_and_its_seed_alone(alice: User) -> None:
    take = finished(alice)
    assert lifecycle.check(alice, lifecycle.extension_of(take, "It rains", take.model, 23456)) == []
    assert lifecycle.check(alice, lifecycle.extension_of(take, " ", take.model, 1)) == [
        Problem("prompt", "Describe what happens next."),
        Problem("seed", MODEL.seed_rule),
    ]
    assert lifecycle.check(alice, lifecycle.upgrade_of(take, "upgrade_4k")) == []
