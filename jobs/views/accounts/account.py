"""The first admin, and one's own theme."""

from __future__ import annotations

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.core.management.color import no_style
from django.db import IntegrityError, connection, transaction
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render, resolve_url
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from jobs import ledger
from jobs.forms import SetupForm
from jobs.models import User
from jobs.views.access import Request
from jobs.views.accounts.adapter import let_in


@login_not_required
@sensitive_post_parameters()
@require_http_methods(["GET", "HEAD", "POST"])
def setup(request: HttpRequest) -> HttpResponse:
    """Create the first admin. While there is any user, this page does not exist."""
    if User.objects.exists():
        raise Http404
    form = SetupForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            user = _create_first_admin(form)
        except IntegrityError as error:
            # Somebody else finished this form at the same moment.
            raise Http404 from error
        return let_in(request, user)
    return render(
        request,
        "accounts/setup.html",
        {"form": form, "practice": settings.PRACTICE},
        status=422 if form.errors else 200,
    )


@transaction.atomic
def _create_first_admin(form: SetupForm) -> User:
    user: User = form.save(commit=False)
    # A fixed key: of two people who finish this form at once, the database lets one in.
    user.pk = 1
    user.role = User.Role.ADMIN
    user.save(force_insert=True)
    with connection.cursor() as cursor:
        # PostgreSQL's counter of keys does not notice one that was chosen by hand.
        for statement in connection.ops.sequence_reset_sql(no_style(), [User]):
            cursor.execute(statement)
    if credits := form.cleaned_data["starting_credits"]:
        ledger.grant(user, credits, reason="Starting credits", actor=user)
    return user


@require_POST
def theme(request: Request) -> HttpResponse:
    """Keep the chosen theme, and go back to where it was chosen."""
    wanted = request.POST.get("theme", "")
    if wanted in ("", "light", "dark"):
        User.objects.filter(pk=request.user.pk).update(theme=wanted)
    back = request.POST.get("next", "")
    if not url_has_allowed_host_and_scheme(back, allowed_hosts={request.get_host()}):
        back = resolve_url("studio")
    return HttpResponse(status=204) if request.htmx else HttpResponseRedirect(back)
