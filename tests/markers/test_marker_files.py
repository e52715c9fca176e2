"""Comments as markers, read back by OpenTimelineIO: each on its frame, with all its words."""

from __future__ import annotations

import csv
import io
import xml.etree
from decimal import Decimal
from fractions import Fraction
from xml.etree import ElementTree as ET

import opentimelineio as otio
import pytest
from hypothesis import given
from hypothesis import strategies as st

from jobs.markers import HEAD, Clip, Marker, Rate, edl, fcpxml, in_frames, rows

FILM, CINEMA, PAL, DROP, WHOLE = "24000/1001", "24", "25", "30000/1001", "30"
RATES = [CINEMA, PAL, DROP, WHOLE]
FRAMES = [0, 1, 23, 29, 30, 1799, 1800, 2876]
"""Where counting goes wrong first: the ends of seconds and of minutes."""
TEXTS = ["Ana: slower\nmara: “done”", "Ана & <b>||медленнее</b>", "3 🙂 \x0b quick", "最後 'x'"]


@pytest.fixture(autouse=True)
def _c_element_tree(monkeypatch: pytest.MonkeyPatch) -> None:
    """The adapter imports a name that Python 3.9 took away: the same module under it."""
    monkeypatch.setattr(xml.etree, "cElementTree", ET, raising=False)


def clip(rate: str, markers: list[Marker], seconds: str = "120") -> Clip:
    return Clip(
        name="A fox & <hare>",
        file="A fox 720p.mp4",
        seconds=Decimal(seconds),
        rate=Rate.read(rate),
        width=1280,
        height=720,
        markers=markers,
    )


def at(frame: int, rate: str) -> Decimal:
    """When a player shows a frame, as a comment keeps it: in thousandths."""
    return round(Decimal(frame) / Decimal(float(Rate.read(rate).exact)), 3)


def marked(rate: str) -> Clip:
    texts = [TEXTS[number % len(TEXTS)] for number in range(len(FRAMES))]
    pairs = zip(FRAMES, texts, strict=True)
    return clip(rate, [Marker(at(frame, rate), text) for frame, text in pairs])


# ── Edit lists ─────────────────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize("rate", RATES)
def test_an_edit_list_has_each_marker_on_its_frame(rate: str) -> None:
    exact = float(Rate.read(rate).exact)
    written = edl("Fox", [marked(rate)])
    timeline = otio.adapters.read_from_string(written, adapter_name="cmx_3600", rate=exact)
    (track,) = timeline.video_tracks()
    found = list(track.find_clips())
    assert [each.source_range.start_time.value for each in found] == FRAMES
    assert [track.range_of_child(each).start_time.value for each in found] == FRAMES
    # The record begins at one o'clock, as Resolve's timelines do.
    hour = "01:00:00;00" if rate == DROP else "01:00:00:00"
    first = next(line for line in written.splitlines() if line.startswith("001"))
    assert first.split()[6] == hour
    begins = otio.opentime.from_timecode(hour, exact)
    assert track.source_range.start_time + begins == otio.opentime.RationalTime(0, exact)
    assert ("FCM: DROP FRAME" in written) == (rate == DROP)


def test_an_edit_list_has_the_words_of_each_marker_on_one_line() -> None:
    timeline = otio.adapters.read_from_string(
        edl("A\nfox", [marked(CINEMA)]), adapter_name="cmx_3600", rate=24
    )
    lines = [each.metadata["cmx_3600"]["comments"][0] for each in timeline.find_clips()]
    assert timeline.name == "A fox"
    assert lines[:3] == [
        "|C:ResolveColorBlue |M:Ana: slower mara: “done” |D:1",
        "|C:ResolveColorBlue |M:Ана & <b>¦¦медленнее</b> |D:1",
        "|C:ResolveColorBlue |M:3 🙂 quick |D:1",
    ]


def test_the_takes_of_a_link_follow_each_other() -> None:
    takes = [clip(PAL, [Marker(Decimal(1), text)], seconds="8") for text in "ab"]
    for written, adapter in ((edl("Fox", takes), "cmx_3600"), (fcpxml("Fox", takes), "fcpx_xml")):
        options = {"rate": 25} if adapter == "cmx_3600" else {}
        read = otio.adapters.read_from_string(written, adapter_name=adapter, **options)
        timeline = read if adapter == "cmx_3600" else read[0]
        first, second = timeline.find_clips()
        track = timeline.video_tracks()[0]
        apart = track.range_of_child(second).start_time - track.range_of_child(first).start_time
        assert apart == otio.opentime.RationalTime(200, 25)


