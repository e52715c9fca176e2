"""What a video really is: as the page plays it, and as the file that is downloaded."""

from __future__ import annotations

import av
from playwright.sync_api import Locator, Page


def played(player: Locator) -> tuple[int, int, int]:
    """Width, height and seconds of the video, once it has played for a moment."""
    film = player.locator("video")
    film.evaluate("video => video.play()")
    width, height, seconds = player.page.wait_for_function(
        """() => {
            const v = document.querySelector("#player video");
            return v.readyState >= 2 && v.currentTime > 0.2
                && [v.videoWidth, v.videoHeight, v.duration];
        }""",
        timeout=60_000,
    ).json_value()
    # To decode and to draw what comes after it takes longer than what else is asked of it.
    film.evaluate("video => video.pause()")
    return width, height, round(seconds)


def expect_file(page: Page, link: Locator, size: tuple[int, int], seconds: int, fps: int) -> None:
    """That the link brings a film of this size and length, whole to its last picture."""
    with page.expect_download() as download:
        link.click()
    with av.open(download.value.path()) as film:
        video = film.streams.video[0]
        assert film.duration is not None
        assert video.codec_context.name == "h264"
        assert round(film.duration / av.time_base) == seconds
        pictures = [(frame.width, frame.height) for frame in film.decode(video)]
    assert pictures == [size] * seconds * fps
