"""The filters of the library, as they stand in its address."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django import forms
from django.db.models import Exists, OuterRef, Q
from django.http import QueryDict

from jobs.forms.fields import WordsField, day_field, digits, offer, search_words, tag_words
from jobs.forms.figures import FigureField
from jobs.library import MADE, SORTS, STATES, Sort, Sought
from jobs.library.sought import NO_PROJECT, SIZES
from jobs.models import Job, Project, User
from jobs.models.jobs.job_constraints import RATING_MAX
from jobs.models.team.user import labels_of
from jobs.providers import PROVIDERS
from jobs.providers.base import size_name
from jobs.templatetags.dailies import frame_rate

ME = "me"
"""Whoever looks: in a view of the team's it is somebody else for each."""
SOMEBODY_ELSE = "Somebody else"
RATES = ("24000/1001", "24", "25", "30000/1001", "30", "50", "60000/1001", "60")
SECONDS_MAX, MB_MAX = 36_000, 1_000_000
ANY = ("", "Any")
NEWEST = "newest"
TICKS = ("favorite", "draft", "shared", "picked", "extendable")


@dataclass(frozen=True, slots=True)
class Chip:
    """One filter that is on."""

    label: str
    value: str
    """Empty where the label says it all."""
    without: str
    """The address without it."""


def _number(label: str, most: int) -> FigureField:
    return FigureField(required=False, label=label, minimum=1, maximum=most)


