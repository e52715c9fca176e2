"""The image: no container runs here, so its commands do, in a tree that is read-only to them."""

from __future__ import annotations

import json
import os
import re
import shlex
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from fnmatch import fnmatch
from pathlib import Path

import pytest
import requests

from tests import ROOT
from tests.support.media import films
from tests.support.product import environment
from tests.tools.servers import free_port

PLACE, DATA = "/srv/dailies", "/var/lib/dailies"
PROGRAMS = str(Path(sys.executable).parent)
SECRETS = {
    "SECRET_KEY": "s" * 50,
    "CREDENTIAL_KEYS": "MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE=",
}


def instructions(*names: str) -> list[str]:
    """What follows these words in the Dockerfile, line by line, from its last FROM on."""
    text = re.sub(r"(?m)^#.*\n", "", (ROOT / "Dockerfile").read_text())
    text = re.sub(r"\\\n", " ", text).rpartition("FROM ")[2]
    found = [line.partition(" ") for line in text.splitlines() if line]
    return [rest for name, _, rest in found if name in names]


def variables() -> dict[str, str]:
    (line,) = instructions("ENV")
    return dict(word.split("=", 1) for word in shlex.split(line))


class Image:
    """What the Dockerfile copies, with its paths in a folder of ours instead of the root."""

    def __init__(self, folder: Path) -> None:
        self.tree, self.data, self.port = folder / "tree", folder / "data", free_port()
        for path in (self.tree, self.data):
            path.mkdir()
        ours = environment(self.data, **SECRETS)
        for name in ("DAILIES_LOCAL", "PRACTICE_PORT", "MEDIA_ROOT", "DATABASE_URL", "PRACTICE"):
            del ours[name]
        named = {name: self.placed(text) for name, text in variables().items()}
        self.env = {**ours, **named, "PATH": f"{PROGRAMS}:/usr/bin:/bin", "PORT": str(self.port)}

    def placed(self, text: str) -> str:
        return text.replace(PLACE, str(self.tree)).replace(DATA, str(self.data))

    def copy(self) -> None:
        """What COPY takes from the checkout."""
        for source, target in map(shlex.split, instructions("COPY")[1:]):
            assert is_in_context(source), f".dockerignore leaves {source} out"
            if (ROOT / source).is_dir():
                left_out = shutil.ignore_patterns("__pycache__")
                shutil.copytree(ROOT / source, self.tree / target, ignore=left_out)
            else:
                shutil.copy(ROOT / source, self.tree / target)

    def build(self) -> None:
        """The last RUN, and then nobody may write there."""
        command = self.placed(instructions("RUN")[-1]).replace("/tmp/build", f"{self.data}/build")
        own = {name: text for name, text in self.env.items() if name not in SECRETS}
        subprocess.run(["sh", "-euc", command], cwd=self.tree, env=own, check=True)
        for path in (self.tree, *self.tree.rglob("*")):
            path.chmod(0o555 if path.is_dir() else 0o444)

    def start(self, *command: str) -> subprocess.Popen[str]:
        """A command, by somebody who may do no more than its file's modes let them."""
        # Root may write anywhere, unless that is taken away.
        bound = ["setpriv", "--bounding-set=-all", "--inh-caps=-all", "--"]
        return subprocess.Popen(
            [*(bound if os.geteuid() == 0 else []), *command],
            cwd=self.tree,
            env=self.env,
            text=True,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        )

    def run(self, *command: str) -> tuple[int, str]:
        process = self.start(*command)
        said, _ = process.communicate(timeout=60)
        return process.returncode, said


def is_in_context(name: str) -> bool:
    rules = (ROOT / ".dockerignore").read_text().split("\n")
    return f"!{name}" in rules and not any(fnmatch(name, rule) for rule in rules if rule != "*")


@pytest.fixture(scope="module")
def image(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Image]:
    made = Image(tmp_path_factory.mktemp("image"))
    made.copy()
    made.build()
    yield made
    for path in (made.tree, *made.tree.rglob("*")):
        if path.is_dir():
            path.chmod(0o755)  # so that it can be removed


def test_nothing_is_copied_but_what_the_dockerfile_names() -> None:
    rules = (ROOT / ".dockerignore").read_text().splitlines()
    assert rules[1] == "*"
    copied = {source for source, _ in map(shlex.split, instructions("COPY")[1:])}
    assert {rule[1:] for rule in rules if rule.startswith("!")} == copied | {"requirements.txt"}


def test_requirements_come_by_their_hashes_from_no_named_index() -> None:
    text = (ROOT / "Dockerfile").read_text()
    (install,) = re.findall(r"pip install (.*)", text)
    assert install == "--no-cache-dir --only-binary :all: --require-hashes -r requirements.txt"
    assert not re.search(r"https?://|--(extra-)?index-url|--find-links|PIP_", text)


def test_it_runs_as_a_user_who_is_not_root_on_bases_with_a_version() -> None:
    assert instructions("USER") == ["10001:10001"]
    bases = re.findall(r"(?m)^FROM (\S+)", (ROOT / "Dockerfile").read_text())
    assert len(set(bases)) == 1
    assert re.fullmatch(r"python:3\.\d+-slim-\w+", bases[0])


def test_it_is_prepared_and_serves_pages_without_writing_beside_its_data(image: Image) -> None:
    before = sorted(image.tree.rglob("*"))
    assert image.run("sh", "-c", "touch made")[0] != 0, "the tree is read-only"
    told, said = image.run("python", "manage.py", "prepare")
    assert told == 0, said
    assert "asks for this code" in said
    (start,), (check,) = instructions("CMD"), instructions("HEALTHCHECK")
    healthy = words(check.partition("CMD ")[2])
    assert image.run(*healthy)[0] != 0
    server = image.start(*words(start))
    try:
        deadline = time.monotonic() + 30
        while image.run(*healthy)[0] != 0:
            assert server.poll() is None, server.stdout and server.stdout.read()
            assert time.monotonic() < deadline
        page = requests.get(f"http://127.0.0.1:{image.port}/setup/", timeout=10)
        sheet = re.search(r'href="(/static/css/[^"]+)"', page.text)
        assert page.ok
        assert sheet
        assert requests.get(f"http://127.0.0.1:{image.port}{sheet[1]}", timeout=10).ok
    finally:
        server.terminate()
        server.communicate(timeout=20)
    assert sorted(image.tree.rglob("*")) == before
    assert not (image.data / "static").exists()


LOOK = """
import django; django.setup()
from django.conf import settings
from jobs.archive.intake import decoders
film, poster = settings.VAR / "film.mp4", settings.VAR / "poster.webp"
print(decoders.examine(film, poster, {}).width)
"""


def test_a_film_is_looked_at_by_a_child_there_too(image: Image) -> None:
    (image.data / "film.mp4").write_bytes(films.film())
    assert image.run("python", "-c", LOOK) == (0, f"{films.WIDTH}\n")
    assert (image.data / "poster.webp").exists()


def test_static_files_of_another_version_are_told_when_it_is_prepared(image: Image) -> None:
    new = image.tree / "static" / "new.js"
    new.parent.chmod(0o755)
    new.write_text("")
    try:
        told, said = image.run("python", "manage.py", "prepare")
    finally:
        new.unlink()
        new.parent.chmod(0o555)
    assert told == 1
    assert "such as new.js; make the image anew" in said


def words(line: str) -> list[str]:
    """The exec form of an instruction."""
    found: list[str] = json.loads(line)
    return found
