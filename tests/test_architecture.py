"""What keeps the tree easy to find one's way in."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

from tests import ROOT

MODULES = 14
"""More of them in one folder want shelves."""
LINES = 250
"""What is longer has two meanings, and can be found by neither."""
LETTERS = 160
ROOMS = ("jobs", "static", "templates", "tests", "veo_site")


def folders(*rooms: str) -> list[Path]:
    """These and all below, without what Python leaves behind."""
    found = [folder for room in rooms for folder in (ROOT / room).rglob("") if folder.is_dir()]
    return [folder for folder in found if "__pycache__" not in folder.parts]


def modules(folder: Path) -> list[Path]:
    return [path for path in folder.glob("*.py") if path.name != "__init__.py"]


def test_no_two_tests_have_files_of_one_name() -> None:
    names = Counter(path.name for path in (ROOT / "tests").rglob("test_*.py"))
    assert [name for name, count in names.items() if count > 1] == []


def test_no_folder_is_empty() -> None:
    # Python's own leavings keep a folder that a checkout would have removed.
    assert [
        str(folder.relative_to(ROOT))
        for folder in folders(*ROOMS)
        if {path.name for path in folder.iterdir()} - {"__pycache__"} == {"__init__.py"}
    ] == []


def test_no_folder_is_crowded() -> None:
    # Django finds neither of the two on shelves.
    flat = ("migrations", "commands")
    rooms = [folder for folder in folders("jobs", "veo_site") if folder.name not in flat]
    assert [str(folder) for folder in rooms if len(modules(folder)) > MODULES] == []


def test_no_module_is_too_long_to_read() -> None:
    rooms = [path for room in ("jobs", "veo_site") for path in (ROOT / room).rglob("*.py")]
    paths = [path for path in rooms if "migrations" not in path.parts]
    long = {str(path.relative_to(ROOT)): len(path.read_text().splitlines()) for path in paths}
    assert {name: count for name, count in long.items() if count > LINES} == {}


def test_no_line_of_a_template_is_too_long_to_read() -> None:
    assert [
        f"{path.relative_to(ROOT)}:{number}"
        for path in (ROOT / "templates").rglob("*")
        if path.is_file()
        for number, line in enumerate(path.read_text().splitlines(), 1)
        if len(line) > LETTERS
    ] == []


def test_what_make_quick_leaves_out_is_there() -> None:
    """A file that was renamed would be among the quick ones again."""
    listed = re.search(r"(?ms)^SLOW := (.*?)^quick:", (ROOT / "Makefile").read_text())
    assert listed
    names = listed[1].replace("\\", " ").split()
    assert [name for name in names if not (ROOT / "tests" / name).exists()] == []
