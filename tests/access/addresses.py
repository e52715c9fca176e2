"""Every address there is, as the URL configuration tells, and who may ask for what there."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from django.urls import URLPattern, URLResolver, get_resolver

READ = ("get", "head")
ODD = ("options", "put", "patch", "delete", "trace")
METHODS = (*READ, "post", *ODD)

EVERYBODY = {"signed out", "deactivated", "owner", "member", "admin"}
SIGNED_IN = {"owner", "member", "admin"}
OWNER = {"owner", "admin"}
"""Where one job, film, link or note of the owner's is addressed."""
ADMIN = {"admin"}
NOBODY: set[str] = set()


@dataclass(frozen=True)
class Row:
    """Who is let in at one address, and with which methods; to all others it does not exist."""

    who: set[str]
    methods: tuple[str, ...]

    @property
    def is_public(self) -> bool:
        """Nobody is asked to sign in here."""
        return self.who in (EVERYBODY, NOBODY)


PAGE, DEED, FORM = READ, ("post",), (*READ, "post")
ROWS = {
    "studio": Row(SIGNED_IN, FORM),
    **dict.fromkeys(("live", "library-live"), Row(SIGNED_IN, PAGE)),
    "same": Row(SIGNED_IN, DEED),
    "images": Row(SIGNED_IN, DEED),
    "frames": Row(SIGNED_IN, PAGE),
    "public-image": Row(EVERYBODY, PAGE),
    "image": Row(OWNER, PAGE),
    "batches": Row(SIGNED_IN, FORM),
    "batch-template": Row(SIGNED_IN, PAGE),
    "batch": Row(OWNER, FORM),
    **dict.fromkeys(("delete-batch", "stop-batch"), Row(OWNER, DEED)),
    **dict.fromkeys(("batch-live", "batch-csv"), Row(OWNER, PAGE)),
    "improve-prompt": Row(SIGNED_IN, DEED),
    "presets": Row(SIGNED_IN, FORM),
    **dict.fromkeys(("rename-preset", "delete-preset"), Row({"owner"}, DEED)),
    **dict.fromkeys(("recent-prompts", "templates"), Row(SIGNED_IN, PAGE)),
    **dict.fromkeys(("new-template", "use-template"), Row(SIGNED_IN, FORM)),
    "template": Row(OWNER, FORM),
    "delete-template": Row(OWNER, DEED),
    "job": Row(OWNER, PAGE),
    "cancel": Row(OWNER, DEED),
    "retry": Row(OWNER, DEED),
    "resolve": Row(OWNER, DEED),
    "resubmit": Row(OWNER, DEED),
    **dict.fromkeys(("write-off", "close-job", "reopen-job"), Row(ADMIN, DEED)),
    "admit": Row(OWNER, DEED),
    "upgrade": Row(OWNER, DEED),
    **dict.fromkeys(("extend", "promote"), Row(OWNER, FORM)),
    **dict.fromkeys(("choose", "undo-choice"), Row(SIGNED_IN, DEED)),
    "move-videos": Row(SIGNED_IN, FORM),
    "trash-videos": Row(SIGNED_IN, DEED),
    "rename": Row(OWNER, FORM),
    "tags": Row(SIGNED_IN, PAGE),
    "markers": Row(OWNER, PAGE),
    "video": Row(OWNER, PAGE),
    "poster": Row(OWNER, PAGE),
    "store-again": Row(OWNER, DEED),
    "files": Row(SIGNED_IN, FORM),
    **dict.fromkeys(("videos-zip", "contact-sheet"), Row(SIGNED_IN, PAGE)),
    "file-name-example": Row(ADMIN, PAGE),
    "compare": Row(SIGNED_IN, FORM),
    "library": Row(SIGNED_IN, PAGE),
    "saved-views": Row(SIGNED_IN, FORM),
    **dict.fromkeys(("change-view", "delete-view"), Row({"owner"}, DEED)),
    "projects": Row(SIGNED_IN, FORM),
    "project": Row(SIGNED_IN, PAGE),
    "change-project": Row(OWNER, FORM),
    "project-cover": Row(OWNER, DEED),
    **dict.fromkeys(("archive-project", "bring-back-project"), Row(ADMIN, DEED)),
    "trash": Row(SIGNED_IN, PAGE),
    **dict.fromkeys(("restore-videos", "purge-videos"), Row(SIGNED_IN, DEED)),
    "team": Row(ADMIN, FORM),
    **dict.fromkeys(("person", "grant", "allowance"), Row(ADMIN, PAGE)),
    "change-role": Row(ADMIN, DEED),
    "deactivate": Row(ADMIN, DEED),
    "reactivate": Row(ADMIN, DEED),
    "sign-out-person": Row(ADMIN, DEED),
    "password-link": Row(ADMIN, DEED),
    "remove-second-factor": Row(ADMIN, DEED),
    "leave": Row(ADMIN, FORM),
    "invitations": Row(ADMIN, FORM),
    "revoke-invitation": Row(ADMIN, DEED),
    "budgets": Row(ADMIN, FORM),
    **dict.fromkeys(("team-cap", "project-cap"), Row(ADMIN, PAGE)),
    "requests": Row(ADMIN, FORM),
    "prices": Row(ADMIN, FORM),
    "outstanding": Row(ADMIN, PAGE),
    **dict.fromkeys(("strays", "adopt-stray", "discard-stray"), Row(ADMIN, FORM)),
    **dict.fromkeys(("stray-video", "stray-poster"), Row(ADMIN, PAGE)),
    "try-provider": Row(ADMIN, DEED),
    "audit": Row(ADMIN, PAGE),
    "audit-csv": Row(ADMIN, PAGE),
    "team-settings": Row(ADMIN, FORM),
    "system": Row(ADMIN, PAGE),
    **dict.fromkeys(("try-callbacks", "try-mail"), Row(ADMIN, DEED)),
    "setup": Row(NOBODY, FORM),
    "join": Row(EVERYBODY, FORM),
    **dict.fromkeys(("login", "account_login"), Row(EVERYBODY, FORM)),
    "account_reauthenticate": Row(SIGNED_IN, FORM),
    "logout": Row(SIGNED_IN, DEED),
    "password": Row(SIGNED_IN, FORM),
    "forgot-password": Row(EVERYBODY, FORM),
    "new-password": Row(EVERYBODY, FORM),
    "profile": Row(SIGNED_IN, FORM),
    "confirm-address": Row({"owner"}, FORM),
    "security": Row(SIGNED_IN, PAGE),
    "end-session": Row(SIGNED_IN, DEED),
    "sso": Row(NOBODY, FORM),
    "sso-callback": Row(NOBODY, PAGE),
    "sso-disconnect": Row(SIGNED_IN, DEED),
    **dict.fromkeys(("mfa_activate_totp", "mfa_add_webauthn"), Row(SIGNED_IN, FORM)),
    **dict.fromkeys(("mfa_deactivate_totp", "mfa_generate_recovery_codes"), Row(SIGNED_IN, DEED)),
    "mfa_remove_webauthn": Row({"owner"}, DEED),
    "mfa_view_recovery_codes": Row(SIGNED_IN, PAGE),
    **dict.fromkeys(("mfa_reauthenticate", "mfa_reauthenticate_webauthn"), Row(SIGNED_IN, FORM)),
    **dict.fromkeys(("mfa_authenticate", "mfa_login_webauthn"), Row(EVERYBODY, FORM)),
    "theme": Row(SIGNED_IN, DEED),
    **dict.fromkeys(("density", "dismiss-first-steps"), Row(SIGNED_IN, DEED)),
    "keys": Row(SIGNED_IN, FORM),
    "check-key": Row(SIGNED_IN, DEED),
    "remove-key": Row(SIGNED_IN, DEED),
    "remove-signing-key": Row(SIGNED_IN, DEED),
    **dict.fromkeys(("join-keys", "separate-key"), Row(ADMIN, DEED)),
    "credits": Row(SIGNED_IN, FORM),
    **dict.fromkeys(("news", "bell", "news-live"), Row(SIGNED_IN, PAGE)),
    "news-settings": Row(SIGNED_IN, FORM),
    "stop-mail": Row(EVERYBODY, FORM),
    "see-news": Row(SIGNED_IN, DEED),
    "notice": Row({"owner"}, PAGE),
    "usage": Row(SIGNED_IN, PAGE),
    "usage-csv": Row(SIGNED_IN, PAGE),
    "statements": Row(SIGNED_IN, PAGE),
    "statements-csv": Row(ADMIN, PAGE),
    "statement": Row(OWNER, PAGE),
    "statement-csv": Row(OWNER, PAGE),
    "reconciliation": Row(ADMIN, PAGE),
    "reconciliation-evidence": Row(ADMIN, PAGE),
    "end-link": Row(OWNER, DEED),
    "shares": Row(SIGNED_IN, PAGE),
    "new-share": Row(SIGNED_IN, FORM),
    "share": Row(OWNER, FORM),
    "revoke-share": Row(OWNER, DEED),
    **dict.fromkeys(("share-address", "regenerate-share"), Row(OWNER, DEED)),
    **dict.fromkeys(("review-csv", "link-markers"), Row(OWNER, PAGE)),
    "answer-note": Row(OWNER, DEED),
    "resolve-note": Row(OWNER, DEED),
    **dict.fromkeys(("delete-note", "block-visitor", "unblock-visitor"), Row(OWNER, DEED)),
    "oembed": Row(EVERYBODY, PAGE),
    "shared": Row(EVERYBODY, FORM),
    "shared-compare": Row(EVERYBODY, PAGE),
    "shared-embed": Row(EVERYBODY, PAGE),
    "shared-video": Row(EVERYBODY, PAGE),
    "shared-poster": Row(EVERYBODY, PAGE),
    "shared-picture": Row(EVERYBODY, PAGE),
    **dict.fromkeys(("shared-download", "shared-zip"), Row(EVERYBODY, PAGE)),
    "shared-review": Row(EVERYBODY, DEED),
    "webhook": Row(EVERYBODY, DEED),
    "webhook-test": Row(EVERYBODY, DEED),
    "healthz": Row(EVERYBODY, PAGE),
    "readyz": Row(EVERYBODY, PAGE),
    "statusz": Row(EVERYBODY, PAGE),
    # For who has its token, and never for being signed in.
    "metrics": Row(NOBODY, PAGE),
}


@dataclass(frozen=True)
class Address:
    """One entry of the URL configuration: its name, or its route where it has none."""

    name: str
    parameters: tuple[str, ...]


def every_address() -> list[Address]:
    """Those of the libraries that are mounted among them."""
    return list(_walk(get_resolver(), "", ()))


def _walk(resolver: URLResolver, names: str, parameters: tuple[str, ...]) -> Iterator[Address]:
    for each in resolver.url_patterns:
        of_each = (*parameters, *each.pattern.converters)
        if isinstance(each, URLPattern):
            yield Address(f"{names}{each.name or each.pattern}", of_each)
        else:
            within = f"{names}{each.namespace}:" if each.namespace else names
            yield from _walk(each, within, of_each)
