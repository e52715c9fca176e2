"""The pages as the W3C's Nu HTML checker reads them."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from pathlib import Path

from tests.tools.npm import Missing

# htmx's own language, and only on the team's pages: HTML has no other way to extend it but data-…
HTMX = re.compile(r"Attribute “hx-[a-z0-9:-]+” not allowed on element “[a-z0-9]+” at this point\.")


def check(modules: Path, folder: Path, pages: Mapping[str, str]) -> list[str]:
    """Every error and warning in the HTML of these pages, each with the name of its page.

    Raises `Missing`.
    """
    if not shutil.which("java"):
        raise Missing("the W3C's checker needs Java")
    folder.mkdir()
    for name, html in pages.items():
        (folder / f"{name}.html").write_text(html)
    program = modules / "vnu-jar" / "build" / "dist" / "vnu.jar"
    command = ["java", "-jar", str(program), "--format", "json", "--stdout", str(folder)]
    ended = subprocess.run(command, capture_output=True, text=True, timeout=300, check=False)
    if not ended.stdout:
        raise Missing(f"the W3C's checker does not run: {ended.stderr.strip()[-200:]}")
    return sorted(_told(ended.stdout))


def _told(report: str) -> Iterator[str]:
    for said in json.loads(report)["messages"]:
        if not HTMX.fullmatch(said["message"]):
            extract = " ".join(said.get("extract", "").split())
            where = f"{Path(said.get('url', '')).stem}:{said.get('lastLine', '')}"
            yield f"  {where}: {said['message']} {extract}"
