"""People who tidy up: who file videos elsewhere, throw them away, and bring them back."""

from __future__ import annotations

from contextlib import suppress

from django.db import connection
from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule

from jobs import keeping
from jobs.models import Job
from tests.promises.stage import Mishap, Stage, mishaps, numbers


class Keepers(Stage):
    """Nothing of it moves a credit or a status, whatever happens on the way."""

    @rule(which=numbers, many=st.integers(1, 3), filed=st.booleans(), mishap=mishaps)
    def refile(self, which: int, many: int, filed: bool, mishap: Mishap) -> None:
        project, before = self.cast.project if filed else None, self._money()
        ids = [job.pk for job in self._some(which, many)]
        with self.trouble.ahead(*(mishap or ())), suppress(keeping.NotKept):
            keeping.refile(ids, project, self.cast.ada)
        assert self._money() == before

    @rule(which=numbers, many=st.integers(1, 3), mishap=mishaps)
    def throw_away(self, which: int, many: int, mishap: Mishap) -> None:
        before = self._money()
        for job in self._some(which, many):
            with self.trouble.ahead(*(mishap or ())):
                keeping.throw_away([job.pk], self.acting(job))
        assert self._money() == before

    @precondition(lambda self: Job.objects.filter(trashed_at__isnull=False).exists())
    @rule(is_kept=st.booleans(), mishap=mishaps)
    def empty_the_trash(self, is_kept: bool, mishap: Mishap) -> None:
        before, trash = self._money(), Job.objects.filter(trashed_at__isnull=False)
        act = keeping.restore if is_kept else keeping.purge
        with self.trouble.ahead(*(mishap or ())):
            act(list(trash.values_list("pk", flat=True)), self.cast.ada)
        assert self._money() == before
        if not (is_kept or mishap):
            assert not Job.objects.filter(trashed_at__isnull=False, purged_at=None).exists()

    def _some(self, which: int, many: int) -> list[Job]:
        found = (self.job(which + number) for number in range(many))
        return [job for job in found if job]

    def _money(self) -> object:
        """The books, and where each job was paid."""
        with connection.cursor() as cursor:
            cursor.execute("SELECT id, balance, held FROM jobs_budget ORDER BY id")
            budgets = cursor.fetchall()
            cursor.execute("SELECT id, payer_id, paid_project_id, charged FROM jobs_job")
            return self.books.facts(), budgets, sorted(cursor.fetchall(), key=str)
