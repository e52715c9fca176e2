"""What people do: click, click again, doubt, decide."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import initialize, precondition, rule

from jobs import lifecycle
from jobs.archive.intake import source_films
from jobs.lifecycle.ordering.takes import keys_of
from jobs.models import Job, Rendition, User
from jobs.models.jobs.status import Status
from jobs.providers.base import UPGRADES
from tests.promises.account import OMNI, Fate
from tests.promises.stage import Mishap, Stage, fates, mishaps, numbers
from tests.support import factories

DERIVED = ("upgrade_1080p", "upgrade_4k", "extend")
UNSENT = (Status.QUEUED, Status.AWAITING_BUDGET, Status.AWAITING_PICK)


class People(Stage):
    """Members, and the admin."""

    @initialize(people=st.lists(numbers, min_size=1, max_size=3))
    def begin(self, people: list[int]) -> None:
        for who in people:
            self.click(who, "veo3_lite", False, None)

    @rule(
        who=numbers,
        model=st.sampled_from(["veo3_lite", "veo3_fast", OMNI]),
        filed=st.booleans(),
        mishap=mishaps,
    )
    def click(self, who: int, model: str, filed: bool, mishap: Mishap) -> None:
        by = self.nth(self.clicking(), who)
        idea = factories.submission(
            prompt=f"Idea {len(self.clicks)}",
            model=model,
            project_id=self.cast.project.pk if filed else None,
        )
        self.press(by, idea, mishap)

    @rule(
        who=numbers,
        takes=st.integers(2, 4),
        model=st.sampled_from(["veo3_lite", "veo3_fast", OMNI]),
        seed=st.sampled_from([None, 20_000]),
        filed=st.booleans(),
        mishap=mishaps,
    )
    def click_for_takes(
        self, who: int, takes: int, model: str, seed: int | None, filed: bool, mishap: Mishap
    ) -> None:
        """All of them are held for and sent, or all of them wait, or nothing has happened."""
        idea = factories.submission(
            prompt=f"Idea {len(self.clicks)}",
            model=model,
            seed=seed,
            project_id=self.cast.project.pk if filed else None,
        )
        self.press_for_takes(self.nth(self.clicking(), who), idea, mishap, takes)

    def clicking(self) -> list[User]:
        """Who may click: what somebody sent in the moment in which they left arrives as well."""
        leaving = User.objects.filter(heir__isnull=False).order_by("pk")
        return [*leaving, *self.active()]

    @rule(which=numbers, same=st.booleans())
    def click_arrives_again(self, which: int, same: bool) -> None:
        click = self.nth(self.clicks, which)
        # Each by itself, when it has ended: of takes that were ordered at once some may be.
        takes = Job.objects.filter(submission_key__in=keys_of(click.key))
        passed_on = click.job and {job.owner_id for job in takes} != {click.by.pk}
        if passed_on or click.by not in self.clicking():
            # Their sessions are over, and no form of those days is taken any more.
            return
        before = self.books.facts()
        if same:
            with suppress(lifecycle.NotSubmitted):
                job, *others = lifecycle.submit_takes(
                    click.by, click.submission, click.key, click.takes
                )
                assert len(others) == click.takes - 1
                if click.job:
                    assert job.pk == click.job
                else:
                    self.clicks.append(replace(click, job=job.pk))
                    for take in others:
                        self.remember(take)
                    return
        elif click.job:
            other = replace(click.submission, prompt="Something else")
            with pytest.raises(lifecycle.SubmissionKeyReused):
                lifecycle.submit_takes(click.by, other, click.key, click.takes)
            number = click.takes % 4 + 1
            with pytest.raises(lifecycle.SubmissionKeyReused):
                lifecycle.submit_takes(click.by, click.submission, click.key, number)
        assert self.books.facts() == before

    @precondition(lambda self: self.stands(Status.SUCCEEDED))
    @rule(which=numbers, kind=st.sampled_from(DERIVED), mishap=mishaps)
    def build_on_it(self, which: int, kind: str, mishap: Mishap) -> None:
        """A longer or a larger copy; refused where the rules forbid it, before credits move."""
        source = self.nth(list(Job.objects.filter(status=Status.SUCCEEDED)), which)
        submission = (
            lifecycle.upgrade_of(source, kind)
            if kind in UPGRADES
            else lifecycle.extension_of(source, f"And then {len(self.clicks)}", "veo3_lite")
        )
        self.press(self.acting(source), submission, mishap)

    @precondition(lambda self: Rendition.objects.filter(state="stored").exists())
    @rule(which=numbers, mishap=mishaps)
    def change_it(self, which: int, mishap: Mishap) -> None:
        """A new video of a part of a stored one: its file is handed over before the order."""
        stored = Rendition.objects.filter(state="stored").select_related("job__owner")
        film = self.nth(list(stored.order_by("pk")), which)
        by = self.acting(film.job)
        idea = factories.submission(
            prompt=f"Idea {len(self.clicks)}",
            model=OMNI,
            mode="video",
            duration=0,
            span_start=1,
            span_end=5,
            image_ids=(str(source_films.of_video(by, film).pk),),
        )
        self.press(by, idea, mishap)

    @precondition(lambda self: self.stands(Status.SUCCEEDED))
    @rule(which=numbers, mishap=mishaps)
    def hold_for_a_pick(self, which: int, mishap: Mishap) -> None:
        """A larger copy that is paid for in advance, of whichever video is picked."""
        source = self.nth(list(Job.objects.filter(status=Status.SUCCEEDED)), which)
        order = lifecycle.upgrade_of(source, "upgrade_4k")
        self.press(self.acting(source), order, mishap, may_park=False, until_picked=True)

    @precondition(lambda self: self.stands(Status.AWAITING_PICK))
    @rule(which=numbers, other=numbers, twice=st.booleans(), mishap=mishaps)
    def pick(self, which: int, other: int, twice: bool, mishap: Mishap) -> None:
        job = self.nth(list(Job.objects.filter(status=Status.AWAITING_PICK)), which)
        videos = list(Job.objects.filter(status=Status.SUCCEEDED))
        with self.trouble.ahead(*(mishap or ())), suppress(lifecycle.NotSubmitted):
            lifecycle.pick(job, self.nth(videos, other), "Picked")
        if twice and Job.objects.get(pk=job.pk).status == Status.QUEUED:
            with pytest.raises(lifecycle.NotSubmitted):
                lifecycle.pick(job, self.nth(videos, other + 1), "Picked again")

    @precondition(lambda self: self.stands(Status.AWAITING_PICK))
    @rule(which=numbers, mishap=mishaps)
    def nobody_picks(self, which: int, mishap: Mishap) -> None:
        job = self.nth(list(Job.objects.filter(status=Status.AWAITING_PICK)), which)
        with self.trouble.ahead(*(mishap or ())):
            lifecycle.withdraw(job, "Nobody picked a video in time")

    @precondition(lambda self: self.stands(*UNSENT))
    @rule(which=numbers)
    def cancel(self, which: int) -> None:
        if job := self.job(which):
            was = job.status
            assert lifecycle.cancel(job, self.acting(job)) == (was in UNSENT)

    @precondition(lambda self: self.stands(Status.FAILED, Status.CANCELED, Status.LOST))
    @rule(which=numbers)
    def retry(self, which: int) -> None:
        if job := self.job(which):
            with suppress(lifecycle.NotSubmitted):
                again = lifecycle.retry(job, self.acting(job))
                self.remember(again)

    @precondition(lambda self: self.stands(Status.UNCERTAIN))
    @rule(which=numbers, twice=st.booleans())
    def submit_again_at_own_risk(self, which: int, twice: bool) -> None:
        job = self.job(which)
        if job is None:
            return
        before, by = self.books.facts(), self.acting(job)
        if job.resubmitted_as is not None:
            assert lifecycle.resubmit(job, by) == job.resubmitted_as
            return
        try:
            again = lifecycle.resubmit(job, by)
        except lifecycle.NotSubmitted:
            assert self.books.facts() == before
            return
        self.remember(again)
        assert job.status == Status.UNCERTAIN
        assert again.pk != job.pk
        if twice:
            assert lifecycle.resubmit(job, by).pk == again.pk

    @precondition(lambda self: self.stands(Status.UNCERTAIN))
    @rule(which=numbers, mishap=mishaps)
    def nothing_in_the_log(self, which: int, mishap: Mishap) -> None:
        if job := self.job(which):
            with self.trouble.ahead(*(mishap or ())):
                self.write_off(job)

    @precondition(lambda self: self.stands(Status.UNCERTAIN, Status.LOST))
    @rule(which=numbers)
    def mark_as_done(self, which: int) -> None:
        """It leaves a list and nothing else: whatever comes of it comes as if it had not."""
        job = self.job(which)
        if job is None or job.closed_at or job.status not in (Status.UNCERTAIN, Status.LOST):
            return
        before, was = self.books.facts(), job.status
        lifecycle.close(job, self.cast.ada)
        job.refresh_from_db()
        assert (self.books.facts(), job.status) == (before, was)

    @precondition(lambda self: self.stands(Status.UNCERTAIN))
    @rule(which=numbers, named=numbers, right=st.booleans(), fate=fates, mishap=mishaps)
    def paste_an_id(self, which: int, named: int, right: bool, fate: Fate, mishap: Mishap) -> None:
        job = self.job(which)
        if job is None:
            return
        work = self.made_for(job) if right else self.nth(list(self.account.work.values()), named)
        external_id = work.id if work else "no-such-id"
        self.account.fate = fate
        sure = bool(
            fate is Fate.GOOD
            and not mishap
            and work
            and work.job == job.pk
            and not work.is_forgotten
            and job.status == Status.UNCERTAIN
        )
        try:
            with self.trouble.ahead(*(mishap or ())):
                lifecycle.resolve(job, external_id, self.acting(job))
        except lifecycle.NotResolved as no:
            if sure:
                pytest.fail(no.user_message)
        finally:
            self.account.fate = Fate.GOOD
