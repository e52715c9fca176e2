"""Public links, as the team makes, watches and ends them."""

from __future__ import annotations

from django.contrib import messages
from django.db.models import Prefetch, Q
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.debug import sensitive_post_parameters, sensitive_variables
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from jobs import shares
from jobs.forms import ShareForm
from jobs.models import SharedTake, ShareLink
from jobs.views.access import Request
from jobs.views.http.bell import saw
from jobs.views.shares.address import fresh_address, link_of

LINKS_SHOWN = 200


@require_safe
def page(request: Request) -> HttpResponse:
    """One's own links; an admin's all of them."""
    links = ShareLink.objects.visible_to(request.user).with_answers()
    links = links.select_related("owner", "made_by", "project", "upgrade")
    up = set(ShareLink.objects.open().values_list("pk", flat=True))
    takes = Prefetch("takes", SharedTake.objects.not_thrown())
    rows = [(link, link.pk in up) for link in links.prefetch_related(takes)[:LINKS_SHOWN]]
    context = {
        "open": [link for link, is_up in rows if is_up],
        "over": [link for link, is_up in rows if not is_up],
    }
    return render(request, "shares/page.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@sensitive_post_parameters("password")
@sensitive_variables("address")
def link(request: Request, link_id: int) -> HttpResponse:
    """One link: how it is used, what it shows, and how it ends. With POST other terms."""
    found = link_of(request, link_id)
    form = ShareForm(
        request.POST if request.method == "POST" else None,
        link=found,
        upgrade=_offer(request, found),
    )
    if form.is_valid():
        try:
            changed = shares.change(found, form.terms, request.user)
        except shares.NotShareable as error:
            form.refuse(error)
        else:
            said = f"Changed: {', '.join(changed)}." if changed else "Nothing changed."
            messages.success(request, said)
            return redirect("share", found.pk)
    saw(request, Q(note__link=found))
    takes = shares.takes_of(found)
    context = {
        "link": found,
        "form": form,
        "is_open": ShareLink.objects.open().filter(pk=found.pk).exists(),
        "takes": takes,
        "notes": found.notes.count(),
        "verdicts": list(shares.opinions(found)),
        "blocked": list(found.blocked.select_related("blocked_by")),
        "remark": shares.last_remark(found),
        "picked_place": shares.picked_place(found, takes),
        **fresh_address(request, found),
    }
    return render(request, "shares/link.html", context, status=422 if form.errors else 200)


@require_POST
def revoke(request: Request, link_id: int) -> HttpResponse:
    found = link_of(request, link_id)
    if shares.revoke(found, request.user):
        messages.success(request, "Revoked. Its page and files are offline.")
    else:
        messages.warning(request, "This link was already revoked.")
    return redirect("share", found.pk)


def _offer(request: Request, link: ShareLink) -> shares.Offer | None:
    """The offer of a larger copy of the pick; others than who pays can only call it off."""
    if link.owner_id != request.user.pk and not link.awaits_pick:
        return None
    files = [take.rendition for take in link.takes.select_related("rendition__job")]
    return shares.offer_on(files, link.owner)
