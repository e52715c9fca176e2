"""Pictures that videos start from: handed in, chosen from a video, and given out again."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.contrib.humanize.templatetags.humanize import apnumber
from django.core.files.uploadedfile import UploadedFile
from django.http import (
    Http404,
    HttpRequest,
    HttpResponse,
    HttpResponseBase,
    QueryDict,
)
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from jobs.archive import NotAnImage
from jobs.archive.intake import images, public_addresses, source_films
from jobs.decoding.answers import BYTES_MAX
from jobs.forms import search_words
from jobs.forms.ordering.images import IDS_MAX, in_order, most_images, thumbs
from jobs.models import Image, Rendition, User
from jobs.views.access import Request, image_to_see
from jobs.views.answers.kept_files import etag_of, given_out
from jobs.views.http import uploads

FRAMES_SHOWN = 24
FILM_NAMES = (".mp4", ".m4v", ".mov")
MOMENTS = {"first": images.FIRST, "last": images.LAST}


@dataclass
class Intake:
    """The pictures of one form: those that are kept, and the reasons why others are not."""

    images: list[Image] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)


def keep_all(request: Request) -> Intake:
    """Take in the files, the link, the frame and the video of a form. One that fails spares the
    others.
    """
    intake, user = Intake(), request.user
    intake.problems += [f"{name[:80]}: {why}" for name, why in uploads.unread(request)]
    files = request.FILES.getlist("files")
    most = most_images()
    # Twice as many, to choose from, are no mistake yet.
    if len(files) > 2 * most:
        intake.problems.append(f"{len(files)} files are too many. Choose {apnumber(most)} at most.")
        files = []
    link = request.POST.get("link", "").strip()
    frame = request.POST.get("frame", "")
    if "rendition" in request.POST:
        # Of a video's own page, where the second stands in a field beside it.
        frame = f"{request.POST['rendition']}:{request.POST.get('at', '')}"
    wanted: list[tuple[str, Callable[[], Image]]] = [
        (file.name or "A file", partial(_upload, user, file)) for file in files
    ]
    if link:
        wanted.append(("The link", partial(images.from_link, user, link)))
    if frame:
        wanted.append(("The frame", partial(_frame, user, frame)))
    if video := request.POST.get("film", ""):
        wanted.append(("The video", partial(_video, user, video)))
    for name, keep_one in wanted:
        try:
            intake.images.append(keep_one())
        except NotAnImage as error:
            intake.problems.append(f"{name[:80]}: {error.user_message}")
    return intake


@require_POST
def add(request: Request) -> HttpResponse:
    """Keep pictures. With htmx their thumbnails come back, else the studio with them in it."""
    intake = keep_all(request)
    if request.htmx:
        mode = request.POST.get("mode", "")
        context = {"thumbs": thumbs(intake.images, mode), "problems": intake.problems}
        return render(request, "studio/_added.html", context, status=200 if intake.images else 422)
    for problem in intake.problems:
        messages.error(request, problem)
    if not (intake.images or intake.problems):
        messages.error(request, "Choose an image first.")
    chosen = _with(request.POST.getlist("images")[:IDS_MAX], intake)
    mode = "video" if "film" in request.POST else request.POST.get("mode") or "frames"
    return redirect(f"{reverse('studio')}?{urlencode({'mode': mode, 'image': chosen}, True)}")


@require_safe
def picture(request: Request, image_id: UUID, suffix: str) -> HttpResponseBase:
    """One picture, to who handed it in or may see a job it went into."""
    response = _file(request, image_to_see(request.user, image_id), suffix)
    response["Cache-Control"] = "private, max-age=86400"
    return response


@login_not_required
@require_safe
def public(request: HttpRequest, signed: str, suffix: str) -> HttpResponseBase:
    """One picture to whoever has its signed address: a provider, within a day."""
    image = public_addresses.named_by(signed)
    if image is None:
        raise Http404
    response = _file(request, image, suffix)
    response["Cache-Control"] = "no-store"
    response["X-Robots-Tag"] = "noindex"
    response["Referrer-Policy"] = "no-referrer"
    return response


@require_safe
def frames(request: Request) -> HttpResponse:
    """Finished videos, to take the first or last frame of; a page, or with htmx the list alone."""
    context = {
        **frames_context(request.user, request.GET.get("words", "")),
        "mode": request.GET.get("mode", ""),
        "images": request.GET.getlist("image")[:IDS_MAX],
    }
    template = "studio/_frames.html" if request.htmx else "studio/frames.html"
    return render(request, template, context)


def frames_context(user: User, words: str) -> dict[str, Any]:
    """The newest stored videos this person may see, of those with all the words."""
    words = search_words(words)
    films = Rendition.objects.visible_to(user).filter(
        state=Rendition.State.STORED, part=Rendition.Part.FILM
    )
    if words.strip():
        films = films.matching(words)
    newest = films.select_related("job").order_by("-stored_at")[:FRAMES_SHOWN]
    return {"films": newest, "words": words}


def shape_of_film(user: User, ids: list[str]) -> str:
    """The aspect ratio nearest to that of the film among these images; '' where there is none."""
    film = next((image for image in in_order(user, ids) if image.is_film), None)
    if film is None:
        return ""
    return "9:16" if film.height > film.width else "16:9"


def arranged(data: QueryDict, intake: Intake) -> QueryDict:
    """The form after what was taken in, and after its buttons to move or remove an image."""
    data = data.copy()
    ids = _with(data.getlist("images"), intake)
    if "film" in data and not intake.problems:
        data["mode"] = "video"
    what, _, where = data.get("arrange", "").partition(":")
    place = int(where) - 1 if where.isascii() and where.isdigit() and len(where) < 3 else -1
    if 0 <= place < len(ids):
        if what == "remove":
            del ids[place]
        elif what == "left" and place:
            ids[place - 1], ids[place] = ids[place], ids[place - 1]
    data.setlist("images", ids)
    data["link"] = ""
    return data


def _with(ids: list[str], intake: Intake) -> list[str]:
    """The images of a form and those that came with it. A film takes the place of another."""
    new = intake.images
    if any(image.is_film for image in new):
        films = Image.objects.filter(pk__in=filter(_is_id, ids[:IDS_MAX]), seconds__isnull=False)
        others = {str(number) for number in films.values_list("pk", flat=True)}
        ids = [each for each in ids if each not in others]
    return [*ids, *(str(image.pk) for image in new)]


def _is_id(text: str) -> bool:
    try:
        UUID(text)
    except ValueError:
        return False
    return True


def _upload(user: User, file: UploadedFile[bytes]) -> Image:
    size = file.size or 0
    # A large one lies on the disk already, where the child reads it from.
    path = getattr(file, "temporary_file_path", None)
    if (file.content_type or "").startswith("video/") or _is_named_as_film(file):
        source_films.require_size(size)
        return source_films.add(user, Path(path()) if path else file.read())
    if size > BYTES_MAX:
        raise NotAnImage(f"This is larger than {BYTES_MAX // 1024**2} MB.")
    return images.add(user, Path(path()) if path else file.read(), Image.Origin.UPLOAD)


def _is_named_as_film(file: UploadedFile[bytes]) -> bool:
    return (file.name or "").lower().endswith(FILM_NAMES)


def _frame(user: User, frame: str) -> Image:
    """The frame that a button of the list names: `<rendition>:first`, `:last`, or seconds."""
    name, _, moment = frame.partition(":")
    try:
        seconds = MOMENTS[moment] if moment in MOMENTS else float(moment)
        number = UUID(name)
    except ValueError as error:
        raise NotAnImage("This frame doesn’t exist.") from error
    rendition = _stored(user, number)
    if rendition is None or not seconds >= 0:
        raise NotAnImage("This frame doesn’t exist.")
    return images.from_frame(user, rendition, seconds)


def _video(user: User, name: str) -> Image:
    """The video that a button names, to be changed by words."""
    video = _stored(user, UUID(name)) if _is_id(name) else None
    if video is None:
        raise NotAnImage("This video doesn’t exist.")
    return source_films.of_video(user, video)


def _stored(user: User, number: UUID) -> Rendition | None:
    stored = Rendition.objects.visible_to(user).filter(state=Rendition.State.STORED)
    return stored.filter(pk=number).first()


def _file(request: HttpRequest, image: Image, suffix: str) -> HttpResponseBase:
    if suffix != image.suffix:
        raise Http404
    return given_out(request, image.kept_as, image.content_type, etag_of(image))
