"""The player of a video’s page: frame by frame, at every size, by keyboard and by touch."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from pathlib import Path

import pytest
from playwright.sync_api import Browser

FRAMES_JS = Path(__file__).parents[2] / "static" / "js" / "frames.js"


def labels(nominal: int, dropped: int) -> Iterator[str]:
    """What editors call the frames of a film, one after the other: SMPTE 12M, counted out."""
    for minute in range(24 * 60):
        for second in range(60):
            left_out = dropped if second == 0 and minute % 10 else 0
            for frame in range(left_out, nominal):
                mark = ";" if dropped else ":"
                yield f"{minute // 60:02}:{minute % 60:02}:{second:02}{mark}{frame:02}"


@pytest.mark.parametrize(
    ("rate", "nominal", "dropped"),
    [
        ("24", 24, 0),
        ("24000/1001", 24, 0),
        ("25", 25, 0),
        ("30000/1001", 30, 2),
        ("30", 30, 0),
        ("60000/1001", 60, 4),
    ],
)
def test_every_frame_has_the_timecode_that_editors_give_it(
    browser: Browser, rate: str, nominal: int, dropped: int
) -> None:
    page = browser.new_page()
    page.add_script_tag(path=FRAMES_JS)
    number = 11 * 60 * nominal
    told, missed = page.evaluate(
        """([rate, number]) => {
            const clock = new FrameRate(rate);
            const all = [...Array(number).keys()];
            const missed = all.filter(n => clock.at(clock.time(n)) !== n);
            return [all.map(n => clock.timecode(n)).join(), missed];
        }""",
        [rate, number],
    )
    page.close()
    assert told.split(",") == list(islice(labels(nominal, dropped), number))
    assert missed == []
