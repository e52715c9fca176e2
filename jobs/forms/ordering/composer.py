"""The form of a new video."""

from __future__ import annotations

from collections.abc import Container, Iterable
from functools import cached_property
from typing import Any

from django import forms

from jobs import lifecycle
from jobs.forms.fields import (
    Choices,
    ProjectField,
    PromptField,
    SeedField,
    WordsField,
    choices_in,
    digits,
    offer,
)
from jobs.forms.figures import FigureField
from jobs.forms.ordering import composed, offered
from jobs.forms.ordering.images import ImageIds, Thumb, in_order, most_images, next_label, thumbs
from jobs.forms.ordering.order import OrderForm, report
from jobs.lifecycle import WITHOUT_WORDS, Submission
from jobs.models import Image, Project, User
from jobs.models.jobs.job_constraints import TAKES_MAX
from jobs.pricing import PriceList
from jobs.providers import PROVIDERS
from jobs.providers.base import Kind, Mode
from jobs.providers.models import OWN_LENGTH, Model

SECONDS_MAX = 24 * 3600


class ComposerForm(OrderForm):
    """A new video, from text alone or from images."""

    mode = forms.ChoiceField(
        widget=forms.RadioSelect,
        required=False,
        choices=[(str(mode), name) for mode, name in offered.MODES.items()],
    )
    images = ImageIds(required=False)
    span_start = FigureField(minimum=0, maximum=SECONDS_MAX, required=False)
    span_end = FigureField(minimum=0, maximum=SECONDS_MAX, required=False)
    prompt = PromptField(
        widget=forms.Textarea(
            attrs={
                "rows": 3,
                "placeholder": "Describe the shot: subject, camera move, light, lens…",
            }
        ),
        error_messages={"required": WITHOUT_WORDS[Kind.GENERATE]},
    )
    model = forms.ChoiceField()
    aspect_ratio = forms.ChoiceField(widget=forms.RadioSelect, label="Aspect ratio")
    resolution = forms.ChoiceField(widget=forms.RadioSelect)
    duration = forms.TypedChoiceField(widget=forms.RadioSelect, coerce=int)
    takes = forms.TypedChoiceField(
        widget=forms.RadioSelect,
        required=False,
        coerce=int,
        empty_value="1",
        choices=[(number, str(number)) for number in range(1, TAKES_MAX + 1)],
    )
    seed = SeedField()
    watermark = WordsField(required=False, max_length=80)
    translate = forms.BooleanField(required=False, label="Translate prompt to English")
    reason = WordsField(required=False, max_length=200)
    project = ProjectField()

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.user = user
        self.drafts_at: tuple[Container[str], PriceList] = (PROVIDERS, PriceList())
        """The providers that a draft may be ordered of, and the prices by which it is chosen."""
        self.offer_models(PROVIDERS)
        for name, values in offered.anywhere().items():
            offer(self, name, values)
        offer(self, "project", Project.objects.open())

    def offer_projects(self, projects: Iterable[Project]) -> None:
        """Show these, which the page has read anyway, instead of asking for them again."""
        field = self.fields["project"]
        if isinstance(field, ProjectField):
            field.show(projects)

    def offer_models(self, usable: Container[str], withdrawn: Container[str] = ()) -> None:
        """Offer every model under the name of its provider, and say of which there is no key.

        Of those that were withdrawn only the chosen one is seen, and what is wrong with it.
        """
        offer(self, "model", offered.models(usable, withdrawn, chosen=self.chosen["model"]))

    @staticmethod
    def defaults(provider: str = "") -> dict[str, Any]:
        """A fresh form's values: the usual choice, and a key of its own."""
        return {**OrderForm.fresh_key(), **offered.usual(provider)}

    def clean_mode(self) -> str:
        return self.cleaned_data["mode"] or str(Mode.TEXT)

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = self.cleaned_data
        if self.wants_draft and not self.errors and not self._draft:
            self.add_error(None, lifecycle.NO_DRAFT)
        elif "model" in data:
            report(self, lifecycle.check(self.user, self.submission, int(data.get("takes", 1))))
        return data

    @property
    def prompt_length_max(self) -> int:
        """The most characters that any model takes; a stricter one is checked once it is chosen."""
        return max(m.prompt_length_max for p in PROVIDERS.values() for m in p.models)

    @property
    def choices(self) -> dict[str, Choices]:
        """The fields that are rows of choices, as they stand in the form."""
        rows = ("mode", "aspect_ratio", "takes", "resolution", "duration")
        return {name: choices_in(self[name]) for name in rows}

    @cached_property
    def chosen(self) -> dict[str, str]:
        """Provider, model, mode and resolution as they stand in the form, sensible or not."""
        names = ("model", "mode", "resolution")
        values = {name: str(self[name].value() or "") for name in names}
        values["mode"] = values["mode"] or str(Mode.TEXT)
        values["provider"] = offered.provider_of(values["model"])
        return {name: value if value.isprintable() else "" for name, value in values.items()}

    @property
    def may_park(self) -> bool:
        """The person has seen that it takes an admin's approval, or the form has not said."""
        return bool(self.data.get("asks") != "0")

    @property
    def has_more(self) -> bool:
        """Something is set of what is rarely used, or wrong with it."""
        is_set = self["seed"].value() or self["watermark"].value() or not self["translate"].value()
        return bool(is_set or self["seed"].errors or self["watermark"].errors)

    @property
    def chosen_takes(self) -> int:
        """The number of takes as it stands in the form; 1 for what is none."""
        number = digits(str(self["takes"].value() or "")) or 1
        return number if number <= TAKES_MAX else 1

    @property
    def chosen_duration(self) -> int:
        """Seconds as they stand in the form; 0 for what is no number."""
        if self.chosen["mode"] == Mode.VIDEO:
            return OWN_LENGTH
        return digits(str(self["duration"].value() or "")) or 0

    @property
    def take_count(self) -> int:
        """The number of takes. Only of a valid form."""
        return int(self.cleaned_data["takes"])

    @property
    def chosen_project(self) -> int | None:
        """The id of the project as it stands in the form."""
        return digits(str(self["project"].value() or ""))

    @cached_property
    def thumbs(self) -> list[Thumb]:
        """The images as they stand in the form, each in its place; what is gone is left out."""
        images: list[Image] = in_order(self.user, self["images"].value() or [])
        return thumbs(images, self.chosen["mode"])

    @property
    def film(self) -> Image | None:
        """The film that is to be changed, where one was chosen."""
        return next((thumb.image for thumb in self.thumbs if thumb.image.is_film), None)

    @property
    def shown_span(self) -> tuple[Any, Any]:
        """The part of it that stands in the form: as it was typed, else the usual one."""
        start, end = self["span_start"].value(), self["span_end"].value()
        if self.film:
            usual = lifecycle.usual_span(self.film, self._model)
            start, end = usual[0] if start in (None, "") else start, end or usual[1]
        return start, end

    @property
    def next_label(self) -> str:
        """The purpose of the next image; '' where the model takes no more."""
        model, mode = self._model, self.chosen["mode"]
        most = {str(each): count for each, count in model.images.items()} if model else {}
        images = [thumb.image for thumb in self.thumbs]
        return next_label(images, mode, most.get(mode, most_images()))

    @property
    def _model(self) -> Model | None:
        return offered.find_model(self.chosen["provider"], self.chosen["model"])

    @property
    def wants_draft(self) -> bool:
        """It was sent by the button that orders a draft."""
        return bool(self.data.get("draft"))

    @property
    def button(self) -> str:
        """The button by which it was sent, in words."""
        return "Draft" if self.wants_draft else "Generate"

    @property
    def seen_cost(self) -> int | None:
        """Of a draft, the price that its own button showed."""
        return digits(self.data.get("seen_draft", "")) if self.wants_draft else super().seen_cost

    @property
    def submission(self) -> Submission:
        """The order as far as it can be read; of a valid form, all of it."""
        return (self._draft if self.wants_draft else None) or self._in_full

    @cached_property
    def _draft(self) -> Submission | None:
        return lifecycle.draft_of(self._in_full, *self.drafts_at)

    @property
    def draft_as_it_stands(self) -> Submission | None:
        """The draft of what stands in the form, sensible or not; None where there is none."""
        chosen = self.chosen
        wanted = Submission(
            provider=chosen["provider"],
            model=chosen["model"],
            mode=chosen["mode"],
            prompt=str(self["prompt"].value() or ""),
            aspect_ratio=str(self["aspect_ratio"].value() or ""),
            resolution=chosen["resolution"],
            duration=self.chosen_duration,
            seed=digits(str(self["seed"].value() or "")),
            watermark=str(self["watermark"].value() or ""),
            image_ids=() if chosen["mode"] == Mode.TEXT else self._image_ids,
        )
        return lifecycle.draft_of(wanted, *self.drafts_at)

    @property
    def _image_ids(self) -> tuple[str, ...]:
        return tuple(map(str, self["images"].value() or ()))

    @property
    def _in_full(self) -> Submission:
        """The order of the model and size that stand in the form."""
        is_change = self.cleaned_data.get("mode") == Mode.VIDEO
        film = self.film if is_change else None
        return composed.in_full(self.cleaned_data, film, self._model)
