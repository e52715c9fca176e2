"""Signing in by OpenID Connect, where it is set up: the way there, and what comes back."""

from __future__ import annotations

import logging
import time
from typing import Any, NoReturn, cast

from allauth.account.internal.flows.login import record_authentication
from allauth.account.internal.flows.reauthentication import STATE_SESSION_KEY, resume_request
from allauth.account.utils import get_next_redirect_url
from allauth.core.exceptions import ImmediateHttpResponse
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter, get_adapter
from allauth.socialaccount.models import SocialAccount, SocialLogin
from allauth.socialaccount.providers.base.constants import AuthProcess
from allauth.socialaccount.providers.oauth2.client import OAuth2Error
from allauth.socialaccount.providers.oauth2.views import OAuth2CallbackView
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST, require_safe
from requests import RequestException

from jobs import limits, people
from jobs.machine import threads
from jobs.models import User
from jobs.net.floods import Limit
from jobs.people.signing_in import second_factor, single_sign_on
from jobs.people.signing_in.single_sign_on import Identity
from jobs.secrets import vault
from jobs.secrets.tokens import new_token
from jobs.views.access import Request
from jobs.views.accounts.signing_in.issuer import IssuerAdapter
from jobs.views.callers import caller
from jobs.views.http.gate import lacks_second_factor
from jobs.views.proof import ask, is_proved, proof_required

logger = logging.getLogger(__name__)

LOGIN, CONNECT, AGAIN = "login", "connect", "again"
AUTHENTICATED_SECONDS = 300
"""So long ago at most the issuer asked somebody who they are, whom it was to ask again."""
CONTEXT = "invitation on its way to single sign-on"


@login_not_required
@never_cache
@sensitive_post_parameters()
@require_http_methods(["GET", "HEAD", "POST"])
def begin(request: HttpRequest) -> HttpResponse:
    """A page with the button that leads to the issuer; with POST, the way there."""
    if not settings.OIDC_ISSUER:
        raise Http404
    person = request.user if isinstance(request.user, User) else None
    if request.method != "POST":
        purpose = AGAIN if person else LOGIN
        context = {
            "purpose": purpose,
            "name": settings.OIDC_NAME,
            "is_held": STATE_SESSION_KEY in request.session,
        }
        return render(request, "accounts/sso.html", context)
    # Each asks the issuer, and leaves a session.
    limits.take(Limit.SSO_OF_ADDRESS, caller(request))
    purpose = LOGIN
    if person:
        if lacks_second_factor(request):
            return redirect("security")
        purpose = CONNECT if request.POST.get("purpose") == CONNECT else AGAIN
        if purpose == CONNECT and not is_proved(request):
            return ask(cast("Request", request))
        if purpose == AGAIN and second_factor.has_one(person):
            return redirect("account_reauthenticate")
    wanted = {
        "purpose": purpose,
        "nonce": new_token(),
        "person": person.pk if person else None,
        "invitation": vault.seal(request.POST.get("invitation", ""), CONTEXT),
    }
    extra = {"nonce": wanted["nonce"]}
    if purpose == AGAIN:
        extra |= {"prompt": "login", "max_age": "0"}
    provider = get_adapter().get_provider(request, provider=settings.OIDC_PROVIDER_ID)
    provider.oauth2_adapter_class = IssuerAdapter
    try:
        with threads.one_for("issuer", spared=2):
            way = provider.redirect(
                request,
                process=AuthProcess.LOGIN,
                next_url=get_next_redirect_url(request),
                data=wanted,
                auth_params=extra,
            )
    except (RequestException, OAuth2Error, threads.Busy) as error:
        return _not_reached(request, error)
    # A page that goes on by itself: browsers hold a form, and where it is sent on to, to our own
    # addresses (`form-action`).
    return render(request, "accounts/sso_way.html", {"way": way.url, "name": settings.OIDC_NAME})


@login_not_required
@never_cache
@require_safe
def callback(request: HttpRequest) -> HttpResponseBase:
    """Where the issuer sends people back to."""
    if not settings.OIDC_ISSUER:
        raise Http404
    limits.take(Limit.SSO_OF_ADDRESS, caller(request))
    adapter = IssuerAdapter(request, settings.OIDC_PROVIDER_ID)
    view = OAuth2CallbackView.adapter_view(adapter)  # type: ignore[no-untyped-call]
    try:
        with threads.one_for("issuer", spared=2):
            response: HttpResponseBase = view(request)
    except (RequestException, OAuth2Error, threads.Busy) as error:
        return _not_reached(request, error)
    return response


@require_POST
@proof_required
def disconnect(request: Request) -> HttpResponse:
    """Come in by password alone again."""
    if single_sign_on.disconnect(request.user):
        messages.success(request, f"You no longer sign in with {settings.OIDC_NAME}.")
    else:
        messages.error(request, "You have no password to sign in with instead.")
    return redirect("security")


