"""Sends faults of ours to a Sentry, where one is set: what broke and where, and nobody's words.

What goes out is picked and not filtered: the kinds of errors, the lines of code that they came by,
the text of a log line as it stands in the code, and the number of the request or job, by which the
rest is found in our own log. What an error says itself may quote a prompt, an address or a key.
"""

from __future__ import annotations

from typing import Any

import sentry_sdk
from sentry_sdk.integrations.django import DjangoIntegration
from sentry_sdk.integrations.logging import LoggingIntegration
from sentry_sdk.types import Event, Hint
from structlog.contextvars import get_contextvars

from veo_site.telling.masking import mask

KEPT = (
    *("event_id", "timestamp", "level", "platform", "logger", "transaction"),
    *("release", "environment", "server_name", "sdk"),
)
ABOUT = ("request", "job", "rendition", "mailing", "take", "batch")
"""What lines of the log are about, as far as it is a number of ours."""
OF_FRAME = (
    *("filename", "abs_path", "function", "module", "lineno", "in_app"),
    *("pre_context", "context_line", "post_context"),
)


def begin(dsn: str, *, release: str, environment: str) -> None:
    """Report from here on, in this process and in all that it forks."""
    sentry_sdk.init(
        dsn=dsn,
        release=release,
        environment=environment,
        send_default_pii=False,
        include_local_variables=False,
        max_request_body_size="never",
        max_breadcrumbs=0,
        auto_session_tracking=False,
        send_client_reports=False,
        # Each would say more than we know of.
        auto_enabling_integrations=False,
        integrations=[
            DjangoIntegration(transaction_style="function_name", middleware_spans=False),
            LoggingIntegration(level=None),
        ],
        before_send=pick,
    )


def pick(event: Event, _hint: Hint) -> Event:
    """The part of a report that may leave."""
    said: dict[str, Any] = dict(event)
    picked = {name: said[name] for name in KEPT if name in said}
    if values := (said.get("exception") or {}).get("values"):
        picked["exception"] = {"values": [_of_error(each) for each in values]}
    if text := (said.get("logentry") or {}).get("message"):
        picked["logentry"] = {"message": text}
    bound = get_contextvars()
    picked["tags"] = {name: str(bound[name]) for name in ABOUT if name in bound}
    masked: Event = _masked(picked)
    return masked


def _of_error(error: dict[str, Any]) -> dict[str, Any]:
    found = {name: error[name] for name in ("type", "module", "mechanism") if name in error}
    found["mechanism"] = {
        "type": "generic",
        "handled": bool(error.get("mechanism", {}).get("handled")),
    }
    frames = (error.get("stacktrace") or {}).get("frames") or []
    picked = [{name: each[name] for name in OF_FRAME if name in each} for each in frames]
    return found | {"stacktrace": {"frames": picked}}


def _masked(value: Any) -> Any:
    """The same with every text in it masked as lines of the log are."""
    if isinstance(value, str):
        return mask(value)
    if isinstance(value, dict):
        return {name: _masked(each) for name, each in value.items()}
    if isinstance(value, list | tuple):
        return [_masked(each) for each in value]
    return value
