"""Forms about how somebody is shown and written to."""

from __future__ import annotations

from typing import Any

from django import forms

from jobs import letters
from jobs.forms.fields import WordsField
from jobs.models.team.user import check_shown_name


class ShownNameField(WordsField):
    """A name in the one form in which it is kept."""

    default_validators = [check_shown_name]

    def to_python(self, value: Any) -> Any:
        return " ".join(letters.as_name(super().to_python(value) or "").split())


class ShownNameForm(forms.Form):
    """The name that others read; empty for the username."""

    display_name = ShownNameField(
        label="Your name",
        required=False,
        max_length=60,
        help_text="As others read it, such as Mara Lindqvist. Leave empty to show your username.",
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
    )


class AddressForm(forms.Form):
    """The address that somebody is written to; empty for none."""

    email = forms.EmailField(
        label="Email",
        required=False,
        max_length=200,
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
    )
