"""Counts the visits of people to a link, and what they keep."""

from __future__ import annotations

from django.db.models import F
from django.db.models.functions import Now

from jobs.models import ShareLink


def count_view(link: ShareLink) -> None:
    ShareLink.objects.filter(pk=link.pk).update(
        view_count=F("view_count") + 1, last_viewed_at=Now()
    )


def count_download(link: ShareLink) -> None:
    ShareLink.objects.filter(pk=link.pk).update(download_count=F("download_count") + 1)
