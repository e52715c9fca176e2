"""kie.ai: Veo 3.1 over its flat API (`/api/v1/veo/…`), all other models over the unified one.

`envelope` reads refusals and receipts. Of the flat API `orders` writes what is sent, `upgrades`
reads what is answered to the two upgrades and `records` everything else; `market` is the unified
one.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal
from typing import BinaryIO

from jobs.providers.answer import Answer
from jobs.providers.base import CallbackNews, Kind, Receipt, Snapshot, VideoRequest, Work
from jobs.providers.errors import Refused
from jobs.providers.http import Http
from jobs.providers.kie import envelope, orders, records, upgrades
from jobs.providers.kie.market import models as market
from jobs.providers.kie.market import orders as market_orders
from jobs.providers.kie.market import records as market_records
from jobs.providers.multipart import Form
from jobs.providers.reading import as_object, external_id, header, pick

BASE_URL = "https://api.kie.ai"
UPLOAD_URL = "https://kieai.redpandaai.co"
UPLOAD_PATH = "dailies"
"""The folder within the account that our images go to."""

SIGNATURE_HEADER = "X-Webhook-Signature"
TIMESTAMP_HEADER = "X-Webhook-Timestamp"
SIGNATURE_AGE = 300
"""Seconds a callback's timestamp may differ from our clock, either way."""
# Digits alone: float() would also read "nan", "1e309" and " 12 ".
_UNIX_SECONDS = re.compile(r"[0-9]{1,12}", re.ASCII)


class Kie:
    """The client. Answers arrive as HTTP 200 even for errors: the envelope's `code` decides."""

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
        """Send the order, once (docs/contracts.md: kie 1, kie 2, kie 4, market 1).

        Raises Refused and NotAccepted only for a documented code in a readable envelope that
        names no task (or a bare HTTP 401 or 429); OutcomeUnknown for all that is less clear.
        """
        if model := market.MODELS.get(request.model):
            return self._create(key, request, model)
        source = request.source_id
        if request.kind == Kind.UPGRADE_1080P:
            answer = self._http.send_once(
                self._veo("get-1080p-video"), key, method="GET", params=_first_video(source)
            )
            return upgrades.receipt(answer, request.kind, source)
        if request.kind == Kind.UPGRADE_4K:
            body = orders.enlargement(source, request.callback_url)
            answer = self._http.send_once(self._veo("get-4k-video"), key, body)
            return upgrades.receipt(answer, request.kind, source)
        if request.kind == Kind.EXTEND:
            body = orders.extension(request)
            answer = self._http.send_once(self._veo("extend"), key, body)
            return envelope.receipt(answer, extends=True)
        answer = self._http.send_once(self._veo("generate"), key, orders.generation(request))
        return envelope.receipt(answer)

    def _create(self, key: str, request: VideoRequest, model: market.MarketModel) -> Receipt:
        if request.kind != Kind.GENERATE:
            raise Refused(
                f"no endpoint for {request.kind}",
                user_message=f"{model.label} makes new videos only. Nothing was charged.",
            )
        body = market_orders.creation(request, model)
        receipt = envelope.receipt(self._http.send_once(self._jobs("createTask"), key, body))
        # kie names none itself: what its record charges later is measured by it.
        price = model.published_price(request.resolution, request.duration)
        return replace(receipt, provider_credits=None if price is None else Decimal(price))

    def fetch(self, key: str, work: Work) -> Snapshot:
        """GET record-info, or for an upgrade its own call once more (kie 3, kie 4, market 2).

        Raises KeyRejected, RateLimited, Maintenance, and NotAccepted for "ask again later".
        """
        if work.kind == Kind.UPGRADE_1080P:
            answer = self._http.ask(
                "GET",
                self._veo("get-1080p-video"),
                key,
                params=_first_video(work.source_id or work.external_id),
                retries=0,
            )
            return upgrades.snapshot(answer, work.kind)
        if work.kind == Kind.UPGRADE_4K:
            return self._fetch_4k(key, work)
        if work.model in market.MODELS:
            asked = {"taskId": work.external_id}
            answer = self._http.ask("GET", self._jobs("recordInfo"), key, params=asked)
            return market_records.snapshot(answer, work.external_id)
        return records.snapshot(self._record(key, work.external_id), work.external_id, work.kind)

    def _fetch_4k(self, key: str, work: Work) -> Snapshot:
        """The record of an order that has an id of its own says most, and can cost nothing."""
        source = work.source_id or work.external_id
        if work.external_id != source:
            told = self._record_4k(key, work.external_id)
            if told is not None:
                return told
        answer = self._http.ask(
            "POST",
            self._veo("get-4k-video"),
            key,
            payload=orders.enlargement(source),
            retries=0,
        )
        # After a lost answer it is only now that we learn the order's own id.
        own = upgrades.id_in_trouble(answer)
        if own and own not in (source, work.external_id):
            told = self._record_4k(key, own)
            if told is not None:
                return told
        return upgrades.snapshot(answer, work.kind)

    def _record_4k(self, key: str, external_id: str) -> Snapshot | None:
        return upgrades.own_record(self._record(key, external_id), external_id)

    def _record(self, key: str, external_id: str) -> Answer:
        return self._http.ask("GET", self._veo("record-info"), key, params={"taskId": external_id})

    def _veo(self, call: str) -> str:
        return f"{self.base_url}/api/v1/veo/{call}"

    def _jobs(self, call: str) -> str:
        return f"{self.base_url}/api/v1/jobs/{call}"

    def upload(self, key: str, name: str, content: BinaryIO, content_type: str) -> str:
        """POST /api/file-stream-upload on the upload host (kie 6): free, kept a day.

        The same name overwrites, so names must be random. Raises KeyRejected or NotAccepted.
        """
        fields = {"uploadPath": UPLOAD_PATH, "fileName": name}
        form = Form(name, content, content_type, fields)
        answer = self._http.upload(f"{self.upload_url}/api/file-stream-upload", key, form)
        return records.uploaded_url(answer)

    def fresh_url(self, key: str, url: str) -> str:
        """POST /api/v1/common/download-url: a link good for 20 minutes (kie 6).

        Free and repeatable. Raises Refused where kie gives no link, for a foreign one too.
        """
        answer = self._http.ask(
            "POST", f"{self.base_url}/api/v1/common/download-url", key, payload={"url": url}
        )
        return records.download_url(answer)

    def balance(self, key: str) -> Decimal | None:
        """GET /api/v1/chat/credit: the account's credits, and the cheap way to try a key."""
        answer = self._http.ask("GET", f"{self.base_url}/api/v1/chat/credit", key)
        return records.balance(answer)

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
        """Id and time are signed with the account's webhookHmacKey (kie 5).

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


def _first_video(source_id: str) -> dict[str, str]:
    return {"taskId": source_id, "index": "0"}
