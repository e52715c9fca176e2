"""The films on disk: rendered in the background, shared when equal, the oldest dropped."""

import hashlib
import logging
import shutil
import tempfile
import threading
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from jobs.practice.background import Workers
from jobs.practice.film import Cancelled, FilmSpec, render, stitch
from jobs.practice.options import Options

log = logging.getLogger(__name__)
Done = Callable[[str], None]
MOST_PICTURES = 50


class FilmStore:
    """Renders films into a folder of its own, which goes away with the server unless it is kept."""

    def __init__(self, options: Options) -> None:
        self._options = options
        self._folder = (
            Path(options.keep) / "films"
            if options.keep
            else Path(tempfile.mkdtemp(prefix="practice-films-"))
        )
        self._folder.mkdir(parents=True, exist_ok=True)
        for unfinished in self._folder.glob("*.part"):
            unfinished.unlink(missing_ok=True)
        self._ready = self._there("mp4")
        self._pictures = self._there("picture")
        self._waiting: dict[str, list[Done]] = {}
        self._lock = threading.Lock()
        self._stopping = threading.Event()
        self._workers = Workers(options.renderers, "render")

    def spec(self, spec: FilmSpec) -> FilmSpec:
        """The film that will stand for this one: itself, or the one for all of its size."""
        if not self._options.reuse_films:
            return spec
        plain = replace(spec, caption="One film for every prompt", label="PRACTICE")
        return replace(plain, like="", opening="", keeps=False)

    def keep_picture(self, content: bytes) -> str:
        """Keep a picture to start films from; the name it has in their specs."""
        name = hashlib.sha256(content).hexdigest()
        with self._lock:
            self._picture(name).write_bytes(content)
            self._pictures[name] = None
            self._pictures.move_to_end(name)
            while len(self._pictures) > MOST_PICTURES:
                oldest, _ = self._pictures.popitem(last=False)
                self._picture(oldest).unlink(missing_ok=True)
        return name

    def order(self, spec: FilmSpec, done: Done) -> None:
        """Render the film unless it is there.

        ``done(problem)`` is called in either case, with an empty text where all went well.
        """
        name = spec.fingerprint
        with self._lock:
            ready = {name, spec.segment.fingerprint} <= self._ready.keys()
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
        path = self._file(spec, ending)
        return path if path.is_file() else None

    def stop(self) -> None:
        """Give up what is being rendered, and remove the folder unless it is to be kept."""
        self._stopping.set()
        self._workers.stop(0.7)
        if not self._options.keep:
            shutil.rmtree(self._folder, ignore_errors=True)

    def _there(self, ending: str) -> OrderedDict[str, None]:
        """The names of the files with that ending, the oldest first."""
        files = sorted(self._folder.glob(f"*.{ending}"), key=lambda file: file.stat().st_mtime)
        return OrderedDict.fromkeys(file.stem for file in files)

    def _file(self, spec: FilmSpec, ending: str) -> Path:
        return self._folder / f"{spec.fingerprint}.{ending}"

    def _picture(self, name: str) -> Path:
        return self._folder / f"{name}.picture"

    def _render(self, spec: FilmSpec) -> None:
        try:
            made = self._made(spec)
        except Cancelled:
            return
        except Exception:
            # Whatever went wrong, the tasks that wait must learn that they failed.
            log.exception("could not render %s", spec)
            self._finished(spec, [], "could not render")
            return
        self._finished(spec, made, "")

    def _made(self, spec: FilmSpec) -> list[FilmSpec]:
        """Write the film's files and those that it consists of; all that are there now."""
        if self.path(spec, "mp4") and self.path(spec.segment, "mp4"):
            return [spec.segment, spec]
        film, poster = self._file(spec, "mp4"), self._file(spec, "jpg")
        # Two threads may need the same part at once, so each writes a file of its own.
        unfinished = film.with_suffix(f".{threading.get_ident()}.part")
        if spec.before is None:
            opening = self._picture(spec.opening) if spec.opening else None
            usable = opening if opening and opening.is_file() else None
            render(spec, unfinished, poster, self._stopping.is_set, usable)
            made = []
        else:
            made = [*self._made(spec.before), *self._made(spec.segment)]
            stitch(self._file(spec.before, "mp4"), self._file(spec.segment, "mp4"), unfinished)
            shutil.copyfile(self._file(spec.before, "jpg"), poster)
        unfinished.rename(film)
        return [*made, spec]

    def _finished(self, spec: FilmSpec, made: list[FilmSpec], problem: str) -> None:
        with self._lock:
            waiting = self._waiting.pop(spec.fingerprint, [])
            for each in made:
                self._ready[each.fingerprint] = None
                self._ready.move_to_end(each.fingerprint)
            while len(self._ready) > self._options.keep_films:
                oldest, _ = self._ready.popitem(last=False)
                for ending in ("mp4", "jpg"):
                    (self._folder / f"{oldest}.{ending}").unlink(missing_ok=True)
        for done in waiting:
            done(problem)
