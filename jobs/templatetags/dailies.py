"""Words, figures and pictures that templates share."""

from __future__ import annotations

import math
import re
from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from typing import Any

from django import template
from django.apps import apps
from django.conf import settings
from django.contrib.staticfiles.storage import staticfiles_storage
from django.template.defaultfilters import linebreaksbr
from django.templatetags.static import static
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.text import Truncator, normalize_newlines
from django.utils.timesince import timesince

from jobs import letters
from jobs.decoding.answers import POSTER_SIDES, POSTER_SIZE
from jobs.letters import counts
from jobs.providers import PROVIDERS
from jobs.providers.base import size_name
from jobs.templatetags.icons import icon
from jobs.times import moments

register = template.Library()
register.simple_tag(icon)

NAME_LENGTH = 60
"""Characters of a title or a prompt in the name of a control."""
CODECS = {"h264": "H.264", "mpeg4": "MPEG-4", "mpeg2video": "MPEG-2", "prores": "ProRes"}


@register.simple_tag
def renewing() -> SafeString | str:
    """What has players go on when a film's address in a bucket has ended; '' where none does."""
    if not settings.STORAGE_SENDS:
        return ""
    return format_html('<script src="{}" defer></script>', static("js/renew.js"))


@register.simple_tag
def scripts(name: str) -> SafeString:
    """What the list of this name in static/js/ has pages run: one file, once it is collected."""
    storage: Any = staticfiles_storage
    found = [(address,) for address in storage.scripts(f"js/{name}.js")]
    return format_html_join("\n", '<script src="{}" defer></script>', found)


@register.simple_tag
def srcset(poster: str) -> SafeString:
    """The sizes of the poster at an address, for `srcset`: each by its longer side."""
    copies = [(f"{poster}?side={side}", side) for side in POSTER_SIDES]
    return format_html_join(", ", "{} {}w", [*copies, (poster, POSTER_SIZE[0])])


@register.filter
def counted(number: int | None) -> str:
    return counts.in_words(number)


@register.filter
def isolated(text: object) -> str:
    """Words of people where no `bdi` may stand: in attributes, and in titles of pages."""
    return letters.isolated(str(text))


@register.filter
def which(job: Any) -> str:
    """The beginning of what a video is called, and which take it is: by it controls say which of
    several they are for.
    """
    name = letters.isolated(Truncator(job.label).chars(NAME_LENGTH))
    return f"take {job.take} of {name}" if job.take else name


@register.filter
def which_one(job: Any) -> str:
    """The same, and when it was ordered: by it those of one name are told apart in a list."""
    return f"{which(job)}{ordered(job)}"


def ordered(job: Any) -> str:
    """What tells one video from others of its name, behind that: the rows of a table, or two tabs,
    order several within a second.
    """
    at = timezone.localtime(job.created_at)
    return f", ordered {date_format(at, 'j M Y, H:i:s')}.{at.microsecond // 1000:03}"


@register.filter
def paragraphs(text: str) -> SafeString:
    """Words of people in paragraphs, each in the direction of its own letters."""
    parts = re.split("\n{2,}", normalize_newlines(text))
    return format_html_join("\n", '<p dir="auto">{}</p>', ((linebreaksbr(p),) for p in parts))


@register.filter
def clock(seconds: float | Decimal | None) -> str:
    """A span as people read it off a player: 0:08, 1:12, 1:02:05."""
    if seconds is None:
        return ""
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


@register.filter
def codec(name: str) -> str:
    """A codec as people write it: H.264, AV1, HEVC."""
    return CODECS.get(name, name.upper())


@register.filter
def frame_rate(exact: str) -> str:
    """A frame rate as people write it: 24 fps, 29.97 fps."""
    return f"{float(Fraction(exact)):.5g} fps"


@register.filter
def full_seconds(seconds: Decimal) -> int:
    """The latest moment that can be typed of a film of this length, which no `clock` exceeds.

    Whoever reads 0:08 off a film of 7.958 s may name its end so.
    """
    return math.ceil(seconds)


@register.filter
def last_moment(seconds: Decimal) -> str:
    """The second at which a player shows the last frame of a video of this length."""
    return f"{max(seconds - Decimal('0.05'), Decimal(0)):.2f}"


@register.filter
def iso(moment: datetime) -> str:
    """For machines, to the second: HTML knows no microseconds."""
    return timezone.localtime(moment).isoformat(timespec="seconds")


@register.filter
def end(moment: date) -> SafeString:
    """When something is over, to the minute and with its zone; js/times.js tells the reader's own.

    A day is over at the midnight with which it begins: a budget resets on it.
    """
    return format_html(
        '<time datetime="{}" title="{}" data-end>{}</time>',
        moments.local(moment).isoformat(timespec="seconds"),
        moments.zone(moment),
        moments.in_words(moment),
    )


@register.filter
def end_in_words(moment: date) -> str:
    """The same where nothing but text can stand."""
    return moments.in_words(moment)


@register.filter
def ago(moment: datetime) -> str:
    """The time since, in its largest unit: now, 12 min, 3 h, 2 days."""
    seconds = (timezone.now() - moment).total_seconds()
    if seconds < 60:
        return "now"
    if seconds < 3600:
        return f"{seconds // 60:.0f} min"
    if seconds < 86_400:
        return f"{seconds // 3600:.0f} h"
    return timesince(moment, depth=1)


@register.filter
def span(moment: datetime) -> str:
    """The time for which something has been so: less than a minute, 12 min, 3 h, 2 days."""
    since = ago(moment)
    return "less than a minute" if since == "now" else since


@register.filter
def countdown(until: datetime | None) -> str:
    """The time left until a moment, or '' without one; see `moments.time_left`."""
    return moments.time_left(until, timezone.now()) if until else ""


@register.filter
def share(part: int, whole: int) -> str:
    """A part of a whole as an SVG length, within the drawing."""
    return f"{min(max(100 * part / whole, 0), 100):.2f}%" if whole > 0 else "0%"


@register.filter
def percent(part: int, whole: int) -> str:
    """A part of a whole in words; a little is never nothing, and not quite all never all."""
    if whole <= 0:
        return ""
    rounded = round(100 * part / whole)
    if part > 0 and rounded == 0:
        return "<1%"
    return ">99%" if part < whole and rounded == 100 else f"{rounded}%"


@register.filter
def bar_words(budget: Any) -> str:
    """What the bar of a budget shows, for whoever does not see it."""
    held = f", {budget.held:,} reserved" if budget.held else ""
    return f"{budget.spent:,} of {budget.given:,} credits spent{held}"


@register.filter
def resolution(value: str) -> str:
    return size_name(value)


@register.filter
def provider_label(name: str) -> str:
    """The provider's name as people know it."""
    return PROVIDERS[name].label if name in PROVIDERS else name


@register.filter
def model_label(name: str) -> str:
    """The model's name as people know it; the bare one of a model that is no longer offered."""
    labels = {model.name: model.label for p in PROVIDERS.values() for model in p.models}
    return labels.get(name, name)


@register.filter
def choice_label(value: str, field: str) -> str:
    """A job's status or kind in words, by the model's own choices."""
    # Looked up by name, since tags stand below the models in this house.
    known: Any = getattr(apps.get_model("jobs", "Job"), field).field
    return str(dict(known.flatchoices).get(value, value))


@register.filter
def money(credits: int | None, team: Any) -> str:
    """The worth of credits by the team's own figure; '' where nobody has said."""
    if credits is None or team.credit_value is None:
        return ""
    value = (credits * team.credit_value).quantize(Decimal("0.01"), ROUND_HALF_UP)
    return f"{value:,} {team.currency}"
