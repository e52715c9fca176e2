"""The soak as one table."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from tests.tools.bench.report import table
from tests.tools.soak.faults import LEFT_OUT
from tests.tools.soak.reckoning import Books, Promise

MOMENTS = ("at the end", "doubts resolved")
INDENT, WIDTH = 12, 100
GLUE = "\N{NO-BREAK SPACE}"
SHOWN = 5
"""How many offenders of a promise are named."""


@dataclass(frozen=True)
class Told:
    """What is printed, and whether all was well."""

    text: str
    all_kept: bool


def tell(
    spans: Mapping[str, float],
    counts: Mapping[str, Mapping[str, int]],
    end: Books,
    after: Books,
) -> Told:
    first, second = end.promises, after.promises
    lines = [
        _line("seconds", {name: round(span) for name, span in spans.items()}),
        *(_line(title, figures) for title, figures in counts.items()),
        "",
        table(("credits", *MOMENTS), _money(end, after)),
        "",
        table(("promise", *MOMENTS), _verdicts(first, second)),
        *offenders(first),
        *offenders(second),
        "",
        "left out",
        *(f"  {names}: {why}" for names, why in LEFT_OUT),
    ]
    return Told("\n".join(lines), not any(each.broken for each in (*first, *second)))


def _line(title: str, figures: Mapping[str, int]) -> str:
    """Wrapped between figures, never within one."""
    named = sorted(f"{name} {number}" for name, number in figures.items() if number)
    text = " · ".join(name.replace(" ", GLUE) for name in named) or "none"
    wrapped = textwrap.fill(f"{title:<{INDENT}}{text}", WIDTH, subsequent_indent=" " * INDENT)
    return wrapped.replace(GLUE, " ")


def _money(end: Books, after: Books) -> Iterator[Sequence[str]]:
    rows = (
        ("charged by the provider", Books.charged),
        ("  of it for jobs that need a look", Books.charged_in_doubt),
        ("settled in our ledger", Books.spent),
        ("held in our ledger", Books.held),
        ("creations that came too fast", Books.too_fast),
    )
    for name, figure in rows:
        yield name, f"{figure(end):,}", f"{figure(after):,}"


def _verdicts(end: Sequence[Promise], after: Sequence[Promise]) -> Iterator[Sequence[str]]:
    for one, two in zip(end, after, strict=True):
        yield one.text, verdict(one), verdict(two)


def verdict(promise: Promise) -> str:
    """In a word or two."""
    return f"{len(promise.broken)} BROKEN" if promise.broken else "kept"


def offenders(found: Sequence[Promise]) -> Iterator[str]:
    """Some of what breaks each of these."""
    for promise in found:
        if promise.broken:
            yield f"\n{promise.text}:"
            yield from (f"  {line}" for line in promise.broken[:SHOWN])
