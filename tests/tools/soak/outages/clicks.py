"""People who order by the form of the studio, and send it once more until a page takes it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import cycle
from uuid import UUID, uuid4

from jobs.models import Job
from tests.tools.soak.outages.onlookers import Browser

FIRST_NUMBER = 5_000
"""Of their prompts' markers: the driver's own begin with 0."""
TAKEN = 302


@dataclass
class Click:
    """One form, with the key that makes it the same however often it is sent."""

    key: UUID
    prompt: str
    browser: Browser
    tries: int = 0
    is_taken: bool = False


class Clicks:
    def __init__(self, browsers: Sequence[Browser]) -> None:
        self.made: list[Click] = []
        self._browsers = cycle(browsers)
        self._open: list[Click] = []
        for browser in browsers:
            browser.ask("page", "/")  # for the token of its forms

    def turn(self) -> None:
        """Send what no page took yet, the oldest first; where there is nothing, a new one."""
        click = self._open[0] if self._open else self._new()
        click.tries += 1
        answer = click.browser.send("order", "/", _form(click))
        if answer is not None and answer.status_code == TAKEN:
            click.is_taken = True
            self._open.remove(click)

    def _new(self) -> Click:
        number = FIRST_NUMBER + len(self.made)
        click = Click(uuid4(), f"soak-{number} a harbor at dawn", next(self._browsers))
        self.made.append(click)
        self._open.append(click)
        return click

    def newest_taken(self) -> Click | None:
        return next((click for click in reversed(self.made) if click.is_taken), None)

    def broken(self) -> Iterator[str]:
        """Clicks that a page took and that have no job, and what has two."""
        keys = list(Job.objects.values_list("submission_key", flat=True))
        for click in self.made:
            number = keys.count(click.key)
            if number > 1 or number < click.is_taken:
                yield f"{click.prompt}: {number} jobs after {click.tries} tries"


def _form(click: Click) -> dict[str, object]:
    return {
        "submission_key": click.key,
        "prompt": click.prompt,
        "model": "veo3_fast",
        "aspect_ratio": "16:9",
        "resolution": "720p",
        "duration": "8",
        "translate": "on",
    }
