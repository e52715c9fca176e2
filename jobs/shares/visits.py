"""Count the visits of people to a link."""

from __future__ import annotations

import re

from django.db.models import F
from django.db.models.functions import Now

from jobs.models import ShareLink

ROBOTS = re.compile(
    r"bot\b|bot/|crawl|spider|preview|externalhit|embedly|facebook|whatsapp|skype|slack|"
    r"telegram|discord|teams|iframely|vkshare|pinterest|monitor|curl/|wget/|python|java/|"
    r"go-http",
    re.IGNORECASE,
)
"""The names of programs that look at a link before, or instead of, a person."""


def is_robot(agent: str) -> bool:
    """The User-Agent is not that of somebody's browser."""
    return not agent or ROBOTS.search(agent) is not None


def count_view(link: ShareLink) -> None:
    ShareLink.objects.filter(pk=link.pk).update(
        view_count=F("view_count") + 1, last_viewed_at=Now()
    )


def count_download(link: ShareLink) -> None:
    ShareLink.objects.filter(pk=link.pk).update(download_count=F("download_count") + 1)
