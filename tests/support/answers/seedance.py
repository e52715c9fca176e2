"""Films of Seedance 2, which takes no seed and is paid for by the second."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

from jobs import pricing
from jobs.models import Job, Price, User
from tests.support import factories
from tests.support.answers import omni

MODEL = "bytedance/seedance-2"
ORDER: dict[str, Any] = {
    "model": MODEL,
    "resolution": "480p",
    "aspect_ratio": "21:9",
    "duration": 5,
}


def price(rate: str = "9.5", size: str = "480p") -> None:
    """Give it a price at this size."""
    work = Price(provider="kie", kind="generate", model=MODEL, resolution=size)
    admin = User.objects.filter(role="admin").first() or factories.admin("pricer")
    pricing.change_by_second(work, range(4, 16), Decimal(rate), reason="First", actor=admin)


def record(state: str, job: Job, **changes: Any) -> dict[str, Any]:
    """An answer of recordInfo that repeats the order of this job."""
    given = {
        "prompt": job.prompt,
        "resolution": job.resolution,
        "duration": job.duration,
        **changes,
    }
    param = json.dumps({"input": json.dumps(given), "model": MODEL})
    return omni.record(state, param=param)
