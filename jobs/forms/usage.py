"""The days and jobs that a usage page is about."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

from django import forms

from jobs import letters
from jobs.forms.fields import day_field, offer
from jobs.ledger import today
from jobs.ledger.periods import period_of
from jobs.models import Team, User
from jobs.times.months import month_after, months_before
from jobs.usage import DIMENSIONS, UsageFilter, labels

MONTHS_OFFERED = 13
LAST_30 = "30"
DATES = "dates"


class UsageForm(forms.Form):
    """The filters of the usage page; each may stay empty, and then does not narrow anything."""

    period = forms.ChoiceField(required=False, label="Period")
    start = day_field("From")
    end = day_field("To")
    by = forms.ChoiceField(required=False, widget=forms.HiddenInput)
    person = forms.ChoiceField(required=False, label="Person")
    project = forms.ChoiceField(required=False, label="Project")
    provider = forms.ChoiceField(required=False, label="Provider")
    model = forms.ChoiceField(required=False, label="Model")
    kind = forms.ChoiceField(required=False, label="Operation")
    practice = forms.ChoiceField(required=False, label="Real or practice")

    FILTERS = ("person", "project", "provider", "model", "kind", "practice")

    def __init__(self, data: Any, *, user: User) -> None:
        super().__init__(data, auto_id="usage-%s")
        self.user = user
        self.today = today()
        self.words: dict[str, dict[str, str]] = {}
        """The words for each value that can be chosen, by field."""
        self._offer("practice", [("", "Both"), ("real", "Real"), ("practice", "Practice")])
        self._offer("period", [*self._periods()])
        # It stands in the bar over the page, away from the form it belongs to.
        self.fields["period"].widget.attrs |= {"form": "usage-filters", "data-submits": DATES}
        self._offer("by", [(name, label) for name, label in self.dimensions.items()])
        for name in ("person", "project", "provider", "model", "kind"):
            if name == "person" and not user.is_admin:
                # There is nothing to choose: members see what is theirs.
                del self.fields["person"]
                continue
            known = [(str(key), label) for key, label in labels(name).items()]
            known.sort(key=lambda pair: (pair[0] != "0", letters.name_key(pair[1])))
            self._offer(name, [("", "All"), *known])

    @property
    def filters(self) -> list[forms.BoundField]:
        """The fields that narrow the figures down, beside the days."""
        return [self[name] for name in self.FILTERS if name in self.fields]

    @property
    def dimensions(self) -> dict[str, str]:
        """The ways to divide the figures: for a member not by person, who is always them."""
        return {
            name: label
            for name, label in DIMENSIONS.items()
            if self.user.is_admin or name != "person"
        }

    def clean(self) -> dict[str, Any]:
        data = self.cleaned_data
        if data.get("period") == DATES:
            start, end = data.get("start"), data.get("end")
            for name, value in (("start", start), ("end", end)):
                if value is None and name not in self.errors:
                    self.add_error(name, "Enter a date.")
            if start and end and end < start:
                self.add_error("end", "This is before the start date.")
            elif start and end and (end - start).days > 3660:
                self.add_error("end", "Choose ten years at most.")
        return data

    @property
    def is_running_period(self) -> bool:
        return not self.cleaned_data.get("period")

    @property
    def wanted(self) -> UsageFilter:
        """The days and jobs that were asked for; in place of what makes no sense, the usual."""
        data = {name: value for name, value in self.cleaned_data.items() if name not in self.errors}
        start, end = self._range(data)
        project = data.get("project", "")
        person = data.get("person", "")
        return UsageFilter(
            start=start,
            end=end,
            by=data.get("by") or next(iter(self.dimensions)),
            person=(int(person) if person else None) if self.user.is_admin else self.user.pk,
            project=int(project) if project else None,
            provider=data.get("provider", ""),
            model=data.get("model", ""),
            kind=data.get("kind", ""),
            practice={"real": False, "practice": True}.get(data.get("practice", "")),
        )

    def _range(self, data: dict[str, Any]) -> tuple[date, date]:
        period = data.get("period", "")
        if period == DATES and data.get("start") and data.get("end"):
            return data["start"], data["end"]
        if period == LAST_30:
            return self.today - timedelta(days=29), self.today
        if len(period) == 4:
            year = int(period)
            return date(year, 1, 1), date(year, 12, 31)
        if len(period) == 7:
            first = date.fromisoformat(f"{period}-01")
            return first, month_after(first) - timedelta(days=1)
        start, until = period_of(self.today, Team.current().reset_day)
        return start, until - timedelta(days=1)

    def _periods(self) -> Iterator[tuple[str, str]]:
        yield "", "This period"
        yield LAST_30, "Last 30 days"
        for number in range(MONTHS_OFFERED):
            first = months_before(self.today, number)
            yield f"{first:%Y-%m}", f"{first:%B %Y}"
        for year in range(self.today.year, self.today.year - 3, -1):
            yield str(year), f"The year {year}"
        yield DATES, "From … to …"

    def _offer(self, name: str, choices: list[tuple[str, str]]) -> None:
        self.words[name] = dict(choices)
        offer(self, name, choices)
