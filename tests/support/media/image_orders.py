"""Videos from images: a kept image, an order with some, and what a provider says of an upload."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.conf import settings

from jobs.models import Image, User


def image(owner: User, content: bytes = b"\xff\xd8 a picture") -> Image:
    """A stored image, as `archive.intake.images` leaves one behind."""
    made = Image(owner=owner, origin="upload", content_type="image/jpeg", width=64, height=64)
    made.file = f"images/{made.pk}.jpg"
    made.bytes, made.sha256 = len(content), made.pk.hex * 2
    path = Path(settings.MEDIA_ROOT) / made.file
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    made.save(force_insert=True)
    return made


def uploaded(name: str = "1") -> dict[str, Any]:
    url = f"https://tempfile.redpandaai.co/{name}.jpg"
    return {"success": True, "code": 200, "msg": "ok", "data": {"downloadUrl": url}}


def order(owner: User, *images: Image, mode: str = "frames", **changes: Any) -> dict[str, Any]:
    return {"mode": mode, "image_ids": tuple(str(each.pk) for each in images), **changes}