class LibraryForm(forms.Form):
    """What narrows the library down, and its order; each may stay empty."""

    q = forms.CharField(required=False, label="Words")
    person = forms.ChoiceField(required=False, label="Made by")
    project = forms.ChoiceField(required=False, label="Project")
    state = forms.ChoiceField(required=False, label="State")
    made = forms.ChoiceField(required=False, label="Operation")
    provider = forms.ChoiceField(required=False, label="Provider")
    model = forms.ChoiceField(required=False, label="Model")
    ratio = forms.ChoiceField(required=False, label="Aspect ratio")
    size = forms.ChoiceField(required=False, label="Largest size")
    frame_rate = forms.ChoiceField(required=False, label="Frame rate")
    min_seconds = _number("Length at least (s)", SECONDS_MAX)
    max_seconds = _number("Length at most (s)", SECONDS_MAX)
    min_mb = _number("File at least (MB)", MB_MAX)
    first = day_field("From")
    last = day_field("To")
    rating = forms.ChoiceField(required=False, label="Rating")
    tag = WordsField(required=False, label="Tag")
    rejected = forms.ChoiceField(required=False, label="Rejected")
    favorite = forms.BooleanField(required=False, label="Favorites")
    draft = forms.BooleanField(required=False, label="Drafts")
    shared = forms.BooleanField(required=False, label="On an open link")
    picked = forms.BooleanField(required=False, label="Picked by a client")
    extendable = forms.BooleanField(required=False, label="Can still be extended")
    sort = forms.ChoiceField(required=False, label="Sort", widget=forms.HiddenInput)

    def __init__(self, data: QueryDict, *, user: User) -> None:
        super().__init__(data, auto_id="find-%s")
        self.user = user
        for name, choices in self._choices():
            offer(self, name, choices)

    # ── What was asked for ─────────────────────────────────────────────────────────────────────
    def clean_q(self) -> str:
        return search_words(self.cleaned_data["q"])

    def clean_tag(self) -> str:
        return tag_words(self.cleaned_data["tag"])

    def clean(self) -> dict[str, Any]:
        data = self.cleaned_data
        for least, most, words in (
            ("first", "last", "This is before the first day."),
            ("min_seconds", "max_seconds", "This is shorter than the least."),
        ):
            if data.get(least) and data.get(most) and data[most] < data[least]:
                self.add_error(most, words)
        return data

    @property
    def sought(self) -> Sought:
        """Of a form that is valid."""
        data = dict(self.cleaned_data)
        del data["sort"]
        person, project = data.pop("person"), data.pop("project")
        return Sought(
            words=data.pop("q"),
            person=self.user.pk if person == ME else digits(person),
            project=digits(project),
            rating=int(data.pop("rating") or 0),
            **data,
        )

    @property
    def order(self) -> Sort:
        return SORTS[self.sort_name]

    @property
    def sort_name(self) -> str:
        return self.cleaned_data.get("sort") or NEWEST

    @property
    def sorts(self) -> list[tuple[str, str, str]]:
        """Each order by its name, in words, and its address."""
        return [
            (name, sort.label, self._address(sort="" if name == NEWEST else name))
            for name, sort in SORTS.items()
        ]

    # ── Its address, and what is on ────────────────────────────────────────────────────────────
    @property
    def query(self) -> str:
        """The whole of it as it stands in an address: the same for all that ask for the same."""
        return self._address()

    @property
    def is_narrowed(self) -> bool:
        return any(self._asked(name) for name in self.fields if name != "sort")

    @property
    def chips(self) -> list[Chip]:
        """What is on, in the order of the fields."""
        return [
            Chip(str(self.fields[name].label), self._said(name), self._address(**{name: ""}))
            for name in self.fields
            if name != "sort" and name not in self.errors and self._asked(name)
        ]

    @property
    def mistakes(self) -> list[tuple[str, str]]:
        """The fields that cannot be understood, and why."""
        return [
            (str(self.fields[name].label), str(error))
            for name, errors in self.errors.items()
            for error in errors
        ]

    @property
    def selects(self) -> Iterator[forms.BoundField]:
        return (self[name] for name in self.fields if name not in ("q", "tag", "sort", *TICKS))

    @property
    def beside_words(self) -> list[tuple[str, str]]:
        """All that the address asks for but the words."""
        return [(name, said) for name in self.fields if name != "q" and (said := self._asked(name))]

    @property
    def ticks(self) -> list[forms.BoundField]:
        return [self[name] for name in TICKS]

    def _asked(self, name: str) -> str:
        """What the address says, of what can be understood and of what cannot."""
        said = str(self.data.get(name, "")).strip()
        if name in TICKS:
            return "on" if self.cleaned_data.get(name) else ""
        return said

    def _address(self, **instead: str) -> str:
        told = QueryDict(mutable=True)
        for name in self.fields:
            if said := instead.get(name, self._asked(name)):
                told[name] = said
        return told.urlencode()

    def _said(self, name: str) -> str:
        if name in TICKS:
            return ""
        said = self._asked(name)
        return dict(getattr(self.fields[name], "choices", ())).get(said) or said

    # ── What there is to choose ────────────────────────────────────────────────────────────────
    def _choices(self) -> Iterator[tuple[str, list[tuple[str, str]]]]:
        models = [model for provider in PROVIDERS.values() for model in provider.models]
        ratios = dict.fromkeys(ratio for model in models for ratio in model.aspect_ratios)
        stars = [str(number) for number in range(1, RATING_MAX + 1)]
        yield "person", [("", "Anybody"), (ME, "Me"), *self._people()]
        yield "project", [ANY, (str(NO_PROJECT), "No project"), *self._projects()]
        yield "state", [ANY, *((name, label) for name, (label, _) in STATES.items())]
        yield "made", [ANY, *((name, label) for name, (label, _) in MADE.items())]
        yield "provider", [ANY, *((each.name, each.label) for each in PROVIDERS.values())]
        yield "model", [ANY, *((model.name, model.label) for model in models)]
        yield "ratio", [ANY, *((ratio, ratio) for ratio in ratios)]
        yield "size", [ANY, *((size, size_name(size)) for size in SIZES)]
        yield "frame_rate", [ANY, *((rate, frame_rate(rate)) for rate in RATES)]
        yield "rating", [ANY, *((n, n if n == stars[-1] else f"{n} or more") for n in stars)]
        yield "rejected", [("", "Shown"), ("hide", "Hidden"), ("only", "Nothing else")]
        yield "sort", [("", ""), *((name, sort.label) for name, sort in SORTS.items())]

    def _people(self) -> list[tuple[str, str]]:
        if self.user.is_admin:
            return [(str(pk), label) for pk, label in labels_of(User.objects.all())]
        # Of a colleague they know what is filed under a project.
        filed = Job.objects.filter(owner=OuterRef("pk"), project__isnull=False)
        people = labels_of(User.objects.filter(Exists(filed) | Q(pk=self.user.pk)))
        known = {str(pk): label for pk, label in people}
        # A view of the team's, or a colleague's link, may name somebody else, or who has left:
        # whoever that is, nothing of theirs is found, and nobody learns whether they exist.
        asked = digits(self._asked("person"))
        return [*{**({str(asked): SOMEBODY_ELSE} if asked else {}), **known}.items()]

    def _projects(self) -> Iterator[tuple[str, str]]:
        return ((str(each.pk), each.name) for each in Project.objects.order_by("name_key"))
