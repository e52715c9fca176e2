"""What a public link shows and allows."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.formats import date_format

from jobs.archive.watermark import missing_letters
from jobs.forms.fields import PromptField, offer
from jobs.models import ShareLink
from jobs.shares import Terms

KEEP, NEVER = "keep", "never"
EXPIRES = [("7", "In 7 days"), ("30", "In 30 days"), ("90", "In 90 days"), (NEVER, "Never")]
DAYS_AT_FIRST = "30"
ORIGIN = re.compile(r"https?://[a-z0-9.-]+(:[0-9]{1,5})?", re.ASCII)
SITES_MAX = 5
SHOWS = ("shows_prompt", "shows_seed", "shows_person")
SWITCHES = (*SHOWS, "takes_notes")


class ShareForm(forms.Form):
    """The terms of a link, new or there already."""

    title = forms.CharField(required=False, max_length=80)
    note = PromptField(
        required=False,
        max_length=500,
        label="Note to the viewer",
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    expires = forms.ChoiceField(choices=EXPIRES, initial=DAYS_AT_FIRST)
    password = forms.CharField(
        required=False,
        max_length=128,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )
    drop_password = forms.BooleanField(required=False, label="Ask for no password any more")
    download = forms.ChoiceField(
        required=False, label="Allow download", choices=ShareLink.Download.choices
    )
    watermark = forms.CharField(
        required=False,
        max_length=40,
        help_text="Drawn into the copies that are shown and downloaded.",
    )
    shows_prompt = forms.BooleanField(required=False, label="Show prompt")
    shows_seed = forms.BooleanField(required=False, label="Show seed")
    shows_person = forms.BooleanField(required=False, label="Show who made it")
    takes_notes = forms.BooleanField(
        required=False, initial=True, label="Let viewers pick, approve and comment"
    )
    embed_sites = forms.CharField(
        required=False,
        max_length=300,
        label="Sites that may embed it",
        help_text="Addresses such as https://www.example.com, with spaces between. Empty for none.",
    )

    def __init__(self, *args: Any, link: ShareLink | None = None, **kwargs: Any) -> None:
        if link:
            kwargs.setdefault("initial", _initial(link))
        super().__init__(*args, **kwargs)
        self.link = link
        if link:
            offer(self, "expires", [(KEEP, f"As now: {_until(link)}"), *EXPIRES])
            self.fields["password"].label = "New password" if link.password else "Password"
        if not (link and link.password):
            del self.fields["drop_password"]

    def clean_watermark(self) -> str:
        text = " ".join(self.cleaned_data["watermark"].split())
        if missing := missing_letters(text):
            raise forms.ValidationError(
                f"These cannot be drawn: {missing}. Use letters of Western Europe and usual signs."
            )
        return text

    def clean_embed_sites(self) -> str:
        sites = self.cleaned_data["embed_sites"].lower().replace(",", " ").split()
        sites = list(dict.fromkeys(site.rstrip("/") for site in sites))
        for site in sites:
            if not ORIGIN.fullmatch(site):
                raise forms.ValidationError(
                    f"“{site}” is no site’s address. Write it as https://www.example.com, "
                    "without a path."
                )
        if len(sites) > SITES_MAX:
            raise forms.ValidationError(f"Up to {SITES_MAX} sites.")
        return " ".join(sites)

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = self.cleaned_data
        if data.get("embed_sites") and (data.get("password") or self._keeps_password(data)):
            self.add_error(
                "embed_sites",
                "A link with a password cannot be embedded: browsers keep the pass of a framed "
                "page from us.",
            )
        return data

    def _keeps_password(self, data: dict[str, Any]) -> bool:
        return bool(self.link and self.link.password) and not data.get("drop_password")

    @property
    def terms(self) -> Terms:
        """What was chosen. Only of a valid form."""
        data = self.cleaned_data
        password = data["password"] or ("" if data.get("drop_password") else None)
        expires = data["expires"]
        days = int(expires) if expires.isdigit() else None
        return Terms(
            title=data["title"],
            note=data["note"],
            expires_at=timezone.now() + timedelta(days=days) if days else None,
            keeps_expiry=expires == KEEP,
            password=password,
            download=data["download"],
            watermark=data["watermark"],
            embed_sites=data["embed_sites"],
            **{name: data[name] for name in SWITCHES},
        )


class UnlockForm(forms.Form):
    """The door of a link with a password."""

    password = forms.CharField(
        max_length=128,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "off", "autofocus": True}),
        error_messages={"required": "Enter the password you were given."},
    )


def _initial(link: ShareLink) -> dict[str, Any]:
    names = ("title", "note", "download", "watermark", "embed_sites", *SWITCHES)
    return {**{name: getattr(link, name) for name in names}, "expires": KEEP}


def _until(link: ShareLink) -> str:
    if not link.expires_at:
        return "never"
    return date_format(timezone.localtime(link.expires_at), "j M Y, H:i")
