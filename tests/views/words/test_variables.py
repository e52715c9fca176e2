"""Texts with variables: what is one, what it becomes, and what is said of one that is broken."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jobs.letters import isolated
from jobs.letters.variables import DEFAULT_LENGTH_MAX, VARIABLES_MAX, Broken, parse

NAMES = ["product", "Größe 2", "продукт", "商品", "محصول", "उत्पाद", "می\u200cخواهم", "e\u0301tat"]


def doubled(text: str) -> str:
    return text.replace("{", "{{").replace("}", "}}")


@given(st.text(st.sampled_from("{}:ab \n3é漢.")))
def test_any_text_is_a_template_or_says_which_brace_is_wrong(text: str) -> None:
    said, missing = "", []
    try:
        found = parse(text)
    except Broken as error:
        said = error.user_message
    else:
        values = [f"<{number}>" for number in range(len(found.variables))]
        missing = [value for value in values if value not in found.filled(values)]
    assert (said[-1:] in ("", "."), missing) == (True, [])


@given(st.text())
def test_doubled_braces_are_braces_and_nothing_else_changes(text: str) -> None:
    found = parse(doubled(text))
    assert (found.variables, found.filled([])) == ((), text)


@given(
    st.lists(st.tuples(st.text(), st.sampled_from(NAMES)), max_size=8),
    st.lists(st.text(), min_size=len(NAMES), max_size=len(NAMES)),
)
def test_each_place_gets_its_value_and_no_value_is_read_as_a_template(
    places: list[tuple[str, str]], values: list[str]
) -> None:
    found = parse("".join(f"{doubled(words)}{{{name}}}" for words, name in places))
    names = [each.name for each in found.variables]
    assert names == list(dict.fromkeys(parse(f"{{{n}}}").variables[0].name for _, n in places))
    by_name = dict(zip(names, values, strict=False))
    wanted = "".join(
        words + by_name[parse(f"{{{name}}}").variables[0].name] for words, name in places
    )
    assert found.filled(values[: len(names)]) == wanted


@pytest.mark.parametrize("name", NAMES)
def test_a_name_is_of_letters_of_any_script(name: str) -> None:
    found = parse(f"A {{ {name} : x }} at dusk")
    assert (found.variables[0].default, found.filled(["shoe"])) == ("x", "A shoe at dusk")


def test_one_name_however_it_is_written_is_asked_for_once() -> None:
    found = parse("{Lens}, {lens: 35mm}, { LENS }")
    assert [(each.name, each.default) for each in found.variables] == [("Lens", "35mm")]
    assert found.filled(["50mm"]) == "50mm, 50mm, 50mm"


def test_an_empty_default_may_be_left_empty() -> None:
    assert [each.default for each in parse("{a}{b:}").variables] == [None, ""]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("A {product on a plinth", "The brace at “{product on a plinth” is never closed."),
        ("A {a{b}}", "The brace at “{a{b}}” is never closed."),
        ("A product} here", "The brace after “A product}” closes nothing."),
        ("{}", "“{}” has no name."),
        ("{: 35mm}", "“{: 35mm}” has no name."),
        ("{lens.size}", "“lens.size” can’t be a variable’s name."),
        ("{-}", "“-” can’t be a variable’s name."),
        ("{a\nb}", "“a b” can’t be a variable’s name."),
        ("{\u200c}", "can’t be a variable’s name."),
        (f"{{{'x' * 41}}}", "is too long: 40 characters are the most."),
        (f"{{x: {'y' * (DEFAULT_LENGTH_MAX + 1)}}}", "The default of “x” is too long"),
        ("{lens: 35mm} {lens: 50mm}", "“lens” has two defaults, “35mm” and “50mm”. Keep one."),
        ("".join(f"{{v{n}}}" for n in range(VARIABLES_MAX + 1)), "13 variables. 12 are the most."),
        ("{محصول.}", isolated("محصول.")),
    ],
)
def test_what_is_broken_is_named(text: str, said: str) -> None:
    with pytest.raises(Broken) as broken:
        parse(text)
    assert said in broken.value.user_message
