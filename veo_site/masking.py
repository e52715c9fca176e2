"""Keeps the addresses that open something, and bearer keys, out of every log line."""

import logging
import re

SECRETS = re.compile(
    r"(?P<keep>/webhooks/[\w-]+/|[Bb]earer\s+)[\w~+./=-]{8,}?(?=[/?\s\"'\\]|$)"
    # Of these the token is all that can be: whatever stands after it, its letters end it.
    r"|(?P<way>/join/|/password/new/|/profile/address/|/s/|%(?:25)?2[Ff]s%(?:25)?2[Ff])[\w-]{8,}"
    r"|(?P<image>/images/public/)[\w~%-]+"
    # Signed: three parts with colons between them.
    r"|(?P<stop>/news/mail/)[\w:%.-]+"
)
# What ends a line, steers a terminal, or turns the letters around.
NOT_OF_A_LINE = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069]")

MESSAGE_MAX = 300
"""Characters that a client gets into one line of ours."""


def mask(text: str) -> str:
    """`text` with the secret part of known addresses and headers replaced by stars."""
    return SECRETS.sub(r"\g<keep>\g<way>\g<image>\g<stop>***", text)


class MaskingFormatter(logging.Formatter):
    """Masks the finished text, traceback included; what it is told makes no line of its own."""

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802  # logging's name
        record.message = NOT_OF_A_LINE.sub(_escaped, record.message)
        return super().formatMessage(record)

    def format(self, record: logging.LogRecord) -> str:
        return mask(super().format(record))


class OneLine(logging.Filter):
    """Makes one line of what a client made up: it is no error of ours, with a traceback."""

    def filter(self, record: logging.LogRecord) -> bool:
        record.exc_info = record.exc_text = None
        record.levelno, record.levelname = logging.WARNING, "WARNING"
        message = record.getMessage()
        short = f"{message[:MESSAGE_MAX]}…" if len(message) > MESSAGE_MAX else message
        record.msg, record.args = short, ()
        return True


def _escaped(sign: re.Match[str]) -> str:
    return sign[0].encode("unicode_escape").decode()
