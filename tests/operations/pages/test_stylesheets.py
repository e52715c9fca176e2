"""Stylesheets: cut by what they dress, loaded whole, coloured by the tokens alone."""

from __future__ import annotations

import re
import shutil
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as product
from django.contrib.staticfiles.storage import staticfiles_storage
from django.core.management import call_command
from fontTools.ttLib import TTFont
from PIL.ImageColor import colormap

STATIC = product.BASE_DIR / "static"
TEMPLATES = product.BASE_DIR / "templates"
CSS = STATIC / "css"
TOKENS = CSS / "tokens.css"
SHEETS = sorted(set(CSS.glob("*.css")) - {TOKENS})
"""What pages link."""
PARTS = sorted(CSS.glob("*/*.css"))
IMPORT = re.compile(r'@import "(.+?)"')
LINK = re.compile(r"css/([\w/]+)\.css")
COMMENT = re.compile(r"/\*.*?\*/\s*", re.DOTALL)
HASH = re.compile(r"\.[0-9a-f]{12}\.")
VALUE = re.compile(r":([^{};]+)[;}]")
TEXT = re.compile(r'"[^"]*"')
FACE = re.compile(r'url\("\.\./(fonts/.+?)"\).+font-weight: (\d+) (\d+)')
WEIGHT = re.compile(r"font(?:-weight)?: (\d{3})\b")
BOLD = 700
"""What browsers give to `<b>` where no stylesheet says otherwise."""
COLOUR = re.compile(
    r"#[0-9a-f]{3,8}\b|\b(rgba?|hsla?|hwb|(ok)?lab|(ok)?lch|color)\("
    rf"|(?<![\w-])({'|'.join(colormap)})(?![\w-])",
    re.IGNORECASE,
)


@pytest.fixture
def source(settings: Any, tmp_path: Path) -> Path:
    """A copy of the static files, collected as for an installation."""
    source = tmp_path / "source"
    for folder in ("css", "fonts"):
        shutil.copytree(STATIC / folder, source / folder)
    backend = "veo_site.collecting.CollectingStorage"
    settings.STATICFILES_DIRS = [source]
    settings.STATIC_ROOT = tmp_path / "collected"
    settings.STORAGES = settings.STORAGES | {"staticfiles": {"BACKEND": backend}}
    collect()
    return source


def collect() -> None:
    call_command("collectstatic", interactive=False, verbosity=0)


def address(sheet: str) -> str:
    """Under which name pages load it: with the hash of all it holds."""
    return staticfiles_storage.url(f"css/{sheet}").removeprefix("/static/")


def served(name: str) -> str:
    with staticfiles_storage.open(name) as file:
        return str(file.read().decode())


def tight(text: str) -> str:
    """A stylesheet as browsers load it: with one blank at most, and none beside some signs."""
    return re.sub(r" ?([{};,]) ?", r"\1", " ".join(text.split()))


def rules(sheet: Path) -> str:
    return COMMENT.sub("", sheet.read_text(encoding="utf-8")).strip()


def test_a_stylesheet_is_served_with_its_parts_in_it(source: Path) -> None:
    for sheet in SHEETS:
        # Pages for errors are plain files, so they know no hash.
        for name in (f"css/{sheet.name}", address(sheet.name)):
            whole = served(name)
            assert "@import" not in whole, name
            assert "/*" not in whole, name
            for part in IMPORT.findall(sheet.read_text(encoding="utf-8")):
                assert tight(rules(CSS / part)) in HASH.sub(".", whole), (name, part)
            assert whole == tight(whole)


def test_no_text_in_a_stylesheet_is_taken_for_white_space() -> None:
    texts = {each for sheet in [*SHEETS, *PARTS] for each in TEXT.findall(rules(sheet))}
    assert len(texts) > 10
    assert {each for each in texts if re.search(r"\s\s|[{};,]\s|\s[{};,]", each)} == set()


def test_its_address_changes_with_any_of_its_parts(source: Path) -> None:
    before = {sheet.name: address(sheet.name) for sheet in SHEETS}
    with (source / "css" / "studio" / "slim.css").open("a") as part:
        part.write(".slim { order: 1; }\n")
    collect()
    changed = [name for name, was in before.items() if address(name) != was]
    assert changed == ["studio.css"]
    assert ".slim{order: 1;}" in served(address("studio.css"))


def test_what_has_not_changed_keeps_its_address(source: Path) -> None:
    before = {sheet.name: address(sheet.name) for sheet in SHEETS}
    collect()
    assert {sheet.name: address(sheet.name) for sheet in SHEETS} == before


def test_every_part_is_in_a_stylesheet() -> None:
    imported = {CSS / each for sheet in SHEETS for each in IMPORT.findall(sheet.read_text())}
    assert imported == {TOKENS, *PARTS}


def test_a_page_loads_the_stylesheet_of_its_wing_and_no_parts() -> None:
    linked = {path: LINK.findall(path.read_text()) for path in TEMPLATES.rglob("*.html")}
    assert {name for names in linked.values() for name in names} == {each.stem for each in SHEETS}
    assert {path for path, names in linked.items() if len(names) > 1} == set()


def test_a_part_stays_short() -> None:
    assert [each.name for each in PARTS if len(each.read_text().splitlines()) > 200] == []


def test_a_part_names_no_file_whose_address_would_move_with_it() -> None:
    assert [each.name for each in PARTS if "url(" in rules(each)] == []


def test_the_letters_have_the_weights_that_are_asked_of_them_and_no_others() -> None:
    faces = FACE.findall(TOKENS.read_text(encoding="utf-8"))
    assert len(faces) == len(list((STATIC / "fonts").glob("*.woff2")))
    asked = {int(each) for sheet in [*SHEETS, *PARTS] for each in WEIGHT.findall(rules(sheet))}
    for name, lightest, boldest in faces:
        with TTFont(STATIC / name) as font:
            (axis,) = font["fvar"].axes
        assert (axis.minValue, axis.maxValue) == (int(lightest), int(boldest)), name
        assert (min(asked), BOLD) == (int(lightest), int(boldest)), name
        assert max(asked) <= BOLD


def test_no_colour_stands_beside_the_tokens() -> None:
    found = {
        f"{sheet.relative_to(CSS)}: {value.strip()}"
        for sheet in [*SHEETS, *PARTS]
        for value in VALUE.findall(rules(sheet))
        if COLOUR.search(value)
    }
    assert found == set()


@pytest.mark.parametrize(
    "value", ["#fff", "#0B0C0F80", "rgb(0 0 0)", "hsla(1 1% 1%)", "OKLCH(1 0 0)", "1px solid white"]
)
def test_a_colour_is_noticed(value: str) -> None:
    assert COLOUR.search(f" {value}")


@pytest.mark.parametrize("value", ["var(--ink)", "color-mix(in oklch, var(--a), var(--red-b) 6%)"])
def test_a_token_is_no_colour(value: str) -> None:
    assert not COLOUR.search(value)
