"""kie.ai: Veo 3.1 over its flat API (`/api/v1/veo/…`).

What is sent stands here; kie_envelope reads refusals and receipts, kie_reading everything else.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
from collections.abc import Mapping, Sequence
from decimal import Decimal

from jobs.providers import kie_envelope, kie_reading
from jobs.providers.base import CallbackNews, Model, Receipt, Snapshot, VideoRequest
from jobs.providers.http import Http
from jobs.providers.reading import as_object, external_id, header, pick

BASE_URL = "https://api.kie.ai"
UPLOAD_URL = "https://kieai.redpandaai.co"

SIGNATURE_HEADER = "X-Webhook-Signature"
TIMESTAMP_HEADER = "X-Webhook-Timestamp"
SIGNATURE_AGE = 300
"""Seconds a callback's timestamp may differ from our clock, either way."""
# Digits alone: float() would also read "nan", "1e309" and " 12 ".
_UNIX_SECONDS = re.compile(r"[0-9]{1,12}", re.ASCII)


def _model(name: str, label: str, hint: str) -> Model:
    # "Auto" follows the format of an image, so text alone cannot have it.
    return Model(
        name=name,
        label=label,
        aspect_ratios=("16:9", "9:16"),
        resolutions=("720p", "1080p", "4k"),
        durations=(4, 6, 8),
        hint=hint,
    )


MODELS = (
    _model("veo3_fast", "Veo 3.1 Fast", "The usual choice: ready in one to three minutes."),
    _model("veo3", "Veo 3.1 Quality", "The finest detail, and the dearest."),
    _model("veo3_lite", "Veo 3.1 Lite", "The cheapest, for trying out ideas."),
)


class Kie:
    """The client. Answers arrive as HTTP 200 even for errors: the envelope's `code` decides."""

    name = "kie"
    label = "kie.ai"
    preview = False
    models: Sequence[Model] = MODELS
    creations_per_10s = 20
    asks_per_second = 10

    def __init__(
        self,
        *,
        base_url: str = BASE_URL,
        upload_url: str = UPLOAD_URL,
        http: Http | None = None,
    ) -> None:
        self.base_url = base_url.rstrip("/")
        self.upload_url = upload_url.rstrip("/")
        self._http = http or Http()

    def submit(self, key: str, request: VideoRequest) -> Receipt:
        """POST /api/v1/veo/generate, once (contract section 1).

        Raises Refused and NotAccepted only for a documented code in a readable envelope that
        names no task (or a bare HTTP 401 or 429); OutcomeUnknown for all that is less clear.
        """
        answer = self._http.send_once(
            f"{self.base_url}/api/v1/veo/generate", key, _generate_body(request)
        )
        return kie_envelope.receipt(answer)

    def fetch(self, key: str, external_id: str) -> Snapshot:
        """GET /api/v1/veo/record-info (contract section 3).

        Raises KeyRejected, RateLimited, Maintenance, and NotAccepted for "ask again later".
        """
        answer = self._http.ask(
            "GET",
            f"{self.base_url}/api/v1/veo/record-info",
            key,
            params={"taskId": external_id},
        )
        return kie_reading.snapshot(answer, external_id)

    def fresh_url(self, key: str, url: str) -> str:
        """POST /api/v1/common/download-url: a link good for 20 minutes (contract section 6).

        Free and repeatable. Raises Refused where kie gives no link, for a foreign one too.
        """
        answer = self._http.ask(
            "POST", f"{self.base_url}/api/v1/common/download-url", key, payload={"url": url}
        )
        return kie_reading.download_url(answer)

    def balance(self, key: str) -> Decimal | None:
        """GET /api/v1/chat/credit: the account's credits, and the cheap way to try a key."""
        answer = self._http.ask("GET", f"{self.base_url}/api/v1/chat/credit", key)
        return kie_reading.balance(answer)

    def read_callback(self, body: object) -> CallbackNews:
        """`data.taskId` (or `data.task_id`, as in kie's sample); ValueError without a valid one."""
        data = as_object(body.get("data")) if isinstance(body, Mapping) else None
        named = external_id(pick(data, "taskId", "task_id")) if data is not None else None
        if named is None:
            raise ValueError("a kie callback without a valid data.taskId")
        return CallbackNews(named)

    def verify_callback(
        self,
        headers: Mapping[str, str],
        body: bytes,
        news: CallbackNews,
        key: str,
        now: float,
    ) -> bool:
        """Whether id and time are signed with the account's webhookHmacKey (contract section 5).

        The body is not signed by kie, so even a genuine callback is only a reason to ask.
        Both headers are required and the time must be within SIGNATURE_AGE. Never raises.
        """
        timestamp = header(headers, TIMESTAMP_HEADER)
        given = header(headers, SIGNATURE_HEADER)
        if not key or not given or not _UNIX_SECONDS.fullmatch(timestamp):
            return False
        if abs(now - int(timestamp)) > SIGNATURE_AGE:
            return False
        signed = f"{news.external_id}.{timestamp}".encode()
        digest = hmac.new(key.encode(), signed, hashlib.sha256).digest()
        # The texts are compared, not the bytes behind them: there is one right spelling.
        return hmac.compare_digest(base64.b64encode(digest), given.encode(errors="replace"))


def _generate_body(request: VideoRequest) -> dict[str, object]:
    """Every documented field for text-to-video; never the deprecated `enableFallback`.

    `seeds` goes along even when nobody chose one: kie may repeat it in record-info, and that is
    how the work of a lost answer is recognised.
    """
    body: dict[str, object] = {
        "prompt": request.prompt,
        "model": request.model,
        "generationType": "TEXT_2_VIDEO",
        "aspect_ratio": request.aspect_ratio,
        "resolution": request.resolution,
        "duration": request.duration,
        "seeds": request.seed,
        "enableTranslation": request.translate,
    }
    if request.watermark:
        body["watermark"] = request.watermark
    if request.callback_url:
        body["callBackUrl"] = request.callback_url
    return body
