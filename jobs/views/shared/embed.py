"""A public link on other sites: what a chat is told of it, and the player in a frame."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from csp.decorators import csp_replace
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.shortcuts import render
from django.urls import Resolver404, resolve, reverse
from django.utils.html import format_html
from django.views.decorators.http import require_safe

from jobs import shares
from jobs.forms import digits
from jobs.models import Rendition, ShareLink, Team
from jobs.net import addresses
from jobs.views.answers.packed import packed
from jobs.views.shared.link import HEADERS, count_visit, page_context, public, shown_on


@packed
@require_safe
@public
def embed(request: HttpRequest, link: ShareLink, token: str) -> HttpResponseBase:
    """The player alone, for the pages of the sites that may frame it; else there is none."""
    if not link.embed_sites or link.password:
        raise Http404
    found = shown_on(link, token)
    context = page_context(request, link, token, found, found[0])

    @csp_replace({"frame-ancestors": link.embed_sites.split()})
    def framed(request: HttpRequest) -> HttpResponse:
        return render(request, "shared/embed.html", context)

    response = framed(request)
    # The policy above says who may; this older header cannot.
    setattr(response, "xframe_options_exempt", True)  # noqa: B010  # no type knows it
    count_visit(request, response, link, token)
    return response


@login_not_required
@require_safe
def oembed(request: HttpRequest) -> HttpResponse:
    """Answer a chat or a page editor before it shows a link (oembed.com, 2.3)."""
    try:
        token = _token_in(request.GET.get("url", ""), request)
        answer = _oembed(request, shares.find(token), token)
    except (Http404, shares.NoSuchLink):
        answer = JsonResponse({"error": "not found"}, status=404)
    for name, value in HEADERS.items():
        answer.headers[name] = value
    return answer


def _token_in(url: str, request: HttpRequest) -> str:
    """The token of a link's address on this server. Raises `Http404`."""
    try:
        is_ours = addresses.is_ours(url, request)
        match = resolve(urlsplit(url).path)
    except (Resolver404, ValueError) as error:
        raise Http404 from error
    if match.url_name != "shared" or not is_ours:
        raise Http404
    return str(match.kwargs["token"])


def _oembed(request: HttpRequest, link: ShareLink, token: str) -> JsonResponse:
    if link.password:
        raise Http404
    if request.GET.get("format", "json") != "json":
        return JsonResponse({"error": "json only"}, status=501)
    first = shown_on(link, token)[0]
    facts: dict[str, Any] = {
        "version": "1.0",
        "type": "link",
        "title": first.title,
        "provider_name": Team.current().name or "Dailies",
        "cache_age": 300,
    }
    if first.has_poster:
        facts["thumbnail_url"] = addresses.public(first.picture, request)
    if link.embed_sites:
        width, height = _fitted(first.file, digits(request.GET.get("maxwidth", "")))
        source = addresses.public(reverse("shared-embed", args=[token]), request)
        facts |= {
            "type": "video",
            "width": width,
            "height": height,
            "html": format_html(
                '<iframe src="{}" width="{}" height="{}" title="{}" allow="fullscreen" '
                'referrerpolicy="no-referrer"></iframe>',
                source,
                width,
                height,
                first.title,
            ),
        }
    return JsonResponse(facts)


def _fitted(file: Rendition, width_max: int | None) -> tuple[int, int]:
    """The size of a frame for this film, no wider than is asked for."""
    width, height = file.width or 1280, file.height or 720
    shown = max(min(width, width_max or 1280, 1280), 1)
    return shown, max(round(height * shown / width), 1)
