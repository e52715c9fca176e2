"""What is behind a public link, for whoever has it: a page, its files, and a frame of it elsewhere.

Whatever is not there, or not for this link, is answered with the same page: nobody learns whether
an address was ever good. Forms carry no token against foreign forms: nothing here rests on who is
signed in, and the pass of a link is not sent along with a foreign form.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from pathlib import Path
from typing import Any
from urllib.parse import urlencode, urlsplit
from uuid import UUID

from csp.decorators import csp_replace
from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.core import signing
from django.http import (
    FileResponse,
    Http404,
    HttpRequest,
    HttpResponse,
    HttpResponseBase,
    JsonResponse,
)
from django.shortcuts import redirect, render
from django.urls import Resolver404, resolve, reverse
from django.utils.html import format_html
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.debug import sensitive_post_parameters, sensitive_variables
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from jobs import shares
from jobs.archive.film import POSTER_SIZE
from jobs.archive.picture import as_jpeg
from jobs.forms import ReviewForm, UnlockForm, digits
from jobs.models import Rendition, ReviewNote, SharedTake, ShareLink, Team
from jobs.views.media import file_name, opened, streamed

HEADERS = {
    "Cache-Control": "no-store",
    "X-Robots-Tag": "noindex",
    "Referrer-Policy": "no-referrer",
}
PASS, SEEN, VISITOR = "pass", "seen", "visitor"
VISITOR_SECONDS = 90 * 24 * 3600
VISIT_SECONDS = 1800
"""Whoever comes back within it is on the same visit."""


@dataclass(frozen=True, slots=True)
class Shown:
    """One take as the page shows it."""

    take: shares.Take
    link: ShareLink
    token: str

    @property
    def job(self) -> Any:
        return self.take.job

    @property
    def file(self) -> Rendition:
        return self.take.file

    @property
    def title(self) -> str:
        """The link's own title, or what tells its takes apart."""
        return self.link.title or f"Take {self.take.place}"

    @property
    def page(self) -> str:
        return f"{reverse('shared', args=[self.token])}?take={self.take.place}"

    @property
    def video(self) -> str:
        return self._address("shared-video")

    @property
    def poster(self) -> str:
        return self._address("shared-poster")

    @property
    def picture(self) -> str:
        """The poster as JPEG, which every chat can show."""
        return self._address("shared-picture")

    @property
    def download(self) -> str:
        return self._address("shared-download") if self.take.whole else ""

    @property
    def review(self) -> str:
        return self._address("shared-review")

    @property
    def has_poster(self) -> bool:
        return self.take.is_ready and bool(self.take.poster)

    @property
    def poster_size(self) -> tuple[int, int] | None:
        """Its pixels: the film's, fitted as the archive does; None where they are not known."""
        width, height = self.file.width, self.file.height
        if not (width and height):
            return None
        scale = min(POSTER_SIZE[0] / width, POSTER_SIZE[1] / height, 1)
        return max(round(width * scale), 1), max(round(height * scale), 1)

    def _address(self, name: str) -> str:
        return reverse(name, args=[self.token, self.file.pk])


def public(view: Callable[..., HttpResponseBase]) -> Callable[..., HttpResponseBase]:
    """Finds the link of a token; what is behind none is the same page for everybody."""

    @login_not_required
    @csrf_exempt
    @sensitive_variables("token")
    @wraps(view)
    def guarded(request: HttpRequest, token: str, **ids: UUID) -> HttpResponseBase:
        try:
            response = view(request, shares.find(token), token, **ids)
        except (shares.NotThere, Http404):
            response = render(request, "shared/over.html", status=404)
        for name, value in HEADERS.items():
            response.headers[name] = value
        return response

    return guarded


@require_http_methods(["GET", "HEAD", "POST"])
@sensitive_post_parameters("password")
@public
def page(request: HttpRequest, link: ShareLink, token: str) -> HttpResponse:
    """The player and the takes, or the door of a link with a password."""
    if not _may_pass(request, link):
        return _door(request, link, token)
    found = _shown(link, token)
    wanted = digits(request.GET.get("take", ""))
    now = next((each for each in found if each.take.place == wanted), found[0])
    context = _context(request, link, token, found, now)
    context["form"] = _review_form(request, now)
    context["start"] = digits(request.GET.get("t", "").partition(".")[0])
    response = render(request, "shared/page.html", context)
    _count(request, response, link, token)
    return response


