"""What becomes of videos that nobody owns."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms
from django.conf import settings

from jobs.forms.fields import ProjectField, WordsField, offer
from jobs.models import Credential, Project, Stray, User
from jobs.models.jobs.job import TITLE_LENGTH_MAX
from jobs.providers import PROVIDERS

if TYPE_CHECKING:
    KeyChoiceField = forms.ModelChoiceField[Credential]
else:
    # Django's field takes no type arguments at run time.
    KeyChoiceField = forms.ModelChoiceField


class AdoptForm(forms.Form):
    """Whose a video becomes, and as what; of a kept film also what is said to have made it."""

    title = WordsField(
        max_length=TITLE_LENGTH_MAX,
        label="Title",
        error_messages={"max_length": "A title has up to %(limit_value)d characters."},
        widget=forms.TextInput(attrs={"autocomplete": "off", "dir": "auto"}),
    )
    owner = forms.ModelChoiceField(
        queryset=User.objects.none(), label="Owner", empty_label="Choose a person"
    )
    project = ProjectField()
    model = forms.ChoiceField(label="Made with")
    books_charge = forms.BooleanField(required=False)

    def __init__(self, *args: Any, stray: Stray, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        people = User.objects.filter(is_active=True)
        offer(self, "owner", people.order_by("name_key"))
        offer(self, "project", Project.objects.open())
        if stray.file:
            del self.fields["books_charge"]
        else:
            self.fields["title"].required = False
            self.fields["title"].help_text = "Leave empty to show the prompt."
        providers = [PROVIDERS[stray.provider]] if stray.provider else PROVIDERS.values()
        models = [
            (f"{provider.name}:{model.name}", f"{model.label}, {provider.label}")
            for provider in providers
            for model in provider.models
        ]
        offer(self, "model", models)

    @property
    def made_with(self) -> tuple[str, str]:
        """The provider and the model, once the form is valid."""
        provider, _, model = self.cleaned_data["model"].partition(":")
        return provider, model


class NameStrayForm(forms.Form):
    """A video that a provider's log shows, and no page of ours."""

    key = KeyChoiceField(
        queryset=Credential.objects.none(), label="Made with the key", empty_label="Choose a key"
    )
    external_id = forms.RegexField(
        r"(?a)^[\w.-]{1,128}$",
        label="ID at the provider",
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
        error_messages={
            "invalid": "An ID has only letters, digits, periods, dashes and underscores."
        },
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        keys = Credential.objects.filter(practice=settings.PRACTICE).select_related("owner")
        offer(self, "key", keys.exclude(sealed_key="").order_by("provider", "owner__name_key"))
        self.fields["key"].label_from_instance = _named  # type: ignore[attr-defined]


def _named(key: Credential) -> str:
    whose = key.owner.label if key.owner else "the team"
    return f"{PROVIDERS[key.provider].label}, {whose}: …{key.last_four}"
