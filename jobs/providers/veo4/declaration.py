"""The Veo 4 preview as its draft declares it (docs/contracts.md: veo4 0, veo4 1, veo4 3)."""

from __future__ import annotations

from datetime import timedelta

from jobs.providers.base import Kind, Mode
from jobs.providers.declarations import Callbacks, Failure, Provider
from jobs.providers.models import Combination, FollowUp, Model, Pace
from jobs.providers.veo4.answers import CONTENT_WORDS
from jobs.providers.veo4.client import Veo4

MODELS = (
    Model(
        name="veo-4",
        label="Veo 4 preview",
        hint="An early preview: the provider may still change how it works.",
        combinations=(
            # The API has no field for resolution or length, so there is one of each to choose.
            Combination(
                modes=(Mode.TEXT, Mode.REFERENCES),
                resolutions=("720p",),
                aspect_ratios=("16:9", "9:16", "1:1"),
                durations=(8,),
            ),
        ),
        # The draft says "publicly reachable source images" and no more of what becomes of them.
        images={Mode.REFERENCES: 3},
        seeds=range(10_000, 100_000),
        follow_ups=(FollowUp(kind=Kind.EXTEND, models=("veo-4",), pace=Pace(usual_seconds=360)),),
    ),
)

VEO4 = Provider(
    name="veo4",
    label="veo4api.net",
    client=Veo4,
    settings={"base_url": "VEO4_BASE_URL", "signature_header": "VEO4_SIGNATURE_HEADER"},
    models=MODELS,
    result_hosts=("cdn.veo4api.net",),
    # Assumed: the draft says nothing of it.
    retention=timedelta(days=14),
    # The draft gives no figures; these are as modest as its "no aggressive polling" asks for.
    creations_per_10s=5,
    asks_per_second=1,
    preview=True,
    failures=(
        Failure(cause="provider-canceled", codes=("canceled",)),
        Failure(cause="content-blocked", words=CONTENT_WORDS),
        Failure(cause="image-unread", words=("image could not be fetched",)),
    ),
    callbacks=Callbacks(setting="VEO4_WEBHOOK_ENABLED"),
    practice_key="practice-veo4-key",
)
