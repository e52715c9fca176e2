"""Videos that were paid for and that nobody owns, as admins adopt or discard them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from jobs import lifecycle, queue
from jobs.archive import verify
from jobs.forms import AdoptForm, NameStrayForm
from jobs.models import Job, Rendition, Stray
from jobs.providers import PROVIDERS
from jobs.views.access import Request, admin_required
from jobs.views.answers.kept_files import given_out, poster_given_out

SHOWN = 48
KEPT_DAYS = verify.KEPT_ASIDE_SECONDS // 86_400


@dataclass(frozen=True, slots=True)
class Shown:
    """One of them, with what is known of it."""

    stray: Stray
    twin: Job | None
    """A video here that has the very same file."""

    @property
    def name(self) -> str:
        """What tells its controls from those of others."""
        if self.stray.external_id:
            return self.stray.external_id
        made = self.stray.made_at
        return f"of {made:%Y-%m-%d %H:%M:%S}" if made else self.stray.sha256[:8]

    @property
    def provider(self) -> str:
        known = PROVIDERS.get(self.stray.provider)
        return known.label if known else ""


@require_http_methods(["GET", "HEAD", "POST"])
@admin_required
def page(request: Request) -> HttpResponse:
    """All there are; with POST, look for more, or name one by its id."""
    if request.method == "POST" and "look" in request.POST:
        queue.look_for_strays()
        messages.success(request, "Looking. What is found appears here within minutes.")
        return redirect("strays")
    form = NameStrayForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        key, number = form.cleaned_data["key"], form.cleaned_data["external_id"]
        if Job.objects.filter(provider=key.provider, external_id=number).exists():
            form.add_error("external_id", "This ID already belongs to a video here.")
        else:
            named, _ = Stray.objects.update_or_create(
                provider=key.provider, external_id=number, defaults={"credential": key}
            )
            return redirect("adopt-stray", named.pk)
    films, named_ones = Stray.objects.kept(), Stray.objects.named()
    context = {
        "films": _shown(films[:SHOWN]),
        "more": max(films.count() - SHOWN, 0),
        "named": _shown(named_ones[:SHOWN]),
        "form": form,
        "days": KEPT_DAYS,
    }
    return render(request, "team/strays.html", context, status=422 if form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@admin_required
def adopt(request: Request, stray_id: UUID) -> HttpResponse:
    """Its form, and with POST a video that somebody owns."""
    stray = get_object_or_404(Stray.objects.select_related("credential"), pk=stray_id)
    form = AdoptForm(request.POST if request.method == "POST" else None, stray=stray)
    if form.is_valid():
        data = form.cleaned_data
        provider, model = form.made_with
        terms = lifecycle.Adoption(
            owner=data["owner"],
            project=data["project"],
            title=" ".join(data["title"].split()),
            provider=provider,
            model=model,
            books_charge=data.get("books_charge", False),
        )
        try:
            job = lifecycle.adopt(stray, terms, request.user)
        except lifecycle.NotAdopted as error:
            form.add_error(None, error.user_message)
        else:
            messages.success(request, _adopted(job))
            return redirect("job", job.pk)
    context = {"form": form, **_about(stray)}
    return render(request, "team/adopt.html", context, status=422 if form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@admin_required
def discard(request: Request, stray_id: UUID) -> HttpResponse:
    """Ask first, since it cannot be undone."""
    stray = get_object_or_404(Stray, pk=stray_id)
    if request.method != "POST":
        return render(request, "team/discard.html", _about(stray))
    if lifecycle.discard(stray, request.user):
        messages.success(request, "Discarded.")
    return redirect("strays")


@require_safe
@admin_required
def video(request: Request, stray_id: UUID) -> HttpResponseBase:
    """The film, to see what it is."""
    stray = get_object_or_404(Stray.objects.kept(), pk=stray_id)
    return given_out(request, stray.file, "video/mp4", f'"{stray.sha256[:32]}"')


@require_safe
@admin_required
def poster(request: Request, stray_id: UUID) -> HttpResponseBase:
    stray = get_object_or_404(Stray.objects.kept(), pk=stray_id)
    return poster_given_out(request, stray.poster, f"{stray.sha256[:32]}-poster")


def _about(stray: Stray) -> dict[str, Any]:
    (shown,) = _shown([stray])
    return {"each": shown, "stray": stray}


def _shown(strays: Iterable[Stray]) -> list[Shown]:
    """One query beside theirs."""
    found = list(strays)
    hashes = [stray.sha256 for stray in found if stray.sha256]
    files = Rendition.objects.filter(sha256__in=hashes, state=Rendition.State.STORED)
    twins = {file.sha256: file.job for file in files.select_related("job")} if hashes else {}
    return [Shown(stray, twins.get(stray.sha256)) for stray in found]


def _adopted(job: Job) -> str:
    if job.charged:
        return f"Adopted. {job.charged:,} credits were booked for it."
    return "Adopted. Nothing was charged for it."
