"""How the fields of every form are drawn."""

from __future__ import annotations

from typing import Any

from django.forms.renderers import DjangoTemplates

WORDS = frozenset(f"django/forms/widgets/{name}.html" for name in ("text", "textarea"))
SELECT = "django/forms/widgets/select.html"


class WordsRenderer(DjangoTemplates):
    """Whatever takes or offers words lays them out in the direction of their own letters."""

    def render(self, template_name: str, context: dict[str, Any], request: Any = None) -> str:
        widget, drawn = context.get("widget", {}), []
        if template_name in WORDS:
            drawn = [widget]
        elif template_name == SELECT:
            drawn = [option for _, options, _ in widget["optgroups"] for option in options]
        for each in drawn:
            each["attrs"] = {**each["attrs"], "dir": "auto"}
        return super().render(template_name, context, request)
