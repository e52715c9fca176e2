"""The pages as Lighthouse scores them: on a phone, with a slow network and a slow processor."""

from __future__ import annotations

import json
import os
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.browser.conftest import ARGUMENTS
from tests.tools.npm import Missing

CATEGORIES = ("performance", "accessibility", "best-practices", "seo")
LEAST = 95


@dataclass(frozen=True)
class Scores:
    """Of one page, in the order of the categories; and what cost points, in Lighthouse's words."""

    points: tuple[int, ...]
    lost: list[str]

    @property
    def are_good(self) -> bool:
        return min(self.points) >= LEAST


@dataclass(frozen=True)
class Lighthouse:
    """Scores a page until it is good, and that many times at most.

    Whatever else a machine does makes a page slower and never faster, so the best time counts.
    """

    modules: Path
    chromium: str
    folder: Path
    """For what it writes."""
    tries: int

    def score(self, url: str, *skipped: str) -> Scores:
        """Without the audits that are skipped. Raises `Missing`."""
        best: Scores | None = None
        for _ in range(self.tries):
            told = self._run(url, skipped)
            if told and (best is None or told.points > best.points):
                best = told
            if best and best.are_good:
                break
        if best is None:
            raise Missing("Lighthouse does not come to an end")
        return best

    def _run(self, url: str, skipped: tuple[str, ...]) -> Scores | None:
        """None where a score is missing: on a busy machine a recording may begin too late."""
        program = self.modules / "lighthouse" / "cli" / "index.js"
        written = self.folder / "lighthouse.json"
        written.unlink(missing_ok=True)
        command = [
            *("node", str(program), url, "--quiet", "--output=json", f"--output-path={written}"),
            *(f"--only-categories={','.join(CATEGORIES)}", "--no-enable-error-reporting"),
            f"--skip-audits={','.join(skipped)}",
            f"--chrome-flags={' '.join(('--headless', *ARGUMENTS))}",
        ]
        env = os.environ | {"CHROME_PATH": self.chromium, "HOME": str(self.folder)}
        subprocess.run(command, env=env, timeout=180, capture_output=True, check=False)
        report = json.loads(written.read_text()) if written.exists() else {"categories": {}}
        scored = [report["categories"].get(name, {}).get("score") for name in CATEGORIES]
        if None in scored:
            return None
        return Scores(tuple(round(100 * each) for each in scored), _lost(report))


def _lost(report: Any) -> list[str]:
    """What weighs in a score and is not perfect."""
    found = []
    for name in CATEGORIES:
        for ref in report["categories"][name]["auditRefs"]:
            audit = report["audits"][ref["id"]]
            if ref["weight"] and audit["score"] not in (None, 1):
                figure = audit.get("displayValue", "")
                found.append(f"  {name}: {audit['title']} ({ref['id']}) {figure}".rstrip())
    return found