# ── FCPXML ─────────────────────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize("rate", [*RATES, FILM])
def test_fcpxml_has_each_marker_on_its_frame(rate: str) -> None:
    exact = Rate.read(rate).exact
    written = fcpxml("Fox", [marked(rate)])
    told = [
        Fraction(each.get("start", "").rstrip("s"))
        for each in ET.fromstring(written).iter("marker")
    ]
    assert told == [frame / exact for frame in FRAMES]
    (timeline,) = otio.adapters.read_from_string(written, adapter_name="fcpx_xml")
    (film,) = timeline.find_clips()
    read = [each.marked_range.start_time for each in film.markers]
    # The adapter counts in whole frames of a whole rate, and rounds down: 29 a second at 29.97.
    for time, frame in zip(read, FRAMES, strict=True):
        behind = frame / exact - Fraction(time.value) / Fraction(time.rate)
        assert 0 <= behind <= 1 / Fraction(time.rate)


def test_fcpxml_has_all_words_and_what_is_done() -> None:
    markers = [Marker(Decimal(number), text, number == 1) for number, text in enumerate(TEXTS)]
    (timeline,) = otio.adapters.read_from_string(
        fcpxml("A <fox>", [clip(CINEMA, markers)]), adapter_name="fcpx_xml"
    )
    (film,) = timeline.find_clips()
    assert (timeline.name, film.name) == ("A <fox>", "A fox & <hare>")
    assert [each.name for each in film.markers] == [t.replace("\x0b", "") for t in TEXTS]
    assert [each.color for each in film.markers] == ["RED", "GREEN", "RED", "RED"]
    assert film.source_range.duration.value == 120 * 24


# ── The table, and counting ────────────────────────────────────────────────────────────────────
def test_the_table_has_the_timecode_of_each_frame() -> None:
    times = [dict(zip(HEAD, row, strict=True))["In"] for row in rows([marked(DROP)])]
    assert times == [
        *("00:00:00;00", "00:00:00;01", "00:00:00;23", "00:00:00;29", "00:00:01;00"),
        *("00:00:59;29", "00:01:00;02", "00:01:35;28"),
    ]


@given(st.sampled_from([*RATES, FILM, "50", "60000/1001", "60"]), st.integers(0, 2_000_000))
def test_a_frame_keeps_its_number_through_a_comment_and_its_timecode(rate: str, frame: int) -> None:
    """OpenTimelineIO reads the same frame from the timecode; of 23.976 it counts as of 24."""
    read = Rate.read(rate)
    assert read.frame_at(at(frame, rate)) == frame
    counted = 24 if rate == FILM else float(read.exact)
    back = otio.opentime.from_timecode(read.timecode(frame), counted)
    assert round(back.value) == frame % round(read.whole * 86_400)


def test_a_film_that_tells_no_rate_is_counted_as_the_models_make_theirs() -> None:
    assert (Rate.read("").name, Rate.read(DROP).name, Rate.read(FILM).name) == (
        *("24", "29.97", "23.976"),
    )


def test_what_is_said_of_one_frame_is_one_marker_and_what_is_past_the_end_on_the_last() -> None:
    said = [
        Marker(None, "all of it"),
        Marker(Decimal("0.01"), "first", is_done=True),
        Marker(Decimal(8), "end", is_done=True),
    ]
    found = in_frames(clip(CINEMA, said, seconds="8"), Rate.read(CINEMA))
    assert [(frame, each.text, each.is_done) for frame, each in found] == [
        (0, "all of it\nfirst", False),
        (191, "end", True),
    ]


def test_the_table_is_read_as_csv() -> None:
    buffer = io.StringIO()
    csv.writer(buffer).writerows([HEAD, *rows([marked(CINEMA)])])
    read = list(csv.DictReader(io.StringIO(buffer.getvalue())))
    assert [int(row["Frame"]) for row in read] == FRAMES
    assert (read[0]["Marker Name"], read[0]["Description"]) == ("Ana: slower", "mara: “done”")
