"""The second step of signing in, a passkey instead of both steps, and both asked for again."""

from __future__ import annotations

from typing import Any

from allauth.account.internal.decorators import login_stage_required
from allauth.account.internal.flows.reauthentication import STATE_SESSION_KEY, resume_request
from allauth.account.models import Login
from allauth.account.utils import get_next_redirect_url
from allauth.mfa.stages import AuthenticateStage
from allauth.mfa.webauthn.internal import auth as webauthn
from allauth.mfa.webauthn.internal import flows as passkeys
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.forms import Form
from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse, QueryDict
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from jobs import limits, people
from jobs.forms import (
    CodeAgainForm,
    CodeForm,
    PasskeyAgainForm,
    PasskeyLoginForm,
    PasskeyStepForm,
)
from jobs.models import User
from jobs.net.floods import Limit
from jobs.people import sign_ins
from jobs.people.signing_in import second_factor
from jobs.views.access import Request
from jobs.views.accounts.signing_in.adapter import attempt_of
from jobs.views.accounts.signing_in.second.offered import passkeys_work
from jobs.views.callers import caller, later

NOT_TAKEN = "That passkey was not taken. Try again, or sign in with your password."


@login_not_required
@sensitive_post_parameters()
@require_http_methods(["GET", "HEAD", "POST"])
@login_stage_required(stage=AuthenticateStage.key, redirect_urlname="account_login")  # type: ignore[untyped-decorator]
def code(request: HttpRequest) -> HttpResponseBase:
    """After the right password: a code, or a passkey that is somebody's second factor."""
    stage = request._login_stage  # type: ignore[attr-defined]  # noqa: SLF001
    person: User = stage.login.user
    form = _posted(request, CodeForm, person)
    if form.is_bound and form.is_valid():
        form.save()
        response: HttpResponseBase = stage.exit()
        return response
    return _page(request, "accounts/second_step.html", form, person)


@login_not_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def passkey(request: HttpRequest) -> HttpResponseBase:
    """With GET, what a browser signs for somebody whose name it will tell; with POST, signed."""
    limits.take(Limit.PASSKEYS_OF_ADDRESS, caller(request))
    if request.user.is_authenticated:
        return redirect("studio")
    if request.method != "POST":
        return JsonResponse({"request_options": webauthn.begin_authentication(user=None)})
    form = PasskeyLoginForm(request.POST)
    if not form.is_valid() or not form.cleaned_data["credential"].user.is_active:
        messages.error(request, NOT_TAKEN)
        return redirect("login")
    found = form.cleaned_data["credential"]
    login = Login(user=found.user, redirect_url=get_next_redirect_url(request))
    response: HttpResponseBase = passkeys.perform_passwordless_login(request, found, login)
    return response


@sensitive_post_parameters()
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def code_again(request: Request) -> HttpResponseBase:
    """Of somebody who is signed in, before what matters changes (see `jobs.views.proof`)."""
    if not second_factor.has_one(request.user):
        return redirect("account_reauthenticate")
    form = _posted(request, CodeAgainForm, request.user)
    if form.is_bound and form.is_valid():
        form.save()
        return resume_request(request) or redirect("studio")
    return _page(request, "accounts/second_step_again.html", form, request.user)


def _posted(request: HttpRequest, of_code: type[CodeForm], person: User) -> Any:
    """The form that was sent, of a code or of a passkey; of a code where none was."""
    if request.method == "POST" and "credential" in request.POST:
        again = of_code is CodeAgainForm
        of_passkey = PasskeyAgainForm if again else PasskeyStepForm
        return of_passkey(request.POST, user=person)
    return _code_form(request, of_code, person, request.POST if request.method == "POST" else None)


def _code_form(
    request: HttpRequest, of_code: type[CodeForm], person: User, posted: QueryDict | None = None
) -> CodeForm:
    attempt = attempt_of(request, person.username, is_code=True)
    return of_code(posted, user=person, attempt=attempt)


def _page(request: HttpRequest, template: str, form: Form, person: User) -> HttpResponse:
    of_code = form if isinstance(form, CodeForm) else _code_form(request, CodeForm, person)
    context: dict[str, Any] = {
        "form": of_code,
        "is_held": STATE_SESSION_KEY in request.session,
        "next": get_next_redirect_url(request) or "",
    }
    if form is not of_code and form.errors:
        sign_ins.fail(of_code.attempt)
        messages.error(request, "That passkey was not taken. Try again, or use a code.")
    factors = second_factor.of(person)
    context["has_app"] = factors.app is not None
    context["is_only_admin"] = person.is_admin and people.is_last_admin(person)
    if factors.passkeys and passkeys_work(request):
        context["ceremony"] = {"request_options": webauthn.begin_authentication(person)}
    elif factors.passkeys:
        context["lacks_place"] = True
    response = render(request, template, context, status=422 if form.errors else 200)
    return later(response, of_code.too_many)
