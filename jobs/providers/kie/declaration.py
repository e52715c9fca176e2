"""kie.ai as it declares itself (docs/contracts.md: kie 0, kie 5, kie 6)."""

from __future__ import annotations

from datetime import timedelta

from jobs.providers.declarations import Callbacks, Failure, Provider
from jobs.providers.kie.client import Kie
from jobs.providers.kie.envelope import CONTENT_WORDS, Code
from jobs.providers.kie.market import models as market
from jobs.providers.kie.models import MODELS
from jobs.providers.kie.prices import PRICES

KIE = Provider(
    name="kie",
    label="kie.ai",
    client=Kie,
    settings={"base_url": "KIE_BASE_URL", "upload_url": "KIE_UPLOAD_URL"},
    models=(*MODELS, *market.MODELS.values()),
    result_hosts=("*.aiquickdraw.com", "*.redpandaai.co", "*.kie.ai"),
    retention=timedelta(days=14),
    creations_per_10s=20,
    asks_per_second=10,
    callbacks=Callbacks(has_signing_key=True),
    echoes=True,
    tells_balance=True,
    # They are kept for a day.
    uploads_last=timedelta(hours=6),
    failures=(
        Failure(cause="content-blocked", words=CONTENT_WORDS),
        Failure(cause="image-unread", codes=(str(int(Code.NO_IMAGE)),)),
        Failure(cause="image-unread", words=("failed to fetch the image",)),
        Failure(cause="language", words=("only english prompts",)),
        Failure(cause="provider-silent", codes=(str(int(Code.UPSTREAM_SILENT)),)),
        Failure(cause="provider-silent", words=("timeout", "timed out")),
        Failure(cause="provider-canceled", words=("was canceled",)),
    ),
    fallback="Yes: 720p only, can’t be upgraded",
    prices=PRICES,
    practice_key="practice-kie-key",
)
