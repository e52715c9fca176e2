"""Scripts, as browsers load them."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as product
from django.contrib.staticfiles.storage import staticfiles_storage
from django.core.management import call_command

from jobs.templatetags.dailies import scripts

JS = product.BASE_DIR / "static" / "js"
SCRIPTS = sorted(JS.glob("*.js"))
DECLARED = re.compile(r"^(?:const|let|class|function) (\w+)", re.MULTILINE)


PUBLIC = ("kept.js", "passkeys.js", "shared.js")
"""What no page of the team runs."""
LINE = re.compile(r'^import "(.+)";$', re.MULTILINE)
LISTS = {each: LINE.findall(text) for each in SCRIPTS if LINE.search(text := each.read_text())}


def told(script: Path) -> str:
    """A script without its comments."""
    lines = script.read_text(encoding="utf-8").splitlines(keepends=True)
    return "".join(line for line in lines if not line.lstrip().startswith("//"))


@pytest.fixture
def collected(settings: Any, tmp_path: Path) -> Callable[[str], str]:
    """Each script by its name, as browsers load it."""
    backend = {"staticfiles": {"BACKEND": "veo_site.collecting.CollectingStorage"}}
    settings.STATIC_ROOT, settings.STORAGES = tmp_path, settings.STORAGES | backend
    call_command("collectstatic", interactive=False, verbosity=0)

    def text(name: str) -> str:
        address = staticfiles_storage.url(f"js/{name}").removeprefix("/static/")
        return (tmp_path / address).read_text(encoding="utf-8")

    return text


def test_browsers_load_every_line_of_our_scripts_but_the_comments(
    collected: Callable[[str], str],
) -> None:
    for script in set(SCRIPTS) - set(LISTS):
        assert collected(script.name) == told(script)


def test_a_list_of_scripts_is_loaded_as_all_of_them_in_their_order(
    collected: Callable[[str], str],
) -> None:
    assert len(LISTS) >= 3
    for script, parts in LISTS.items():
        assert collected(script.name) == "".join(told(JS / part).rstrip() + "\n" for part in parts)
        # In one script a name stands for one thing, or none of it runs.
        names = DECLARED.findall(collected(script.name))
        assert len(names) == len(set(names)) > 0


def test_no_script_beside_those_of_every_page_takes_one_of_their_names() -> None:
    """A function of a later file would be run in the place of theirs, and say nothing."""
    shell = LISTS[JS / "shell.js"]
    taken = {name for part in shell for name in DECLARED.findall(told(JS / part))}
    others = [each for each in SCRIPTS if each.name not in (*shell, *PUBLIC)]
    assert [
        (each.name, name)
        for each in others
        for name in DECLARED.findall(told(each))
        if name in taken
    ] == []


@pytest.mark.usefixtures("collected")
def test_a_page_links_lists_alone_where_files_are_collected_and_what_they_name_elsewhere(
    settings: Any,
) -> None:
    assert re.findall(r"/(\w+)\.\w{12}\.js", scripts("cards")) == ["cards"]
    source = {"staticfiles": {"BACKEND": "veo_site.collecting.SourceStorage"}}
    settings.STORAGES = settings.STORAGES | source
    assert re.findall(r"js/(\w+\.js)", scripts("cards")) == LISTS[JS / "cards.js"]


def test_no_text_in_a_script_goes_over_a_line_of_which_one_could_look_like_a_comment() -> None:
    for script in SCRIPTS:
        for line in script.read_text(encoding="utf-8").splitlines():
            assert line.lstrip().startswith("//") or line.count("`") % 2 == 0, (script.name, line)
