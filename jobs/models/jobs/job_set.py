"""The questions that are asked of the jobs as a table."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from statistics import median
from typing import Any, Self

from django.apps import apps
from django.db import models
from django.db.models import Count, Exists, F, OuterRef, Prefetch, Q, Value
from django.db.models.functions import Now

from jobs import clock, letters
from jobs.models.jobs.finding import FoundJobs, Job_co
from jobs.models.jobs.status import Status
from jobs.models.team.user import User
from jobs.providers.base import UPGRADES, Kind

STORING_SECONDS = 120
"""Seconds after the end of a job in which its file is expected any moment."""
UNSTORED, FAVORITE = "unstored", "favorite"
"""Beside the statuses in a count: made, and not kept; a favorite of the team."""
NEEDING_ATTENTION = (Status.UNCERTAIN, Status.FAILED, Status.LOST, Status.AWAITING_BUDGET)


class JobQuerySet(FoundJobs[Job_co]):
    def visible_to(self, user: User) -> Self:
        """Jobs that this person may see: all for an admin; else their own and the projects'.

        What is in the trash nobody sees among the others: see `trash_of`.
        """
        rows = self.filter(trashed_at=None)
        if user.is_admin:
            return rows
        return rows.filter(Q(owner=user) | Q(project__isnull=False))

    def trash_of(self, user: User) -> Self:
        """Jobs in the trash, those included whose files are gone for good: all for an admin; else
        their own.
        """
        rows = self.filter(trashed_at__isnull=False)
        return rows if user.is_admin else rows.filter(owner=user)

    def due(self) -> Self:
        """Jobs to be asked about now. Served by the index job_due."""
        return self.filter(check_at__lte=Now())

    def forgotten(self) -> Self:
        """Queued jobs that no worker has been woken for of late. Served by job_queue."""
        return self.filter(status=Status.QUEUED, wake_at__lte=Now())

    def abandoned(self) -> Self:
        """Submissions whose worker is gone: nobody knows what became of them."""
        return self.filter(status=Status.SUBMITTING, lease_until__lt=Now())

    def in_progress(self) -> Self:
        return self.filter(status__in=[Status.QUEUED, Status.SUBMITTING, Status.RUNNING])

    def unfollowed(self) -> Self:
        """Jobs that nobody would ask about again, though there is something to learn."""
        # Written off or given up, too: a callback that came before that may name the paid video.
        named = Q(
            status__in=[Status.UNCERTAIN, Status.FAILED, Status.LOST],
            kind__in=[Kind.GENERATE, Kind.EXTEND],
            external_id="",
            webhook_events__verdict="waiting",
        )
        return self.filter(Q(status=Status.RUNNING) | named, check_at=None)

    def moving(self) -> Self:
        """Jobs of which news is expected within seconds: unfinished, or their file under way."""
        storing = Q(renditions__state__in=["waiting", "fetching"])
        live = Q(status__in=[Status.QUEUED, Status.SUBMITTING, Status.RUNNING])
        return self.filter(live | Q(storing, finished_at__gt=clock.after(-STORING_SECONDS)))

    def doubtful(self) -> Self:
        """Jobs that a callback, an admin, a client or their file's arrival may bring on."""
        storing = Q(renditions__state__in=["waiting", "fetching"])
        waiting = Q(status__in=[Status.UNCERTAIN, Status.AWAITING_BUDGET, Status.AWAITING_PICK])
        return self.filter(waiting | storing)

    def needing_attention(self) -> Self:
        return self.filter(Q(status__in=NEEDING_ATTENTION) | self._made_not_stored())

    def ready(self) -> Self:
        """Videos that are made and stored, or about to be."""
        return self.takes().filter(~self._made_not_stored(), status=Status.SUCCEEDED)

    def favorites(self) -> Self:
        """Those that somebody of the team made a favorite."""
        return self.filter(choice__is_favorite=True)

    def rated(self, least: int) -> Self:
        """Those with so many dots or more."""
        return self.filter(choice__rating__gte=least)

    def not_rejected(self) -> Self:
        return self.exclude(choice__is_rejected=True)

    def tagged(self, name: str) -> Self:
        """Those with this tag, however it is written. Served by tag_once_on_a_video."""
        tags = apps.get_model("jobs.Tag").objects.filter(name_key=letters.name_key(name))
        return self.filter(pk__in=tags.order_by().values("job"))

    def like_any(self, likenesses: Iterable[str]) -> Self:
        """Jobs of any of these contents, made or being made. Served by the index job_likeness."""
        ended_badly = [Status.FAILED, Status.CANCELED, Status.LOST]
        return self.filter(likeness__in=likenesses).exclude(status__in=ended_badly)

    def takes(self) -> Self:
        """Without the larger copies, which stand on the card of the video they were made of."""
        return self.exclude(kind__in=UPGRADES)

    def show_changed(self) -> int:
        """Let open pages see that something about these jobs changed; how many there are.

        Of several at once, whoever calls this locks them first, in the order of `in_turn`.
        """
        return self.update(version=F("version") + 1, changed_at=Now())

    def in_turn(self) -> Self:
        """In the order in which everybody locks jobs: a video before what is made of it."""
        return self.order_by("created_at", "pk")

    def tallies(self) -> models.QuerySet[Any, tuple[str, str, int]]:
        """The number of each status and kind, of what was made and is not kept, and of favorites.

        The first half is served by the index job_status alone.
        """
        rows = self.order_by()
        alike = rows.values_list("status", "kind").annotate(number=Count("kind"))
        lost = rows.filter(self._made_not_stored()).annotate(what=Value(UNSTORED))
        unstored = lost.values_list("what", "kind").annotate(number=Count("kind"))
        loved = rows.favorites().annotate(what=Value(FAVORITE))
        favorites = loved.values_list("what", "kind").annotate(number=Count("kind"))
        return alike.union(unstored, favorites, all=True)

    def counts(self, tallies: Iterable[tuple[str, str, int]] | None = None) -> dict[str, int]:
        """Count all of them, those in progress, ready, needing attention, favorites: one query.

        `tallies`: where they were read already.
        """
        found = Counter[tuple[str, str]]()
        missing = Counter[bool]()
        for status, kind, number in self.tallies() if tallies is None else tallies:
            if status == UNSTORED:
                missing[kind in UPGRADES] += number
            else:
                found[status, kind] += number

        def of(*among: str, takes: bool = False) -> int:
            return sum(
                number
                for (status, kind), number in found.items()
                if status in among and not (takes and kind in UPGRADES)
            )

        rendering, queued = of(Status.RUNNING), of(Status.QUEUED, Status.SUBMITTING)
        return {
            "all": of(*Status, takes=True),
            "progress": rendering + queued,
            "rendering": rendering,
            "queued": queued,
            "ready": of(Status.SUCCEEDED, takes=True) - missing[False],
            "attention": of(*NEEDING_ATTENTION) + missing.total(),
            "favorites": of(FAVORITE, takes=True),
        }

    def for_cards(self) -> Self:
        """With everything a card shows, so that a page of cards costs constant queries."""
        return self.select_related(
            "owner", "project", "source", "credential", "budget_request__decided_by", "choice"
        ).prefetch_related("renditions", "derived__renditions")

    def for_unfinished_cards(self) -> Self:
        """The same of jobs that have not ended: none has a file, or anything made of it."""
        files = apps.get_model("jobs.Rendition").objects.none()
        derived = apps.get_model("jobs.Job").objects.none()
        rows = self.select_related(
            "owner", "project", "source", "credential", "budget_request__decided_by", "choice"
        )
        return rows.prefetch_related(Prefetch("renditions", files), Prefetch("derived", derived))

    def median_seconds(self) -> int | None:
        """The median time of the last twenty that succeeded; None where none did."""
        past = self.filter(status=Status.SUCCEEDED, sent_at__isnull=False).order_by("-finished_at")
        spans = [
            (finished - sent).total_seconds()
            for sent, finished in past.values_list("sent_at", "finished_at")[:20]
            if sent and finished
        ]
        return max(round(median(spans)), 1) if spans else None

    def _made_not_stored(self) -> Q:
        """Jobs that succeeded, of which no file is kept and none is on its way."""
        # By name: its module stands on this one's.
        files = apps.get_model("jobs.Rendition").objects
        closed = files.filter(state__in=["expired", "rejected"], job__status=Status.SUCCEEDED)
        better = files.filter(job=OuterRef("job"), state__in=["waiting", "fetching", "stored"])
        return Q(pk__in=closed.filter(~Exists(better)).order_by().values("job"))
