"""The questions that are asked of the jobs as a table."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from statistics import median
from typing import Any, Self

from django.apps import apps
from django.db import models
from django.db.models import Count, Exists, F, IntegerField, OuterRef, Q, Value
from django.db.models.functions import Coalesce, Now

from jobs.models.counting import uncounted, up_to
from jobs.models.jobs.finding import FoundJobs, Job_co
from jobs.models.jobs.status import Status
from jobs.models.team.user import User
from jobs.providers.base import VIDEO_KINDS, Kind
from jobs.times import clock

STORING_SECONDS = 120
"""Seconds after the end of a job in which its file is expected any moment."""
ACCOUNT = Coalesce("credential__joined_to", "credential", 0, output_field=IntegerField())
"""The account of a job: the number of the key that its others are joined to, 0 where its own key
is gone.
"""
NEEDING_ATTENTION = Q(
    status__in=[Status.UNCERTAIN, Status.FAILED, Status.LOST, Status.AWAITING_BUDGET]
) | Q(status=Status.SUCCEEDED, is_unkept=True)


class JobQuerySet(FoundJobs[Job_co]):
    def visible_to(self, user: User) -> Self:
        """Jobs that this person may see: all for an admin; else their own and the projects'.

        What is in the trash nobody sees among the others: see `trash_of`.
        """
        return self.known_to(user).filter(trashed_at=None)

    def known_to(self, user: User) -> Self:
        """Those, and what is in the trash of them: an open page may still show it."""
        return self.filter(self.known_by(user))

    @staticmethod
    def known_by(user: User) -> Q:
        """The same as a condition; an empty one for an admin."""
        return Q() if user.is_admin else Q(owner=user) | Q(project__isnull=False)

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

    def moving(self) -> Q:
        """There are some of which news is expected within seconds: unfinished, or their file under
        way. Two questions, since each is soon answered by an index of its own.
        """
        rows = self.order_by()
        storing = _being_stored(rows.filter(finished_at__gt=clock.after(-STORING_SECONDS)))
        return Q(Exists(rows.in_progress())) | Q(storing)

    def doubtful(self) -> Q:
        """There are some that a callback, an admin, a client or their file may bring on."""
        rows = self.order_by()
        waiting = [Status.UNCERTAIN, Status.AWAITING_BUDGET, Status.AWAITING_PICK]
        return Q(Exists(rows.filter(status__in=waiting))) | Q(_being_stored(rows))

    def needing_attention(self) -> Self:
        return self.filter(needs_attention=True)

    def ready(self) -> Self:
        """Videos that are made and stored, or about to be."""
        return self.takes().filter(status=Status.SUCCEEDED, is_unkept=False)

    def favorites(self) -> Self:
        """Those that somebody of the team made a favorite."""
        return self.filter(is_favorite=True)

    def not_rejected(self) -> Self:
        return self.filter(is_rejected=False)

    def like_any(self, likenesses: Iterable[str]) -> Self:
        """Jobs of any of these contents, made or being made. Served by the index job_likeness."""
        ended_badly = [Status.FAILED, Status.CANCELED, Status.LOST]
        return self.filter(likeness__in=likenesses).exclude(status__in=ended_badly)

    def in_doubt(self) -> Self:
        """Those that need a look, and that nobody has sent again or marked as done."""
        # Who sends it again closes it. Not said by `resubmitted_as`, to which an index leads, and
        # with it to all that were never sent again. Served by the index job_status_seen.
        return self.filter(status=Status.UNCERTAIN, closed_at=None)

    def takes(self) -> Self:
        """Without the larger copies, which stand on the card of the video they were made of."""
        return self.filter(kind__in=VIDEO_KINDS)

    def show_changed(self, **facts: Any) -> int:
        """Let open pages see that something about these jobs changed; how many there are.

        `facts`: what is written with it.

        Of several at once, whoever calls this locks them first, in the order of `in_turn`.
        """
        return self.update(version=F("version") + 1, changed_at=Now(), **facts)

    def in_turn(self) -> Self:
        """In the order in which everybody locks jobs: a video before what is made of it."""
        return self.order_by("created_at", "pk")

    def tallies(self) -> models.QuerySet[Any, tuple[int | None, ...]]:
        """One row of what `counts` is made of, each figure as far as it is counted.

        Of no job at all there is none.
        """
        if self.is_narrow:
            return self._tallies_of_few()
        rows = self.order_by()
        takes = rows.takes()
        count = uncounted if self.is_broad else up_to
        # Any one row will do: the answer is the same for each.
        anyone = apps.get_model("jobs.Job").objects.order_by()
        return anyone.values_list(
            # The newest, since of others it may be that few are seen by whoever asks.
            count(takes.order_by("-created_at")),
            up_to(rows.filter(status__in=[Status.QUEUED, Status.SUBMITTING])),
            up_to(rows.filter(status=Status.RUNNING)),
            count(takes.ready()),
            count(rows.needing_attention().order_by("-created_at")),
            count(takes.favorites().order_by("-created_at")),
        )[:1]

    def _tallies_of_few(self) -> models.QuerySet[Any, tuple[int | None, ...]]:
        """The same in one pass over them: an index of statuses would lead to all others."""
        take = Q(kind__in=VIDEO_KINDS)
        wanted = (
            take,
            Q(status__in=[Status.QUEUED, Status.SUBMITTING]),
            Q(status=Status.RUNNING),
            take & Q(status=Status.SUCCEEDED, is_unkept=False),
            NEEDING_ATTENTION,
            take & Q(is_favorite=True),
        )
        one = self.order_by().annotate(one=Value(1)).values("one")
        # A status stands for its row: it is never null, and in each index of what is listed.
        numbers = {f"n{place}": Count("status", filter=each) for place, each in enumerate(wanted)}
        found: models.QuerySet[Any, tuple[int | None, ...]]
        found = one.annotate(**numbers).values_list(*numbers)
        return found

    def counts(
        self, tallies: Iterable[Sequence[int | None]] | None = None
    ) -> dict[str, int | None]:
        """Count all of them, those in progress, ready, needing attention, favorites: one query.

        A figure above COUNTED_MAX says that there are more than that, None that nobody counts: see
        `is_broad`. `tallies`: where they were read already.
        """
        rows = list(self.tallies() if tallies is None else tallies)
        all_, queued, rendering, ready, attention, favorites = rows[0] if rows else [0] * 6
        return {
            "all": all_,
            "progress": (rendering or 0) + (queued or 0),
            "rendering": rendering,
            "queued": queued,
            "ready": ready,
            "attention": attention,
            "favorites": favorites,
        }

    def for_cards(self) -> Self:
        """With everything a card shows, so that a page of cards costs constant queries."""
        return self.for_cards_without_files().prefetch_related("renditions", "derived__renditions")

    def for_cards_without_files(self) -> Self:
        """The same but for their files, and for what was made of them."""
        return self.select_related(
            "owner", "project", "source", "credential", "budget_request__decided_by", "choice"
        )

    def median_seconds(self) -> int | None:
        """The median time of the last twenty that succeeded; None where none did."""
        past = self.filter(status=Status.SUCCEEDED, sent_at__isnull=False).order_by("-finished_at")
        spans = [
            (finished - sent).total_seconds()
            for sent, finished in past.values_list("sent_at", "finished_at")[:20]
            if sent and finished
        ]
        return max(round(median(spans)), 1) if spans else None


def _being_stored(jobs: JobQuerySet[Any]) -> Exists:
    """There is a file under way of some of these: found by the few files, whatever the jobs."""
    files = apps.get_model("jobs.Rendition").objects.on_their_way()
    return Exists(files.filter(Exists(jobs.filter(pk=OuterRef("job")))).order_by())
