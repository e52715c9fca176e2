"""Failures at a provider, named by what is *known* afterwards.

ProviderError
  Refused          nothing was made and asking again is useless
    BadRequest         the parameters are wrong
    KeyRejected        the key is wrong, expired, or not allowed from this address
    OutOfProviderCredits
    ContentBlocked     the prompt or an image was turned down
    ModelGone          the provider has this model no longer
  NotAccepted      nothing was made, later is safe
    RateLimited
    Unreachable        the connection was never made
    Maintenance
  OutcomeUnknown   something may have been made, and may be charged
"""

from __future__ import annotations

REPLACE_KEY = " Replace it on the API keys page."
"""In sentences about a key, wherever they are not read on that page."""


class ProviderError(Exception):
    """Base of all. `user_message` is for people; `str()` is for logs and can hold no key."""

    code = "provider-error"
    default_message = "The provider answered with an error."

    def __init__(
        self,
        detail: str = "",
        *,
        user_message: str = "",
        retry_after: float | None = None,
    ) -> None:
        self.detail = detail
        self.user_message = user_message or self.default_message
        self.retry_after = retry_after
        """Seconds the provider asked us to wait, where it said so."""
        super().__init__(f"{self.code}: {detail}" if detail else self.code)


class Refused(ProviderError):
    code = "refused"
    default_message = "The provider refused this request. Nothing was charged."


class BadRequest(Refused):
    code = "bad-request"
    default_message = "The provider did not accept these settings. Nothing was charged."


class KeyRejected(Refused):
    code = "key-rejected"
    default_message = f"The provider did not accept the key.{REPLACE_KEY}"


class OutOfProviderCredits(Refused):
    code = "out-of-provider-credits"
    default_message = "The provider account has run out of credits. Top it up there, then retry."


class ContentBlocked(Refused):
    code = "content-blocked"
    default_message = "The provider turned down the prompt or an image. Change it, then retry."


class ModelGone(Refused):
    code = "withdrawn"
    default_message = "The provider no longer has this model. Choose another one, then retry."


class NotAccepted(ProviderError):
    code = "not-accepted"
    default_message = "The provider couldn’t accept this yet. It will be sent again."


class RateLimited(NotAccepted):
    code = "rate-limited"
    default_message = "The provider asked us to slow down. It will be sent again."


class Unreachable(NotAccepted):
    code = "unreachable"
    default_message = "The provider couldn’t be reached. It will be sent again."


class Maintenance(NotAccepted):
    code = "maintenance"
    default_message = "The provider is down for maintenance. It will be sent again."


class OutcomeUnknown(ProviderError):
    code = "outcome-unknown"
    default_message = (
        "The provider’s answer was lost. We don’t send it again, so you can’t be charged twice."
    )


ANSWERS = (Refused, RateLimited, Maintenance)
"""Errors that are the provider's own word, and so prove that it can be reached."""
