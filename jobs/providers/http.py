"""The one place that speaks HTTP to providers, and that knows what a failure proves.

requests is used below its Session, through an adapter made for one exchange (`OneShot`). A Session
is where proxies and .netrc of the environment (`trust_env`), cookies, redirects and pooled
connections live; of these we want none. So every request opens a fresh connection, a stale
keep-alive can blur no outcome, and a bearer key goes to the address we wrote down and to no other.

What a failed exchange proves is told by `Deadline.opened`, set by the connection itself between
"connected, TLS included" and the first byte of the request:

* not opened: nothing was sent (port closed, unknown name, bad certificate, TLS refused)
* opened: something may have been sent, and done, and charged
* not opened, but a read timeout in the TLS handshake: treated as the second, for safety's sake
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from http import HTTPStatus

import requests

from jobs.providers.answer import MAX_BYTES, Answer, read_answer
from jobs.providers.connection import OneShot
from jobs.providers.deadline import Deadline
from jobs.providers.errors import (
    KeyRejected,
    NotAccepted,
    OutcomeUnknown,
    RateLimited,
    Unreachable,
)
from jobs.providers.multipart import Body, Form
from jobs.providers.pauses import before_another

VERSION = "0.2.0"
USER_AGENT = f"Dailies/{VERSION} (+self-hosted video dashboard)"
POST_SECONDS = 60.0
ASK_SECONDS = 20.0
CONNECT_SECONDS = 10.0
NO_KEY = "none"
"""What is sent as a key where none is asked for."""
ASK_RETRIES = 2

_ASK_LATER = (
    "The provider couldn’t be reached just now. We check again automatically; nothing is lost."
)


@dataclass(frozen=True, slots=True)
class _Call:
    """The request to be sent, whoever waits for the answer and however long."""

    method: str
    url: str
    key: str | None = field(repr=False)
    """None where nobody's is to go along."""
    params: Mapping[str, str] | None = None
    payload: Mapping[str, object] | None = None
    form: Form | None = None

    def prepare(self) -> requests.PreparedRequest:
        headers = _headers(self.key)
        if self.form is None:
            return requests.Request(
                self.method, self.url, headers=headers, params=self.params, json=self.payload
            ).prepare()
        body = Body(self.form)
        headers["Content-Type"] = body.content_type
        return requests.Request(self.method, self.url, headers=headers, data=body).prepare()


