"""Say what one thinks of videos: of one, or of many at once, and take it back."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from jobs.forms import ChoosingForm
from jobs.forms.library.choosing import FACTS, PICK
from jobs.keeping import choosing, tagging
from jobs.keeping.choosing import Chosen
from jobs.letters import isolated
from jobs.views.access import Request
from jobs.views.jobs.keeping.chosen import answered, nothing_done
from jobs.views.jobs.keeping.undoing import token
from jobs.views.meant import NoneMeant, videos_meant


@require_POST
def choose(request: Request) -> HttpResponse:
    """What the pressed button says, of all videos that it is meant for."""
    try:
        form = ChoosingForm(request.POST, meant=videos_meant(request))
    except NoneMeant as error:
        return nothing_done(request, error.user_message)
    if not form.is_valid():
        return nothing_done(request, form)
    try:
        chosen = _done(request, form)
    except choosing.NotChosen as error:
        return nothing_done(request, error.user_message)
    if not chosen.videos:
        return nothing_done(request, "Nothing was changed: what you chose is no longer there.")
    said = _sentence(form, len(chosen.videos))
    if missing := len(set(form.videos)) - len(chosen.videos):
        said += ngettext(" %d is no longer there.", " %d are no longer there.", missing) % missing
    messages.success(request, said, extra_tags=token(request, chosen.steps))
    return answered(request, chosen.videos)


@require_safe
def tags(request: Request) -> HttpResponse:
    """The tags that are there already, for whoever types one."""
    return render(request, "jobs/_tags.html", {"tags": tagging.tags_seen_by(request.user)})


def _done(request: Request, form: ChoosingForm) -> Chosen:
    if form.deed == PICK:
        return choosing.pick(form.cleaned_data["pick"], form.videos, request.user)
    if form.deed in FACTS:
        return choosing.choose(form.videos, request.user, *FACTS[form.deed])
    if not form.names:
        raise choosing.NotChosen("Type a tag first.")
    change = tagging.tag if form.deed == "tag" else tagging.untag
    return change(form.videos, request.user, form.names)


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
