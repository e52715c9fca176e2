"""Say what one thinks of videos: of one, or of many at once, and take it back."""

from __future__ import annotations

from collections.abc import Collection
from urllib.parse import urlsplit
from uuid import UUID

from django.contrib import messages
from django.core import signing
from django.http import HttpResponse
from django.middleware.csrf import get_token
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from jobs import choosing
from jobs.choosing import Chosen, Step
from jobs.forms import ChoosingForm
from jobs.forms.choosing import FACTS, PICK
from jobs.letters import isolated
from jobs.models import Job
from jobs.views.access import Request
from jobs.views.callers import called_from
from jobs.views.jobs.cards import cards_for
from jobs.views.meant import NoneMeant, videos_meant

SALT = "jobs.undo"
UNDO_SECONDS = 3600
"""For so long a click can be taken back; after that one says anew what one thinks."""


@require_POST
def choose(request: Request) -> HttpResponse:
    """What the pressed button says, of all videos that it is meant for."""
    try:
        form = ChoosingForm(request.POST, meant=videos_meant(request))
    except NoneMeant as error:
        messages.error(request, error.user_message)
        return _answer(request, [])
    if not form.is_valid():
        messages.error(request, " ".join(str(e) for es in form.errors.values() for e in es))
        return _answer(request, [])
    try:
        chosen = _done(request, form)
    except choosing.NotChosen as error:
        messages.error(request, error.user_message)
        return _answer(request, [])
    if not chosen.videos:
        messages.error(request, "Nothing was changed: what you chose is no longer there.")
        return _answer(request, [])
    said = _sentence(form, len(chosen.videos))
    if missing := len(set(form.videos)) - len(chosen.videos):
        said += ngettext(" %d is no longer there.", " %d are no longer there.", missing) % missing
    messages.success(request, said, extra_tags=_token(request, chosen.steps))
    return _answer(request, chosen.videos)


@require_POST
def undo(request: Request) -> HttpResponse:
    """Take one click back, for each video of which nobody has said anything else since."""
    try:
        whose, steps = signing.loads(request.POST.get("steps", ""), salt=SALT, max_age=UNDO_SECONDS)
    except signing.BadSignature:
        whose, steps = None, []
    if whose != request.user.pk:
        messages.error(request, "This can’t be undone any more.")
        return _answer(request, [])
    made = [Step(UUID(video), what, before, after) for video, what, before, after in steps]
    try:
        videos = choosing.undo(made, request.user)
    except choosing.NotChosen as error:
        messages.error(request, error.user_message)
        return _answer(request, [])
    said = ngettext("Undone for %d video.", "Undone for %d videos.", len(videos)) % len(videos)
    if videos:
        messages.success(request, said)
    else:
        messages.info(request, "Nothing was undone: somebody has changed it since.")
    return _answer(request, videos)


@require_safe
def tags(request: Request) -> HttpResponse:
    """The tags that are there already, for whoever types one."""
    return render(request, "jobs/_tags.html", {"tags": choosing.tags_seen_by(request.user)})


def _done(request: Request, form: ChoosingForm) -> Chosen:
    if form.deed == PICK:
        return choosing.pick(form.cleaned_data["pick"], form.videos, request.user)
    if form.deed in FACTS:
        return choosing.choose(form.videos, request.user, *FACTS[form.deed])
    if not form.names:
        raise choosing.NotChosen("Type a tag first.")
    change = choosing.tag if form.deed == "tag" else choosing.untag
    return change(form.videos, request.user, form.names)


def _answer(request: Request, videos: Collection[UUID]) -> HttpResponse:
    """The cards as they are now, or the page that was open."""
    if not request.htmx:
        return redirect(called_from(request) or "studio")
    jobs = Job.objects.visible_to(request.user).filter(pk__in=videos).for_cards()
    cards = cards_for(jobs, request.user, get_token(request))
    # A page of its own has no cards: a video's has a row, others what comes with their next poll.
    open_page = urlsplit(called_from(request)).path
    is_own = "page" in request.POST or open_page not in ("", reverse("studio"))
    row = cards[0] if is_own and len(cards) == 1 else None
    context = {"cards": [] if is_own else cards, "row": row}
    return render(request, "jobs/_chosen.html", context)


def _token(request: Request, steps: Collection[Step]) -> str:
    """What undoes these steps, for this person alone; nothing where nothing was changed."""
    if not steps:
        return ""
    told = [(each.video.hex, each.what, each.before, each.after) for each in steps]
    return signing.dumps((request.user.pk, told), salt=SALT, compress=True)


def _sentence(form: ChoosingForm, number: int) -> str:
    if form.deed == PICK:
        others = number - 1
        return "Picked." + ngettext(" %d other rejected.", " %d others rejected.", others) % others
    deed, names = form.deed, ", ".join(f"“{isolated(name)}”" for name in form.names)
    if deed in ("tag", "untag"):
        one, many = {
            "tag": ("%d video tagged {}.", "%d videos tagged {}."),
            "untag": ("Tag {} removed from %d video.", "Tag {} removed from %d videos."),
        }[deed]
        return (ngettext(one, many, number) % number).format(names)
    one, many = SENTENCES.get(deed, ("%d video rated {}.", "%d videos rated {}."))
    return (ngettext(one, many, number) % number).format(FACTS[deed][1])


SENTENCES = {
    "favorite": ("%d video is a favorite now.", "%d videos are favorites now."),
    "unfavorite": ("%d video is no favorite any more.", "%d videos are no favorites any more."),
    "reject": ("%d video rejected.", "%d videos rejected."),
    "restore": ("%d video is no longer rejected.", "%d videos are no longer rejected."),
    "rate-0": ("Rating removed from %d video.", "Rating removed from %d videos."),
}
