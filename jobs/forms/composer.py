"""The form of a new video."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cached_property
from typing import Any

from django import forms
from django.conf import settings

from jobs.forms.fields import (
    PromptField,
    SeedField,
    WordsField,
    check_prompt,
    check_seed,
    digits,
    offer,
)
from jobs.forms.images import GONE, ImageIds, Thumb, in_order, label, most_images, problem
from jobs.forms.order import OrderForm
from jobs.lifecycle import Submission
from jobs.models import Image, Project, User
from jobs.providers import PROVIDERS
from jobs.providers.base import Mode
from jobs.providers.declarations import Model, Provider

MODES = {Mode.TEXT: "Text", Mode.FRAMES: "Frames", Mode.REFERENCES: "References"}
NOT_OFFERED = {
    "aspect_ratio": "{model} offers these aspect ratios here: {listed}.",
    "resolution": "{model} offers these resolutions: {listed}.",
    "duration": "{model} offers these lengths here: {listed}.",
}


def _all(field: str) -> list[tuple[str, str]]:
    """Every value any model offers: which of them fit together is checked afterwards."""
    values: dict[str, str] = {}
    for provider in PROVIDERS.values():
        for model in provider.models:
            values.update((str(v), str(v)) for v in getattr(model, field))
    return list(values.items())


def find_model(provider: str, name: str) -> Model | None:
    """The model of that name, if the provider has it."""
    return PROVIDERS[provider].model(name) if provider in PROVIDERS else None


class ComposerForm(OrderForm):
    """A new video, from text alone or from images."""

    mode = forms.ChoiceField(
        widget=forms.RadioSelect,
        required=False,
        choices=[(str(mode), name) for mode, name in MODES.items()],
    )
    images = ImageIds(required=False)
    prompt = PromptField(
        widget=forms.Textarea(
            attrs={
                "rows": 3,
                "placeholder": "Describe the shot: subject, camera move, light, lens…",
            }
        ),
        error_messages={"required": "Describe the video you want to make."},
    )
    provider = forms.ChoiceField()
    model = forms.ChoiceField()
    aspect_ratio = forms.ChoiceField(widget=forms.RadioSelect, label="Aspect ratio")
    resolution = forms.ChoiceField(widget=forms.RadioSelect)
    duration = forms.TypedChoiceField(widget=forms.RadioSelect, coerce=int)
    seed = SeedField()
    watermark = WordsField(required=False, max_length=80)
    translate = forms.BooleanField(required=False, label="Translate prompt to English")
    project = forms.ModelChoiceField(
        queryset=Project.objects.none(), required=False, empty_label="No project"
    )

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.user = user
        models = {m.name: m.label for p in PROVIDERS.values() for m in p.models}
        choices: dict[str, list[tuple[str, str]]] = {
            "provider": [(p.name, p.label) for p in PROVIDERS.values()],
            "model": list(models.items()),
            "aspect_ratio": _all("aspect_ratios"),
            "resolution": _all("resolutions"),
            "duration": [(value, f"{value} s") for value, _ in _all("durations")],
        }
        for name, values in choices.items():
            offer(self, name, values)
        offer(self, "project", Project.objects.all())

    def offer_projects(self, projects: Iterable[Project]) -> None:
        """Show these, which the page has read anyway, instead of asking for them again."""
        field = self.fields["project"]
        if isinstance(field, forms.ModelChoiceField):
            none = ("", field.empty_label or "")
            field.choices = [none, *((each.pk, each.name) for each in projects)]

    @staticmethod
    def defaults(provider: str = "") -> dict[str, Any]:
        """A fresh form's values: the usual choice, and a key of its own."""
        provider = provider or next(iter(PROVIDERS))
        model = PROVIDERS[provider].models[0]
        return {
            **OrderForm.fresh_key(),
            "mode": str(Mode.TEXT),
            "provider": provider,
            "model": model.name,
            "aspect_ratio": model.aspect_ratios[0],
            "resolution": model.resolutions[0],
            "duration": model.durations[-1],
            "translate": True,
        }

    def clean_mode(self) -> str:
        return self.cleaned_data["mode"] or str(Mode.TEXT)

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = self.cleaned_data
        model = self._model(data)
        if model is None:
            return data
        check_prompt(self, model)
        check_seed(self, model)
        if "mode" not in data:
            return data
        mode, resolution = data["mode"], data.get("resolution", "")
        if mode not in model.modes:
            listed = ", ".join(MODES[each] for each in model.modes)
            self.add_error("mode", f"{model.label} offers these modes: {listed}.")
            return data
        self._check_images(PROVIDERS[data["provider"]], model, mode)
        if resolution not in model.resolutions_in(mode):
            resolution = model.resolutions_in(mode)[0]
        offers: dict[str, tuple[Any, ...]] = {
            "aspect_ratio": model.ratios_in(mode, resolution),
            "resolution": model.resolutions_in(mode),
            "duration": model.durations_at(resolution, mode),
        }
        for field, values in offers.items():
            if field in data and data[field] not in values:
                listed = ", ".join(str(value) for value in values)
                if why_not := model.why_not.get(str(data[field])):
                    self.add_error(field, f"{why_not} Choose {listed}.")
                else:
                    said = NOT_OFFERED[field].format(model=model.label, listed=listed)
                    self.add_error(field, said)
        return data

    def _check_images(self, provider: Provider, model: Model, mode: str) -> None:
        if mode == Mode.TEXT or "images" not in self.cleaned_data:
            return
        ids = self.cleaned_data["images"]
        if len(in_order(self.user, ids)) < len(ids):
            self.add_error("images", GONE)
        elif why := problem(model, mode, len(ids)):
            self.add_error("images", why)
        if not provider.takes_uploads and not settings.CALLBACK_BASE:
            self.add_error(
                "images", f"{provider.label} fetches images from a public address. Set PUBLIC_URL."
            )

    def _model(self, data: dict[str, Any]) -> Model | None:
        if "provider" not in data or "model" not in data:
            return None
        model = find_model(data["provider"], data["model"])
        if model is None:
            label = PROVIDERS[data["provider"]].label
            self.add_error("model", f"{label} doesn’t offer this model. Choose another.")
        return model

    @property
    def prompt_length_max(self) -> int:
        """The most characters that any model takes; a stricter one is checked once it is chosen."""
        return max(m.prompt_length_max for p in PROVIDERS.values() for m in p.models)

    @property
    def chosen(self) -> dict[str, str]:
        """Provider, model, mode and resolution as they stand in the form, sensible or not."""
        names = ("provider", "model", "mode", "resolution")
        values = {name: str(self[name].value() or "") for name in names}
        values["mode"] = values["mode"] or str(Mode.TEXT)
        return {name: value if value.isprintable() else "" for name, value in values.items()}

    @property
    def chosen_project(self) -> int | None:
        """The id of the project as it stands in the form."""
        return digits(str(self["project"].value() or ""))

    @cached_property
    def thumbs(self) -> list[Thumb]:
        """The images as they stand in the form, each in its place; what is gone is left out."""
        mode = self.chosen["mode"]
        images: list[Image] = in_order(self.user, self["images"].value() or [])
        return [Thumb(image, number, label(mode, number)) for number, image in enumerate(images, 1)]

    @property
    def next_label(self) -> str:
        """The purpose of the next image; '' where the model takes no more."""
        chosen, number = self.chosen, len(self.thumbs) + 1
        model, mode = find_model(chosen["provider"], chosen["model"]), chosen["mode"]
        most = {str(each): count for each, count in model.images.items()} if model else {}
        return label(mode, number) if number <= most.get(mode, most_images()) else ""

    @property
    def submission(self) -> Submission:
        """The order that was put together. Only of a valid form."""
        data = self.cleaned_data
        mode = data["mode"]
        return Submission(
            provider=data["provider"],
            model=data["model"],
            prompt=data["prompt"],
            aspect_ratio=data["aspect_ratio"],
            resolution=data["resolution"],
            duration=data["duration"],
            seed=data["seed"],
            translate=data["translate"],
            watermark=data["watermark"],
            project_id=data["project"].pk if data["project"] else None,
            mode=mode,
            image_ids=() if mode == Mode.TEXT else tuple(data["images"]),
        )
