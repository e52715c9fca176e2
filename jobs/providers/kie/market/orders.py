"""Word an order of the unified API: what every model takes, and what this one calls the rest."""

from __future__ import annotations

from jobs.providers.base import Mode, VideoRequest
from jobs.providers.kie.market.models import MarketModel
from jobs.providers.models import OWN_LENGTH


def creation(request: VideoRequest, model: MarketModel) -> dict[str, object]:
    """The body of `createTask`.

    The seed goes along even when nobody chose one, if the model takes any: the record repeats it,
    and that is how the work of a lost answer is recognised.
    """
    spelling = model.spelling
    given: dict[str, object] = {
        "prompt": request.prompt,
        "aspect_ratio": request.aspect_ratio,
        "resolution": request.resolution,
        **spelling.always,
    }
    if request.duration != OWN_LENGTH:
        given["duration"] = spelling.duration(request.duration)
    if model.seeds:
        given["seed"] = request.seed
    if request.mode == Mode.FRAMES:
        given |= zip(spelling.frames, request.image_urls, strict=False)
    elif request.mode == Mode.REFERENCES:
        given[spelling.references] = list(request.image_urls)
    elif request.mode == Mode.VIDEO:
        start, end = request.span
        given[spelling.films] = [{"url": request.film_url, "start": start, "ends": end}]
        if request.image_urls:
            given[spelling.references] = list(request.image_urls)
    body: dict[str, object] = {"model": model.name, "input": given}
    return body | ({"callBackUrl": request.callback_url} if request.callback_url else {})