class Http:
    """HTTP with one key per call. All times are seconds of wall clock.

    `post_seconds` bounds a whole POST; `ask_seconds` bounds a whole question with its retries.
    `ca_bundle` names a file of certificates to trust instead of the public ones.
    """

    def __init__(
        self,
        *,
        post_seconds: float = POST_SECONDS,
        ask_seconds: float = ASK_SECONDS,
        connect_seconds: float = CONNECT_SECONDS,
        ca_bundle: str = "",
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._post_seconds = post_seconds
        self._ask_seconds = ask_seconds
        self._connect_seconds = connect_seconds
        self._verify: bool | str = ca_bundle or True
        self._sleep = sleep

    def send_once(
        self,
        url: str,
        key: str,
        payload: Mapping[str, object] | None = None,
        *,
        method: str = "POST",
        params: Mapping[str, str] | None = None,
    ) -> Answer:
        """Send the one request that may cost money. It is never repeated and never redirected.

        Gives back an answer of 2xx with a JSON object, or of 4xx, with one or without.
        Raises KeyRejected before any socket is opened, Unreachable when nothing was sent,
        and OutcomeUnknown for everything else: lost, late, redirected, 5xx or unreadable.
        """
        call = _Call(method, url, key, params=params, payload=payload)
        answer = self._exchange(call, self._post_seconds)
        if not (answer.good or answer.turned_down):
            raise OutcomeUnknown(f"{method}: {answer.summary}")
        return answer

    def ask(
        self,
        method: str,
        url: str,
        key: str,
        *,
        params: Mapping[str, str] | None = None,
        payload: Mapping[str, object] | None = None,
        retries: int = ASK_RETRIES,
    ) -> Answer:
        """Ask something that may be asked twice, repeating it where that can help.

        Gives back an answer of 2xx with a JSON object, or of 4xx (429 apart), with one or without.
        Raises KeyRejected before any socket is opened, RateLimited, Unreachable, and NotAccepted
        (ask again later) for an answer that was lost, late, redirected, 5xx or unreadable.
        """
        call = _Call(method, url, key, params=params, payload=payload)
        return self._repeatable(call, self._ask_seconds, retries)

    def ask_openly(self, url: str, payload: Mapping[str, object]) -> Answer:
        """POST a question that anybody may ask: no key goes along. Answers and raises like `ask`,
        and asks once.
        """
        return self._repeatable(_Call("POST", url, None, payload=payload), self._ask_seconds, 0)

    def upload(self, url: str, key: str, form: Form) -> Answer:
        """Hand a file over, which costs nothing. Answers and raises like `ask`.

        It takes as long as a POST may, and is left to the caller to be repeated.
        """
        return self._repeatable(_Call("POST", url, key, form=form), self._post_seconds, 0)

    def clock(self, url: str) -> datetime | None:
        """The time as whoever answers at an address tells it, whatever else is answered.

        Raises Unreachable or OutcomeUnknown where nobody does.
        """
        return self._exchange(_Call("GET", url, NO_KEY), self._ask_seconds).told_at

    def _repeatable(self, call: _Call, seconds: float, retries: int) -> Answer:
        ends = time.monotonic() + seconds
        tried = 0
        while True:
            outcome = self._question(call, ends - time.monotonic())
            if isinstance(outcome, Answer):
                return outcome
            pause = before_another(tried, outcome)
            if pause is None or tried == retries or time.monotonic() + pause >= ends:
                raise outcome
            self._sleep(pause)
            tried += 1

    def _question(self, call: _Call, seconds: float) -> Answer | NotAccepted:
        """Ask once. A lost answer is no riddle here: nothing but the answer was at stake."""
        try:
            answer = self._exchange(call, max(seconds, 0.1))
        except Unreachable as error:
            return Unreachable(error.detail, user_message=_ASK_LATER)
        except OutcomeUnknown as error:
            return NotAccepted(error.detail, user_message=_ASK_LATER)
        if answer.status == HTTPStatus.TOO_MANY_REQUESTS:
            return RateLimited("HTTP 429", user_message=_ASK_LATER, retry_after=answer.retry_after)
        if answer.good or answer.turned_down:
            return answer
        return NotAccepted(
            f"{call.method}: {answer.summary}",
            user_message=_ASK_LATER,
            retry_after=answer.retry_after,
        )

    def _exchange(self, call: _Call, seconds: float) -> Answer:
        """One request, one answer. Raises KeyRejected, Unreachable or OutcomeUnknown."""
        if call.key is not None:
            check_key(call.key)
        deadline = Deadline(seconds)
        try:
            prepared = call.prepare()
            with deadline, OneShot(deadline) as adapter:
                response = adapter.send(
                    prepared,
                    stream=True,
                    timeout=(min(self._connect_seconds, seconds), seconds),
                    verify=self._verify,
                )
                with response:
                    raw = response.raw.read(MAX_BYTES + 1, decode_content=False)
            trouble, nothing_sent = "the deadline passed", False
        # Whatever broke: all that matters is what had been sent by then.
        except Exception as error:  # noqa: BLE001
            trouble = type(error).__name__ + (" after the deadline" if deadline.passed else "")
            nothing_sent = not deadline.opened and not isinstance(error, requests.ReadTimeout)
        else:
            if not deadline.passed:
                key = call.key or ""
                return read_answer(response.status_code, response.headers, raw, key)
        # Raised out here, and with a class name alone: the exceptions of requests carry the
        # request, and the request carries the key.
        if nothing_sent:
            raise Unreachable(f"{call.method}: {trouble}")
        raise OutcomeUnknown(f"{call.method}: {trouble}")


def check_key(key: str) -> None:
    """Raise KeyRejected for a key that no HTTP header can carry (a stray “é”, a line break)."""
    if not key or not all("!" <= char <= "~" for char in key):
        raise KeyRejected(
            "the key is not printable ASCII",
            user_message=(
                "This key contains a character that keys never have, such as a space or an "
                "accent. Paste it again on the API keys page. Nothing was sent or charged."
            ),
        )


def _headers(key: str | None) -> dict[str, str]:
    headers = {
        "Accept": "application/json",
        "Accept-Encoding": "identity",
        "Connection": "close",
        "User-Agent": USER_AGENT,
    }
    return headers if key is None else {"Authorization": f"Bearer {key}", **headers}
