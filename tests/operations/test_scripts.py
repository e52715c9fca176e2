"""Scripts, as browsers load them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.conf import settings as product
from django.contrib.staticfiles.storage import staticfiles_storage
from django.core.management import call_command

SCRIPTS = sorted((product.BASE_DIR / "static" / "js").glob("*.js"))


def test_browsers_load_every_line_of_our_scripts_but_the_comments(
    settings: Any, tmp_path: Path
) -> None:
    backend = {"staticfiles": {"BACKEND": "veo_site.collecting.CollectingStorage"}}
    settings.STATIC_ROOT, settings.STORAGES = tmp_path, settings.STORAGES | backend
    call_command("collectstatic", interactive=False, verbosity=0)
    for script in SCRIPTS:
        name = staticfiles_storage.url(f"js/{script.name}").removeprefix("/static/")
        lines = script.read_text(encoding="utf-8").splitlines(keepends=True)
        wanted = "".join(line for line in lines if not line.lstrip().startswith("//"))
        assert (tmp_path / name).read_text(encoding="utf-8") == wanted


def test_no_text_in_a_script_goes_over_a_line_of_which_one_could_look_like_a_comment() -> None:
    for script in SCRIPTS:
        for line in script.read_text(encoding="utf-8").splitlines():
            assert line.lstrip().startswith("//") or line.count("`") % 2 == 0, (script.name, line)
