"""Speaks to the issuer of OpenID Connect, and believes what the standard lets a client believe.

Beyond allauth's own checks (state, PKCE, audience, time) the issuer is the one that is configured,
the identity is signed, and of the same person that its other answers speak of. The rest of them,
the nonce among it, is looked at in `jobs.views.accounts.signing_in.sso`.
"""

from __future__ import annotations

from typing import Any

from allauth.socialaccount.internal import jwtkit
from allauth.socialaccount.models import SocialLogin
from allauth.socialaccount.providers.oauth2.client import OAuth2Error
from allauth.socialaccount.providers.openid_connect.views import OpenIDConnectOAuth2Adapter
from django.conf import settings
from django.core.cache import cache
from django.http import HttpRequest
from django.urls import reverse

from jobs.net import addresses

CONFIGURATION_SECONDS = 600
"""Not asked for again by everybody who signs in."""
NEEDED = ("issuer", "authorization_endpoint", "token_endpoint", "jwks_uri")


class IssuerAdapter(OpenIDConnectOAuth2Adapter):
    """Speaks to the issuer."""

    @property
    def openid_config(self) -> dict[str, Any]:
        known = f"openid-configuration:{settings.OIDC_ISSUER}"
        config: dict[str, Any] | None = cache.get(known)
        if config is None:
            config = super().openid_config
            cache.set(known, config, CONFIGURATION_SECONDS)
        if any(not isinstance(config.get(each), str) for each in NEEDED):
            raise OAuth2Error("The issuer's configuration is incomplete.")
        if config["issuer"].rstrip("/") != settings.OIDC_ISSUER:
            raise OAuth2Error("The issuer calls itself by another name.")
        return config

    def get_callback_url(self, request: HttpRequest, app: Any) -> str:
        return addresses.public(reverse("sso-callback"), request)

    def complete_login(
        self, request: HttpRequest, app: Any, token: Any, **kwargs: Any
    ) -> SocialLogin:
        try:
            claims = self._decode_id_token(app, kwargs["response"]["id_token"])
            if self.openid_config.get("userinfo_endpoint"):
                told = self._fetch_user_info(token.token)
                if told.get("sub") != claims["sub"]:
                    raise OAuth2Error("The issuer speaks of two people.")
                claims = {**told, **claims}
            provider = self.get_provider()  # type: ignore[no-untyped-call]
            login: SocialLogin = provider.sociallogin_from_response(request, {"id_token": claims})
        except (KeyError, ValueError, TypeError, AttributeError) as error:
            raise OAuth2Error("The issuer's answer cannot be read.") from error
        # What the issuer tells of somebody is read now, and not kept.
        login.account.extra_data = {}
        login.claims = claims  # type: ignore[attr-defined]
        return login

    def _decode_id_token(self, app: Any, id_token: str) -> dict[str, Any]:
        """The signed claims. Allauth leaves the signature alone where TLS vouches for the issuer;
        between it and us may stand a proxy.
        """
        claims: dict[str, Any] = jwtkit.verify_and_decode(
            credential=id_token,
            keys_url=self.openid_config["jwks_uri"],
            issuer=self.openid_config["issuer"],
            audience=app.client_id,
            lookup_kid=jwtkit.lookup_kid_jwk,
        )
        return claims
