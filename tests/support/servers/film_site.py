"""The server alone, with a film that its owner has shared."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from tests import ROOT
from tests.support import product as products

A_FILM = """
import hashlib, sys, django; django.setup()
from pathlib import Path
from django.conf import settings
from jobs import ledger, shares
from jobs.models import Rendition, User
from tests.support import factories

factories.seed_prices()
owner = User.objects.create_user("ada")
name, content = sys.argv[1], sys.stdin.buffer.read()
ledger.grant(owner, 5000, reason="Opening balance", actor=None)
factories.credential(owner, "kie")
film = factories.film(owner)
path = Path(settings.MEDIA_ROOT, name)
path.parent.mkdir(parents=True, exist_ok=True)
path.write_bytes(content)
path.with_suffix(".webp").write_bytes(b"RIFF")
Rendition.objects.filter(pk=film.pk).update(
    file=name,
    poster=str(Path(name).with_suffix(".webp")),
    sha256=hashlib.sha256(content).hexdigest(),
)
_, token = shares.create([film], shares.Terms(download="720p"), owner)
print(factories.signed_in(owner).cookies["sessionid"].value, film.pk, token, film.job_id)
"""


@dataclass(frozen=True)
class Site:
    product: products.Product
    session: str
    number: str
    token: str
    job: str

    @property
    def zip(self) -> str:
        """A ZIP with the film alone."""
        return f"/files/videos.zip?video={self.job}"

    @property
    def port(self) -> int:
        return urlsplit(self.product.url).port or 0

    @property
    def film(self) -> str:
        return f"/renditions/{self.number}.mp4"

    @property
    def poster(self) -> str:
        return f"/renditions/{self.number}.webp"

    @property
    def download(self) -> str:
        return f"/s/{self.token}/{self.number}/download"


@contextmanager
def film_site(var: Path, content: bytes, name: str = "film.mp4", **settings: Any) -> Iterator[Site]:
    """One process, and a film of this content that is kept under this name."""
    own = {"PRACTICE": "false", "WEB_CONCURRENCY": 1, **settings}
    with products.web_alone(products.prepared(), var, **own) as web:
        made = subprocess.run(
            [sys.executable, "-c", A_FILM, name],
            cwd=ROOT,
            env=products.environment(var, **own),
            input=content,
            stdout=subprocess.PIPE,
            check=True,
        )
        yield Site(web, *made.stdout.decode().split())
