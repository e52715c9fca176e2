"""What kie's unified API says of an Omni film, in the shapes of its contract."""

from __future__ import annotations

import json
from typing import Any

from jobs.models import Job

FLASH = "google/gemini-omni-flash-1-1"
VIDEO = "gemini-omni-video"


def record(state: str, task: str = "task-1", **more: Any) -> dict[str, Any]:
    """An answer of recordInfo."""
    data = {"taskId": task, "model": FLASH, "state": state, "resultJson": "", **more}
    return {"code": 200, "msg": "success", "data": data}


def succeeded(url: str, **more: Any) -> dict[str, Any]:
    return record("success", resultJson=json.dumps({"resultUrls": [url]}), **more)


def repeated(job: Job) -> dict[str, str]:
    """The part of a record that repeats the order."""
    given = json.dumps(
        {
            "prompt": job.prompt,
            "seed": job.seed,
            "resolution": job.resolution,
            "duration": str(job.duration),
        }
    )
    return {"param": json.dumps({"input": given, "model": job.model})}
