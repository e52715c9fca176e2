"""Which faults strike which jobs: each of them one in ten, as tags in their prompts."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from random import Random

SHARE = 0.1


@dataclass(frozen=True)
class Fault:
    """One thing that goes wrong; its manners (practice tags) take turns."""

    text: str
    manners: tuple[str, ...]
    providers: tuple[str, ...] = ("kie", "veo4")
    upgrades: tuple[str, ...] = ()
    """The upgrades that it strikes as well, each one in ten for itself."""


BOTH = ("1080p", "4k")
FAULTS = (
    Fault("put off", ("refuse-429=1", "refuse-430=1", "refuse-455=1"), upgrades=BOTH),
    Fault("refused for good", ("refuse-400", "refuse-422", "refuse-451")),
    Fault(
        "4k is refused",
        ("refuse-451", "refuse-501", "refuse-400", "refuse-422"),
        (),
        ("4k",),
    ),
    Fault(
        "made, answer lost",
        (
            *("accept-then-drop", "accept-then-eof", "accept-then-500", "accept-then-502-html"),
            *("truncated", "cut-body", "huge", "deep-nesting", "odd-json", "gzip-bomb"),
            *("no-task-id", "bad-task-id", "accept-hang", "slow-answer"),
        ),
        upgrades=BOTH,
    ),
    Fault("not made, answer lost", ("drop-before", "drop-eof", "redirect", "refuse-500")),
    Fault(
        "questions go wrong",
        ("poll-429=2", "poll-500=2", "poll-html=2", "poll-drop=2"),
        upgrades=BOTH,
    ),
    Fault("record comes late", ("slow-record=2",), upgrades=BOTH),
    Fault(
        "record in another shape",
        ("string-times", "urls-as-json-string", "json-string-response", "old-shape", "snake-case"),
        ("kie",),
    ),
    Fault("fails", ("fail", "fail-early", "fail-policy", "fail-image", "cancel")),
    Fault("1080p fails", ("fail-early", "cancel"), (), ("1080p",)),
    Fault("4k fails", ("fail", "fail-early", "cancel"), (), ("4k",)),
    Fault("charged otherwise", ("overcharge", "no-charge-figure"), ("veo4",)),
    Fault("slow", ("seconds=6", "queue=5")),
    Fault("no callback", ("no-callback",), upgrades=("4k",)),
    Fault("early callback", ("early-callback",), upgrades=("4k",)),
    Fault("three callbacks", ("duplicate-callback",), upgrades=("4k",)),
    Fault("late callback", ("late-callback=8",), upgrades=("4k",)),
    Fault("forged callback", ("forged-callback-url",), upgrades=("4k",)),
    Fault("odd callback", ("odd-callback", "flat-callback"), ("kie",), ("4k",)),
    Fault("link expired", ("expired-file",), ("kie",), BOTH),
    Fault("link went stale", ("stale-link",), upgrades=BOTH),
    Fault("file without a length", ("no-length-file", "no-range-file")),
    Fault("no good to build on", ("fallback", "old", "tail-only"), ("kie",)),
    Fault("1080p is not ready", ("not-ready",), (), ("1080p",)),
    Fault("4k has the same id", ("same-id",), (), ("4k",)),
)
UPLOAD_FAULTS = ("upload-500", "upload-drop")
"""By the practice provider's own luck, since uploads have no prompt."""
LEFT_OUT = (
    ("short-, long-, html-, endless-, gone-, redirect-file", "such a file can never be stored"),
    ("stuck, weird-flag, success-empty, gone", "such a job never ends"),
    ("1080p-fail and such", "worded as if it were not ready yet"),
    ("fail-charged", "the provider tells nobody that it charged"),
    ("refuse-401, -402, -433, poll-401, upload-401", "they stop all work of a key, for minutes"),
    ("new-price", "nothing is ordered by a published price"),
    ("refuse-withdrawn", "nothing is ordered of the model any more"),
    ("expired-file at veo4", "that provider renews no links"),
    ("away", "it strikes everybody at once"),
)


class Draw:
    """Chance with a memory of what it gave."""

    def __init__(self, seed: int, share: float = SHARE) -> None:
        """`share`: of the jobs that each fault strikes."""
        self.random = Random(seed)
        self._share = share
        self.struck: Counter[str] = Counter()
        self._turn: Counter[tuple[str, str]] = Counter()

    def tags(self, provider: str, *, may_be_enlarged: bool) -> str:
        """The tags of one prompt, those meant for its upgrades included."""
        drawn = []
        for fault in FAULTS:
            if provider in fault.providers:
                drawn += self._manner(fault, "")
            if may_be_enlarged:
                for upgrade in fault.upgrades:
                    drawn += self._manner(fault, f"{upgrade}-")
        return " ".join(f"[[{tag}]]" for tag in drawn)

    def _manner(self, fault: Fault, prefix: str) -> list[str]:
        if self.random.random() >= self._share:
            return []
        self.struck[fault.text] += 1
        self._turn[fault.text, prefix] += 1
        return [prefix + fault.manners[self._turn[fault.text, prefix] % len(fault.manners)]]
