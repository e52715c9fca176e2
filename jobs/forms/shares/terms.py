"""The terms of a public link."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

from django import forms
from django.utils import timezone

from jobs.archive.fetching.outbound import Forbidden, as_uri
from jobs.decoding.lettering import missing_letters
from jobs.forms.fields import PromptField, WordsField, offer
from jobs.forms.ordering.order import OrderForm
from jobs.models import ShareLink
from jobs.shares import PASSWORD_MIN, NotShareable, Offer, Terms, normal_form
from jobs.times import moments

KEEP, NEVER = "keep", "never"
EXPIRES = [("7", "In 7 days"), ("30", "In 30 days"), ("90", "In 90 days"), (NEVER, "Never")]
DAYS_AT_FIRST = "30"
ORIGIN = re.compile(r"https?://[a-z0-9.-]+(:[0-9]{1,5})?", re.ASCII)
SITES_MAX = 5
SITES_LENGTH_MAX = 300
SHOWS = ("shows_prompt", "shows_seed", "shows_person")
SWITCHES = (*SHOWS, "takes_notes")


class ShareForm(OrderForm):
    """The terms of a link, new or there already. It may hold credits, so it is sent once."""

    title = WordsField(required=False, max_length=80)
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
        help_text=f"At least {PASSWORD_MIN} characters.",
    )
    password_was_typed = forms.BooleanField(required=False, widget=forms.HiddenInput)
    """In an earlier sending of this form: passwords are never sent back to the browser."""
    without_password = forms.BooleanField(
        required=False, label="Go on without the password I typed before"
    )
    drop_password = forms.BooleanField(required=False, label="Remove the password")
    download = forms.ChoiceField(
        required=False, label="Allow download", choices=ShareLink.Download.choices
    )
    watermark = WordsField(
        required=False,
        max_length=40,
        help_text="Added to every copy that is shown or downloaded.",
    )
    shows_prompt = forms.BooleanField(required=False, label="Show prompt")
    shows_seed = forms.BooleanField(required=False, label="Show seed")
    shows_person = forms.BooleanField(required=False, label="Show who made it")
    takes_notes = forms.BooleanField(
        required=False, initial=True, label="Let viewers pick, approve and comment"
    )
    upgrades_pick = forms.BooleanField(required=False, label="Make the picked video in 4K")
    embed_sites = forms.CharField(
        required=False,
        max_length=SITES_LENGTH_MAX,
        label="Sites that may embed this link",
        help_text=(
            "Separate addresses such as https://www.example.com with spaces. Leave empty to "
            "forbid embedding."
        ),
    )

    def __init__(
        self,
        *args: Any,
        link: ShareLink | None = None,
        upgrade: Offer | None = None,
        **kwargs: Any,
    ) -> None:
        """`upgrade`: what it would take to make the pick larger; None where that is not offered."""
        if link:
            kwargs.setdefault("initial", _initial(link))
        super().__init__(*args, **kwargs)
        self.link, self.upgrade = link, upgrade
        if upgrade is None:
            del self.fields["upgrades_pick"]
        elif not self._is_held:
            self.fields["upgrades_pick"].disabled = bool(upgrade.reason)
            self.fields["upgrades_pick"].help_text = upgrade.reason or _held(upgrade)
        if link:
            # Saying twice what a link is to be says nothing new.
            del self.fields["submission_key"]
            offer(self, "expires", [(KEEP, f"As now: {_until(link)}"), *EXPIRES])
            self.fields["password"].label = "New password" if link.password else "Password"
        if not (link and link.password):
            del self.fields["drop_password"]

    def clean_password(self) -> str:
        password: str = self.cleaned_data["password"]
        # Spaces alone are somebody's wish for a password, and not for a link without one.
        if password and len(normal_form(password)) < PASSWORD_MIN:
            raise forms.ValidationError(
                f"Choose a password of at least {PASSWORD_MIN} characters. Spaces around it do not "
                "count."
            )
        return password

    def clean_watermark(self) -> str:
        text = " ".join(self.cleaned_data["watermark"].split())
        if missing := missing_letters(text):
            raise forms.ValidationError(
                f"These characters can’t be used: {missing}. Use Western European letters and "
                "common symbols."
            )
        return text

    def clean_embed_sites(self) -> str:
        sites = self.cleaned_data["embed_sites"].lower().replace(",", " ").split()
        sites = list(dict.fromkeys(_as_sent(site.rstrip("/")) for site in sites))
        for site in sites:
            if not ORIGIN.fullmatch(site):
                raise forms.ValidationError(
                    f"“{site}” isn’t a site’s address. Enter it as https://www.example.com, "
                    "without a path."
                )
        if len(sites) > SITES_MAX:
            raise forms.ValidationError(f"Up to {SITES_MAX} sites.")
        together = " ".join(sites)
        if len(together) > SITES_LENGTH_MAX:
            raise forms.ValidationError("Together, these addresses are too long.")
        return together

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = self.cleaned_data
        is_meant = data.get("without_password") or data.get("drop_password")
        if data.get("password_was_typed") and not (self.data.get("password") or is_meant):
            self.add_error("password", "Type the password again, or say below to go on without it.")
        if data.get("embed_sites") and (data.get("password") or self._keeps_password(data)):
            self.add_error(
                "embed_sites",
                "A link with a password can’t be embedded: browsers block its sign-in inside "
                "another page.",
            )
        if data.get("upgrades_pick") and not data.get("takes_notes"):
            self.add_error("upgrades_pick", "This needs viewers to be allowed to pick.")
        elif data.get("upgrades_pick") and (problem := self._costs_otherwise()):
            self.add_error("upgrades_pick", problem)
        return data

    def refuse(self, error: NotShareable) -> None:
        """Say why it is not possible at the field at fault, if this form has that field."""
        self.add_error(error.field if error.field in self.fields else None, error.user_message)

    @property
    def lost_password(self) -> bool:
        """A password was typed, which is not in the form that is shown now."""
        if not self.is_bound:
            return bool(self.initial.get("password_was_typed"))
        return bool(self.data.get("password") or self.data.get("password_was_typed"))

    @property
    def shown_cost(self) -> int:
        """The credits that ticking the box holds; 0 where nothing is left to be held."""
        return 0 if self.upgrade is None or self._is_held else self.upgrade.credits

    @property
    def _is_held(self) -> bool:
        return bool(self.link and self.link.awaits_pick)

    def _costs_otherwise(self) -> str:
        """Say that the price that was shown is not the one by now; '' if it is."""
        if self.upgrade is None or self._is_held:
            return ""
        if self.seen_cost == self.upgrade.credits:
            return ""
        return f"This now reserves {self.upgrade.credits:,} credits. Send it again to agree."

    def _keeps_password(self, data: dict[str, Any]) -> bool:
        return bool(self.link and self.link.password) and not data.get("drop_password")

    @property
    def terms(self) -> Terms:
        """The terms that were chosen. Only of a valid form."""
        data = self.cleaned_data
        password = data["password"] or ("" if data.get("drop_password") else None)
        expires = data["expires"]
        days = int(expires) if expires.isdigit() else None
        upgrades = data.get("upgrades_pick")
        return Terms(
            title=data["title"],
            note=data["note"],
            expires_at=timezone.now() + timedelta(days=days) if days else None,
            keeps_expiry=expires == KEEP,
            password=password,
            download=data["download"],
            watermark=data["watermark"],
            embed_sites=data["embed_sites"],
            # Still ticked is no order: it may have been picked while this form was read.
            upgrades_pick=None if upgrades and self._is_held else upgrades,
            **{name: data[name] for name in SWITCHES},
        )


def _initial(link: ShareLink) -> dict[str, Any]:
    names = ("title", "note", "download", "watermark", "embed_sites", *SWITCHES)
    values = {name: getattr(link, name) for name in names}
    return {**values, "expires": KEEP, "upgrades_pick": link.awaits_pick}


def _held(upgrade: Offer) -> str:
    said = (
        f"{upgrade.credits:,} credits are reserved now, and released if nobody picks a video "
        "before the link expires. The first pick counts."
    )
    return (
        f"{said} It can be made until {moments.in_words(upgrade.until)}." if upgrade.until else said
    )


def _until(link: ShareLink) -> str:
    return moments.in_words(link.expires_at) if link.expires_at else "never"


def _as_sent(site: str) -> str:
    """With its name in ASCII, as browsers compare it; what is no address stays what it is."""
    try:
        return as_uri(site)
    except Forbidden:
        return site