@require_POST
@public
def review(
    request: HttpRequest, link: ShareLink, token: str, rendition_id: UUID
) -> HttpResponseBase:
    """Take a visitor's note: a comment, a pick, an approval, a wish for changes."""
    take = _take(request, link, rendition_id)
    found = _shown(link, token)
    now = next(each for each in found if each.take.place == take.place)
    visitor = _visitor(request) or secrets.token_urlsafe(16)
    form = ReviewForm(request.POST, seconds=take.file.seconds)
    back = redirect(f"{now.page}#review")
    if form.is_of_a_program:
        # It is told what a person would be told, and nothing is kept.
        return back
    if form.is_valid():
        data = form.cleaned_data
        try:
            shares.say(
                link,
                take.shared,
                data["kind"],
                name=data["name"],
                visitor=visitor,
                text=data["text"],
                seconds=data["at"],
            )
        except shares.NotTaken as error:
            form.add_error(None, error.user_message)
        else:
            address = reverse("shared", args=[token])
            told = signing.dumps([visitor, data["name"]], salt=VISITOR)
            _set_cookie(back, VISITOR, told, address, seconds=VISITOR_SECONDS)
            return back
    context = {**_context(request, link, token, found, now), "form": form}
    return render(request, "shared/page.html", context, status=422)


@require_safe
@public
def embed(request: HttpRequest, link: ShareLink, token: str) -> HttpResponseBase:
    """The player alone, for the pages of the sites that may frame it; else there is none."""
    if not link.embed_sites or link.password:
        raise Http404
    found = _shown(link, token)
    context = _context(request, link, token, found, found[0])

    @csp_replace({"frame-ancestors": link.embed_sites.split()})
    def framed(request: HttpRequest) -> HttpResponse:
        return render(request, "shared/embed.html", context)

    response = framed(request)
    # The policy above says who may; this older header cannot.
    setattr(response, "xframe_options_exempt", True)  # noqa: B010  # no type knows it
    _count(request, response, link, token)
    return response


@require_safe
@public
def video(
    request: HttpRequest, link: ShareLink, token: str, rendition_id: UUID
) -> HttpResponseBase:
    take = _take(request, link, rendition_id)
    if not take.is_ready:
        raise Http404
    return streamed(request, take.video, _etag(take))


@require_safe
@public
def download(
    request: HttpRequest, link: ShareLink, token: str, rendition_id: UUID
) -> HttpResponseBase:
    """The file to keep: the largest that the link allows, or the one with its watermark."""
    take = _take(request, link, rendition_id)
    if take.whole is None or not take.is_ready:
        raise Http404
    name = take.video if take.is_marked else take.whole.file
    # Its own mark: when a larger copy arrives, no half of the smaller one is gone on with.
    etag = _etag(take) if take.is_marked else f'"{take.whole.sha256[:32]}"'
    response = streamed(request, name, etag, file_name(take.whole, link.title or "video"))
    # A browser that fetches a file in pieces has begun it once.
    if request.method == "GET" and response.get("Content-Range", "bytes 0-").startswith("bytes 0-"):
        shares.count_download(link)
    return response


@require_safe
@public
def poster(
    request: HttpRequest, link: ShareLink, token: str, rendition_id: UUID
) -> HttpResponseBase:
    take = _take(request, link, rendition_id)
    if not take.is_ready:
        raise Http404
    return FileResponse(opened(take.poster), content_type="image/webp")


@require_safe
@public
def picture(
    request: HttpRequest, link: ShareLink, token: str, rendition_id: UUID
) -> HttpResponseBase:
    """The poster as JPEG: what a chat shows beside the link."""
    take = _take(request, link, rendition_id)
    if not take.is_ready:
        raise Http404
    with opened(take.poster) as file:
        try:
            return HttpResponse(as_jpeg(file), content_type="image/jpeg")
        except OSError as error:
            raise Http404 from error


@login_not_required
@require_safe
def oembed(request: HttpRequest) -> HttpResponse:
    """What a chat or a page editor asks before it shows a link (oembed.com, 2.3)."""
    try:
        token = _token_in(request.GET.get("url", ""), request.get_host())
        answer = _oembed(request, shares.find(token), token)
    except (Http404, shares.NotThere):
        answer = JsonResponse({"error": "not found"}, status=404)
    for name, value in HEADERS.items():
        answer.headers[name] = value
    return answer


def _token_in(url: str, host: str) -> str:
    """The token of a link's address at this host. Raises `Http404`."""
    try:
        address = urlsplit(url)
        match = resolve(address.path)
    except (Resolver404, ValueError) as error:
        raise Http404 from error
    if match.url_name != "shared" or address.netloc != host:
        raise Http404
    return str(match.kwargs["token"])


