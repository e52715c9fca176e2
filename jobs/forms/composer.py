"""The form of a new video."""

from __future__ import annotations

from typing import Any
from uuid import UUID, uuid4

from django import forms

from jobs import pricing
from jobs.forms.fields import PromptField, digits
from jobs.lifecycle import Submission
from jobs.models import Project
from jobs.providers import PROVIDERS
from jobs.providers.base import Model

PROMPT_LENGTH_MAX = 5000
SEED_MIN, SEED_MAX = 10_000, 99_999


def _all(field: str) -> list[tuple[str, str]]:
    """Every value any model offers: which of them fit together is checked afterwards."""
    values: dict[str, str] = {}
    for provider in PROVIDERS.values():
        for model in provider.models:
            values.update((str(v), str(v)) for v in getattr(model, field))
    return list(values.items())


class ComposerForm(forms.Form):
    """A new video from text."""

    submission_key = forms.UUIDField(widget=forms.HiddenInput)
    prompt = PromptField(
        max_length=PROMPT_LENGTH_MAX,
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
    seed = forms.CharField(
        required=False,
        max_length=12,
        widget=forms.TextInput(attrs={"inputmode": "numeric", "placeholder": "Random"}),
    )
    watermark = forms.CharField(required=False, max_length=80)
    translate = forms.BooleanField(required=False, label="Translate prompt to English")
    project = forms.ModelChoiceField(
        queryset=Project.objects.none(), required=False, empty_label="No project"
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        models = {m.name: m.label for p in PROVIDERS.values() for m in p.models}
        choices: dict[str, list[tuple[str, str]]] = {
            "provider": [(p.name, p.label) for p in PROVIDERS.values()],
            "model": list(models.items()),
            "aspect_ratio": _all("aspect_ratios"),
            "resolution": _all("resolutions"),
            "duration": [(value, f"{value} s") for value, _ in _all("durations")],
        }
        for name, values in choices.items():
            field = self.fields[name]
            if isinstance(field, forms.ChoiceField):
                field.choices = values
        project = self.fields["project"]
        if isinstance(project, forms.ModelChoiceField):
            project.queryset = Project.objects.all()

    @staticmethod
    def defaults(provider: str = "kie") -> dict[str, Any]:
        """A fresh form's values: the cheapest sensible choice, and a key of its own."""
        models = PROVIDERS[provider].models
        model = next((m for m in models if m.name == "veo3_fast"), models[0])
        return {
            "submission_key": uuid4(),
            "provider": provider,
            "model": model.name,
            "aspect_ratio": model.aspect_ratios[0],
            "resolution": model.resolutions[0],
            "duration": model.durations[-1],
            "translate": True,
        }

    def clean_seed(self) -> int | None:
        text = self.cleaned_data["seed"].strip()
        if not text:
            return None
        seed = digits(text)
        if seed is None or not SEED_MIN <= seed <= SEED_MAX:
            raise forms.ValidationError("A seed is a whole number from 10000 to 99999.")
        return seed

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = self.cleaned_data
        model = self._model(data)
        if model is None:
            return data
        offers: list[tuple[str, tuple[Any, ...], str]] = [
            ("aspect_ratio", model.aspect_ratios, "aspect ratio"),
            ("resolution", model.resolutions, "resolution"),
            ("duration", model.durations_at(data.get("resolution", "")), "length"),
        ]
        for field, values, word in offers:
            if field in data and data[field] not in values:
                listed = ", ".join(str(value) for value in values)
                self.add_error(field, f"{model.label} offers this {word} here: {listed}.")
        return data

    def _model(self, data: dict[str, Any]) -> Model | None:
        provider = PROVIDERS.get(data.get("provider", ""))
        if provider is None or "model" not in data:
            return None
        for model in provider.models:
            if model.name == data["model"]:
                return model
        self.add_error("model", f"{provider.label} has no such model. Choose another.")
        return None

    @property
    def cost(self) -> int | None:
        """Credits for the settings as they stand in the form; None where they have no price."""
        chosen = [str(self[name].value()) for name in ("provider", "model", "resolution")]
        if not all(value.isprintable() for value in chosen):
            return None
        provider, model, resolution = chosen
        try:
            return pricing.quote(
                provider=provider,
                kind="generate",
                model=model,
                mode="text",
                resolution=resolution,
            )
        except pricing.PriceUnknown:
            return None

    @property
    def submission(self) -> Submission:
        """What is asked for. Only of a valid form."""
        data = self.cleaned_data
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
        )

    @property
    def key(self) -> UUID:
        """The submission key. Only of a valid form."""
        key: UUID = self.cleaned_data["submission_key"]
        return key
