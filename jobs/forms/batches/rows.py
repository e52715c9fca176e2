"""A table, row by row: checked, priced, and compared with what was made before."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from itertools import chain

from django.conf import settings
from django.utils.text import get_text_list

from jobs import lifecycle
from jobs.batches import Line
from jobs.forms.batches.checking import Checker, Row
from jobs.forms.batches.columns import column_of
from jobs.forms.batches.reading import Record, Unreadable, records
from jobs.letters import isolated
from jobs.lifecycle import Submission
from jobs.lifecycle.ordering.takes import submission_of_take
from jobs.limits import Limit
from jobs.models import Job, User


class Table:
    """A table as it was handed in, with all that is wrong with it, or the orders that it holds."""

    def __init__(self, text: str, user: User) -> None:
        self.problem = ""
        """Why no row of it can be read; '' where they can."""
        self.columns: tuple[str, ...] = ()
        """Their names as given."""
        self.rows: list[Row] = []
        try:
            found = records(text)
            self._read(found, user)
        except Unreadable as error:
            self.problem = error.user_message

    @property
    def known(self) -> list[str]:
        """The columns that are understood, in their order."""
        return [column for name in self.columns if (column := column_of(name))]

    @property
    def unknown(self) -> list[str]:
        """The columns that are given back and not used."""
        return [name for name in self.columns if name.strip() and not column_of(name)]

    @property
    def is_right(self) -> bool:
        """All of it can be ordered."""
        return not self.problem and bool(self.rows) and all(row.is_right for row in self.rows)

    @property
    def videos(self) -> int:
        return sum(row.takes for row in self.rows)

    @property
    def wrong(self) -> list[Row]:
        return [row for row in self.rows if not row.is_right]

    @property
    def lines(self) -> list[Line]:
        """Its orders, for `batches.confirm`. Only of a table that is right."""
        return [
            Line(row.number, row.cells, row.submission, row.cost, row.takes)
            for row in self.rows
            if row.submission
        ]

    @property
    def made_before(self) -> list[Row]:
        return [row for row in self.rows if row.same]

    @property
    def seen(self) -> str:
        """The same for what looks the same: orders, prices, and what was made before."""
        facts = [
            (
                row.number,
                row.submission and row.submission.digest(),
                row.cost,
                row.takes,
                _id_of(row.same),
            )
            for row in self.rows
        ]
        return hashlib.sha256(json.dumps(facts).encode()).hexdigest()

    def _read(self, found: list[Record], user: User) -> None:
        if not found:
            raise Unreadable("This table is empty. Put a row for each video into it.")
        self.columns = found[0].cells
        _check_columns(self.columns)
        if len(found) == 1:
            raise Unreadable("This table has no rows below the names of its columns.")
        if len(found) - 1 > (most := most_rows()):
            raise Unreadable(
                f"This table has {len(found) - 1:,} rows, and {most:,} videos can be ordered at a "
                "time. Split it."
            )
        checker = Checker(user)
        columns = [column_of(name) for name in self.columns]
        self.rows = _compared(user, [checker.check(record, columns) for record in found[1:]])
        if self.videos > most:
            self.problem = (
                f"This table orders {self.videos:,} videos, and {most:,} can be ordered at a time. "
                "Split it."
            )


def most_rows() -> int:
    """The most videos that a table may order, so that one person may order as many at once."""
    most: int = settings.BATCH_ROWS_MAX
    rate = settings.LIMITS[Limit.ORDERS.name]
    return min(most, rate.most) if rate else most


def _compared(user: User, rows: list[Row]) -> list[Row]:
    """The rows with what was made of the same before, by others or further up."""
    takes = {row.number: _takes_of(row) for row in rows if row.submission}
    made = lifecycle.already_made_of(user, chain.from_iterable(takes.values()))
    first: dict[str, int] = {}
    compared = []
    for row in rows:
        alike = [take.likeness([]) for take in takes.get(row.number, ())]
        same = next((made[each] for each in alike if each in made), None)
        twin = next((first[each] for each in alike if each in first), None)
        compared.append(replace(row, same=same, twin=twin))
        for each in alike:
            first.setdefault(each, row.number)
    return compared


def _takes_of(row: Row) -> list[Submission]:
    """The order of each take: a chosen seed is the first one's."""
    places = range(1, row.takes + 1)
    return [submission_of_take(row.submission, place) for place in places if row.submission]


def _check_columns(names: Sequence[str]) -> None:
    columns = [column for name in names if (column := column_of(name))]
    twice = [column for column, number in Counter(columns).items() if number > 1]
    if twice:
        raise Unreadable(f"More than one column means {get_text_list(twice, 'and')}. Keep one.")
    if "prompt" not in columns:
        listed = get_text_list([isolated(name.strip()[:40]) for name in names[:6]], "and")
        raise Unreadable(
            f"No column is called prompt. The first row has to name the columns; here it is: "
            f"{listed}."
        )


def _id_of(job: Job | None) -> str:
    return str(job.pk) if job else ""
