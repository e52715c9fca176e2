"""Keys, which go in and never come out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms

from jobs.forms.fields import WordsField, offer
from jobs.letters import isolated
from jobs.models import Credential

if TYPE_CHECKING:
    KeyChoiceField = forms.ModelChoiceField[Credential]
else:
    # Django's field takes no type arguments at run time.
    KeyChoiceField = forms.ModelChoiceField


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


def key_label(credential: Credential) -> str:
    """A key as admins tell it from others."""
    if credential.owner is None:
        return f"the team’s key ending in {credential.last_four}"
    return f"{isolated(credential.owner.label)}’s key ending in {credential.last_four}"


class _KeyField(KeyChoiceField):
    def label_from_instance(self, obj: Credential) -> str:
        return key_label(obj)


class JoinKeysForm(forms.Form):
    """Two keys that an admin says are of one account."""

    key = _KeyField(queryset=Credential.objects.none(), label="Key", empty_label="Choose a key")
    other = _KeyField(
        queryset=Credential.objects.none(),
        label="Same account as",
        empty_label="Choose a key",
    )

    def __init__(self, *args: Any, provider: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        keys = Credential.objects.current().filter(provider=provider).select_related("owner")
        for name in ("key", "other"):
            offer(self, name, keys.order_by("owner__name_key", "pk"))


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
