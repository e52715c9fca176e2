"""A film's codec goes by its own name, not by that of the library that decodes it (126)."""

from __future__ import annotations

import os
from pathlib import Path

import av
import pytest
from PIL import Image

from jobs.decoding.film import examine
from jobs.templatetags.dailies import codec
from tests.support.media import real_films
from tests.support.media.real_films.making import at_usual_priority

ENCODERS = {
    "AV1": "libsvtav1",
    "VP9": "libvpx-vp9",
    "HEVC": "libx265",
    "H.264": "libx264",
    "MPEG-4": "mpeg4",
}


@pytest.mark.parametrize(("name", "encoder"), ENCODERS.items(), ids=ENCODERS)
def test_a_codec_is_shown_by_the_name_that_people_know(
    tmp_path: Path, name: str, encoder: str
) -> None:
    path = tmp_path / "film.mp4"
    with at_usual_priority(), av.open(path, "w", format="mp4") as container:
        stream = container.add_stream(encoder, rate=24)
        assert isinstance(stream, av.VideoStream)
        stream.width, stream.height, stream.pix_fmt = 128, 72, "yuv420p"
        for _ in range(12):
            picture = Image.new("RGB", (stream.width, stream.height), "teal")
            frame = av.VideoFrame.from_image(picture)  # type: ignore[no-untyped-call]
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    assert codec(examine(path, tmp_path / "poster.webp").codec) == name


@pytest.mark.skipif(not hasattr(os, "sched_getscheduler"), reason="only Linux tells")
def test_a_film_of_av1_leaves_the_tests_at_their_usual_priority() -> None:
    assert real_films.film("AV1")
    assert os.sched_getscheduler(0) == os.SCHED_OTHER