class SingleSignOnAdapter(DefaultSocialAccountAdapter):
    """Decides what an identity that was proved means here."""

    def pre_social_login(self, request: HttpRequest, sociallogin: SocialLogin) -> None:
        identity = _identity(request, sociallogin)
        person = sociallogin.user if sociallogin.is_existing else None
        match sociallogin.state["data"]["purpose"]:
            case "again":
                _prove_again(request, sociallogin, person)
            case "connect":
                _connect(request, sociallogin, identity)
        if person is None:
            person = _newcomer(request, sociallogin, identity)
            sociallogin.user = person
            sociallogin.account = SocialAccount.objects.get(
                provider=identity.issuer, uid=identity.number
            )
        if not isinstance(person, User) or not person.is_active:
            turn_away(request, "You can’t sign in here any more. Ask an admin of your team.")
        single_sign_on.follow_groups(person, identity)

    def on_authentication_error(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        logger.warning("single sign-on failed: %r", kwargs.get("exception") or kwargs.get("error"))
        turn_away(request, f"Signing in with {settings.OIDC_NAME} didn’t work. Try again.")


def turn_away(request: HttpRequest, why: str) -> NoReturn:
    """Back to where people sign in, with the reason."""
    messages.error(request, why)
    raise ImmediateHttpResponse(redirect("security" if request.user.is_authenticated else "login"))


def _identity(request: HttpRequest, sociallogin: SocialLogin) -> Identity:
    claims: dict[str, Any] = sociallogin.claims  # type: ignore[attr-defined]
    wanted = sociallogin.state["data"]
    if claims.get("nonce") != wanted["nonce"]:
        turn_away(request, "That was the answer to another attempt to sign in. Try again.")
    asked_at = claims.get("auth_time")
    if wanted["purpose"] == AGAIN and not (
        isinstance(asked_at, int | float) and time.time() - asked_at < AUTHENTICATED_SECONDS
    ):
        turn_away(request, f"{settings.OIDC_NAME} didn’t ask who you are. Try again.")
    groups = claims.get(settings.OIDC_GROUPS_CLAIM)
    return Identity(
        issuer=sociallogin.account.provider,
        number=sociallogin.account.uid,
        name=str(claims.get("preferred_username") or ""),
        email=str(claims.get("email") or "") if claims.get("email_verified") is True else "",
        groups=frozenset(map(str, groups if isinstance(groups, list) else [])),
    )


def _prove_again(request: HttpRequest, sociallogin: SocialLogin, person: Any) -> NoReturn:
    if person is None or not _is_asked(request, sociallogin) or person.pk != request.user.pk:
        turn_away(request, "That is somebody else’s account.")
    record_authentication(request, person, method="socialaccount", reauthenticated=True)
    raise ImmediateHttpResponse(resume_request(request) or redirect("studio"))


def _connect(request: HttpRequest, sociallogin: SocialLogin, identity: Identity) -> NoReturn:
    if not isinstance(request.user, User) or not _is_asked(request, sociallogin):
        turn_away(request, "You are signed out by now. Sign in and try again.")
    try:
        single_sign_on.connect(request.user, identity)
    except single_sign_on.AlreadyConnected:
        turn_away(request, "That account is connected already, or you are with another one.")
    messages.success(request, f"From now on you can sign in with {settings.OIDC_NAME}.")
    raise ImmediateHttpResponse(redirect("security"))


def _newcomer(request: HttpRequest, sociallogin: SocialLogin, identity: Identity) -> User:
    token = vault.unseal(sociallogin.state["data"]["invitation"], CONTEXT)
    if not (token or settings.OIDC_OPEN):
        logger.warning(
            "single sign-on by somebody unknown: address=%s", request.META["REMOTE_ADDR"]
        )
        turn_away(
            request,
            f"Nobody here is known by your account at {settings.OIDC_NAME}. Ask an admin for an "
            "invitation. If you have a password here, sign in and connect it under Security.",
        )
    try:
        return single_sign_on.join(identity, token)
    except people.NotValid:
        turn_away(request, "This invitation is no longer valid. Ask for a new one.")


def _is_asked(request: HttpRequest, sociallogin: SocialLogin) -> bool:
    """Whoever is signed in is still the one who set out."""
    return bool(sociallogin.state["data"]["person"] == request.user.pk)


def _not_reached(request: HttpRequest, error: Exception) -> HttpResponse:
    logger.warning("single sign-on failed: %r", error)
    messages.error(request, f"{settings.OIDC_NAME} can’t be reached just now. Try again later.")
    return redirect("security" if request.user.is_authenticated else "login")
