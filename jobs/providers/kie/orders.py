"""Word each sort of order for kie.ai: every documented field of it, and no other."""

from __future__ import annotations

from collections.abc import Mapping

from jobs.providers.base import Mode, VideoRequest
from jobs.providers.kie.records import EXTEND_MODELS

_TYPES: Mapping[Mode, str] = {
    Mode.TEXT: "TEXT_2_VIDEO",
    Mode.FRAMES: "FIRST_AND_LAST_FRAMES_2_VIDEO",
    Mode.REFERENCES: "REFERENCE_2_VIDEO",
}


def generation(request: VideoRequest) -> dict[str, object]:
    """The body of `generate`; never the deprecated `enableFallback`.

    What has a default is sent all the same, so that no change of a default changes our videos.
    `seeds` goes along even when nobody chose one: kie may repeat it in record-info, and that is
    how the work of a lost answer is recognised.
    """
    body: dict[str, object] = {
        "prompt": request.prompt,
        "model": request.model,
        "generationType": _TYPES[request.mode],
        "aspect_ratio": request.aspect_ratio,
        "resolution": request.resolution,
        "duration": request.duration,
        "seeds": request.seed,
        "enableTranslation": request.translate,
    }
    if request.mode != Mode.TEXT:
        body["imageUrls"] = list(request.image_urls)
    return body | _extras(request)


def extension(request: VideoRequest) -> dict[str, object]:
    """The body of `extend`, which has names of its own for the models."""
    body: dict[str, object] = {
        "taskId": request.source_id,
        "prompt": request.prompt,
        "model": EXTEND_MODELS[request.model],
        "seeds": request.seed,
    }
    return body | _extras(request)


def enlargement(source_id: str, callback_url: str = "") -> dict[str, object]:
    """The body of `get-4k-video`."""
    body: dict[str, object] = {"taskId": source_id, "index": 0}
    return body | ({"callBackUrl": callback_url} if callback_url else {})


def _extras(request: VideoRequest) -> dict[str, object]:
    extras = {"watermark": request.watermark, "callBackUrl": request.callback_url}
    return {name: value for name, value in extras.items() if value}
