"""What others made is decoded apart: what it does to a decoder, it does to a child alone."""

from __future__ import annotations

import io
import os
import select
import signal
import subprocess
import sys
import textwrap
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image as Pillow

from jobs import archive
from jobs.archive import NotAnImage
from jobs.archive.intake import decoders
from jobs.decoding import bare
from jobs.decoding.answers import NotAFilm
from jobs.decoding.pictures import webp
from jobs.models import Rendition, User
from tests.support.fakes import Wire
from tests.support.media import bombs, films
from tests.support.media.pictures import picture
from tests.support.states.passing import pass_time

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("children_alone")]
MEGABYTE = 1024**2
SMALL = 200_000_000
"""Bytes: enough for a child that decodes little, and for a film of some minutes."""


def refusal(owner: User, content: bytes) -> str:
    with pytest.raises(NotAnImage) as caught:
        decoders.picture(owner, content)
    return caught.value.user_message


# ── Pictures ─────────────────────────────────────────────────────────────────
def test_a_picture_that_takes_too_much_memory_is_refused(alice: User, settings: Any) -> None:
    settings.DECODE_MEMORY_BYTES = SMALL
    assert "takes too much memory" in refusal(alice, bombs.picture())
    assert decoders.picture(alice, picture()).width == 160


def test_a_packed_text_is_never_unpacked_beyond_the_limit(alice: User, settings: Any) -> None:
    settings.DECODE_MEMORY_BYTES = SMALL
    assert "damaged" in refusal(alice, bombs.words(80))


@pytest.mark.parametrize("size", [(16383, 16383), (5001, 5000)])
def test_a_webp_too_large_is_refused_before_its_decoder_is_asked(
    alice: User, settings: Any, size: tuple[int, int]
) -> None:
    settings.DECODE_MEMORY_BYTES = SMALL
    assert "WebP has more than 25 million pixels" in refusal(alice, bombs.webp(*size))


@given(
    st.integers(1, 300),
    st.integers(1, 300),
    st.sampled_from(["RGB", "RGBA"]),
    st.booleans(),
)
def test_the_size_of_a_webp_is_read_as_its_decoder_reads_it(
    width: int, height: int, mode: str, lossless: bool
) -> None:
    file = io.BytesIO()
    Pillow.new(mode, (width, height), 3).save(file, "WEBP", lossless=lossless, method=0)
    assert webp.pixels(file.getvalue()) == width * height


@given(st.binary(max_size=60))
def test_of_what_is_no_webp_no_size_is_read(content: bytes) -> None:
    assert webp.pixels(content) == 0
    assert webp.pixels(b"RIFF\0\0\0\0WEBP" + content[:16]) == 0


def test_a_picture_that_takes_too_long_is_refused(
    alice: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(decoders, "PICTURE_SECONDS", 0)
    assert "takes too long" in refusal(alice, bombs.passes())


def test_so_is_one_that_waits_for_nothing(alice: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(decoders, "PICTURE_PATIENCE", 0.0)
    assert "could not be read. Try again" in refusal(alice, picture())


def test_where_no_process_can_be_started_people_may_try_again(
    alice: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise BlockingIOError(11, "Resource temporarily unavailable")

    monkeypatch.setattr(subprocess, "Popen", refuse)
    assert "could not be read. Try again" in refusal(alice, picture())


def test_a_child_knows_no_secret(alice: User, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: dict[str, Any] = {}
    start = subprocess.Popen

    def watched(command: list[str], **how: Any) -> Any:
        seen.update(how, command=command)
        return start(command, **how)

    monkeypatch.setenv("CREDENTIAL_KEYS", "canary")
    monkeypatch.setattr(subprocess, "Popen", watched)
    decoders.picture(alice, picture())
    assert set(seen["env"]) <= {*bare.KEPT_NAMES, *bare.ONE_HEAP}
    assert "canary" not in str(seen)


# ── Films ────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize(
    ("make", "why"),
    [(bombs.film, "of no sensible length"), (bombs.fragments, "more memory to read than")],
)
def test_a_film_of_kilobytes_that_says_to_be_of_gigabytes_is_refused(
    tmp_path: Path, make: Callable[[], bytes], why: str
) -> None:
    path = tmp_path / "film.mp4"
    path.write_bytes(make())
    assert path.stat().st_size < 4000
    with pytest.raises(NotAFilm, match=why):
        decoders.examine(path, tmp_path / "poster.webp", {})


def test_a_frame_of_such_a_film_takes_no_more_memory(tmp_path: Path, alice: User) -> None:
    path = tmp_path / "film.mp4"
    path.write_bytes(bombs.film())
    with pytest.raises(NotAFilm):
        decoders.frame(alice, path, 0)


@pytest.mark.data
def test_a_film_that_could_not_be_looked_at_is_no_worse_for_that(
    provider: Wire, waiting: Callable[..., Rendition], monkeypatch: pytest.MonkeyPatch
) -> None:
    rendition = waiting()
    provider.answer(body=films.film())
    monkeypatch.setattr(decoders, "FILM_PATIENCE", 0.0)
    archive.store(rendition.pk)
    rendition.refresh_from_db()
    assert (rendition.state, rendition.file) == (Rendition.State.WAITING, "")
    assert "could not be looked at" in rendition.problem
    monkeypatch.setattr(decoders, "FILM_PATIENCE", 50.0)
    provider.answer(body=films.film())
    pass_time(73)
    archive.store(rendition.pk)
    rendition.refresh_from_db()
    assert rendition.state == Rendition.State.STORED


# ── The child ────────────────────────────────────────────────────────────────
ASKING = """
    import signal, sys
    from jobs.decoding import apart
    # Whatever runs the tests may have it ignored.
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    started = apart.subprocess.Popen
    def tell(*command, **how):
        child = started(*command, **how)
        print(child.pid, flush=True)
        return child
    apart.subprocess.Popen = tell
    with open(sys.argv[1], "rb", buffering=0) as source:
        apart.picture("picture_child", {"work": "read"}, apart.Limits(2**29, 9, 9.0), source)
"""


@pytest.fixture
def child(tmp_path: Path) -> Iterator[Child]:
    """One that reads a picture, from a line that the test sends on; and who asked for it."""
    silent = tmp_path / "silent"
    os.mkfifo(silent)
    line = os.open(silent, os.O_RDWR | os.O_NONBLOCK)
    with subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(ASKING), silent],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        cwd=bare.ROOT,
    ) as asking:
        assert asking.stdout
        number = int(asking.stdout.readline())
        watched = os.pidfd_open(number)
        found = Child(number, watched, line, asking)
        yield found
        asking.kill()
    os.close(watched)
    found.hang_up()


@dataclass
class Child:
    number: int
    watched: int
    line: int
    asking: subprocess.Popen[bytes]

    def takes(self, size: int) -> bool:
        """So many bytes are read by it before it ends."""
        while size > 0:
            ended, ready, _ = select.select([self.watched], [self.line], [], 20)
            if ended or not ready:
                return False
            size -= os.write(self.line, bytes(4096))
        return True

    def hang_up(self) -> None:
        if self.line:
            os.close(self.line)
        self.line = 0


def test_a_child_ends_with_who_asked(child: Child) -> None:
    child.asking.kill()
    assert select.select([child.watched], [], [], 20)[0]


def test_ctrl_c_is_for_who_asked_and_not_for_the_child(child: Child) -> None:
    assert child.takes(MEGABYTE)
    os.kill(child.number, signal.SIGINT)
    child.hang_up()
    assert child.asking.stderr
    assert b"answers.NotAnImage: " in child.asking.stderr.read()
