"""What was seen of the outages, as tables."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from jobs.models.jobs.status import Status
from tests.tools.bench.report import table
from tests.tools.soak import summary
from tests.tools.soak.machines.surroundings import Stage
from tests.tools.soak.outages.acts import Act
from tests.tools.soak.outages.clicks import Clicks
from tests.tools.soak.outages.onlookers import Answer
from tests.tools.soak.reckoning import Books, Promise
from tests.tools.soak.summary import Told

ANSWERS = ("away", "who asks", "is answered", "slowest")
RETURNS = ("away", "seconds", "pages after", "orders after", "all of it after")
BY_A_KILLED_WORKER = "worker-gone"
NOT_FETCHED = "Failed to fetch the image"
TRACEBACK = "Traceback (most recent call last)"
NEXT_LINE = "\n20"
"""By which the log goes on after one: with a year."""
BEGIN_SHOWN, END_SHOWN = 150, 300
"""Letters of what was said with a traceback, and of its end."""


@dataclass
class Return:
    """How soon after the end of one outage all went on; None for what did not."""

    act: Act
    seconds: float
    """For which it was away."""
    page: float | None = None
    order: float | None = None
    """Sent to the provider, of somebody who ordered then."""
    whole: float | None = None
    """Whatever /statusz looks at."""

    @property
    def is_whole(self) -> bool:
        return None not in (self.page, self.order, self.whole)


@dataclass(frozen=True)
class Seen:
    """Of people, monitors and logs."""

    answers: Sequence[Answer]
    returns: Sequence[Return]
    clicks: Clicks
    doubted: Mapping[str, int]
    """Jobs that needed a look, by why."""
    logs: Mapping[str, str]
    """What each process said."""


def tell(
    spans: Mapping[str, float],
    counts: Mapping[str, Mapping[str, int]],
    end: Books,
    after: Books,
    seen: Seen,
) -> Told:
    promises = [
        Promise("whoever asks is answered, and told why not", [*_wrong(seen.answers)]),
        Promise("what a page took is there, once", [*seen.clicks.broken()]),
        Promise("all goes on by itself", [*_not_back(seen.returns)]),
        Promise("nothing is in doubt but what a killed worker sent", [*_doubts(seen)]),
        Promise("no job failed", [*_failed(end, seen.returns)]),
        Promise("no log has a traceback", [*_tracebacks(seen.logs)]),
    ]
    rest = summary.tell(spans, counts, end, after)
    text = "\n".join(
        (
            table(ANSWERS, _answers(seen.answers)),
            "",
            table(RETURNS, _returns(seen.returns)),
            "",
            table(("promise", ""), [(each.text, summary.verdict(each)) for each in promises]),
            *summary.offenders(promises),
            "",
            rest.text,
        )
    )
    return Told(text, rest.all_kept and not any(each.broken for each in promises))


def logs_of(stage: Stage) -> dict[str, str]:
    """What the product's processes said, by machine and process."""
    return {
        name: process.log.read_text(errors="replace") for name, process in stage.services().items()
    }


def _answers(answers: Sequence[Answer]) -> Iterator[Sequence[str]]:
    found: dict[tuple[str, str], list[Answer]] = defaultdict(list)
    for each in answers:
        found[each.act, each.part].append(each)
    for (act, part), some in found.items():
        numbers = Counter(each.status for each in some)
        said = ", ".join(
            f"{number:,} × {status or 'nobody'}" for status, number in sorted(numbers.items())
        )
        yield act or "nothing", part, said, f"{max(each.seconds for each in some):.1f} s"


def _returns(returns: Sequence[Return]) -> Iterator[Sequence[str]]:
    for each in returns:
        figures = (each.page, each.order, each.whole)
        after = ("never" if figure is None else f"{figure:.1f} s" for figure in figures)
        yield each.act.name, f"{each.seconds:.0f}", *after


def _wrong(answers: Sequence[Answer]) -> Iterator[str]:
    numbers = Counter(
        (each.act or "nothing", each.part, each.wrong) for each in answers if each.wrong
    )
    for (act, part, wrong), number in numbers.most_common():
        yield f"{act} away, {part}: {wrong} ({number} times)"


def _not_back(returns: Sequence[Return]) -> Iterator[str]:
    return (each.act.name for each in returns if not each.is_whole)


def _doubts(seen: Seen) -> Iterator[str]:
    may = any(each.act.may_doubt for each in seen.returns)
    for code, number in seen.doubted.items():
        if not (may and code == BY_A_KILLED_WORKER):
            yield f"{code}: {number}"


def _tracebacks(logs: Mapping[str, str]) -> Iterator[str]:
    """What was said before each, and the end of it: it may be one line or many."""
    for name, text in logs.items():
        before, *found = text.split(TRACEBACK)
        for each in found:
            said = before.rstrip().rpartition("\n")[2][:BEGIN_SHOWN]
            yield f"{name}: {said} … {each.partition(NEXT_LINE)[0].rstrip()[-END_SHOWN:]}"
            before = each


def _failed(books: Books, returns: Sequence[Return]) -> Iterator[str]:
    """Nothing else is wrong than that something was away, which is no reason to fail; unless a
    provider was just fetching an image from a web process that was killed.
    """
    has_ended = any(back.act.web_ends for back in returns)
    for job in books.of(Status.FAILED):
        if not (has_ended and NOT_FETCHED in job.error):
            yield f"{books.story(job)}: {job.error}"
