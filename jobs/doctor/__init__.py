"""Examines an installation and its providers, without spending anything: `manage.py doctor`. With
`--spend` it also makes films by ordinary orders (`planning`, `spending`).

No machine of ours reaches the providers, so whoever does is asked to send what this finds. Nothing
that it says holds a key, an id, an address or anybody's words.
"""

from __future__ import annotations

from collections.abc import Iterator

from jobs.doctor import house, providers
from jobs.doctor.finding import Finding, Verdict

__all__ = ["Finding", "Verdict", "examine"]


def examine() -> Iterator[Finding]:
    """Everything that can be found out, one after the other: each may take some seconds."""
    yield from house.examine()
    yield from providers.examine()
