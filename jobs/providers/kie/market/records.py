"""Read the records of the unified API, which name their state in a word (market 2)."""

from __future__ import annotations

from collections.abc import Mapping

from jobs.providers.answer import Answer
from jobs.providers.base import Echo, Result, Snapshot, State
from jobs.providers.kie import records
from jobs.providers.kie.envelope import Code, Envelope
from jobs.providers.reading import as_object, clean, media_urls, pick, whole

STATES = {
    "waiting": State.WAITING,
    "queuing": State.WAITING,
    "generating": State.RUNNING,
    "success": State.SUCCEEDED,
    "fail": State.FAILED,
}


def snapshot(answer: Answer, asked: str) -> Snapshot:
    """Read recordInfo about the work `asked`. A record counts for more than the code around it."""
    envelope = Envelope.of(answer)
    data = as_object(envelope.data)
    if data is not None and (envelope.code == Code.GOOD or _word(data) in STATES):
        return _record(data, asked)
    if envelope.code == Code.GOOD:
        gone = envelope.has_data and envelope.data is None
        return Snapshot(State.MISSING if gone else State.UNCLEAR)
    return records.by_code(envelope)


def _word(data: Mapping[str, object]) -> str:
    return clean(data.get("state")).lower()


def _record(data: Mapping[str, object], asked: str) -> Snapshot:
    named = pick(data, "taskId", "task_id")
    if named is not None and named != asked:
        return Snapshot(State.UNCLEAR, error="The answer is about other work.")
    word, error = _word(data), clean(pick(data, "failMsg", "fail_msg"))
    # A word that nobody documented is one more way to be under way.
    state = STATES.get(word, State.RUNNING if word else State.UNCLEAR)
    results = _files(data) if state is State.SUCCEEDED else ()
    if state is State.SUCCEEDED and not results:
        state, error = State.UNCLEAR, error or records.NO_LINK
    elif state is State.FAILED:
        error = error or records.NO_REASON
    code = pick(data, "failCode", "fail_code")
    return Snapshot(
        state,
        results=results,
        error_code=clean(code) if isinstance(code, str) else str(whole(code) or ""),
        error=error,
        provider_credits=records.charge(data),
        echo=_echo(data),
    )


def _files(data: Mapping[str, object]) -> tuple[Result, ...]:
    """The film of a record. `resultJson` is a text, and says nothing of its size."""
    told = pick(data, "resultJson", "result_json")
    found = as_object(told)
    links = media_urls(pick(found, "resultUrls", "result_urls") if found is not None else told)
    return tuple(Result(url=url, resolution="") for url in links[:1])


def _echo(data: Mapping[str, object]) -> Echo | None:
    """Our own request as the record repeats it: a text whose `input` is a text again."""
    param = as_object(data.get("param"))
    if param is None:
        return None
    given = as_object(param.get("input")) or {}
    echo = Echo(
        prompt=_text(given.get("prompt")),
        seed=whole(given.get("seed")),
        callback_url=_text(pick(param, "callBackUrl", "callbackUrl", "callback_url")),
        model=_text(param.get("model")),
        resolution=_text(given.get("resolution")),
        duration=whole(given.get("duration")),
    )
    return None if echo == Echo() else echo


def _text(value: object) -> str | None:
    return value if isinstance(value, str) else None
