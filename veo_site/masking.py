"""Keeps the addresses that open something, and bearer keys, out of every log line."""

import logging
import re

SECRETS = re.compile(
    r"(?P<keep>/webhooks/[\w-]+/|/join/|/s/|[Bb]earer\s+)[\w~+./=-]{8,}?(?=[/?\s\"'\\]|$)"
    r"|(?P<image>/images/public/)[\w~%-]+"
)


def mask(text: str) -> str:
    """`text` with the secret part of known addresses and headers replaced by stars."""
    return SECRETS.sub(r"\g<keep>\g<image>***", text)


class MaskingFormatter(logging.Formatter):
    """Masks the finished text, traceback included."""

    def format(self, record: logging.LogRecord) -> str:
        return mask(super().format(record))
