"""Signatures of callbacks: genuine and fresh, or False; never an exception."""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jobs.providers.base import CallbackNews
from jobs.providers.kie.client import Kie
from jobs.providers.veo4.client import Veo4

NOW = 1_760_000_000
TASK = "veo_task_abcdef123456"
SECRET = "test-webhook-hmac-key"
NEWS = CallbackNews(TASK)


def kie_headers(timestamp: object = NOW, secret: str = SECRET) -> dict[str, str]:
    digest = hmac.new(secret.encode(), f"{TASK}.{timestamp}".encode(), hashlib.sha256).digest()
    return {
        "X-Webhook-Timestamp": str(timestamp),
        "X-Webhook-Signature": base64.b64encode(digest).decode(),
    }


def kie_says(headers: dict[str, str], now: float = NOW, key: str = SECRET) -> bool:
    return Kie().verify_callback(headers, b"{}", NEWS, key, now)


def test_the_known_vectors_are_genuine(example: Callable[[str], Any]) -> None:
    for vector in example("webhook-signature-vectors")["vectors"]:
        headers = {
            "x-webhook-timestamp": vector["timestamp"],
            "X-WEBHOOK-SIGNATURE": vector["signature"],
        }
        news = CallbackNews(vector["taskId"])
        now, key = float(vector["timestamp"]), vector["webhookHmacKey"]
        assert Kie().verify_callback(headers, b"", news, key, now)


@pytest.mark.parametrize(
    ("age", "genuine"), [(0, True), (299, True), (-299, True), (301, False), (-301, False)]
)
def test_a_signature_is_good_for_five_minutes(age: int, genuine: bool) -> None:
    assert kie_says(kie_headers(), now=NOW + age) is genuine


@pytest.mark.parametrize("missing", ["X-Webhook-Timestamp", "X-Webhook-Signature"])
def test_both_headers_are_required(missing: str) -> None:
    headers = kie_headers()
    del headers[missing]
    assert kie_says(headers) is False


@pytest.mark.parametrize(
    "timestamp",
    ["nan", "inf", "1e309", "-1760000000", "+1760000000", "1760000000.0", " 1760000000", "", "0x1",
     "١٧٦٠٠٠٠٠٠٠", "1760000000\n", "9" * 5000],
)  # fmt: skip
def test_a_timestamp_that_is_no_unix_time_is_false_even_when_signed(timestamp: str) -> None:
    assert kie_says(kie_headers(timestamp)) is False


@pytest.mark.parametrize(
    "signature", ["", "v1", "v1,abc", "!!!", "====", "é", "\ud800", "a" * 9999]
)
def test_a_signature_that_is_none_is_false(signature: str) -> None:
    assert kie_says({**kie_headers(), "X-Webhook-Signature": signature}) is False


def test_a_signature_by_another_key_or_for_other_work_is_false() -> None:
    assert kie_says(kie_headers(secret="other")) is False
    assert kie_says(kie_headers(), key="") is False
    assert not Kie().verify_callback(kie_headers(), b"", CallbackNews("other"), SECRET, NOW)


@given(st.dictionaries(st.text(max_size=30), st.text(max_size=60)), st.text(max_size=20))
def test_no_header_makes_a_check_raise(headers: dict[str, str], key: str) -> None:
    odd = {"X-Webhook-Timestamp": key, "X-Signature": key, **headers}
    usable = key.encode(errors="ignore").decode()
    assert Kie().verify_callback(odd, b"{}", NEWS, usable, NOW) is False
    assert not Veo4(signature_header="X-Signature").verify_callback(odd, b"{}", NEWS, usable, NOW)


# ── veo4 ─────────────────────────────────────────────────────────────────────────────────────────

BODY = b'{"task_id":"veo_task_abcdef123456"}'
DIGEST = hmac.new(SECRET.encode(), BODY, hashlib.sha256)


def veo4_says(signature: str, body: bytes = BODY, header: str = "X-Veo4-Signature") -> bool:
    veo4 = Veo4(signature_header=header)
    return veo4.verify_callback({"x-veo4-signature": signature}, body, NEWS, SECRET, NOW)


def test_veo4_signs_the_raw_body_in_hex_or_base64() -> None:
    assert veo4_says(DIGEST.hexdigest())
    assert veo4_says(DIGEST.hexdigest().upper())
    assert veo4_says(base64.b64encode(DIGEST.digest()).decode())


def test_veo4_needs_the_header_the_secret_and_this_very_body() -> None:
    assert not veo4_says(DIGEST.hexdigest(), body=BODY + b" ")
    assert not veo4_says("")
    assert not veo4_says(DIGEST.hexdigest(), header="")
    assert not veo4_says(DIGEST.hexdigest()[:-1])
