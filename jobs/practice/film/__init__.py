"""Real MP4s for the practice provider: a generated landscape with the prompt written on it."""

from jobs.practice.film.encode import Cancelled, render
from jobs.practice.film.spec import FilmSpec, size_of
from jobs.practice.film.stitch import stitch

__all__ = ["Cancelled", "FilmSpec", "render", "size_of", "stitch"]
