"""A stand-in for both video providers: their HTTP contracts, real films, and faults on demand."""

from jobs.practice.options import Options
from jobs.practice.server import PracticeServer

__all__ = ["Options", "PracticeServer"]
