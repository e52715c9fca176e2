"""The composer's form as a browser sends it."""

from __future__ import annotations

from typing import Any

from jobs.forms import ComposerForm


def composer(**changes: Any) -> dict[str, Any]:
    """What a click on Generate posts, with a submission key of its own."""
    values = {**ComposerForm.defaults(), "prompt": "A lighthouse in the rain", **changes}
    return {name: value for name, value in values.items() if value not in (None, "")}
