"""A proposal for the prompt in the composer, beside it: taken by a person, or not."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from difflib import SequenceMatcher

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_POST

from jobs import limits, prompt_help
from jobs.forms import PromptForm
from jobs.limits import Limit
from jobs.views.access import Request
from jobs.views.studio.composer import starting

WORD = re.compile(r"\w+\s*|[^\w\s]\s*|\s+")
"""With the space behind it: a space alone would be found in common everywhere."""
COMPARED_MAX = 400
"""Words: of the same ones over and over, comparing takes as the cube of their number."""


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of a text, and whether the other text has it too."""

    text: str
    is_common: bool


@require_POST
def page(request: Request) -> HttpResponse:
    """Show a proposal beside the prompt; nothing is sent to a provider of videos."""
    if not prompt_help.host():
        raise Http404
    form = PromptForm(request.POST)
    if not form.is_valid():
        return _shown(request, 422, problem=" ".join(map(str, form.errors["prompt"])))
    prompt: str = form.cleaned_data["prompt"]
    limits.take(Limit.PROMPT_HELP, request.user.pk)
    try:
        proposal = prompt_help.improve(prompt)
    except prompt_help.NoHelp as error:
        return _shown(request, 502, problem=error.user_message)
    if proposal == prompt.strip():
        return _shown(request, 200, problem=f"{prompt_help.host()} found nothing to improve.")
    mine, theirs = compared(prompt, proposal)
    taken = (
        ""
        if request.htmx
        else starting.keep(request, {**starting.typed(request), "prompt": proposal})
    )
    fields = json.dumps({"prompt": proposal})
    return _shown(request, 200, mine=mine, theirs=theirs, taken=taken, fields=fields)


def compared(old: str, new: str) -> tuple[list[Piece], list[Piece]]:
    """Both texts in pieces, word by word: what they have in common, and what only one has.

    Long ones are one piece each, with nothing marked.
    """
    words = WORD.findall(old), WORD.findall(new)
    if max(map(len, words)) > COMPARED_MAX:
        return [Piece(old, True)], [Piece(new, True)]
    mine, theirs = [], []
    for what, i1, i2, j1, j2 in SequenceMatcher(None, *words).get_opcodes():
        is_common = what == "equal"
        if i1 < i2:
            mine.append(Piece("".join(words[0][i1:i2]), is_common))
        if j1 < j2:
            theirs.append(Piece("".join(words[1][j1:j2]), is_common))
    return mine, theirs


def _shown(request: Request, status: int, **context: object) -> HttpResponse:
    back = "" if request.htmx else starting.keep(request, starting.typed(request))
    template = "studio/_improve.html" if request.htmx else "studio/improve.html"
    context |= {"back": back, "host": prompt_help.host()}
    return render(request, template, context, status=status)