def _oembed(request: HttpRequest, link: ShareLink, token: str) -> JsonResponse:
    if link.password:
        raise Http404
    if request.GET.get("format", "json") != "json":
        return JsonResponse({"error": "json only"}, status=501)
    first = _shown(link, token)[0]
    facts: dict[str, Any] = {
        "version": "1.0",
        "type": "link",
        "title": first.title,
        "provider_name": Team.current().name or "Dailies",
        "cache_age": 300,
    }
    if first.has_poster:
        facts["thumbnail_url"] = request.build_absolute_uri(first.picture)
    if link.embed_sites:
        width, height = _fitted(first.file, digits(request.GET.get("maxwidth", "")))
        source = request.build_absolute_uri(reverse("shared-embed", args=[token]))
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


def _shown(link: ShareLink, token: str) -> list[Shown]:
    """Every take that can be shown; a link without any leads nowhere."""
    found = [Shown(take, link, token) for take in shares.takes_of(link)]
    if not found:
        raise Http404
    return found


def _context(
    request: HttpRequest, link: ShareLink, token: str, found: list[Shown], now: Shown
) -> dict[str, Any]:
    here = request.build_absolute_uri(reverse("shared", args=[token]))
    return {
        "link": link,
        "takes": found,
        "now": now,
        "notes": _notes(link, now.take.shared),
        "verdicts": list(shares.verdicts(link)),
        "team": Team.current(),
        "here": here,
        "picture": request.build_absolute_uri(now.picture) if now.has_poster else "",
        "oembed": f"{request.build_absolute_uri(reverse('oembed'))}?{urlencode({'url': here})}",
    }


def _notes(link: ShareLink, shown: SharedTake) -> list[ReviewNote]:
    """What was said of this take, each with its answers, in the order of the film."""
    said = link.notes.filter(take=shown, answer_to=None).prefetch_related("answers__author")
    return sorted(said, key=lambda note: (note.seconds is None, note.seconds or 0, note.pk))


def _take(request: HttpRequest, link: ShareLink, rendition_id: UUID) -> shares.Take:
    if not _may_pass(request, link):
        raise Http404
    take = shares.take_of(link, rendition_id)
    if take is None:
        raise Http404
    return take


def _visitor(request: HttpRequest) -> str:
    """What this browser is known by on this link; '' before it has said anything."""
    return _known(request)[0]


def _known(request: HttpRequest) -> tuple[str, str]:
    try:
        visitor, name = signing.loads(request.COOKIES.get(VISITOR, ""), salt=VISITOR)
    except (signing.BadSignature, ValueError):
        return "", ""
    return str(visitor), str(name)


def _review_form(request: HttpRequest, now: Shown) -> ReviewForm:
    return ReviewForm(initial={"name": _known(request)[1]}, seconds=now.file.seconds)


def _etag(take: shares.Take) -> str:
    # A copy goes by its name, in which its text is: pieces of two texts make no film.
    return f'"{Path(take.video).stem}"' if take.is_marked else f'"{take.file.sha256[:32]}"'


def _may_pass(request: HttpRequest, link: ShareLink) -> bool:
    return shares.is_pass(link, request.COOKIES.get(PASS, ""))


def _door(request: HttpRequest, link: ShareLink, token: str) -> HttpResponse:
    form = UnlockForm(request.POST if request.method == "POST" else None)
    status = 200
    if form.is_bound:
        status = 422
        try:
            if form.is_valid():
                if shares.unlock(link, form.cleaned_data["password"]):
                    return _let_in(link, token)
                form.add_error("password", "This is not the password.")
        except shares.TooManyTries:
            form.add_error("password", "Too many tries. Wait ten minutes, then try again.")
            status = 429
    context = {"form": form, "team": Team.current()}
    return render(request, "shared/door.html", context, status=status)


def _let_in(link: ShareLink, token: str) -> HttpResponse:
    address = reverse("shared", args=[token])
    response = redirect(address)
    _set_cookie(response, PASS, shares.pass_for(link), address)
    return response


def _count(request: HttpRequest, response: HttpResponseBase, link: ShareLink, token: str) -> None:
    """Count the visit of a person: no robot, no look ahead, nobody of the team, each only once."""
    purpose = request.headers.get("Sec-Purpose", "") + request.headers.get("Purpose", "")
    if (
        request.method != "GET"
        or "pre" in purpose
        or request.user.is_authenticated
        or SEEN in request.COOKIES
        or shares.is_robot(request.headers.get("User-Agent", ""))
    ):
        return
    shares.count_view(link)
    _set_cookie(response, SEEN, "1", reverse("shared", args=[token]), seconds=VISIT_SECONDS)


def _set_cookie(
    response: HttpResponseBase, name: str, value: str, path: str, seconds: int | None = None
) -> None:
    response.set_cookie(
        name,
        value,
        max_age=seconds,
        path=path,
        httponly=True,
        samesite="Lax",
        secure=settings.SESSION_COOKIE_SECURE,
    )
