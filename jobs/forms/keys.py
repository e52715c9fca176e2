"""Keys, which go in and never come out."""

from __future__ import annotations

from django import forms

from jobs.forms.fields import WordsField


class KeyForm(forms.Form):
    """A provider key, write-only: what is stored is never shown again."""

    key = forms.CharField(
        label="API key",
        max_length=400,
        strip=True,
        widget=forms.PasswordInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )

    def clean_key(self) -> str:
        return _printable(self.cleaned_data["key"])


class SigningKeyForm(forms.Form):
    """The secret with which the provider signs its callbacks."""

    signing_key = forms.CharField(
        label="Webhook signing key",
        max_length=400,
        strip=True,
        widget=forms.PasswordInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )

    def clean_signing_key(self) -> str:
        return _printable(self.cleaned_data["signing_key"])


class AccountForm(forms.Form):
    """The account at the provider that a key belongs to."""

    account = WordsField(
        label="Account name",
        max_length=60,
        required=False,
        strip=True,
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )


def _printable(key: str) -> str:
    """The key itself, if it can travel in a header."""
    if not key.isascii() or not key.isprintable() or " " in key:
        raise forms.ValidationError(
            "This key contains a space or a character that keys never have, such as a curly quote "
            "or an invisible one. Copy it again from the provider’s page."
        )
    if len(key) < 8:
        raise forms.ValidationError("This is too short for a key.")
    return key
