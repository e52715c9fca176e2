"""veo4api.net: the Veo 4 preview, built to its draft contract (docs/contracts.md, veo4 0).

Everything the draft leaves open is one constant here or an argument of the client.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Mapping
from decimal import Decimal
from typing import BinaryIO

from jobs.providers.base import CallbackNews, Kind, Receipt, Snapshot, VideoRequest, Work
from jobs.providers.errors import Refused
from jobs.providers.http import Http, check_key
from jobs.providers.reading import external_id, header
from jobs.providers.veo4 import answers

BASE_URL = "https://veo4api.net/api/video/veo4"
_KINDS = (Kind.GENERATE, Kind.EXTEND)
SIGNATURE_DIGEST = hashlib.sha256
"""Assumed: the future signature is an HMAC-SHA256 of the raw body, written as hex or base64."""


class Veo4:
    """The client. Here the HTTP status decides."""

    def __init__(
        self,
        *,
        base_url: str = BASE_URL,
        signature_header: str = "",
        http: Http | None = None,
    ) -> None:
        self.base_url = base_url.rstrip("/")
        self.signature_header = signature_header
        self._http = http or Http()

    def submit(self, key: str, request: VideoRequest) -> Receipt:
        """POST {base}/generate, once. A 409 that names the existing task gives its receipt.

        Raises Refused and NotAccepted for documented statuses without a task; else OutcomeUnknown.
        """
        if request.kind not in _KINDS:
            raise Refused(
                f"no endpoint for {request.kind}",
                user_message="veo4api.net can’t upgrade videos. Nothing was charged.",
            )
        answer = self._http.send_once(f"{self.base_url}/generate", key, _generate_body(request))
        return answers.receipt(answer)

    def fetch(self, key: str, work: Work) -> Snapshot:
        """GET {base}/status. Raises KeyRejected, RateLimited, and NotAccepted for "ask later"."""
        answer = self._http.ask(
            "GET", f"{self.base_url}/status", key, params={"task_id": work.external_id}
        )
        return answers.snapshot(answer, work.external_id)

    def upload(self, key: str, name: str, content: BinaryIO, content_type: str) -> str:
        """Raises Refused always: the draft takes public addresses and no files."""
        raise Refused(
            "no endpoint for uploads",
            user_message=(
                "veo4api.net doesn’t accept files. It fetches images from a public address."
            ),
        )

    def fresh_url(self, key: str, url: str) -> str:
        """Raises Refused always: the draft knows no way to renew a link."""
        raise Refused(
            "no endpoint for fresh links",
            user_message="veo4api.net can’t renew a link. The video has to be made again.",
        )

    def balance(self, key: str) -> Decimal | None:
        """None: the draft has no such question. Raises KeyRejected for a malformed key."""
        check_key(key)
        return None

    def read_callback(self, body: object) -> CallbackNews:
        """`task_id` at the top; ValueError without a valid one."""
        named = external_id(body.get("task_id")) if isinstance(body, Mapping) else None
        if named is None:
            raise ValueError("a veo4 callback without a valid task_id")
        return CallbackNews(named)

    def verify_callback(
        self,
        headers: Mapping[str, str],
        body: bytes,
        news: CallbackNews,
        key: str,
        now: float,
    ) -> bool:
        """The raw body is signed with our secret, in the header named by the settings.

        The draft signs no time, so a replay passes; it can do no more than make us ask.
        """
        given = header(headers, self.signature_header).strip()
        if not self.signature_header or not key or not given:
            return False
        digest = hmac.new(key.encode(), body, SIGNATURE_DIGEST)
        text = given.encode(errors="replace")
        in_hex = hmac.compare_digest(digest.hexdigest().encode(), text.lower())
        in_base64 = hmac.compare_digest(base64.b64encode(digest.digest()), text)
        return in_hex or in_base64


def _generate_body(request: VideoRequest) -> dict[str, object]:
    body: dict[str, object] = {
        "prompt": request.prompt,
        "aspect_ratio": request.aspect_ratio,
        "seeds": request.seed,
        "enableTranslation": request.translate,
        # Sent although it may be the default: a team's work belongs in nobody's showcase.
        "public": False,
    }
    if request.image_urls:
        body["image_urls"] = list(request.image_urls)
    if request.kind == Kind.EXTEND:
        body["extend_task_id"] = request.source_id
    if request.watermark:
        body["watermark"] = request.watermark
    if request.callback_url:
        body["webhook_url"] = request.callback_url
    return body
