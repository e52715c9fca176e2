"""How the fields of every form are drawn."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.forms.renderers import DjangoTemplates

WORDS = frozenset(f"django/forms/widgets/{name}.html" for name in ("text", "textarea"))
SELECT = "django/forms/widgets/select.html"
CHOSEN_FROM = frozenset(
    (SELECT, *(f"django/forms/widgets/{name}.html" for name in ("radio_option", "checkbox")))
)
"""Drawn alike for many: the composer has thirty of them, which took a fifth of its page's time."""
ERRORS = "django/forms/errors/"
KEPT_MAX = 1000


class WordsRenderer(DjangoTemplates):
    """Whatever takes or offers words lays them out in the direction of their own letters.

    What is chosen from is drawn once for each state, since its template reads nothing but that.
    """

    def __init__(self) -> None:
        super().__init__()
        self._kept: dict[object, str] = {}

    def render(self, template_name: str, context: dict[str, Any], request: Any = None) -> str:
        if template_name.startswith(ERRORS) and not context["errors"]:
            # Most fields have none.
            return ""
        widget, drawn = context.get("widget", {}), []
        if template_name in WORDS:
            drawn = [widget]
        elif template_name == SELECT:
            drawn = [option for _, options, _ in widget["optgroups"] for option in options]
        for each in drawn:
            each["attrs"] = {**each["attrs"], "dir": "auto"}
        if template_name not in CHOSEN_FROM or settings.DEBUG:
            return super().render(template_name, context, request)
        state = template_name, _state(context)
        if (html := self._kept.get(state)) is None:
            html = super().render(template_name, context, request)
            if len(self._kept) >= KEPT_MAX:
                self._kept.clear()
            self._kept[state] = html
        return html


def _state(value: Any) -> object:
    """All that a template could tell apart, to be looked up by.

    With the types: 1, True and "1" are drawn differently, and so is a text that is markup.
    """
    if isinstance(value, dict):
        return tuple((name, _state(each)) for name, each in value.items())
    if isinstance(value, list | tuple):
        return tuple(map(_state, value))
    return type(value), str(value)
