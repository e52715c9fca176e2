"""What was measured, as tables in a terminal."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from tests.tools.bench.clients.load import Outcome


@dataclass(frozen=True)
class Pair:
    """A path beside its baseline."""

    name: str
    ours: Outcome
    bare: Outcome
    target: float
    p99_target: float | None = None

    def rows(self) -> Iterable[Sequence[str]]:
        ratio = self.ours.rate / self.bare.rate
        yield (
            self.name,
            _figures(self.ours),
            _figures(self.bare),
            f"{ratio:.2f}",
            f"≥ {self.target}",
            verdict(ratio >= self.target and not self.ours.bad),
        )
        if self.p99_target and self.ours.spans:
            slower = self.ours.quantile(0.99) / self.bare.quantile(0.99)
            met = verdict(slower <= self.p99_target)
            yield "  its p99", "", "", f"{slower:.2f}", f"≤ {self.p99_target:g}", met


@dataclass(frozen=True)
class Fact:
    """One figure that stands for itself."""

    name: str
    figure: float
    limit: float
    unit: str = ""
    detail: str = ""

    def row(self) -> Sequence[str]:
        met = verdict(self.figure <= self.limit)
        figure = f"{self.figure:,.1f}" if self.figure % 1 else f"{self.figure:,.0f}"
        return self.name, f"{figure} {self.unit}", f"≤ {self.limit:g}", met, self.detail


def verdict(met: bool) -> str:
    return "ok" if met else "MISS"


def _figures(outcome: Outcome) -> str:
    text = f"{outcome.rate:,.0f}/s"
    if outcome.spans:
        text += f" · {outcome.quantile(0.5):.1f} / {outcome.quantile(0.99):.0f} ms"
    return text + (f" · {outcome.bad} BAD" if outcome.bad else "")


def table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [heads, *rows]
    widths = [max(len(line[column]) for line in lines) for column in range(len(heads))]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip()
        for line in lines
    )
