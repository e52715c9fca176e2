"""The card of a job as one viewer may see it: all that its template asks for."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

from django.contrib.humanize.templatetags.humanize import ordinal
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.safestring import SafeString

from jobs import lifecycle
from jobs.archive.intake import source_films
from jobs.models import Job, Rendition, ShareLink
from jobs.models.jobs.rendition import films_of, to_play
from jobs.models.jobs.status import FINISHED, Status
from jobs.pricing import PriceList
from jobs.providers import PROVIDERS
from jobs.providers.base import UPGRADES, Kind, Mode, size_name
from jobs.templatetags.dailies import which
from jobs.views.jobs.cards.asked import Asked
from jobs.views.jobs.cards.judged import Judged, Said
from jobs.views.jobs.cards.progress import Progress, Ticks, Unticked
from jobs.views.jobs.cards.sizes import Growth
from jobs.views.jobs.cards.stages import Ending, key_trouble


@dataclass(frozen=True, kw_only=True)
class Card(Asked):
    """One job as this viewer may see it."""

    name: str
    """What its controls call it."""
    rendition: Rendition | None
    """The file that plays and is handed out: the largest that we keep."""
    small: Rendition | None
    """A smaller one, for small screens; None where that one plays everywhere."""
    now: datetime
    prices: PriceList
    judged: Judged
    place: int | None = None
    """Its place among those that wait for its key, as `lifecycle.places` tells it."""
    csrf_token: str = ""
    is_kept: bool = False
    """It is rendered for many moments: what it counts by the second is filled in each time."""

    @property
    def html(self) -> SafeString:
        """The card itself, rendered by these rows; `kept` deals those of a page. Its template gets
        no request. What makes it show something else has to change its face: see there.
        """
        context = {"card": self, "csrf_token": self.csrf_token}
        return render_to_string("jobs/_card.html", context)

    @property
    def in_line(self) -> str:
        """Its place in words; nothing where it is the first, or does not wait."""
        if self.place is None or self.place == 1:
            return ""
        if self.place > lifecycle.PLACE_MAX:
            return f"Beyond {ordinal(lifecycle.PLACE_MAX)} in line"
        return f"{ordinal(self.place)} in line"

    @property
    def said(self) -> Said:
        """What the team and its clients think of it."""
        return self.judged.of(self.job)

    @property
    def is_owner(self) -> bool:
        return self.job.owner_id == self.viewer.pk

    @property
    def may_act(self) -> bool:
        """This viewer may cancel or retry the job."""
        return self.is_owner or self.viewer.is_admin

    @property
    def status(self) -> str:
        """The status in words."""
        return "Made, not stored" if self.is_unstored else self.job.get_status_display()

    @property
    def told(self) -> str:
        """What is told aloud of its change; '' where that is only what somebody thinks of it."""
        choice = getattr(self.job, "choice", None)
        is_opinion = choice is not None and choice.changed_at >= self.job.changed_at
        return "" if is_opinion else f"{self.status}: {which(self.job)}"

    @property
    def spoken(self) -> str:
        """The status by the name that assistive technology and programs find it by on a card: that
        of what is ready has been "Succeeded" from the first, and stays.
        """
        is_ready = self.job.status == Status.SUCCEEDED and not self.is_unstored
        return "Succeeded" if is_ready else self.status

    @property
    def is_unstored(self) -> bool:
        """It was made, but none of its files is kept or on its way."""
        files = self.job.renditions.all()
        if self.job.status != Status.SUCCEEDED or not files:
            return False
        return all(file.is_closed_unstored for file in files)

    @property
    def stored_at(self) -> datetime | None:
        """The moment at which this job's own file was kept, whatever larger one plays by now."""
        own = to_play(self.job)
        return own.stored_at if own else None

    @property
    def is_part_alone(self) -> bool:
        """Of a longer film there is only what was added to its end."""
        return self.rendition is not None and self.rendition.is_part

    @property
    def file_name(self) -> str:
        """The file that plays, in words: its size, or that it is only a part."""
        return self.rendition.name if self.rendition else ""

    @property
    def progress(self) -> Ticks:
        return Unticked(self.job) if self.is_kept else Progress(self.job, self.now)

    @cached_property
    def ending(self) -> Ending:
        """What is said of its end."""
        return Ending(self.job)

    @property
    def wants_edit(self) -> bool:
        """It ended for what was asked for: the same again would end in the same way."""
        return bool(self.edit_url) and self.ending.lies_in_order

    @property
    def is_playable(self) -> bool:
        return self.rendition is not None and self.rendition.is_stored

    @property
    def video_url(self) -> str:
        return reverse("video", args=[self.rendition.pk]) if self.rendition else ""

    @property
    def small_video_url(self) -> str:
        return reverse("video", args=[self.small.pk]) if self.small else ""

    @cached_property
    def to_change(self) -> Rendition | None:
        """The file of it that words can change: the largest that a model takes."""
        films = [] if self.is_upgrade else films_of(self.job)
        return next((film for film in reversed(films) if source_films.is_taken(film)), None)

    @property
    def poster_url(self) -> str:
        return reverse("poster", args=[self.rendition.pk]) if self.rendition else ""

    @property
    def fallback(self) -> str:
        """The meaning of having been made by the provider's fallback model."""
        return PROVIDERS[self.job.provider].fallback

    @property
    def cost(self) -> str:
        """The money in words: what it holds, cost, or that it cost nothing."""
        if self.job.charged is None:
            return f"{self.job.quote:,} cr"
        return f"{self.job.charged:,} cr" if self.job.charged else "not charged"

    @property
    def can_cancel(self) -> bool:
        unsent = (Status.QUEUED, Status.AWAITING_BUDGET, Status.AWAITING_PICK)
        return self.may_act and self.job.status in unsent

    @property
    def is_over(self) -> bool:
        """Nothing more comes of it by itself, so that it can be thrown away."""
        return self.job.status in FINISHED

    @property
    def has_ended(self) -> bool:
        """It is over, and there is no video of it."""
        return self.stage in ("fail", "over")

    @property
    def link(self) -> ShareLink | None:
        """The public link on which it awaits a pick, or was picked."""
        return ShareLink.objects.filter(upgrade=self.job).first()

    @property
    def can_retry(self) -> bool:
        ended = (Status.FAILED, Status.CANCELED, Status.LOST)
        # Of what was not picked, each take has a button of its own.
        picked = self.job.error_code != Job.NOT_PICKED
        return self.may_act and picked and self.job.status in ended

    @property
    def retry_cost(self) -> int | None:
        """The credits that a retry would cost today; None where that can't be said."""
        return self.prices.of(self.job)

    @property
    def is_upgrade(self) -> bool:
        """It is a larger copy, which has a place on another card."""
        return self.job.kind in UPGRADES

    @property
    def made_of(self) -> str:
        """The way it came of another video, before the words that name that."""
        if self.job.kind == Kind.EXTEND:
            return "Extended from"
        if self.job.mode == Mode.VIDEO:
            return "Changed from"
        if not self.is_upgrade or self.stage == "pick":
            return ""
        return f"{size_name(UPGRADES[Kind(self.job.kind)])} of"

    @property
    def origin(self) -> Job | None:
        """What it was made of, where this viewer may see that."""
        return self.job.source_seen_by(self.viewer)

    @cached_property
    def edit_url(self) -> str:
        """The form in which its settings can be changed and sent anew.

        A larger copy has none, nor has what was made of a video that this viewer may not see.
        """
        if self.is_upgrade:
            return ""
        if self.job.kind == Kind.EXTEND:
            source = self.origin
            return f"{reverse('extend', args=[source.pk])}?from={self.job.pk}" if source else ""
        return f"{reverse('studio')}?from={self.job.pk}"

    @property
    def growth(self) -> Growth:
        """The sizes and lengths there are of it, and can still be made of it."""
        return Growth(self.job, self.viewer, self.prices, self.now)

    @property
    def key_trouble(self) -> str:
        """The trouble with the key of a running job, for which nothing is heard of it."""
        return key_trouble(self.job)
