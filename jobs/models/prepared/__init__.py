"""Questions, and changes, whose SQL is put together once: that often takes longer than asking."""

from jobs.models.prepared.attached import attach
from jobs.models.prepared.changes import add, update
from jobs.models.prepared.given import Given
from jobs.models.prepared.questions import Row, padded, rows

__all__ = ["Given", "Row", "add", "attach", "padded", "rows", "update"]
