"""Everything that can go wrong on demand, by ``--fault NAME`` or by ``[[name]]`` in a prompt.

An extension reads its own prompt, an upgrade the prompt of the video it enlarges: ``[[4k-fail]]``.
Add a fault here first: the help text, the documentation and the tests all read this table.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum


class FaultStage(StrEnum):
    """The moment in the life of a task at which a fault strikes."""

    SPEED = "timing"
    REFUSE = "submission refused, nothing made"
    BEFORE = "submission dropped, nothing made"
    AFTER = "submission accepted, answer bad"
    POLL = "status answers"
    END = "how it ends"
    CALLBACK = "callbacks"
    FILE = "result files"
    LATER = "extensions and upgrades"
    UPLOAD = "uploads, by --fault alone"
    PRICES = "published prices"


@dataclass(frozen=True)
class Fault:
    """One way to misbehave. ``text`` is the line of documentation."""

    name: str
    stage: FaultStage
    text: str


TABLE: Mapping[FaultStage, Mapping[str, str]] = {
    FaultStage.SPEED: {
        "seconds": "[[seconds=3]]: this task takes 3 s from start to end",
        "queue": "[[queue=2]]: this task waits 2 s before it starts",
        "away": "this task is accepted; then nobody can connect for a minute; =N for N seconds",
    },
    FaultStage.REFUSE: {
        "refuse-400": "bad request; every refuse-… takes =N: only this prompt's first N times",
        "refuse-401": "the key is not accepted",
        "refuse-402": "the balance is said to be gone",
        "refuse-404": "not found",
        "refuse-409": "veo4: conflict; the task exists all the same and the answer names it",
        "refuse-408": "kie: upstream gave nothing for 10 minutes (veo4: 500)",
        "refuse-422": "validation error (veo4: 400)",
        "refuse-flow": "kie: 422, rejected by Flow for what it shows (veo4: 400)",
        "refuse-429": "HTTP 429 with Retry-After: 2",
        "refuse-430": "kie: call frequency too high, in the envelope (veo4: 429)",
        "refuse-433": "kie: the key's own limit is used up (veo4: 402)",
        "refuse-withdrawn": "kie: 422, the model is no longer available",
        "refuse-451": "an image could not be fetched (veo4: 400)",
        "refuse-455": "maintenance (veo4: 503)",
        "refuse-500": "server error that made nothing: HTTP 200, code 500 (veo4: HTTP 500)",
        "refuse-501": "kie: the generation failed at once (veo4: 500)",
        "refuse-505": "kie: the feature is switched off (veo4: 503)",
    },
    FaultStage.BEFORE: {
        "drop-before": "reads the request, then resets the connection",
        "drop-eof": "reads the request, then closes the connection cleanly",
        "redirect": "307 to another path; [[redirect=302]] for another status",
    },
    FaultStage.AFTER: {
        "accept-then-drop": "makes the task, then resets the connection",
        "accept-then-eof": "makes the task, then closes the connection cleanly",
        "accept-then-500": "makes the task, answers HTTP 500; =504 for another status",
        "accept-then-502-html": "makes the task, answers 502 with an HTML page",
        "accept-hang": "makes the task, never answers",
        "slow-answer": "answers one byte a second; =0.1 for another pause",
        "truncated": "JSON cut in half, its length told truly",
        "cut-body": "promises the whole body, sends half and closes",
        "huge": "5 MB of JSON",
        "deep-nesting": "JSON nested 10,000 deep",
        "odd-json": "=nan (default), =bom or =latin1",
        "gzip-bomb": "1 MB that unpacks to 1 GB",
        "no-task-id": "success without a task id",
        "bad-task-id": "=../x (default), =null, =zero, =list, =long or any text as the id",
    },
    FaultStage.POLL: {
        "slow-record": "the record is unknown for the first 3 questions; =N for another count",
        "gone": "the record is found once, then never again",
        "poll-401": "the first 3 questions get 401; each poll-… takes =N",
        "poll-429": "the first 3 questions get HTTP 429 with Retry-After: 2",
        "poll-422": "kie: the first 3 questions hear that the result data is blank",
        "poll-455": "kie: the first 3 questions hear of maintenance",
        "poll-500": "the first 3 questions get HTTP 500",
        "poll-html": "the first 3 questions get an HTML page",
        "poll-drop": "the first 3 questions are cut off",
        "stuck": "never ends",
        "weird-flag": "ends in a state nobody documented: 7 (others: archived); =N for another",
        "no-progress": "veo4: no progress is told",
        "string-times": "kie: times as text instead of milliseconds; =iso for ISO 8601",
        "urls-as-json-string": "kie: the list of addresses as a JSON string",
        "json-string-response": "kie: the whole response as a JSON string",
        "old-shape": "kie: no response, the addresses as a JSON string beside it",
        "snake-case": "kie: result_urls instead of resultUrls (1080p: result_url)",
        "success-empty": "success with no address; =list for an empty list",
    },
    FaultStage.END: {
        "fail": "fails for an unknown reason (kie: flag 3), nothing charged",
        "fail-early": "kie: fails with flag 2, nothing charged",
        "fail-policy": "fails with code 400, against the content policy",
        "fail-policy-envelope": "kie: as fail-policy, told by the envelope's code",
        "fail-image": "fails because an image could not be fetched",
        "fail-charged": "fails, and is charged all the same",
        "cancel": "veo4: canceled by the provider (kie: flag 2)",
        "overcharge": "veo4: 240 credits charged instead of 180 (unified: 21 more than its price)",
        "no-charge-figure": "veo4, unified: the charge is not told",
    },
    FaultStage.CALLBACK: {
        "no-callback": "none is sent",
        "early-callback": "one says success before the submission is answered",
        "duplicate-callback": "three at once",
        "late-callback": "30 s after the end; =N for another pause",
        "forged-callback-url": "names a stranger's address as the result",
        "flat-callback": "kie: data is flat and in snake case",
        "odd-callback": "kie: promptJson is no JSON and the addresses are one bare string",
        "unsigned-callback": "without the signature headers",
        "bad-signature-callback": "with a wrong signature",
    },
    FaultStage.FILE: {
        "expired-file": "first address dead (404), download-url gives a live one; =403, =410",
        "stale-link": "the first answer's address is dead, later answers have a live one",
        "gone-file": "404 always",
        "short-file": "half of the promised length, then closes",
        "long-file": "promises half of what it sends",
        "no-length-file": "without Content-Length",
        "no-range-file": "ignores Range",
        "html-file": "an HTML page called .mp4",
        "slow-file": "1,024 bytes a second; =N for another rate",
        "endless-file": "never stops",
        "redirect-file": "302 to another address",
    },
    FaultStage.LATER: {
        "old": "kie: nothing more can be made of this video, it is older than 14 days",
        "fallback": "kie: the fallback model made it: fallbackFlag, 720p, never an upgrade",
        "tail-only": "kie: an extension's record lacks fullResultUrls",
        "same-id": "kie: [[4k-same-id]]: the 4K task has the id of the video it enlarges",
        "not-ready": "kie: [[1080p-not-ready=400]], =422 or =500: one answer, else they take turns",
    },
    FaultStage.UPLOAD: {
        "upload-401": "the key is not accepted; each upload-… takes =N: the first N uploads only",
        "upload-500": "server error, nothing kept",
        "upload-drop": "reads the file, then resets the connection",
    },
    FaultStage.PRICES: {
        "new-price": "kie: its price list then says 70 of such a video; =N for another figure",
    },
}
FAULTS: Mapping[str, Fault] = {
    name: Fault(name, stage, text) for stage, group in TABLE.items() for name, text in group.items()
}


def described() -> str:
    """The table as text, one line a fault."""
    lines = ["  An upgrade is meant by its name in front: 4k-fail, 1080p-seconds=60. Without it a"]
    lines += ["  --fault strikes every submission, and a tag the generation or extension itself."]
    for stage, group in TABLE.items():
        lines.append(f"  {stage}:")
        lines += [f"    {name:<24}{text}" for name, text in group.items()]
    return "\n".join(lines)
