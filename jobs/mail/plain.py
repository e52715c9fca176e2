"""Letters of a few sentences, about somebody's account or to admins: as plain text, and as a page.

Their words stand in the text alone, of which the page is made.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from django.core.mail import EmailMultiAlternatives
from django.template.loader import render_to_string
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from jobs.letters import ISOLATED
from jobs.mail.sending import AUTOMATIC, NotSent, Unsure, one_line, send

logger = logging.getLogger(__name__)

BUTTONS = {
    "password_link": "Set a new password",
    "address_link": "Confirm address",
    "second_factor_removed": "Set up a new second step",
    "unlisted_host": "See what waits",
}
"""By the names of the letters that lead somewhere."""


@dataclass(frozen=True, slots=True)
class Paragraph:
    """What stands between two empty lines of a letter."""

    words: SafeString
    """Without its address, and without what its button says anyway."""
    has_address: bool
    is_setting: bool


def send_letter(
    name: str, context: Mapping[str, object], to: list[str], *, address: str = "", setting: str = ""
) -> bool:
    """Send the letter that `letter` makes; false where nobody knows that it went out."""
    written = letter(name, context, to, address=address, setting=setting)
    try:
        send(written)
    except (NotSent, Unsure):
        logger.warning("the message %r could not be sent", written.subject, exc_info=True)
        return False
    return True


def letter(
    name: str, context: Mapping[str, object], to: list[str], *, address: str = "", setting: str = ""
) -> EmailMultiAlternatives:
    """The letter of these templates. Its button leads to `address`; `setting` is a line to copy."""
    button = BUTTONS.get(name, "")
    context = {**context, "address": address, "button": button, "setting": setting}
    heading = one_line(render_to_string(f"mail/{name}_subject.txt", context))
    text = render_to_string(f"mail/{name}.txt", context).lstrip()
    written = EmailMultiAlternatives(heading, text, to=to, headers=dict(AUTOMATIC))
    paragraphs = _paragraphs(text, address, button, setting)
    shown = {"heading": heading, "paragraphs": paragraphs, "address": address, "button": button}
    written.attach_alternative(render_to_string("mail/letter.html", shown).strip(), "text/html")
    return written


def _paragraphs(text: str, address: str, button: str, setting: str) -> Iterator[Paragraph]:
    for said in re.split(r"\n{2,}", text.strip()):
        words = said.removesuffix(address).removesuffix(f"{button}: ").strip()
        leads = bool(address) and said.endswith(address)
        yield Paragraph(_in_markup(words), leads, is_setting=said == setting)


def _in_markup(words: str) -> SafeString:
    """These words, with each name that is `isolated` among them in a `bdi`."""
    # What was between the marks has the odd places.
    parts = enumerate(ISOLATED.split(words))
    marked = (format_html("<bdi>{}</bdi>", part) if n % 2 else part for n, part in parts)
    return format_html_join("", "{}", ((part,) for part in marked))
