"""One person: their role, whether they may sign in, and how they leave. For admins only."""

from __future__ import annotations

from collections.abc import Callable

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.debug import sensitive_variables
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from jobs import ledger, people, sessions
from jobs.forms import LeaveForm, ReasonForm, RemoveFactorForm, RoleForm, SignOutForm
from jobs.letters import isolated
from jobs.models import AuditEvent, Credential, Image, User
from jobs.net import addresses
from jobs.people.signing_in import second_factor
from jobs.providers import longest_retention
from jobs.views.access import Request, admin_required
from jobs.views.one_time_link import tell, told
from jobs.views.proof import proof_required

EVENTS_SHOWN = 20
BOUND_AS = {
    RoleForm: "role_form",
    ReasonForm: "access_form",
    SignOutForm: "sign_out_form",
    RemoveFactorForm: "factor_form",
}


@require_safe
@admin_required
def page(request: Request, person_id: int) -> HttpResponse:
    return _page(request, get_object_or_404(User, pk=person_id))


@require_POST
@admin_required
@proof_required
def change_role(request: Request, person_id: int) -> HttpResponse:
    def change(person: User, reason: str) -> str:
        role = form.cleaned_data["role"]
        people.change_role(person, role, request.user, reason=reason)
        if role == User.Role.ADMIN:
            return f"{isolated(person.label)} is now an admin."
        return f"{isolated(person.label)} is now a member."

    form = RoleForm(request.POST, auto_id="role-%s")
    return _do(request, person_id, form, change)


@require_POST
@admin_required
@proof_required
def deactivate(request: Request, person_id: int) -> HttpResponse:
    def change(person: User, reason: str) -> str:
        people.deactivate(person, request.user, reason=reason)
        return f"{isolated(person.label)} is signed out everywhere and can no longer sign in."

    return _do(request, person_id, ReasonForm(request.POST, auto_id="access-%s"), change)


@require_POST
@admin_required
@proof_required
def reactivate(request: Request, person_id: int) -> HttpResponse:
    def change(person: User, reason: str) -> str:
        people.reactivate(person, request.user, reason=reason)
        return f"{isolated(person.label)} can sign in again."

    return _do(request, person_id, ReasonForm(request.POST, auto_id="access-%s"), change)


@require_POST
@admin_required
@proof_required
def sign_out(request: Request, person_id: int) -> HttpResponse:
    def change(person: User, reason: str) -> str:
        if people.sign_out(person, request.user, reason=reason):
            return f"{isolated(person.label)} is signed out everywhere and can sign in again."
        return f"{isolated(person.label)} was not signed in anywhere."

    return _do(request, person_id, SignOutForm(request.POST, auto_id="sign-out-%s"), change)


@require_POST
@admin_required
@proof_required
@sensitive_variables("token")
def password_link(request: Request, person_id: int) -> HttpResponse:
    """Make a link for somebody who forgot their password; its maker is shown it for minutes."""
    person = get_object_or_404(User, pk=person_id)
    try:
        token = people.password_links.hand_over(person, request.user)
    except people.PersonNotChanged as refusal:
        messages.error(request, refusal.user_message)
        return redirect("person", person.pk)
    return tell(reverse("person", args=[person.pk]), token)


@require_POST
@admin_required
@proof_required
def remove_second_factor(request: Request, person_id: int) -> HttpResponse:
    def change(person: User, reason: str) -> str:
        second_factor.remove(person, request.user, reason=reason)
        return f"{isolated(person.label)} can sign in with their password alone."

    form = RemoveFactorForm(request.POST, auto_id="factor-%s")
    return _do(request, person_id, form, change)


@require_http_methods(["GET", "HEAD", "POST"])
@admin_required
@proof_required
def leave(request: Request, person_id: int) -> HttpResponse:
    """Show what leaving would mean; with POST, let the person leave."""
    person = get_object_or_404(User, pk=person_id)
    posted = request.POST if request.method == "POST" else None
    form = LeaveForm(posted, person=person)
    if form.is_valid():
        data = form.cleaned_data
        try:
            people.leave(
                person,
                data["heir"],
                request.user,
                reason=data["reason"],
                sends_queued=data["queued"] == "send",
            )
        except people.PersonNotChanged as refusal:
            form.add_error(None, refusal.user_message)
        else:
            heir = isolated(data["heir"].label)
            messages.success(request, f"{isolated(person.label)} has left; {heir} has their work.")
            return redirect("person", person.pk)
    context = {
        "person": person,
        "form": form,
        "outlook": people.outlook(person),
        "doubt_days": longest_retention().days,
    }
    return render(request, "team/leave.html", context, status=422 if form.errors else 200)


def _do(
    request: Request, person_id: int, form: ReasonForm, change: Callable[[User, str], str]
) -> HttpResponse:
    """Make a change that has a reason, and say what it did."""
    person = get_object_or_404(User, pk=person_id)
    if form.is_valid():
        try:
            done = change(person, form.cleaned_data["reason"])
        except people.PersonNotChanged as refusal:
            form.add_error("reason", refusal.user_message)
        else:
            messages.success(request, done)
            return redirect("person", person.pk)
    return _page(request, person, form, status=422)


def _page(
    request: Request, person: User, bound: ReasonForm | None = None, *, status: int = 200
) -> HttpResponse:
    other = User.Role.MEMBER if person.is_admin else User.Role.ADMIN
    events = AuditEvent.objects.filter(subject=person.username).of_changes()
    context = {
        "person": person,
        "budget": ledger.standing_of(person),
        "keys": Credential.objects.current().filter(owner=person).order_by("provider"),
        "outlook": people.outlook(person),
        "image_bytes": Image.objects.filter(owner=person).weight(),
        "unused_image_bytes": Image.objects.unused_by(person).weight(),
        "sessions": len(sessions.of(person)),
        "role_form": RoleForm(initial={"role": other}, auto_id="role-%s"),
        "access_form": ReasonForm(auto_id="access-%s"),
        "link_hours": people.password_links.HANDED_HOURS,
        "sign_out_form": SignOutForm(auto_id="sign-out-%s"),
        "has_second_factor": second_factor.has_one(person),
        "factor_form": RemoveFactorForm(auto_id="factor-%s"),
        "events": events.for_pages()[:EVENTS_SHOWN],
    }
    context |= _fresh_link(request, person)
    if bound:
        context[BOUND_AS[type(bound)]] = bound
    return render(request, "team/person.html", context, status=status)


@sensitive_variables("fresh", "address")
def _fresh_link(request: Request, person: User) -> dict[str, object]:
    """The link just made for this person, and how long it stands here, while it still works."""
    fresh = told(request)
    try:
        if fresh is None or (link := people.password_links.find(fresh.token)).person != person:
            return {}
    except people.NotValid:
        return {}
    address = addresses.public(reverse("new-password", args=[fresh.token]), request)
    return {"link": address, "shown_until": fresh.until, "ends": link.expires_at}
