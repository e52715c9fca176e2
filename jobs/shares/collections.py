"""Collections: links to a project, which what is kept of it joins by itself."""

from __future__ import annotations

from django.db import transaction
from django.db.models import F, Max, QuerySet
from django.db.models.functions import Now

from jobs.models import Rendition, SharedTake, ShareLink, prepared
from jobs.models.jobs.rendition import RenditionQuerySet
from jobs.providers.base import UPGRADES, Part
from jobs.shares.takes import shares_others

COLLECTED_MAX = 200
"""Takes of one link: more make no page that a client looks through."""


def collect() -> None:
    """Put on every open collection what was stored since."""
    for link in prepared.rows("open collections", _open):
        if link.takes.count() < COLLECTED_MAX and _missing(link).exists():
            with transaction.atomic():
                # Two who gather at once would give two takes the same place.
                ShareLink.objects.filter(pk=link.pk).update(title=F("title"))
                # As it stands now: it may have been given a watermark since it was read.
                gather(ShareLink.objects.get(pk=link.pk))


def _open() -> QuerySet[ShareLink]:
    return ShareLink.objects.open().filter(project__isnull=False)


def gather(link: ShareLink) -> None:
    """Put the project's stored films on the link that are not on it yet, the oldest first."""
    places_left = COLLECTED_MAX - link.takes.count()
    last = link.takes.aggregate(last=Max("position"))["last"] or 0
    found = _missing(link).order_by("job__created_at", "pk")[: max(places_left, 0)]
    waits = {"marking": SharedTake.Marking.WAITING, "try_at": Now()} if link.watermark else {}
    SharedTake.objects.bulk_create(
        SharedTake(link=link, rendition=film, position=place, **waits)
        for place, film in enumerate(found, last + 1)
    )


def _missing(link: ShareLink) -> RenditionQuerySet:
    """Films of the project; a larger copy stands beside its film, not apart."""
    films = Rendition.objects.filter(
        job__project=link.project_id,
        job__trashed_at=None,
        state=Rendition.State.STORED,
        part=Part.FILM,
    )
    if not shares_others(link.owner):
        films = films.filter(job__owner=link.owner)
    there = link.takes.values("rendition")
    return films.exclude(job__kind__in=UPGRADES).exclude(pk__in=there)
