"""People who go, and some who come back; and what they leave behind."""

from __future__ import annotations

from contextlib import suppress

from django.db.models.functions import Now
from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule

from jobs import people, shares
from jobs.archive.announcing import show
from jobs.models import Rendition
from tests.promises.stage import Mishap, Stage, long_mishaps, numbers


class Leavers(Stage):
    """Members leave for good, in the middle of everything."""

    @rule(who=numbers, to_admin=st.booleans(), sends=st.booleans(), mishap=long_mishaps)
    def leave(self, who: int, to_admin: bool, sends: bool, mishap: Mishap) -> None:
        person, other = self.people[who % 2], self.people[(who + 1) % 2]
        heir = self.cast.ada if to_admin else other
        with self.trouble.ahead(*(mishap or ())), suppress(people.PersonNotChanged):
            people.leave(person, heir, self.cast.ada, reason="Dice", sends_queued=sends)
        was_here = person.pk not in self.heritage.heirs
        person.refresh_from_db()
        if person.left_at and was_here:
            self.heritage.leaves(person, heir)

    @precondition(lambda self: self.heritage.heirs)
    @rule(mishap=long_mishaps)
    def what_they_left_passes_on(self, mishap: Mishap) -> None:
        with self.trouble.ahead(*(mishap or ())):
            people.finish_leaving()
        if not mishap:
            self.heritage.check_passed_on()

    @precondition(lambda self: len(self.active()) < 2)
    @rule(who=numbers, mishap=long_mishaps)
    def come_back(self, who: int, mishap: Mishap) -> None:
        person = self.people[who % 2]
        with self.trouble.ahead(*(mishap or ())), suppress(people.PersonNotChanged):
            people.reactivate(person, self.cast.ada, reason="Dice")
        person.refresh_from_db()
        if person.is_active:
            self.heritage.is_back(person)

    @precondition(lambda self: Rendition.objects.filter(state="waiting").exists())
    @rule(are_kept=st.booleans())
    def files_arrive(self, are_kept: bool = True) -> None:
        """How files are fetched is other tests' business: here they are there, or never will be."""
        for file in Rendition.objects.filter(state="waiting"):
            show(file)
        waiting = Rendition.objects.filter(state="waiting")
        if not are_kept:
            waiting.update(state="expired", try_at=None)
            return
        waiting.update(
            state="stored",
            try_at=None,
            file="a.mp4",
            sha256="0" * 64,
            bytes=1000,
            seconds=8,
            width=1280,
            height=720,
            stored_at=Now(),
        )

    @precondition(lambda self: Rendition.objects.filter(state="stored").exists())
    @rule(which=numbers)
    def share(self, which: int) -> None:
        file = self.nth(list(Rendition.objects.filter(state="stored").order_by("pk")), which)
        if file.job.owner.is_active:
            shares.create([file], shares.Terms(title="Cut"), file.job.owner)
