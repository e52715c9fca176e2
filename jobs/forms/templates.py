"""The forms of a team's prompt templates: to write one, and to fill in its variables."""

from __future__ import annotations

from typing import Any

from django import forms

from jobs.forms.fields import ProjectField, PromptField, WordsField, offer
from jobs.letters import isolated, variables
from jobs.models import Project, PromptTemplate
from jobs.models.studio.prompt_template import TEXT_MAX
from jobs.providers import PROVIDERS, model_named
from jobs.providers.models import OWN_LENGTH

VALUE_MAX = 500
ANY = [("", "Not set")]
WORDS = {"aspect_ratio": "aspect ratio", "resolution": "resolution", "duration": "duration"}


def _every(field: str) -> list[str]:
    """Each value that any model offers, once."""
    models = [model for provider in PROVIDERS.values() for model in provider.models]
    return list(dict.fromkeys(str(value) for each in models for value in getattr(each, field)))


class SettingsForm(forms.Form):
    """Settings of the composer to be kept, each of which may be left open."""

    model = forms.ChoiceField(required=False)
    aspect_ratio = forms.ChoiceField(required=False, label="Aspect ratio")
    resolution = forms.ChoiceField(required=False)
    duration = forms.TypedChoiceField(required=False, coerce=int, empty_value=None)
    project = ProjectField(none="Not set")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        models = [(p.label, [(m.name, m.label) for m in p.models]) for p in PROVIDERS.values()]
        offer(self, "model", [*ANY, *models])
        offer(self, "aspect_ratio", [*ANY, *((each, each) for each in _every("aspect_ratios"))])
        offer(self, "resolution", [*ANY, *((each, each) for each in _every("resolutions"))])
        lengths = [each for each in _every("durations") if each != str(OWN_LENGTH)]
        offer(self, "duration", [*ANY, *((each, f"{each} s") for each in lengths)])
        offer(self, "project", Project.objects.open())

    def clean(self) -> dict[str, Any]:
        """What the chosen model never offers is said now, and not when somebody uses it."""
        data: dict[str, Any] = self.cleaned_data
        if found := model_named(data.get("model", "")):
            _, model = found
            for name, word in WORDS.items():
                offered = getattr(model, f"{name}s")
                if data.get(name) and data[name] not in offered:
                    listed = ", ".join(map(str, offered))
                    said = f"{model.label} doesn’t offer this {word}. It offers {listed}."
                    self.add_error(name, said)
        return data


class TemplateForm(SettingsForm):
    """A template as it is written or changed."""

    NAME_TAKEN = "There is already a template with that name."

    name = WordsField(max_length=80)
    text = PromptField(
        max_length=TEXT_MAX,
        widget=forms.Textarea(
            attrs={
                "rows": 5,
                "placeholder": "{product} on a plinth, slow orbit, {light: soft key light}, "
                "{lens: 35mm}",
            }
        ),
    )
    version = forms.IntegerField(widget=forms.HiddenInput, required=False)

    def __init__(self, *args: Any, template: PromptTemplate | None = None, **kwargs: Any) -> None:
        """`template`: the one that is changed; None for a new one."""
        if template:
            kept = {name: getattr(template, name) for name in ("name", "text", "version")}
            kwargs.setdefault("initial", {**template.settings, **kept})
        super().__init__(*args, **kwargs)
        self.template = template

    def clean_name(self) -> str:
        name: str = self.cleaned_data["name"]
        taken = PromptTemplate.objects.named(name)
        if self.template:
            taken = taken.exclude(pk=self.template.pk)
        if taken.exists():
            raise forms.ValidationError(self.NAME_TAKEN)
        return name

    def clean_text(self) -> str:
        text: str = self.cleaned_data["text"]
        try:
            variables.parse(text)
        except variables.Broken as error:
            raise forms.ValidationError(error.user_message) from error
        return text

    def say_taken(self) -> None:
        """Somebody was a moment faster with the same name."""
        self.add_error("name", self.NAME_TAKEN)

    @property
    def values(self) -> dict[str, Any]:
        """The columns of a valid one."""
        return {name: value for name, value in self.cleaned_data.items() if name != "version"}


class FillForm(forms.Form):
    """The variables of one template, each a field."""

    def __init__(self, *args: Any, text: variables.Text, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.text = text
        for number, variable in enumerate(text.variables):
            self.fields[f"v{number}"] = WordsField(
                label=isolated(variable.name),
                required=variable.default is None,
                initial=variable.default,
                max_length=VALUE_MAX,
                strip=True,
                error_messages={"required": "Fill this in."},
            )

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = self.cleaned_data
        if not self.errors and len(self.prompt) > TEXT_MAX:
            raise forms.ValidationError(
                f"That makes a prompt of {len(self.prompt):,} characters. {TEXT_MAX:,} is the most."
            )
        return data

    @property
    def prompt(self) -> str:
        """The prompt that a valid one makes."""
        names = (f"v{number}" for number in range(len(self.text.variables)))
        return self.text.filled([self.cleaned_data[name] for name in names])
