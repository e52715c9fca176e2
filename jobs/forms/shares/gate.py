"""The gate of a public link."""

from __future__ import annotations

from django import forms

from jobs.shares import normal_form


class UnlockForm(forms.Form):
    """The gate of a link with a password."""

    password = forms.CharField(
        # Longer than one may be: typed in parts, and pasted with what stood around it.
        max_length=512,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "off", "autofocus": True}),
        error_messages={"required": "Enter the password you were given."},
    )

    def clean_password(self) -> str:
        password: str = self.cleaned_data["password"]
        if not normal_form(password):
            raise forms.ValidationError(self.fields["password"].error_messages["required"])
        return password
