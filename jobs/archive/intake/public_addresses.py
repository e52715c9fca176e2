"""Addresses at which a provider fetches a picture from us, for a day."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from django.core import signing
from django.urls import reverse

from jobs.models import Image
from jobs.net import addresses

PUBLIC_FOR = timedelta(hours=24)


def public_url(image: Image) -> str:
    """An address that needs no sign-in, for one provider to fetch one picture within a day.

    Only for a server that providers can reach.
    """
    path = reverse("public-image", args=[_signer().sign(image.pk.hex), image.suffix])
    return addresses.for_provider(path)


def named_by(signed: str) -> Image | None:
    """The picture that a public address of ours names; None for any other, or an expired one."""
    try:
        number = UUID(hex=_signer().unsign(signed, max_age=PUBLIC_FOR))
    except (signing.BadSignature, ValueError):
        return None
    return Image.objects.filter(pk=number).first()


def _signer() -> signing.TimestampSigner:
    return signing.TimestampSigner(salt="jobs.archive.images", sep="~")
