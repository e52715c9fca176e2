"""One row of a table, held against all that the composer holds an order against."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from uuid import uuid4

from jobs import lifecycle
from jobs.forms.batches.choosing import Chosen, Problems, choose, project_named
from jobs.forms.batches.columns import NO, YES, field_of, typed
from jobs.forms.batches.reading import Record
from jobs.forms.fields import digits
from jobs.forms.ordering.composer import ComposerForm
from jobs.lifecycle import NotSubmitted, Submission
from jobs.lifecycle.ordering.preconditions import find_key
from jobs.models import Credential, Job, Project, User
from jobs.models.jobs.job_constraints import TAKES_MAX
from jobs.pricing import PriceList, catalogue
from jobs.providers import PROVIDERS, model_named
from jobs.providers.base import Mode

WHOLE = ""
"""What is wrong with a row and with no cell of it."""
CHOICES = ("aspect_ratio", "resolution", "duration")


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell as it was given, and what is wrong with it."""

    column: str
    text: str
    problems: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Row:
    """One row as it is shown before anything is ordered."""

    number: int
    cells: tuple[str, ...]
    shown: tuple[Cell, ...]
    """Beside the columns of the table those that it lacks, where something is wrong with them."""
    problems: Sequence[str]
    """Of the row as a whole."""
    submission: Submission | None
    """None where anything is wrong."""
    cost: int = 0
    """Of all its takes."""
    takes: int = 1
    same: Job | None = None
    """A video of the same prompt and settings."""
    twin: int | None = None
    """The number of a row above that is the same."""
    model: str = ""
    """Its model's name for people."""

    @property
    def is_right(self) -> bool:
        return self.submission is not None


@dataclass
class Checker:
    """What all rows are held against, read once."""

    user: User
    prices: PriceList = field(default_factory=PriceList)

    @cached_property
    def projects(self) -> dict[str, Project]:
        return {each.name_key: each for each in Project.objects.all()}

    @cached_property
    def usual(self) -> str:
        """The provider that the composer begins with."""
        keys = {each.provider for each in Credential.objects.usable_by(self.user)}
        return next((name for name in PROVIDERS if name in keys), next(iter(PROVIDERS)))

    @cached_property
    def without_key(self) -> dict[str, str]:
        """The providers that this person can't order at, and why."""
        found = {}
        for name in PROVIDERS:
            try:
                find_key(self.user, name, None)
            except NotSubmitted as error:
                found[name] = error.user_message
        return found

    @property
    def with_key(self) -> list[str]:
        """The other providers."""
        return [name for name in PROVIDERS if name not in self.without_key]

    def check(self, record: Record, columns: Sequence[str | None]) -> Row:
        """One row by itself."""
        values = {
            column: text for column, text in zip(columns, record.cells, strict=False) if column
        }
        fields = typed(values)
        chosen = choose(fields, self.usual)
        problems = chosen.problems
        if any(text.strip() for text in record.cells[len(columns) :]):
            said = f"This row has {len(record.cells)} cells for {len(columns)} columns."
            problems[WHOLE] = [f"{said} Put a text that holds the separator into quotation marks."]
        takes = _takes(fields.get("takes", ""), problems)
        submission = self._submission(fields, chosen)
        cost = self._cost(submission, problems)
        shown = [
            Cell(column or "", text, problems.pop(field_of(column or ""), ()))
            for column, text in zip(columns, _padded(record.cells, columns), strict=True)
            if column
        ]
        whole = [*problems.pop(WHOLE, ()), *(each for said in problems.values() for each in said)]
        is_wrong = whole or any(cell.problems for cell in shown)
        return Row(
            number=record.number,
            cells=_padded(record.cells, columns),
            shown=tuple(shown),
            problems=whole,
            submission=None if is_wrong else submission,
            cost=0 if is_wrong else cost * takes,
            takes=takes,
            model=_label(submission.model) or chosen.model.label,
        )

    def _submission(self, fields: dict[str, str], chosen: Chosen) -> Submission:
        model, problems = chosen.model, chosen.problems
        size = fields.get("resolution") or model.resolutions_in(Mode.TEXT)[0]
        ratios = model.ratios_in(Mode.TEXT, size) or model.aspect_ratios
        lengths = model.durations_at(size, Mode.TEXT) or model.durations
        data = {
            "submission_key": str(uuid4()),
            "mode": str(Mode.TEXT),
            "prompt": fields["prompt"],
            "provider": chosen.provider.name,
            "model": model.name,
            "resolution": size,
            "aspect_ratio": fields.get("aspect_ratio") or ratios[0],
            "duration": fields.get("duration") or str(lengths[-1]),
            "seed": fields.get("seed", ""),
            "watermark": fields.get("watermark", ""),
            "takes": fields.get("takes") or "1",
        }
        if _is_yes("translate", fields, problems, otherwise=True):
            data["translate"] = "on"
        if _is_yes("draft", fields, problems, otherwise=False):
            data["draft"] = "1"
        form = ComposerForm(data, user=self.user)
        form.drafts_at = self.with_key, self.prices
        if not form.is_valid():
            _note(form, data, problems)
        project = project_named(fields.get("project", ""), self.projects, problems)
        return replace(form.submission, project_id=project)

    def _cost(self, submission: Submission, problems: Problems) -> int:
        if problems:
            return 0
        if why := self.without_key.get(submission.provider):
            problems["provider"] = [why]
        cost = self.prices.of(submission)
        found = model_named(submission.model)
        if found and found[1].name in self.prices.withdrawn:
            problems["model"] = [catalogue.why_not(*found)]
        elif cost is None:
            problems["model"] = [lifecycle.NO_PRICE]
        return cost or 0


def _label(model: str) -> str:
    """Of a draft it is another model than the one that was chosen."""
    found = model_named(model)
    return found[1].label if found else ""


def _padded(cells: Sequence[str], columns: Sequence[str | None]) -> tuple[str, ...]:
    """As many cells as there are columns."""
    return tuple([*cells, *[""] * len(columns)][: len(columns)])


def _takes(text: str, problems: Problems) -> int:
    number = digits(text or "1")
    if number is None or not 1 <= number <= TAKES_MAX:
        problems["takes"] = [f"Write a number from 1 to {TAKES_MAX}."]
        return 1
    return number


def _is_yes(name: str, fields: dict[str, str], problems: Problems, *, otherwise: bool) -> bool:
    said = fields.get(name, "").casefold()
    if said and said not in YES | NO:
        problems[name] = ["Write yes or no."]
    return said not in NO if otherwise else said in YES


def _note(form: ComposerForm, data: dict[str, str], problems: Problems) -> None:
    """What the composer says of a row, in the house's words where a choice is none at all."""
    length = data["duration"]
    as_written = replace(
        form.submission,
        resolution=data["resolution"],
        aspect_ratio=data["aspect_ratio"],
        duration=int(length) if length.isascii() and length.isdigit() and len(length) < 6 else 0,
    )
    said = {each.field: each.message for each in lifecycle.check(form.user, as_written)}
    for name, errors in form.errors.items():
        sentences = [said[name]] if name in CHOICES and name in said else [*map(str, errors)]
        problems.setdefault(WHOLE if name == "__all__" else name, sentences)
