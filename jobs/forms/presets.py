"""The form that keeps somebody's settings of the composer under a name."""

from __future__ import annotations

from typing import Any

from django import forms
from django.http import QueryDict
from django.utils.safestring import SafeString

from jobs.forms.fields import NO_SEED, PromptField, SeedField, WordsField
from jobs.forms.own_names import OwnNameForm
from jobs.forms.templates import SettingsForm
from jobs.models import Preset, User
from jobs.models.studio.preset import PRESETS_MAX
from jobs.models.studio.prompt_template import TEXT_MAX
from jobs.models.words.elsewhere import SEED_MAX

SETTINGS = (
    *("model", "aspect_ratio", "resolution", "duration", "project"),
    *("seed", "translate", "watermark", "prompt"),
)
"""What is kept, under the names of the composer's fields; the prompt where that is wished for."""


class PresetNameForm(OwnNameForm):
    """The name of somebody's preset."""

    kept_as, what, most = Preset, "preset", PRESETS_MAX


class PresetForm(PresetNameForm, SettingsForm):
    """A new preset: its name is typed, its settings stand in the composer."""

    keeps_prompt = forms.BooleanField(required=False, label="With the prompt")
    prompt = PromptField(required=False, max_length=TEXT_MAX)
    seed = SeedField()
    translate = forms.BooleanField(required=False)
    watermark = WordsField(required=False, max_length=80)

    def clean_seed(self) -> int | None:
        seed: int | None = self.cleaned_data["seed"]
        if seed is not None and (seed == NO_SEED or seed > SEED_MAX):
            raise forms.ValidationError("A seed is a whole number.")
        return seed

    @classmethod
    def of_composer(cls, data: QueryDict, owner: User) -> PresetForm:
        """An empty form about the settings as they stand there; what cannot be kept is left out."""
        read = cls(data, owner=owner)
        read.full_clean()
        settings = {name: read.cleaned_data[name] for name in SETTINGS if name in read.cleaned_data}
        return cls(owner=owner, initial=settings)

    @property
    def carried(self) -> list[SafeString]:
        """The settings, out of sight, so that they come back with the name."""
        return [self[name].as_hidden() for name in SETTINGS]

    @property
    def has_prompt(self) -> bool:
        """There is a prompt that could be kept."""
        return bool(self["prompt"].value())

    @property
    def kept(self) -> Preset:
        """The settings as they would be kept, not stored yet."""
        values = self.cleaned_data if self.is_bound else self.initial
        settings = {name: values[name] for name in SETTINGS if name in values}
        return Preset(owner=self.owner, **settings)

    @property
    def values(self) -> dict[str, Any]:
        """The columns of a valid one."""
        data = dict(self.cleaned_data)
        if not data.pop("keeps_prompt"):
            data["prompt"] = ""
        return data
