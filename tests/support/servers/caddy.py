"""A real Caddy, set up by the very example that docs/proxies gives."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests import ROOT
from tests.support.servers import certificates
from tests.support.servers.nginx import HERE, NAME, Proxy, listens
from tests.tools.servers import ServerMissing, data_folder, free_port, running

EXAMPLE = ROOT / "docs" / "proxies" / "Caddyfile"
SITE = "{$PUBLIC_URL:https://dailies.example} {\n"


@contextmanager
def caddy(upstream: int, media: Path) -> Iterator[Proxy]:
    """In front of a server at a port of this machine, told by its environment, with a certificate
    of its own.
    """
    program = shutil.which("caddy")
    if program is None:
        raise ServerMissing("There is no caddy: apt-get install caddy")
    with data_folder() as folder:
        proxy = Proxy(folder, free_port(), free_port())
        certificates.write(folder / "cert.pem", NAME, HERE, key_path=folder / "cert.key")
        text = EXAMPLE.read_text()
        # Nobody steers it, and nobody else on this machine is in its way.
        options = f"\tadmin off\n\thttp_port {proxy.plain_port}\n"
        for begins, more in (
            ("\n{\n", options),
            (SITE, f"\ttls {folder}/cert.pem {folder}/cert.key\n"),
        ):
            assert text.count(begins) == 1, f"the example no longer has {begins}"
            text = text.replace(begins, begins + more)
        (folder / "Caddyfile").write_text(text)
        environment = {
            "PATH": os.environ["PATH"],
            "HOME": str(folder),
            "PUBLIC_URL": f"https://{NAME}:{proxy.port}",
            "DAILIES": f"127.0.0.1:{upstream}",
            "MEDIA_ROOT": str(media),
        }
        words = [f"{name}={value}" for name, value in environment.items()]
        command = [program, "run", "--config", str(folder / "Caddyfile"), "--adapter", "caddyfile"]
        (folder / "log").touch()
        with running(["env", "-i", *words, *command], folder, lambda: listens(proxy.port)):
            yield proxy
