"""Fields that are drawn once are drawn as they would be each time."""

from __future__ import annotations

from typing import Any

import pytest
from django import forms
from django.utils.safestring import mark_safe

from jobs.forms import rendering
from jobs.forms.rendering import WordsRenderer

MARKUP = "<b>Loud</b>"
STATES: dict[str, forms.Field] = {
    "words": forms.ChoiceField(choices=[("a", MARKUP)]),
    "markup": forms.ChoiceField(choices=[("a", mark_safe(MARKUP))]),
    "a number": forms.ChoiceField(choices=[(1, "One")]),
    "its digits": forms.ChoiceField(choices=[("1", "One")]),
    "true": forms.ChoiceField(choices=[("a", "A")], widget=forms.Select(attrs={"x": True})),
    "one": forms.ChoiceField(choices=[("a", "A")], widget=forms.Select(attrs={"x": 1})),
    "radios": forms.ChoiceField(choices=[("a", MARKUP)], widget=forms.RadioSelect),
    "a box": forms.BooleanField(),
}


def drawn(field: forms.Field, value: object, renderer: Any) -> str:
    widget = field.widget
    if isinstance(widget, forms.RadioSelect):
        return "".join(each.tag() for each in forms_of(field, value, renderer)["field"])
    return str(forms_of(field, value, renderer)["field"])


def forms_of(field: forms.Field, value: object, renderer: Any) -> forms.Form:
    form = type("Form", (forms.Form,), {"field": field})
    made: forms.Form = form(initial={"field": value}, renderer=renderer)
    return made


def test_whatever_was_drawn_before_each_is_drawn_as_it_is() -> None:
    keeping = WordsRenderer()
    for _ in range(2):
        for name, field in STATES.items():
            for value in ("a", "1", 1, None, MARKUP):
                # Each time by a renderer that has drawn nothing yet.
                assert drawn(field, value, keeping) == drawn(field, value, WordsRenderer()), name


def test_what_is_wrong_is_drawn_and_nothing_where_nothing_is() -> None:
    form = forms.Form({}, renderer=WordsRenderer())
    form.fields["words"] = forms.CharField()
    assert str(form["words"].errors).startswith('<ul class="errorlist"')
    fine = forms.Form({"words": "Hello"}, renderer=WordsRenderer())
    fine.fields["words"] = forms.CharField()
    assert str(fine["words"].errors) == ""
    assert "Hello" in str(fine)


def test_what_is_typed_is_kept_by_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    keeping = WordsRenderer()
    drawn(forms.CharField(), "Something private", keeping)
    drawn(forms.CharField(widget=forms.Textarea), "Something private", keeping)
    assert not keeping._kept
    monkeypatch.setattr(rendering, "KEPT_MAX", 3)
    for number in range(10):
        drawn(forms.ChoiceField(choices=[(number, number)]), None, keeping)
        assert len(keeping._kept) <= 3
