"""The films on disk: rendered in the background, shared when equal, the oldest dropped."""

import logging
import shutil
import tempfile
import threading
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from jobs.practice.background import Workers
from jobs.practice.film import Cancelled, FilmSpec, render
from jobs.practice.options import Options

log = logging.getLogger(__name__)
Done = Callable[[str], None]


class FilmStore:
    """Renders films into a folder of its own, which goes away with the server."""

    def __init__(self, options: Options) -> None:
        self._options = options
        self._folder = Path(tempfile.mkdtemp(prefix="practice-films-"))
        self._ready: OrderedDict[str, None] = OrderedDict()
        self._waiting: dict[str, list[Done]] = {}
        self._lock = threading.Lock()
        self._stopping = threading.Event()
        self._workers = Workers(options.renderers, "render")

    def spec(self, spec: FilmSpec) -> FilmSpec:
        """The film that will stand for this one: itself, or the one for all of its size."""
        if self._options.reuse_films:
            return replace(spec, caption="One film for every prompt", label="PRACTICE")
        return spec

    def order(self, spec: FilmSpec, done: Done) -> None:
        """Render the film unless it is there.

        ``done(problem)`` is called in either case, with an empty text where all went well.
        """
        name = spec.fingerprint
        with self._lock:
            ready = name in self._ready
            if ready:
                self._ready.move_to_end(name)
            elif name in self._waiting:
                self._waiting[name].append(done)
                return
            else:
                self._waiting[name] = [done]
        if ready:
            done("")
        else:
            self._workers.do(lambda: self._render(spec))

    def path(self, spec: FilmSpec, ending: str) -> Path | None:
        """The file with that ending (mp4 or jpg), while it is kept."""
        path = self._folder / f"{spec.fingerprint}.{ending}"
        return path if path.is_file() else None

    def stop(self) -> None:
        """Give up what is being rendered and remove the folder."""
        self._stopping.set()
        self._workers.stop(0.7)
        shutil.rmtree(self._folder, ignore_errors=True)

    def _render(self, spec: FilmSpec) -> None:
        film, poster = (self._folder / f"{spec.fingerprint}.{end}" for end in ("mp4", "jpg"))
        unfinished = film.with_suffix(".part")
        try:
            render(spec, unfinished, poster, self._stopping.is_set)
            unfinished.rename(film)
        except Cancelled:
            return
        except Exception:
            # Whatever went wrong, the tasks that wait must learn that they failed.
            log.exception("could not render %s", spec)
        self._finished(spec.fingerprint, "" if film.is_file() else "could not render")

    def _finished(self, name: str, problem: str) -> None:
        with self._lock:
            waiting = self._waiting.pop(name, [])
            if not problem:
                self._ready[name] = None
            while len(self._ready) > self._options.keep_films:
                oldest, _ = self._ready.popitem(last=False)
                for ending in ("mp4", "jpg"):
                    (self._folder / f"{oldest}.{ending}").unlink(missing_ok=True)
        for done in waiting:
            done(problem)
