"""Readies what pages link, when static files are collected, for browsers to load.

A stylesheet that pages link is a list of `@import`s, one for each part. A browser would fetch the
list first and the parts after it; here each part takes the place of its line, so that one file is
loaded, and its hash changes with any of its parts. Scripts that pages run together stand in lists
of the same kind. Comments are not sent, nor is the white space of stylesheets.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.contrib.staticfiles import finders
from django.contrib.staticfiles.storage import StaticFilesStorage
from django.core.files.base import ContentFile
from django.core.files.storage import Storage
from whitenoise.storage import CompressedManifestStaticFilesStorage

IMPORT = re.compile(r'@import "([^"]+)"(?: layer\((\w+)\))?;')
LISTED = re.compile(r'^import "([^"]+)";\n', re.MULTILINE)
"""A line of a list of scripts. They know each other by name, so none is a module to import."""
COMMENT = re.compile(r"/\*.*?\*/\s*", re.DOTALL)
BETWEEN = re.compile(r"\s*([{};,])\s*|\s+")
"""White space of a stylesheet, as no text in one may look: it says no more than one blank, and
nothing beside these signs.
"""
REMARK = re.compile(r"^[ \t]*//.*\n", re.MULTILINE)
"""A comment of a script, which has its line to itself, as no text in a script may look."""


class SourceStorage(StaticFilesStorage):
    """Static files as they lie in the source, for who changes them."""

    def scripts(self, name: str) -> list[str]:
        """The addresses of what a list of scripts names."""
        text = Path(finders.find(name) or name).read_text(encoding="utf-8")
        return [self.url(each) for each in _named(name, LISTED, text)]


class CollectingStorage(CompressedManifestStaticFilesStorage):  # type: ignore[misc]  # is untyped
    """Static files, hashed and compressed, with whole stylesheets and without comments."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self._urls: dict[str, str] = {}
        """By name: each page links a dozen files, whose names change with an installation alone."""

    def url(self, name: str, force: bool = False) -> str:
        if force or name not in self._urls:
            self._urls[name] = super().url(name, force)
        return self._urls[name]

    def scripts(self, name: str) -> list[str]:
        """The address of all that a list of scripts names, in one file."""
        return [self.url(name)]

    def post_process(
        self, paths: dict[str, tuple[Storage, str]], dry_run: bool = False, **options: Any
    ) -> Iterator[tuple[str, str, bool]]:
        if not dry_run:
            self.put_together(paths)
            self.tighten(paths)
        yield from super().post_process(paths, dry_run=dry_run, **options)
        self._urls.clear()

    def compress_files(self, paths: set[str]) -> Iterator[tuple[str, str]]:
        """Those that pages link, which is by their hashes; the others are for error pages."""
        yield from super().compress_files(paths & set(self.hashed_files.values()))

    def lacking(self) -> list[str]:
        """Files that pages may link, and that were not collected, or not since they are there."""
        paths = {
            name: (storage, name)
            for finder in finders.get_finders()
            for name, storage in finder.list([])
        }
        lists = [name for name in paths if name.endswith(".css")]
        parts = {part for name in lists for part in _named(name, IMPORT, _read(*paths[name]))}
        return sorted(paths.keys() - parts - self.hashed_files.keys())

    def put_together(self, paths: dict[str, tuple[Storage, str]]) -> None:
        """Replaces each list of parts by the parts, which are then no files of their own."""
        sheets = {name: _read(*paths[name]) for name in paths if name.endswith(".css")}
        for name, text in sheets.items():
            whole, parts = _with_parts(name, text, sheets)
            if parts:
                self._put(paths, name, BETWEEN.sub(_blank, COMMENT.sub("", whole)))
            for part in parts:
                paths.pop(part, None)

    def tighten(self, paths: dict[str, tuple[Storage, str]]) -> None:
        """Takes the comments out of our scripts, a tenth of what the studio loads, and puts those
        of a list after each other; each is also there by itself.
        """
        sources = {name: _read(*paths[name]) for name in paths if name.endswith(".js")}
        tight = {name: REMARK.sub("", text) for name, text in sources.items()}
        for name, text in sources.items():
            parts = [tight[part].rstrip() + "\n" for part in _named(name, LISTED, text)]
            if (whole := "".join(parts) or tight[name]) != text:
                self._put(paths, name, whole)

    def _put(self, paths: dict[str, tuple[Storage, str]], name: str, text: str) -> None:
        self.delete(name)
        paths[name] = self, self.save(name, ContentFile(text))


def _named(name: str, line: re.Pattern[str], text: str) -> list[str]:
    """The files that the lines of a list name."""
    return [_beside(name, each[1]) for each in line.finditer(text)]


def _beside(name: str, part: str) -> str:
    return posixpath.join(posixpath.dirname(name), part)


def _with_parts(name: str, text: str, sheets: dict[str, str]) -> tuple[str, list[str]]:
    parts = _named(name, IMPORT, text)
    left = iter(parts)

    def part(line: re.Match[str]) -> str:
        rules, layer = sheets[next(left)], line[2]
        return f"@layer {layer} {{\n{rules}}}" if layer else rules

    return IMPORT.sub(part, text), parts


def _blank(space: re.Match[str]) -> str:
    return space[1] or " "


def _read(storage: Storage, path: str) -> str:
    with storage.open(path) as file:
        return str(file.read(), "utf-8")
