"""Puts a letter about news together: as plain text, and as a page with its pictures inside."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from email.mime.image import MIMEImage

from django.core.mail import EmailMultiAlternatives
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.text import Truncator

from jobs import ledger
from jobs.archive.kept import posters
from jobs.decoding.answers import POSTER_SIDES
from jobs.ledger import forecast
from jobs.mail import stopping
from jobs.mail.sending import AUTOMATIC, one_line
from jobs.models import Budget, BudgetWarning, Mailing, Notice, Rendition, Team
from jobs.net import addresses
from jobs.news.wording import Line
from jobs.times.moments import in_words

logger = logging.getLogger(__name__)

PICTURES_MAX = 6
SUBJECT_MAX = 110
LONGEST, LONGEST_OF_SEVERAL = 512, 160
"""Pixels of the longer side of a picture: an upright one leaves its words in sight, too."""
BUTTONS = {
    Notice.Kind.READY: "Watch it",
    Notice.Kind.FAILED: "See what happened",
    Notice.Kind.LOOK: "Take a look",
    Notice.Kind.REQUEST: "Decide",
    Notice.Kind.DECISION: "Open it",
    Notice.Kind.COMMENT: "Read and answer",
    Notice.Kind.PICK: "See the pick",
    Notice.Kind.BUDGET: "See the budget",
    Notice.Kind.TROUBLE: "See what to do",
}


@dataclass(frozen=True, slots=True)
class Item:
    """One notice in a letter."""

    line: Line
    address: str
    """The whole address of its page; '' where nobody knows ours."""
    picture: str
    """The name by which the page finds its picture inside the letter; '' for none."""
    width: int
    """How wide that picture is shown, in pixels."""
    facts: Sequence[str]

    @property
    def button(self) -> str:
        return BUTTONS[Notice.Kind(self.line.notice.kind)]


class Letter(EmailMultiAlternatives):
    """Its pictures belong to its page, and are no files that were sent along."""

    mixed_subtype = "related"


def letter_of(mailing: Mailing, lines: Sequence[Line], *, more: int) -> Letter:
    """The letter of these lines; `more`: so many are in none of them."""
    person, pictures = mailing.person, _pictures(lines)
    kinds = {line.notice.kind for line in lines}
    stop = stopping.address_of(person, kinds)
    heading = _heading(mailing, lines, more)
    items = [
        Item(
            line,
            addresses.public(reverse("notice", args=[line.notice.pk])),
            f"poster-{line.notice.pk}" if line.notice.pk in pictures else "",
            _width(line.poster, LONGEST if len(lines) == 1 else LONGEST_OF_SEVERAL),
            _facts(line.notice.warning) if line.notice.warning else (),
        )
        for line in lines
    ]
    context = {
        "team": Team.current(),
        "items": items,
        "more": more,
        "is_digest": mailing.is_digest,
        "heading": heading,
        "stop": stop,
        "settings_page": addresses.public(reverse("news-settings")),
        "news_page": addresses.public(reverse("news")),
    }
    letter = Letter(
        Truncator(one_line(heading)).chars(SUBJECT_MAX),
        render_to_string("mail/news.txt", context).strip() + "\n",
        to=[person.email],
        headers=_headers(stop),
    )
    letter.attach_alternative(render_to_string("mail/news.html", context).strip(), "text/html")
    for number, picture in pictures.items():
        letter.attach(_attached(number, picture))
    return letter


def _heading(mailing: Mailing, lines: Sequence[Line], more: int) -> str:
    number = len(lines) + more
    if mailing.is_digest:
        # Those that wait stand first: only of very many some are in none of these lines.
        looks = sum(line.notice.kind == Notice.Kind.LOOK for line in lines)
        of_them = f", {looks} need{'s' if looks == 1 else ''} a look" if looks else ""
        return f"Your day in Dailies: {number} update{'s' if number > 1 else ''}{of_them}"
    first = lines[0].headline
    return first if number == 1 else f"{first}, and {number - 1} more"


def _headers(stop: str) -> dict[str, str]:
    headers = dict(AUTOMATIC)
    if stop:
        headers["List-Unsubscribe"] = f"<{stop}>"
        headers["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    return headers


def _pictures(lines: Sequence[Line]) -> dict[int, bytes]:
    """The small posters of the first of them, by notice."""
    found: dict[int, bytes] = {}
    # One alone is as wide as the letter.
    side = POSTER_SIDES[-1] if len(lines) == 1 else POSTER_SIDES[0]
    for line in lines:
        if line.poster and len(found) < PICTURES_MAX:
            if picture := posters.as_jpeg(line.poster.poster, side):
                found[line.notice.pk] = picture
            else:
                # A letter without its picture says as much.
                logger.info("no picture of rendition %s for a letter", line.poster.pk)
    return found


def _width(film: Rendition | None, longest: int) -> int:
    """How wide the picture of a film is with this longer side."""
    if film and film.width and film.height and film.height > film.width:
        return round(longest * film.width / film.height)
    return longest


def _attached(number: int, picture: bytes) -> MIMEImage:
    image = MIMEImage(picture, "jpeg")
    image.add_header("Content-ID", f"<poster-{number}>")
    image.add_header("Content-Disposition", "inline", filename=f"poster-{number}.jpg")
    return image


def _facts(warning: BudgetWarning) -> list[str]:
    """What there is left, until when, and how long that lasts."""
    budget, outlook = _standing(warning.budget)
    facts = [
        f"Available now: {budget.available:,} credits",
        f"Reserved for unfinished videos: {budget.held:,} credits",
    ]
    if budget.resets_on:
        facts.append(f"Next reset: {in_words(budget.resets_on)}")
    return [*facts, outlook] if outlook else facts


def _standing(budget: Budget) -> tuple[ledger.Standing, str]:
    if budget.owner:
        standing = ledger.standing_of(budget.owner)
        pace = forecast.paces_of({budget.owner: standing})[budget.owner.pk]
    elif budget.project:
        standing = ledger.standing_of_project(budget.project)
        pace = forecast.paces_of_projects([budget.project])[budget.project.pk]
    else:
        standing = ledger.standing_of_team(Team.current())
        pace = forecast.pace_of_team(standing)
    return standing, forecast.outlook(standing, pace)
