"""The registry of keys, which the dialog behind "?" lists."""

from __future__ import annotations

import re
from pathlib import Path

from django.conf import settings

SCRIPTS = Path(settings.BASE_DIR) / "static" / "js"
LISTENING = {
    "htmx.js": "not ours",
    "keys.js": "the registry itself",
    "images.js": "Enter in the fields for a link and for words",
    "compare.js": "arrows on the slider of the time",
    "shared.js": "a public page, which has no registry",
}


def test_no_script_listens_to_keys_beside_the_registry() -> None:
    found = {
        script.name
        for script in SCRIPTS.glob("*.js")
        if re.search(r"""["'`]key(down|press)""", script.read_text(encoding="utf-8"))
    }
    assert found <= set(LISTENING)
    assert "keys.js" in found
