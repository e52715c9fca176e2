"""Tables of orders: confirmed, confirmed again, gone on with by any worker, and stopped."""

from __future__ import annotations

from contextlib import suppress
from uuid import UUID, uuid4

from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule

from jobs import batches, lifecycle
from jobs.batches import Line
from jobs.models import Batch, User
from tests.promises.account import OMNI, PRICES
from tests.promises.stage import Mishap, Stage, long_mishaps, numbers
from tests.support import factories

Orders = list[tuple[str, int]]
orders = st.tuples(st.sampled_from(["veo3_lite", "veo3_fast", OMNI]), st.sampled_from([1, 1, 2]))
"""The model and the number of takes of each row."""
tables = st.lists(orders, min_size=1, max_size=3)
choices = st.sampled_from([Batch.Choice.ALL, Batch.Choice.FITTING])


class Tables(Stage):
    """Members who order many videos at once."""

    @rule(who=numbers, orders=tables, filed=st.booleans(), choice=choices, mishap=long_mishaps)
    def order_a_table(
        self,
        who: int,
        orders: Orders,
        filed: bool,
        choice: Batch.Choice,
        mishap: Mishap,
    ) -> None:
        by = self.nth(self.active(), who)
        batch = batches.keep(by, f"Table {len(self.tables)}", key=uuid4(), name="shots.csv")
        self.tables[batch.pk] = self._lines(orders, filed)
        self._confirm(by, batch.pk, choice, mishap)

    @precondition(lambda self: self.tables)
    @rule(which=numbers, choice=choices, mishap=long_mishaps)
    def confirm_it_again(self, which: int, choice: Batch.Choice, mishap: Mishap) -> None:
        """In another tab, or once more after all or nothing was nothing."""
        batch = Batch.objects.get(pk=self.nth(list(self.tables), which))
        if batch.owner in self.active():
            self._confirm(batch.owner, batch.pk, choice, mishap)

    @precondition(lambda self: self.tables)
    @rule(which=numbers, mishap=long_mishaps, twice=st.booleans())
    def go_on_with_a_table(self, which: int, mishap: Mishap, twice: bool) -> None:
        pk = self.nth(list(self.tables), which)
        with self.trouble.ahead(*(mishap or ())):
            batches.go_on(pk)
        if twice:
            batches.go_on(pk)
        for row in Batch.objects.get(pk=pk).rows.exclude(job=None):
            if row.job:
                self.remember(row.job)

    @precondition(lambda self: self.tables)
    @rule(which=numbers, mishap=long_mishaps)
    def stop_a_table(self, which: int, mishap: Mishap) -> None:
        batch = Batch.objects.get(pk=self.nth(list(self.tables), which))
        with self.trouble.ahead(*(mishap or ())):
            batches.stop(batch)

    def _lines(self, orders: Orders, filed: bool) -> list[Line]:
        project = self.cast.project.pk if filed else None
        lines = []
        for number, (model, takes) in enumerate(orders, 2):
            prompt = f"Table {len(self.tables)}, {number}"
            idea = factories.submission(prompt=prompt, model=model, project_id=project)
            lines.append(Line(number, (prompt,), idea, takes * PRICES[model], takes))
        return lines

    def _confirm(self, by: User, pk: UUID, choice: Batch.Choice, mishap: Mishap) -> None:
        """Confirmed or not, nothing of it is ordered by that."""
        batch, before = Batch.objects.get(pk=pk), self.books.facts()
        with self.trouble.ahead(*(mishap or ())), suppress(lifecycle.NotSubmitted):
            batches.confirm(batch, self.tables[pk], columns=["prompt"], choice=choice)
        assert self.books.facts() == before
