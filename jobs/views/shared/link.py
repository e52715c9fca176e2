"""The common part of all pages and files behind a link: finding it, its takes, its headers.

Whatever is not there, or not for this link, is answered with the same page: nobody learns whether
an address was ever good. Forms carry no token against foreign forms: nothing here rests on who is
signed in, and the pass of a link is not sent along with a foreign form.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import wraps
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.debug import sensitive_variables

from jobs import shares
from jobs.decoding.answers import POSTER_SIDES, POSTER_SIZE
from jobs.forms import digits
from jobs.letters import isolated
from jobs.models import Rendition, ReviewNote, SharedTake, ShareLink, Team
from jobs.net import addresses
from jobs.views.answers.packed import packed

HEADERS = {
    "Cache-Control": "no-store",
    "X-Robots-Tag": "noindex",
    "Referrer-Policy": "no-referrer",
}
PASS, SEEN = "pass", "seen"
"""Cookies of one link: whoever knows its password, and whose visit was counted."""
PURPOSES = ("Sec-Purpose", "Purpose", "X-Purpose", "X-Moz")
"""In which Chrome and Firefox, older ones of them, and Safari say that nobody looks yet."""
VISIT_SECONDS = 1800
"""Whoever comes back within it is on the same visit."""


@dataclass(frozen=True, slots=True)
class TakeView:
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
        return self.link.title or f"Video {self.take.place}"

    @property
    def is_tall(self) -> bool:
        """Higher than wide, so that its words stand beside it."""
        width, height = self.file.width, self.file.height
        return bool(width and height and height > width)

    @property
    def page(self) -> str:
        return f"{reverse('shared', args=[self.token])}?take={self.take.place}"

    @property
    def video(self) -> str:
        return self._address("shared-video", self.take.shown)

    @property
    def small_video(self) -> str:
        """The one for small screens; '' where the same one plays there."""
        return self._address("shared-video", self.take.small) if self.take.small else ""

    @property
    def poster(self) -> str:
        return self._address("shared-poster")

    @property
    def small_poster(self) -> str:
        """The one for where it stands among others."""
        return f"{self.poster}?side={POSTER_SIDES[0]}"

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

    def _address(self, name: str, file: Rendition | None = None) -> str:
        return reverse(name, args=[self.token, (file or self.file).pk])


def public(view: Callable[..., HttpResponseBase]) -> Callable[..., HttpResponseBase]:
    """Finds the link of a token; what is behind none is the same page for everybody."""

    @login_not_required
    @csrf_exempt
    @sensitive_variables("token")
    @wraps(view)
    def guarded(request: HttpRequest, token: str, **ids: UUID) -> HttpResponseBase:
        try:
            response = view(request, shares.find(token), token, **ids)
        except (shares.NoSuchLink, Http404):
            response = _nothing_here(request)
        for name, value in HEADERS.items():
            response.headers[name] = value
        return response

    return guarded


@packed
def _nothing_here(request: HttpRequest) -> HttpResponse:
    return render(request, "shared/over.html", status=404)


def shown_on(link: ShareLink, token: str) -> list[TakeView]:
    """Every take that can be shown; a link without any leads nowhere."""
    found = [TakeView(take, link, token) for take in shares.takes_of(link)]
    if not found:
        raise Http404
    return found


def page_context(
    request: HttpRequest, link: ShareLink, token: str, found: list[TakeView], now: TakeView
) -> dict[str, Any]:
    notes = _notes(link, now.take.shared)
    here = addresses.public(reverse("shared", args=[token]), request)
    title = isolated(now.title)
    is_one_of_several = link.title and len(found) > 1
    return {
        "link": link,
        "takes": found,
        "now": now,
        "name": f"{title}, video {now.take.place}" if is_one_of_several else title,
        "zip_bytes": shares.zip_bytes(each.take for each in found) if len(found) > 1 else 0,
        "notes": notes,
        "marks": [note for note in notes if note.seconds is not None],
        "verdicts": list(shares.opinions(link)),
        "picked_place": shares.picked_place(link, (each.take for each in found)),
        "team": Team.current(),
        "here": here,
        "picture": addresses.public(now.picture, request) if now.has_poster else "",
        "oembed": addresses.public(f"{reverse('oembed')}?{urlencode({'url': here})}", request),
    }


def _notes(link: ShareLink, shown: SharedTake) -> list[ReviewNote]:
    """The notes on this take, each with its answers, in the order of the film."""
    said = link.notes.filter(take=shown, answer_to=None).prefetch_related("answers__author")
    return sorted(said, key=lambda note: (note.seconds is None, note.seconds or 0, note.pk))


def take_to_show(request: HttpRequest, link: ShareLink, rendition_id: UUID) -> shares.Take:
    if not may_pass(request, link):
        raise Http404
    take = shares.take_of(link, rendition_id)
    if take is None:
        raise Http404
    return take


def may_pass(request: HttpRequest, link: ShareLink) -> bool:
    return shares.is_pass(link, request.COOKIES.get(PASS, ""))


def compare_address(token: str, places: Iterable[int]) -> str:
    """Where takes of a link stand side by side, by their places."""
    query = urlencode([("take", place) for place in places])
    return f"{reverse('shared-compare', args=[token])}?{query}"


def compared_before(request: HttpRequest, token: str) -> str:
    """Where somebody compared the takes that they say something of now; '' where they did not."""
    places = [place for each in request.POST.getlist("compared") if (place := digits(each))]
    return compare_address(token, places) if places else ""


def is_opened(request: HttpRequest) -> bool:
    """Somebody opens this now: no question about it (HEAD), and no browser that looks ahead."""
    return request.method == "GET" and not any(
        word in request.headers.get(name, "").lower()
        for name in PURPOSES
        for word in ("prefetch", "prerender", "preview")
    )


def count_visit(
    request: HttpRequest, response: HttpResponseBase, link: ShareLink, token: str
) -> None:
    """Count the visit of a person: no robot, no look ahead, nobody of the team, each only once."""
    if (
        not is_opened(request)
        or request.user.is_authenticated
        or SEEN in request.COOKIES
        or shares.is_robot(request.headers.get("User-Agent", ""))
    ):
        return
    shares.count_view(link)
    set_cookie(response, SEEN, "1", reverse("shared", args=[token]), seconds=VISIT_SECONDS)


def set_cookie(
    response: HttpResponseBase, name: str, value: str, path: str, seconds: int | None = None
) -> None:
    response.set_cookie(name, value, max_age=seconds, path=path, httponly=True, samesite="Lax")
