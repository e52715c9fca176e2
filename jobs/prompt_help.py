"""Asks a language model for a better prompt, at any address that speaks as OpenAI's API does.

Where the operator has named one (PROMPT_HELP_URL). The prompt and the instruction below leave the
house, and nothing else: no name, no project, no key but the one for that address. They go through
the providers' HTTP: there are no redirects, proxies or cookies, and an end to size and time.
"""

from __future__ import annotations

import logging
import re
import unicodedata
from collections.abc import Mapping
from functools import lru_cache
from urllib.parse import urlsplit

from django.conf import settings

from jobs import letters
from jobs.letters.explained import Explained
from jobs.machine import threads
from jobs.providers.answer import Answer
from jobs.providers.errors import ProviderError, Unreachable
from jobs.providers.http import NO_KEY, Http

logger = logging.getLogger(__name__)

SECONDS = 25.0
"""Of wall clock, for all of it: somebody waits, and so does a thread."""
PROMPT_MAX = 5000
ANSWER_MAX = 20 * PROMPT_MAX
"""Characters, with all that a model thought aloud on its way: of more nothing is looked at."""
INSTRUCTION = (
    "You rewrite prompts for a text-to-video model. Keep the subject, the intent, every fact and "
    "the language of the user's prompt. Where it says nothing of them, add a concrete camera move, "
    "framing, light and sound. Text in quotes stays as it is. Answer with the rewritten prompt "
    f"alone, as plain text of at most {PROMPT_MAX // 2} characters, without a title or remarks."
)
THOUGHTS, THOUGHTS_END = "<think>", "</think>"
FENCE = re.compile(r"```\w*\n(.*)\n```", re.DOTALL)
QUOTED = re.compile(r"[\"“](.*)[\"”]", re.DOTALL)


class NoHelp(Explained):
    """There is no proposal; `user_message` says why. Whatever was typed is as it was."""


def host() -> str:
    """The host that prompts go to, with its port where it is an odd one; "" where there is none."""
    return urlsplit(settings.PROMPT_HELP_URL).netloc


def improve(prompt: str) -> str:
    """A proposal for this prompt. Takes up to 25 seconds, and no transaction. Raises `NoHelp`."""
    try:
        with threads.one_for("prompt help", spared=2):
            return _proposal(_ask(prompt))
    except threads.Busy as error:
        raise NoHelp("Other prompts are being improved. Try again in a few seconds.") from error


def _ask(prompt: str) -> Answer:
    payload: Mapping[str, object] = {
        "model": settings.PROMPT_HELP_MODEL,
        "messages": [
            {"role": "system", "content": INSTRUCTION},
            {"role": "user", "content": prompt},
        ],
    }
    url = f"{settings.PROMPT_HELP_URL}/chat/completions"
    try:
        answer = _http(SECONDS).send_once(url, settings.PROMPT_HELP_KEY or NO_KEY, payload)
    except ProviderError as error:
        # Its text holds neither key nor prompt, and its sentence is about videos.
        logger.warning("prompt help: %s", error)
        lost = "can’t be reached" if isinstance(error, Unreachable) else "gave no usable answer"
        raise NoHelp(f"{host()} {lost}. Your prompt is as it was.") from None
    if answer.good:
        return answer
    logger.warning("prompt help: %s", answer.summary)
    raise NoHelp(_refusal(answer.status))


def _refusal(status: int) -> str:
    if status in (401, 403):
        return f"{host()} doesn’t accept this server’s key. Please tell an admin."
    if status == 404:
        return f"{host()} doesn’t know this server’s model or address. Please tell an admin."
    if status == 429:
        return f"{host()} has too much to do, or is out of credits. Try again later."
    return f"{host()} didn’t take this prompt. It is as it was."


def _proposal(answer: Answer) -> str:
    """The text of an answer, of which nothing is believed."""
    text = _content(answer.body or {})
    if len(text) > ANSWER_MAX:
        raise NoHelp(_too_long())
    text = _without_thoughts(text).replace("\r\n", "\n")
    text = "".join(
        each for each in text if each == "\n" or unicodedata.category(each) not in "CcCs"
    )
    for around in (FENCE, QUOTED):
        whole = around.fullmatch(letters.trimmed(text))
        text = whole[1] if whole else text
    text = letters.trimmed(text)
    if not letters.is_visible(text):
        raise NoHelp(f"{host()} gave no usable answer. Your prompt is as it was.")
    if len(text) > PROMPT_MAX:
        raise NoHelp(_too_long())
    return text


def _too_long() -> str:
    return f"{host()} answered with more than a prompt may hold. Yours is as it was."


def _without_thoughts(text: str) -> str:
    """The text without what a model thought aloud, and the spaces before that.

    No pattern does it: one that begins with spaces takes as the square of their number.
    """
    kept, at = list[str](), 0
    while (start := text.find(THOUGHTS, at)) >= 0 and (end := text.find(THOUGHTS_END, start)) >= 0:
        kept.append(text[at:start].rstrip())
        at = end + len(THOUGHTS_END)
    return "".join([*kept, text[at:]])


def _content(body: Mapping[str, object]) -> str:
    """What the first choice says; "" where it says nothing that can be read."""
    choices = body.get("choices")
    first = choices[0] if isinstance(choices, list) and choices else None
    message = first.get("message") if isinstance(first, dict) else None
    content = message.get("content") if isinstance(message, dict) else None
    return content if isinstance(content, str) else ""


@lru_cache(maxsize=2)
def _http(seconds: float) -> Http:
    return Http(post_seconds=seconds)
