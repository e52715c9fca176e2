"""What a browser sends of the forms that people fill in, and what they read in the answer."""

from __future__ import annotations

import html
import re
from typing import Any
from uuid import uuid4

from jobs import forms

HTMX = {"HX-Request": "true"}
BAD_AMOUNTS = [
    *("1.5", "1,5.0", "1e3", "0x10", "1_000", "+5", "--5", "5-", "-", "-5", "½", "²", "٣", "१०"),
    *("１０", "NaN", "Infinity", "ten", "1000000001", "2147483648", "9223372036854775808"),
    *("1" * 300, "5\x00", "5;DROP"),
]
"""What is no amount of credits (faults.md, case 62)."""


def composer(**changes: Any) -> dict[str, Any]:
    """A studio form as it comes up, with a prompt in it. None leaves a field out."""
    fields: dict[str, Any] = {
        "submission_key": str(uuid4()),
        "prompt": "A lighthouse in the rain",
        "model": "veo3_fast",
        "aspect_ratio": "16:9",
        "resolution": "720p",
        "duration": "8",
        "takes": "1",
        "seed": "",
        "watermark": "",
        "translate": "on",
        "project": "",
    }
    return {name: value for name, value in {**fields, **changes}.items() if value is not None}


def errors(answer: Any, field: str = "__all__") -> str:
    """What the answer's form says at a field, or above all fields."""
    return " ".join(answer.context["form"].errors.get(field, []))


def text(answer: Any) -> str:
    """The words of a page, without its markup."""
    content = re.sub(r"<(script|style)\b.*?</\1>", " ", answer.content.decode(), flags=re.DOTALL)
    content = re.sub(r"</?bdi\s*>", "", content)
    return " ".join(html.unescape(re.sub(r"<[^>]*>", " ", content)).split())


def every_field() -> list[tuple[str, str, Any]]:
    """Every field of every form: the form's name, its own, and the field."""
    exported: list[Any] = [getattr(forms, name) for name in forms.__all__]
    fields = {each: each.base_fields for each in exported if hasattr(each, "base_fields")}
    return [
        (form.__name__, name, field)
        for form, of_form in fields.items()
        for name, field in of_form.items()
    ]
